"""Which addresses a printer may have.

A printer's address is typed by a person, and this machine can reach what that person cannot: itself, other servers,
and the addresses where a cloud keeps its keys. So an address is looked up once, checked, and the very address that was
checked is connected to: a name that answers differently the next time (DNS rebinding) gains nothing.
"""

import queue
import re
import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: The networks of offices: RFC 1918 and RFC 4193.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
#: Never a printer, even inside of a network that is allowed; only a network within one of these allows it.
NEVER: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local; 169.254.169.254 is where most clouds keep a machine's keys
            "192.0.0.192/32",  # Oracle's
            "100.100.100.200/32",  # Alibaba's
            "168.63.129.16/32",  # Azure's
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/128",
            "::1/128",
            "64:ff9b::/96",  # IPv4 behind NAT64
            "2002::/16",  # IPv4 inside of 6to4
            "fe80::/10",
            "fd00:ec2::254/128",  # Amazon's
            "ff00::/8",
        ),
    )
)
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")


def addresses(host: str, *, timeout: float) -> list[Address]:
    """Return what a name or an address in figures stands for, as far as the network says within `timeout` seconds.

    The list is empty when nothing is known of the name.
    """
    if not _HOST.fullmatch(host):
        return []
    found: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()
    # The system's resolver has no time limit of its own; a thread that waits for it is left behind.
    threading.Thread(target=lambda: found.put(_looked_up(host)), daemon=True).start()
    try:
        return found.get(timeout=timeout)
    except queue.Empty:
        return []


def _looked_up(host: str) -> list[Address]:
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    plain = [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
    return list(dict.fromkeys(_unwrapped(address) for address in plain))


def _unwrapped(address: Address) -> Address:
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def may_have(address: Address, host: str, allowed: Iterable[str]) -> bool:
    """Answer whether a printer called `host` may have this address.

    `allowed` are networks (`192.168.1.0/24`), addresses, or names of hosts, which may have any address that is not
    in `NEVER`.

    Raises:
        ValueError: a network of `allowed` has bits beyond its mask.
    """
    within = [never for never in NEVER if address.version == never.version and address in never]
    return any(_covers(entry, address, host, within) for entry in allowed)


def _covers(entry: str, address: Address, host: str, within: list[Network]) -> bool:
    network = _network(entry)
    if network is None:
        return entry.lower() == host.lower() and not within
    if network.version != address.version or address not in network:
        return False
    return all(_inside(network, never) for never in within)


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry)
    except ValueError:
        if "/" in entry:
            raise
        return None


def _inside(network: Network, never: Network) -> bool:
    return network.prefixlen >= never.prefixlen and network.network_address in never
