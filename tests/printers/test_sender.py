"""Programs on their way to a printer: real sockets, on loopback, which the tests allow by name."""

import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import pytest

from labels import tspl
from labels.sheets import sheet
from labels.stock import find
from labels.thermal import bitmaps
from tests.labels.makers import codes, some_labels
from tests.labels.printer import tspl as printed_by_tspl
from tracker.printers import network, sender
from tracker.printers.network import PRIVATE, may_have
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


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "localhost",
        "0.0.0.0",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "8.8.8.8",
        "2001:4860:4860::8888",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "100.64.0.1",
    ],
)
def test_only_private_addresses_are_printers(host, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("connected"))
    with pytest.raises(NotAllowed):
        send(host, 9100, b"x")


@pytest.mark.parametrize(
    "host", ["", "a b", "x\r\ny", "a" * 300, "é.lan", "fe80::1%lo", "[::1]", ("a" * 64) + ".lan", "a\0b"]
)
def test_what_is_no_name_is_unknown(host):
    with pytest.raises(UnknownPrinter):
        send(host, 9100, b"x", allowed=["0.0.0.0/0", "::/0"])


@pytest.mark.parametrize("port", [0, 22, 25, 80, 9099, 9110, 65536, -1, True, "9100", 9100.0])
def test_only_the_ports_of_printers_are_called(port):
    with pytest.raises(WrongPort):
        send("192.168.1.50", port, b"x")


@pytest.mark.parametrize(
    ("address", "allowed", "may"),
    [
        ("192.168.1.50", PRIVATE, True),
        ("10.1.2.3", PRIVATE, True),
        ("172.31.0.1", PRIVATE, True),
        ("172.32.0.1", PRIVATE, False),
        ("fd12::7", PRIVATE, True),
        ("fd00:ec2::254", PRIVATE, False),
        ("192.168.1.50", ["192.168.2.0/24"], False),
        ("192.168.1.50", ["192.168.1.50"], True),
        ("127.0.0.1", ["0.0.0.0/0"], False),
        ("127.0.0.1", ["127.0.0.0/8"], True),
        ("127.0.0.1", ["127.0.0.1"], True),
        ("169.254.169.254", ["0.0.0.0/0", "168.0.0.0/6"], False),
        ("169.254.7.7", ["169.254.0.0/16"], True),
        ("8.8.8.8", ["0.0.0.0/0"], True),
        ("::1", ["::/0"], False),
        ("203.0.113.9", ["Printer.Lan"], True),
        ("203.0.113.9", ["other.lan"], False),
        ("127.0.0.1", ["printer.lan"], False),
        ("192.168.1.50", [], False),
    ],
)
def test_an_installation_says_where_its_printers_are(address, allowed, may):
    assert may_have(ip_address(address), "printer.lan", allowed) is may


def test_a_network_that_is_none_is_a_mistake_of_the_installation():
    with pytest.raises(ValueError, match="host bits"):
        may_have(ip_address("10.0.0.1"), "x", ["10.0.0.1/8"])


def answers(monkeypatch, *rounds):
    """Let the network's names mean what each round says, one after the other."""
    left = list(rounds)

    def lookup(host, port, **_):
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]

    monkeypatch.setattr(network.socket, "getaddrinfo", lookup)


def test_a_name_for_this_machine_is_no_printer(monkeypatch):
    answers(monkeypatch, ["127.0.0.1"])

    with a_printer(take_all) as printer, pytest.raises(NotAllowed):
        send("may-in.lan", printer.port, b"x", ports=ANY_PORT)


def test_a_name_is_looked_up_once_and_the_checked_address_is_called(monkeypatch):
    called = []
    monkeypatch.setattr(
        sender.socket, "create_connection", lambda to, _: called.append(to) or pytest.fail("called")
    )
    answers(monkeypatch, ["192.168.1.50"], ["169.254.169.254"])

    with pytest.raises(pytest.fail.Exception):
        send("may-in.lan", 9100, b"x")

    assert called == [("192.168.1.50", 9100)]


def test_only_the_allowed_addresses_of_a_name_are_called(monkeypatch):
    called = []

    def refuse(to, _):
        called.append(to[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(sender.socket, "create_connection", refuse)
    answers(
        monkeypatch, ["127.0.0.1", "192.168.1.50", "8.8.8.8", "10.0.0.7", *(f"10.0.1.{n}" for n in range(9))]
    )

    with pytest.raises(TurnedAway):
        send("may-in.lan", 9100, b"x")

    assert called == ["192.168.1.50", "10.0.0.7", "10.0.1.0", "10.0.1.1"]


def test_a_network_that_says_nothing_of_names_is_not_waited_for(monkeypatch):
    asked = threading.Event()
    monkeypatch.setattr(network.socket, "getaddrinfo", lambda *_, **__: [] if asked.wait(5) else None)
    start = time.monotonic()

    with pytest.raises(UnknownPrinter):
        send("may-in.lan", 9100, b"x", timeout=0.2)

    asked.set()
    assert time.monotonic() - start < 2


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
