"""Programs on their way to a printer: real sockets, on loopback, which the tests allow by name."""

import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from labels import tspl
from labels.sheets import sheet
from labels.stock import find
from labels.thermal import bitmaps
from tests.labels.makers import codes, some_labels
from tests.labels.printer import tspl as printed_by_tspl
from tracker.printers.sender import (
    BrokenOff,
    NotAllowed,
    NotSent,
    TooSlow,
    TurnedAway,
    UnknownPrinter,
    Unreachable,
    WrongPort,
    send,
)

HERE = ["127.0.0.1/32"]
ANY_PORT = range(1, 65536)
LARGE = bytes(range(256)) * 4 * 1024 * 20  # 20 MB: more than the buffers of both sides hold


class Printer:
    """A printer on loopback that does `work` with its first connection."""

    def __init__(self, work):
        self.got = b""
        self.done = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=[work], daemon=True)
        self._thread.start()

    def _serve(self, work):
        with suppress(OSError):  # nobody came
            connection, _ = self._listening.accept()
            with connection:
                work(self, connection)

    def close(self):
        self.done.set()
        if not self.got:
            self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listening.close()


@contextmanager
def a_printer(work):
    printer = Printer(work)
    try:
        yield printer
    finally:
        printer.close()


def take_all(printer, connection):
    while data := connection.recv(65536):
        printer.got += data


def send_here(printer, program, **options):
    return send("127.0.0.1", printer.port, program, **({"allowed": HERE, "ports": ANY_PORT} | options))


def test_a_printer_gets_exactly_the_program():
    labels, roll = some_labels(12), find("50x30")
    program = tspl.program(bitmaps(sheet(labels, stock=roll), dpi=203), stock=roll, dpi=203)

    with a_printer(take_all) as printer:
        sent = send_here(printer, program)

    assert printer.got == program
    assert (sent.address, sent.port, sent.size, sent.closed) == (
        "127.0.0.1",
        printer.port,
        len(program),
        True,
    )
    assert 0 <= sent.seconds < 5
    found = [codes(label.image) for label in printed_by_tspl(printer.got, dpi=203)]
    assert [one["QR", label.url] for one, label in zip(found, labels, strict=True)] == [1] * 12


def test_a_slow_printer_gets_it_all_in_small_parts():
    def sip(printer, connection):
        while data := connection.recv(20_000):
            printer.got += data
            time.sleep(0.002)

    program = LARGE[: 4 * 1024 * 1024]
    with a_printer(sip) as printer:
        sent = send_here(printer, program, timeout=2)

    assert printer.got == program
    assert sent.closed


def test_a_printer_that_talks_and_never_hangs_up_is_no_failure():
    def talk(printer, connection):
        connection.sendall(b"status: fine\r\n" * 100)
        while len(printer.got) < 5000:
            printer.got += connection.recv(65536)
        printer.done.wait(5)

    with a_printer(talk) as printer:
        sent = send_here(printer, b"x" * 5000)

    assert printer.got == b"x" * 5000
    assert not sent.closed
    assert sent.seconds < 2


def test_a_printer_that_never_reads_is_left_in_bounded_time():
    def sleep(printer, connection):
        printer.done.wait(20)

    start = time.monotonic()
    with a_printer(sleep) as printer, pytest.raises(TooSlow) as refused:
        send_here(printer, LARGE, timeout=0.4)

    assert time.monotonic() - start < 3
    assert 0 < refused.value.taken < len(LARGE)
    assert "only the others" in str(refused.value.out)


def test_a_printer_that_dawdles_is_left_when_the_time_is_up():
    def dawdle(printer, connection):
        while not printer.done.wait(0.05):
            connection.recv(1000)

    start = time.monotonic()
    with a_printer(dawdle) as printer, pytest.raises(TooSlow):
        send_here(printer, LARGE, timeout=5, longest=0.6)

    assert time.monotonic() - start < 3


@pytest.mark.parametrize("size", [12_000, len(LARGE)])
@pytest.mark.parametrize("abrupt", [True, False])
def test_a_printer_that_hangs_up_half_way_is_noticed(size, abrupt):
    def hang_up(printer, connection):
        while len(printer.got) < size // 2:
            printer.got += connection.recv(size // 2 - len(printer.got))
        time.sleep(0.1)  # the rest of a small job is here by then, unread
        if abrupt:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with a_printer(hang_up) as printer, pytest.raises(BrokenOff) as refused:
        send_here(printer, LARGE[:size])

    assert refused.value.taken >= len(printer.got)
    assert "broke off" in str(refused.value)


#: More than a printer's side holds unread, less than this side does: all is written before any of it is missed.
IN_FLIGHT = LARGE[:600_000]


def test_a_printer_that_only_ends_its_own_side_has_not_taken_the_rest():
    def turn_away(printer, connection):
        connection.shutdown(socket.SHUT_WR)
        printer.got += connection.recv(1000)
        printer.done.wait(20)

    with a_printer(turn_away) as printer, pytest.raises(TooSlow) as refused:
        send_here(printer, IN_FLIGHT, timeout=0.4)

    assert 0 < refused.value.taken < len(IN_FLIGHT)


def test_a_printer_that_ends_its_own_side_and_then_breaks_off_is_noticed_at_once():
    def turn_away(printer, connection):
        connection.shutdown(socket.SHUT_WR)
        printer.got += connection.recv(1000)
        time.sleep(0.2)

    start = time.monotonic()
    with a_printer(turn_away) as printer, pytest.raises(BrokenOff):
        send_here(printer, IN_FLIGHT, timeout=5)

    assert time.monotonic() - start < 2


def test_control_a_printer_that_ends_its_own_side_may_still_take_all():
    def listen_only(printer, connection):
        connection.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        take_all(printer, connection)

    with a_printer(listen_only) as printer:
        sent = send_here(printer, IN_FLIGHT, timeout=5)

    assert sent.closed
    assert printer.got == IN_FLIGHT


def test_nobody_on_the_port_is_a_refusal():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(TurnedAway, match=f"127.0.0.1 takes no connection on port {port}"):
        send("127.0.0.1", port, b"x", allowed=HERE, ports=ANY_PORT)


def test_nobody_at_the_address_is_a_refusal_in_bounded_time():
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = full.getsockname()[1]
    waiting = []
    try:
        for _ in range(4):  # until its queue is full, and further callers hear nothing
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
            waiting.append(caller)
        start = time.monotonic()
        with pytest.raises(Unreachable):
            send("127.0.0.1", port, b"x", allowed=HERE, ports=ANY_PORT, timeout=0.4)
        assert time.monotonic() - start < 2
    finally:
        for one in (full, *waiting):
            one.close()


def test_every_refusal_says_what_to_do():
    kinds = [
        UnknownPrinter("x"),
        NotAllowed("x"),
        WrongPort(1),
        Unreachable("x"),
        TurnedAway("x", 9100),
        TooSlow("x", 5, 10),
        BrokenOff("x", 5, 10),
    ]
    for refused in kinds:
        assert isinstance(refused, NotSent)
        assert str(refused).endswith(".")
        assert str(refused.out)
    assert "after 50% of" in str(kinds[-1])
