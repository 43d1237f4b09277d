"""lspci, plain or with -v: the cards that are seen, not whether they work."""

import re

from tracker.evidence.facts import Facts, Kind, Nic, NicKind
from tracker.evidence.plain import word
from tracker.evidence.refusals import NothingWhole
from tracker.evidence.text import lines_of

LINE = re.compile(
    r"(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] ([^:\"]{3,60}?)(?: \[[0-9a-f]{4}\])?: (.+)"
)
_REVISION = re.compile(r" \(rev [0-9a-f]{2}\)$")
_WIRELESS = re.compile(r"wireless|wi-?fi|802\.11|wlan|centrino|airport|\bWLAN\b", re.IGNORECASE)
GRAPHICS = ("VGA compatible controller", "3D controller", "Display controller")


def facts(text: str) -> Facts:
    """Return the graphics and network cards of a machine.

    Raises: NothingWhole.
    """
    lines, ended = lines_of(text)
    cards = [(match[1], _name(match[2])) for line in lines if (match := LINE.fullmatch(line))]
    if not cards:
        raise NothingWhole("lspci")
    return Facts(
        Kind.LSPCI,
        graphics=tuple(name for kind, name in cards if kind in GRAPHICS and name),
        nics=tuple(nic for kind, name in cards if (nic := _nic(kind, name))),
        whole=ended,
    )


def _name(text: str) -> str:
    return word(_REVISION.sub("", text.split(" (prog-if ", 1)[0]))


def _nic(kind: str, name: str) -> Nic | None:
    # Some Wi-Fi cards call themselves Ethernet controllers, so their name is asked first.
    if kind not in ("Ethernet controller", "Network controller"):
        return None
    if _WIRELESS.search(name) or kind == "Network controller":
        return Nic(NicKind.WIFI, name)
    return Nic(NicKind.ETHERNET, name)
