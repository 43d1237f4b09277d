"""Where the machine says another thing than what was written at the door. Both are shown, neither is changed."""

import re
from typing import NamedTuple, Protocol

from tracker.evidence.chassis import categories
from tracker.evidence.facts import Where
from tracker.evidence.merge import Picture
from tracker.evidence.plain import make_key
from tracker.lists.fold import fold
from tracker.lists.serials import normal_serial

SHORTEST = 3  # signs of a model that may stand within another: “T480” in “ThinkPad T480”


class Written(Protocol):
    """What intake knows of a device; a row of the table of devices is one."""

    @property
    def make(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def serial(self) -> str | None: ...
    @property
    def category(self) -> str: ...


class Contradiction(NamedTuple):
    """One field: what intake wrote, what the evidence says, and the files that say it."""

    field: str
    intake: str
    evidence: str
    files: tuple[str, ...]


def contradictions(picture: Picture, device: Written) -> list[Contradiction]:
    """Return where evidence and intake differ: make, model, serial, category. What one does not say, differs not.

    Spelling is no difference: capitals, spaces, “Hewlett-Packard” for HP, Lenovo's machine type for its name.
    """
    found = [
        _make(picture, device.make or ""),
        _model(picture, device.model or ""),
        _serial(picture, device.serial or ""),
        _category(picture, device.category),
    ]
    return [one for one in found if one]


def _make(picture: Picture, written: str) -> Contradiction | None:
    make = picture.facts.make
    if not make or not written.strip() or make_key(make) == make_key(written):
        return None
    return Contradiction("make", written, make, picture.files("make"))


def _model(picture: Picture, written: str) -> Contradiction | None:
    facts = picture.facts
    known = [name for name in (facts.model, facts.version, facts.family) if name]
    if not facts.model or not written.strip():
        return None
    asked = _bare(written, facts.make)
    if any(_within(asked, _bare(name, facts.make)) for name in known):
        return None
    return Contradiction("model", written, facts.name or facts.model, picture.files("model"))


def _bare(model: str, make: str) -> str:
    """Return a model without its make, blanks and signs."""
    model = fold(model)
    for name in (fold(make), make_key(make)):
        model = model.removeprefix(name) if name else model
    return re.sub(r"[^a-z0-9]", "", model)


def _within(one: str, other: str) -> bool:
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= SHORTEST and shorter in longer


def _serial(picture: Picture, written: str) -> Contradiction | None:
    asked = normal_serial(written).serial
    real = [serial for serial in picture.facts.serials if serial.normal]
    # A board's own number stands on no case: alone it contradicts nothing.
    outside = [serial for serial in real if serial.where is not Where.BOARD]
    if not asked or not outside or any(serial.normal == asked for serial in real):
        return None
    first = min(outside, key=lambda serial: (list(Where).index(serial.where), serial.text))
    return Contradiction("serial", written, first.text, picture.files("serials", first))


def _category(picture: Picture, written: str) -> Contradiction | None:
    chassis = picture.facts.chassis
    allowed = categories(chassis)
    if not allowed or written in allowed or written == "other":
        return None
    return Contradiction("category", written, chassis, picture.files("chassis"))
