"""What the page of a device shows of its evidence, and the store where the files are."""

from typing import Any

from flask import current_app
from sqlalchemy import Row

from tracker.db import db
from tracker.evidence import queries as kept
from tracker.evidence.answers import inside
from tracker.evidence.contradictions import contradictions
from tracker.evidence.drives import Gone
from tracker.evidence.facts import Cpu, Facts, Kind
from tracker.evidence.merge import Picture
from tracker.store import Files, store_of
from tracker.words import Words, _
from tracker.workshop import evidence as bench

GB, GIB = 10**9, 2**30


def files() -> Files:
    """Return the store where evidence is kept."""
    return store_of(current_app.config["TRACKER"])


def shown(device: Row[Any]) -> dict[str, Any]:
    """Return what the page of a device shows of its evidence."""
    session = db.session()
    rows = kept.of_device(session, device.id)
    picture = kept.picture(session, device.id, files())
    return {
        "evidence": rows,
        "picture": picture,
        "facts": lines(picture.facts),
        "serials": serials(picture.facts),
        "contradictions": contradictions(picture, device),
        "disagreements": disagreements(picture),
        "heard": bench.said(picture),
        "gone": list(Gone),
    }


def lines(facts: Facts) -> list[tuple[Words, str]]:
    """Return the facts as a person reads them, what is not known left out."""
    memory = facts.total_memory or sum(module.size or 0 for module in facts.memory)
    found: list[tuple[Words, str]] = [
        (_("Make and model"), facts.name),
        (_("Processor"), _cpu(facts)),
        (_("Memory"), _memory(facts, memory)),
        *((_("Drive"), _drive(drive)) for drive in inside(facts)),
        *((_("Battery"), _battery(battery)) for battery in facts.batteries),
        (_("Firmware"), " ".join(filter(None, facts.firmware)) if facts.firmware else ""),
        (_("System"), facts.system),
        (_("Network addresses"), ", ".join(nic.mac for nic in facts.nics if nic.mac)),
    ]
    return [(label, text) for label, text in found if text]


def _cpu(facts: Facts) -> str:
    if facts.cpu is None:
        return ""
    cores = str(_("%(n)s cores", n=facts.cpu.cores)) if facts.cpu.cores else ""
    return ", ".join(filter(None, (facts.cpu.model, cores)))


def _memory(facts: Facts, size: int) -> str:
    kinds = ", ".join(dict.fromkeys(module.kind for module in facts.memory if module.kind))
    return f"{size / GIB:g} GB {kinds}".strip() if size else ""


def _drive(drive: Any) -> str:
    health = "" if drive.passed is None else str(_("SMART good") if drive.passed else _("SMART failing"))
    counts = [
        str(_("%(n)s hours", n=drive.hours)) if drive.hours is not None else "",
        str(_("%(n)s reallocated sectors", n=drive.reallocated)) if drive.reallocated is not None else "",
        str(_("%(n)s pending sectors", n=drive.pending)) if drive.pending else "",
    ]
    size = f"{drive.size / GB:.0f} GB" if drive.size else ""
    name = f"{drive.make} {drive.model}".strip()
    return " · ".join(filter(None, (name, drive.serial, drive.kind.upper(), size, health, *counts)))


def _battery(battery: Any) -> str:
    left = str(_("%(n)s%% of new", n=round(battery.left * 100))) if battery.left is not None else ""
    cycles = str(_("%(n)s cycles", n=battery.cycles)) if battery.cycles else ""
    name = f"{battery.make} {battery.model}".strip()
    return " · ".join(filter(None, (name, left, cycles, battery.health)))


def serials(facts: Facts) -> list[tuple[str, bool, str]]:
    """Return where each serial stands, whether it names the machine, and the serial as it was found."""
    return [(str(SERIALS[each.where]), bool(each.normal), each.text) for each in facts.serials]


def disagreements(picture: Picture) -> list[list[tuple[str, tuple[str, ...]]]]:
    """Return what files say differently: each value as a person reads it, with the files that say it."""
    return [[(_value(one.value), one.files) for one in each.said] for each in picture.disagreements]


def _value(value: Any) -> str:
    if isinstance(value, Cpu):
        return _cpu(Facts(Kind.LSCPU, cpu=value))
    if isinstance(value, int):
        return f"{value / GIB:.1f} GB" if value > GIB else str(value)
    return " ".join(str(part) for part in value if part) if isinstance(value, tuple) else str(value)


SERIALS = {
    "system": _("Serial of the machine"),
    "board": _("Serial of its board"),
    "chassis": _("Serial of its case"),
    "device": _("Serial of the device"),
}
