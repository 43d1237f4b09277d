"""Two small outputs: decode-dimms, and a list of network cards with their addresses."""

import re

from tracker.evidence.facts import Facts, Kind, Module, Nic, NicKind
from tracker.evidence.plain import first_number, mac, said, size, word
from tracker.evidence.refusals import NothingWhole, SaysNothing
from tracker.evidence.text import lines_of

_ROW = re.compile(r"(\S.*?)(?: {2,}|\t)(.*)")
LINK = re.compile(r"([a-z][\w.@-]{1,20}) ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?: -?\d{1,7})?", re.IGNORECASE)


def dimms(text: str) -> Facts:
    """Return the modules of decode-dimms; a type it does not know has neither size nor maker.

    Raises: SaysNothing or NothingWhole.
    """
    lines, ended = lines_of(text)
    modules: list[dict[str, str]] = []
    for line in lines:
        if line.startswith("Decoding EEPROM"):
            modules.append({})
        elif modules and (match := _ROW.fullmatch(line)):
            modules[-1].setdefault(match[1], match[2])
    if not modules:
        if re.search(
            r"detected and decoded: 0|No EEPROM found|^Memory Serial Presence Detect", text, re.MULTILINE
        ):
            raise SaysNothing("decode-dimms")
        raise NothingWhole("decode-dimms")
    counted = re.search(
        r"^Number of SDRAM DIMMs detected and decoded: (\d+)$", "\n".join(lines), re.MULTILINE
    )
    found = tuple(_module(values) for values in modules)
    complete = counted is not None and int(counted[1]) == len(found) and all(module.size for module in found)
    return Facts(
        Kind.DECODE_DIMMS,
        memory=found,
        total_memory=sum(module.size or 0 for module in found) if complete else None,
        whole=counted is not None and ended,
    )


def _module(values: dict[str, str]) -> Module:
    kind = values.get("Fundamental Memory type", "")
    slot = said(values.get("Guessing DIMM is in"))
    if kind.startswith("Unknown") or not kind:
        return Module(slot=slot)
    speed = first_number(values.get("Maximum module speed", ""))
    return Module(
        size(values.get("Size", "")),
        said(kind.removesuffix(" SDRAM")),
        speed,
        slot,
        said(values.get("Manufacturer") or values.get("Module Manufacturer")),
        word(values.get("Assembly Serial Number")),
    )


def links(text: str) -> Facts:
    """Return network cards of lines such as “enp3s0 18:d6:c7:0c:ad:c3 1000” (name, address, speed).

    Raises: NothingWhole.
    """
    lines, ended = lines_of(text)
    found = [match for line in lines if (match := LINK.fullmatch(line.strip()))]
    if not found:
        raise NothingWhole("ip link")
    nics = tuple(
        Nic(_link_kind(match[1]), "", mac(match[2]), match[1]) for match in found if match[1] != "lo"
    )
    if not nics:
        raise SaysNothing("ip link")
    return Facts(Kind.LINKS, nics=nics, whole=ended)


def _link_kind(name: str) -> NicKind:
    """Return what the kernel's own prefix of the name says (systemd.net-naming-scheme(7))."""
    kinds = {"wl": NicKind.WIFI, "en": NicKind.ETHERNET, "et": NicKind.ETHERNET, "ww": NicKind.MOBILE}
    return kinds.get(name[:2], NicKind.UNKNOWN)
