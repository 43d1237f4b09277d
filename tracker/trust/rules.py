"""Which names an own authority may vouch for, and what a reader of its page needs to see first."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tracker.refused import Refused
from tracker.words import _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: iOS and macOS refuse a server's certificate of more days, Chromium of more than 398.
SERVER_LASTS = timedelta(days=397)
AUTHORITY_LASTS = timedelta(days=3652)
#: A phone's clock may be slow; a certificate is valid from a day before it was made.
BACKDATED = timedelta(days=1)
#: When `tracker serve` begins to warn.
WARN_BEFORE = timedelta(days=30)

#: All names together. A phone reads them with every connection.
MOST_NAMES = 20
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: Under these, in any country, everybody registers names: who vouches for com.vn vouches for all of them.
_REGISTRIES = frozenset({"ac", "co", "com", "edu", "gob", "gov", "go", "gv", "mil", "net", "ne", "or", "org"})
#: Endings that no public authority gives certificates for.
PRIVATE_ENDINGS = (".lan", ".local", ".internal", ".home.arpa", ".intranet", ".test")

SYSTEMS = ("android", "ios", "windows", "linux")


@dataclass(frozen=True)
class Names:
    """What a server is called by: host names and addresses, each once, in the order they were given."""

    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]

    @property
    def written(self) -> tuple[str, ...]:
        return (*self.hosts, *map(str, self.addresses))

    @property
    def written_in_urls(self) -> tuple[str, ...]:
        return (*self.hosts, *(f"[{each}]" if each.version == 6 else str(each) for each in self.addresses))

    def outside(self, limits: "Names") -> tuple[str, ...]:
        """Return those of these names that a certificate limited to `limits` does not reach.

        A limit on a host name reaches what lies below it too (RFC 5280, 4.2.1.10).
        """
        hosts = [
            name for name in self.hosts if not any(f".{name}".endswith(f".{host}") for host in limits.hosts)
        ]
        return (*hosts, *(str(each) for each in self.addresses if each not in limits.addresses))


def names(hosts: Iterable[str], addresses: Iterable[str]) -> Names:
    """Read what somebody typed as the names of a server.

    Raises:
        Refused: one is no name of a host, or no address inside a network; there is no host; there are too many.
    """
    found = Names(
        tuple(dict.fromkeys(map(host, hosts))), tuple(dict.fromkeys(address(each) for each in addresses))
    )
    if not found.hosts:
        raise Refused(
            _("A certificate needs the name of a host."),
            out=_("Name the one that labels carry, such as: tracker tls init --host smt.lan"),
        )
    if len(found.written) > MOST_NAMES:
        raise Refused(
            _("%(n)s names are too many for one certificate.", n=len(found.written)),
            out=_("Give at most %(most)s host names and addresses together.", most=MOST_NAMES),
        )
    return found


def host(typed: str) -> str:
    """Return the name of a host in small letters.

    Raises:
        Refused: it is none, or a certificate for it would reach far more than this server.
    """
    name = typed.strip().lower().removesuffix(".")
    if _is_address(name.strip("[]")):
        raise Refused(
            _("“%(host)s” is an address, not the name of a host.", host=_short(typed)),
            out=_("Give it with --address."),
        )
    if "*" in name:
        raise Refused(
            _("“%(host)s” stands for many hosts.", host=_short(typed)),
            out=_("Name each host of its own, with --host for each."),
        )
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise Refused(
            _("“%(host)s” is no name of a host.", host=_short(typed)),
            out=_("Letters a to z, digits, hyphens and dots, without https:// and without a port: smt.lan"),
        )
    if len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _REGISTRIES):
        raise Refused(
            _(
                "“%(host)s” is the ending of many names, and the certificate would reach all of them.",
                host=name,
            ),
            out=_("Take a name with a part of its own before it, such as smt.lan"),
        )
    return name


def address(typed: str) -> Address:
    """Return an address within a network.

    Raises:
        Refused: it is none, or one that all the world can reach, or that names no single machine.
    """
    written = typed.strip().strip("[]")
    if not _is_address(written):
        raise Refused(
            _("“%(address)s” is no address.", address=_short(typed)),
            out=_("Write it in figures, without a port: 192.168.1.20"),
        )
    found = ipaddress.ip_address(written)
    found = getattr(found, "ipv4_mapped", None) or found
    useless = found.is_unspecified or found.is_multicast or (found.is_reserved and not found.is_loopback)
    if useless or found.is_link_local or getattr(found, "scope_id", None):
        raise Refused(
            _("%(address)s is not the lasting address of one machine.", address=str(found)),
            out=_("Give the address under which phones reach this server, such as 192.168.1.20"),
        )
    if found.is_global:
        raise Refused(
            _("%(address)s is a public address, not one inside a network.", address=str(found)),
            out=_("What the internet can reach takes a public certificate; see docs/trust-on-a-lan.md."),
        )
    return found


def public_hosts(found: Names) -> tuple[str, ...]:
    """Return the hosts for which a public authority would give a certificate."""
    return tuple(name for name in found.hosts if not name.endswith(PRIVATE_ENDINGS))


def _is_address(written: str) -> bool:
    try:
        ipaddress.ip_address(written)
    except ValueError:
        return False
    return True


def _short(typed: str) -> str:
    return typed if len(typed) <= 80 else typed[:79] + "…"


def grouped(digest: bytes) -> str:
    """Return a fingerprint as people compare it: capitals in groups of four."""
    figures = digest.hex().upper()
    return " ".join(figures[at : at + 4] for at in range(0, len(figures), 4))


def system_of(user_agent: str) -> str:
    """Return whose steps a reader needs. An iPad says that it is a Macintosh; both take the same profile."""
    if "Android" in user_agent:
        return "android"
    if any(word in user_agent for word in ("iPhone", "iPad", "iPod", "Macintosh")):
        return "ios"
    if "Windows" in user_agent:
        return "windows"
    return "linux" if "Linux" in user_agent or "X11" in user_agent else ""
