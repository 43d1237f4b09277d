"""The drives and network cards of several files, each once, with the files that show it.

A drive is known by its serial; one without joins the only drive of its model and size. A card is known by its
address; one without is left out where another tool gives the addresses of its kind.
"""

from collections.abc import Hashable
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from tracker.evidence.facts import Drive, DriveKind, Facts, Nic, NicKind
from tracker.lists.fold import fold
from tracker.lists.serials import normal_serial

NEAR = 0.01  # of a size: lsblk without -b rounds 256060514304 to 238.5G
#: Counts that only grow, so of two moments the higher is the later one.
GROWING = frozenset(("hours", "reallocated", "pending", "uncorrectable", "worn"))

Source = tuple[str, Facts]
Thing = TypeVar("Thing", bound=Hashable)


class Said(NamedTuple):
    """A value and the files that say it, by name."""

    field: str
    value: Any
    files: tuple[str, ...]


def drives(sources: list[Source]) -> list[Said]:
    """Return the drives of all files, each once."""
    named: dict[str, list[tuple[Drive, str]]] = {}
    rest: list[tuple[Drive, str]] = []
    for name, facts in sources:
        for drive in facts.drives:
            serial = normal_serial(drive.serial).serial
            (named.setdefault(serial, []) if serial else rest).append((drive, name))
    found = list(named.values())
    unnamed = _each_once(rest, key=_like)
    for several in unnamed:
        drive = several[0][0]
        twins = sum(1 for other in unnamed if _like(other[0][0]) == _like(drive))
        alike = [one for one in named.values() if _could_be(several, one)]
        if len(alike) == 1 and twins == 1:
            alike[0].extend(several)
        else:
            found.append(several)
    joined = [Said("drives", _one_drive([drive for drive, _name in one]), _names(one)) for one in found]
    return sorted(joined, key=repr)


def nics(sources: list[Source]) -> list[Said]:
    """Return the network cards of all files, each once."""
    by_mac: dict[str, list[tuple[Nic, str]]] = {}
    without: list[tuple[Nic, str]] = []
    for name, facts in sources:
        for nic in facts.nics:
            (by_mac.setdefault(nic.mac, []) if nic.mac else without).append((nic, name))
    found = [Said("nics", _one_nic([nic for nic, _name in one]), _names(one)) for one in by_mac.values()]
    known = {one.value.kind for one in found} - {NicKind.UNKNOWN}
    left = [one for one in without if one[0].kind not in known]
    found += [Said("nics", one[0][0], _names(one)) for one in _each_once(left, key=repr)]
    return sorted(found, key=repr)


def _each_once(things: list[tuple[Thing, str]], *, key: Any) -> list[list[tuple[Thing, str]]]:
    """Put together what is alike in different files; the second of one file is another thing."""
    found: list[list[tuple[Thing, str]]] = []
    ordered = sorted(things, key=lambda one: (key(one[0]), one[1], repr(one[0])))
    for _key, same in groupby(ordered, key=lambda one: key(one[0])):
        begin = len(found)
        for thing, name in same:
            place = next((one for one in found[begin:] if name not in _names(one)), None)
            if place is None:
                found.append([(thing, name)])
            else:
                place.append((thing, name))
    return found


def _names(several: list[tuple[Thing, str]]) -> tuple[str, ...]:
    return tuple(sorted({name for _thing, name in several}))


def _like(drive: Drive) -> str:
    return f"{fold(drive.model)}|{drive.size or 0}"


def _could_be(several: list[tuple[Drive, str]], named: list[tuple[Drive, str]]) -> bool:
    """Say whether a drive without serial may be this one: of its model and size, and not of the same file."""
    if set(_names(several)) & set(_names(named)):
        return False
    drive = several[0][0]
    return all(_same_make(drive, other) for other, _name in named if normal_serial(other.serial).serial)


def _same_make(one: Drive, other: Drive) -> bool:
    mine, theirs = fold(one.model), fold(other.model)
    if not (mine and theirs and one.size and other.size):
        return False
    # Some tools cut the model.
    return (mine.startswith(theirs) or theirs.startswith(mine)) and abs(
        one.size - other.size
    ) <= NEAR * one.size


def _one_drive(several: list[Drive]) -> Drive:
    several = sorted(several, key=repr)
    fields: dict[str, Any] = {}
    for field in Drive._fields:
        known = [value for one in several if (value := getattr(one, field)) not in (None, "")]
        if not known:
            continue
        if field in GROWING:
            fields[field] = max(known)
        elif field == "passed":
            fields[field] = all(known)
        elif field in ("counted", "usb", "removable"):
            fields[field] = any(known)
        elif field == "kind":
            fields[field] = next((kind for kind in known if kind != DriveKind.USB), known[0])
        elif field == "size":
            # A rounded 238.5G is a multiple of 0.1 GiB; the exact size of a drive is hardly ever one.
            fields[field] = min(known, key=lambda size: (_rounded(size), size))
        else:
            fields[field] = max(known, key=lambda text: (len(text), text))
    return Drive(**fields)


def _rounded(size: int) -> bool:
    """Say whether a size looks like one with at most one decimal, as lsblk writes without -b."""
    for unit in (2**40, 2**30, 2**20):
        if size >= unit:
            tenths = size * 10 / unit
            return abs(tenths - round(tenths)) * unit / 10 < 1
    return False


def _one_nic(several: list[Nic]) -> Nic:
    def fullest(field: str) -> str:
        return max((str(getattr(nic, field)) for nic in several), key=lambda text: (len(text), text))

    kinds = sorted({nic.kind for nic in several} - {NicKind.UNKNOWN})
    return Nic(kinds[0] if kinds else NicKind.UNKNOWN, fullest("model"), several[0].mac, fullest("name"))
