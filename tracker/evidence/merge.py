"""Several files of one machine as one picture: each fact with the files that say it, and where they disagree.

The order of the files changes nothing. A drive is known by its serial; one without serial joins the only drive
of that model and size. Lists that tools give in different detail (memory, batteries, graphics) are taken from
the tool that sees most, and only their sums are compared.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from tracker.evidence.chassis import categories
from tracker.evidence.facts import Facts, Kind, Serial
from tracker.evidence.joining import Said, Source, drives, nics
from tracker.evidence.plain import make_key
from tracker.lists.fold import fold
from tracker.words import Words

#: Which tool is believed first where several say something; the first sees the board's own table.
RANK = tuple(
    Kind(name)
    for name in (
        "dmidecode", "lshw", "getprop", "lscpu", "smartctl", "lsblk", "upower", "power_supply", "dumpsys battery",
        "lspci", "network addresses", "decode-dimms", "nwipe", "bundle",
    )
)  # fmt: skip


class Disagreement(NamedTuple):
    """A field for which files say different things; the first is the one that is believed."""

    field: str
    said: tuple[Said, ...]


class Picture(NamedTuple):
    """What all files say together."""

    facts: Facts
    said: tuple[Said, ...]
    disagreements: tuple[Disagreement, ...]
    refused: tuple[tuple[str, Words | str], ...] = ()

    def files(self, field: str, value: object = None) -> tuple[str, ...]:
        """Return the files that say a field has this value, or the believed one."""
        found = [one for one in self.said if one.field == field and (value is None or one.value == value)]
        return found[0].files if found else ()


def merge(files: Iterable[tuple[str, Facts]]) -> Picture:
    """Return one picture of several files; a bundle counts as its parts, named “bundle/part”."""
    flat = list(_flat(files))
    sources = sorted(
        ((name, facts) for name, facts, _ in flat if facts),
        key=lambda one: (RANK.index(one[1].kind), one[0], repr(one[1])),
    )
    values: dict[str, Any] = {}
    said: list[Said] = []
    disagreements: list[Disagreement] = []
    for field, key in SCALARS.items():
        groups = _groups(sources, field, key)
        said += groups
        if groups:
            values[field] = groups[0].value
        if len(groups) > 1 and field not in BESIDE:
            disagreements.append(Disagreement(field, tuple(groups)))
    for field in LISTS:
        if best := _best(sources, field):
            values[field] = best.value
            said.append(best)
    for field, joined in (
        ("drives", drives(sources)),
        ("nics", nics(sources)),
        ("serials", _serials(sources)),
    ):
        values[field] = tuple(one.value for one in joined)
        said += joined
    disagreements += _serial_disagreements([one for one in said if one.field == "serials"])
    for field in ("wipes", "locks", "notes", "cameras"):
        united = list(dict.fromkeys(one for _name, facts in sources for one in getattr(facts, field)))
        values[field] = tuple(united)
        said += [
            Said(field, one, tuple(sorted({name for name, facts in sources if one in getattr(facts, field)})))
            for one in united
        ]
    kind = sources[0][1].kind if len(sources) == 1 else Kind.BUNDLE
    whole = all(facts.whole for _name, facts in sources)
    refused = sorted(((name, why) for name, facts, why in flat if facts is None), key=lambda one: one[0])
    return Picture(Facts(kind, whole=whole, **values), tuple(said), tuple(disagreements), tuple(refused))


def _flat(files: Iterable[tuple[str, Facts]]) -> Iterator[tuple[str, Facts | None, Words | str]]:
    for name, facts in files:
        if not facts.parts:
            yield name, facts, ""
        for part in facts.parts:
            yield f"{name}/{part.name}", part.facts, part.refusal


def _cpu_key(cpu: Any) -> object:
    """Compare a processor by what all tools name alike: not “@ 2.50GHz”, which some cut."""
    model = re.sub(r"\(r\)|\(tm\)|\bcpu\b|\bprocessor\b|@.*", " ", fold(cpu.model))
    return " ".join(model.split())


def _plain(value: Any) -> object:
    return fold(str(value))


SCALARS: dict[str, Callable[[Any], object]] = {
    "make": make_key,
    "model": _plain,
    "version": _plain,
    "family": _plain,
    "board": _plain,
    "chassis": lambda chassis: categories(chassis) or fold(chassis),
    "uuid": _plain,
    "cpu": _cpu_key,
    "total_memory": _plain,
    "slots": _plain,
    "firmware": lambda firmware: fold(firmware.version),
    "system": _plain,
    "patched": _plain,
}
#: What tools word differently, so that a difference says nothing of the machine.
BESIDE = frozenset(("version", "family", "slots"))
LISTS = ("memory", "batteries", "graphics", "screens")


def _groups(sources: list[Source], field: str, key: Callable[[Any], object]) -> list[Said]:
    """Return the different values of a field, the believed one first."""
    found: dict[object, tuple[Any, list[str]]] = {}
    for name, facts in sources:
        value = getattr(facts, field)
        if value:
            kept, names = found.setdefault(key(value), (value, []))
            names.append(name)
            if field == "cpu":
                # The fuller of two that mean the same.
                found[key(value)] = (_fuller(kept, value), names)
    return [Said(field, value, tuple(sorted(set(names)))) for value, names in found.values()]


def _fuller(one: Any, other: Any) -> Any:
    return type(one)(
        *(mine if mine not in (None, "") else theirs for mine, theirs in zip(one, other, strict=True))
    )


def _best(sources: list[Source], field: str) -> Said | None:
    """Return the list of the file that tells most of it; of two that tell as much, of the tool believed first."""
    lists = [(getattr(facts, field), name) for name, facts in sources if getattr(facts, field)]
    if not lists:
        return None
    most = max(_detail(value) for value, _name in lists)
    value = next(value for value, _name in lists if _detail(value) == most)
    return Said(field, value, tuple(sorted({name for other, name in lists if other == value})))


def _detail(values: tuple[Any, ...]) -> int:
    return sum(
        1 for one in values for part in (one if isinstance(one, tuple) else (one,)) if part not in (None, "")
    )


def _serials(sources: list[Source]) -> list[Said]:
    found: dict[tuple[str, str], tuple[Serial, list[str]]] = {}
    for name, facts in sources:
        for serial in facts.serials:
            key = (serial.where, serial.normal or fold(serial.text))
            found.setdefault(key, (serial, []))[1].append(name)
    return [Said("serials", serial, tuple(sorted(set(names)))) for serial, names in found.values()]


def _serial_disagreements(said: list[Said]) -> list[Disagreement]:
    found = []
    for where in sorted({one.value.where for one in said}):
        real = [one for one in said if one.value.where == where and one.value.normal]
        if len(real) > 1:
            found.append(Disagreement(f"serial ({where})", tuple(real)))
    return found
