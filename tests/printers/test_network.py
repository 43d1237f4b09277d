"""Which addresses labels may be sent to: private ones, looked up once, and never this machine."""

import socket
import threading
import time
from ipaddress import ip_address

import pytest

from tracker.printers import network, sender
from tracker.printers.network import PRIVATE, may_have
from tracker.printers.sender import NotAllowed, TurnedAway, UnknownPrinter, WrongPort, send


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
    monkeypatch.setattr(sender.socket, "create_connection", lambda *_: pytest.fail("connected"))
    answers(monkeypatch, ["127.0.0.1"])

    with pytest.raises(NotAllowed):
        send("may-in.lan", 9100, b"x")


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
