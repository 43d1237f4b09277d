"""What spare parts there are, where they come from, and how many may be moved."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from labels.text import tidy
from tracker.refused import Refused
from tracker.words import Words, _

#: Pieces of one sort; a workshop has fewer.
MOST = 10_000
#: In đồng; no part of these devices costs more.
DEAREST = 100_000_000


class SpareKind(StrEnum):
    """What a part is."""

    BATTERY = "battery"
    SCREEN = "screen"
    KEYBOARD = "keyboard"
    DRIVE = "drive"
    MEMORY = "memory"
    CHARGER = "charger"
    BOARD = "board"
    FAN = "fan"
    CAMERA = "camera"
    SPEAKER = "speaker"
    NETWORK = "network"
    CABLE = "cable"
    CASING = "casing"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return KIND_LABELS[self]


KIND_LABELS = {
    SpareKind.BATTERY: _("Battery"),
    SpareKind.SCREEN: _("Screen"),
    SpareKind.KEYBOARD: _("Keyboard or touchpad"),
    SpareKind.DRIVE: _("Drive"),
    SpareKind.MEMORY: _("Memory"),
    SpareKind.CHARGER: _("Charger"),
    SpareKind.BOARD: _("Mainboard"),
    SpareKind.FAN: _("Fan or heat sink"),
    SpareKind.CAMERA: _("Camera"),
    SpareKind.SPEAKER: _("Speaker or microphone"),
    SpareKind.NETWORK: _("Network card"),
    SpareKind.CABLE: _("Cable or socket"),
    SpareKind.CASING: _("Casing, hinge, screws"),
    SpareKind.OTHER: _("Other"),
}


class Origin(StrEnum):
    """Where a part comes from."""

    BOUGHT = "bought"
    DONATED = "donated"
    HARVESTED = "harvested"

    @property
    def label(self) -> Words:
        return ORIGIN_LABELS[self]


ORIGIN_LABELS = {
    Origin.BOUGHT: _("Bought"),
    Origin.DONATED: _("Donated"),
    Origin.HARVESTED: _("Taken out of a retired device"),
}


class Why(StrEnum):
    """Why pieces came in or went out."""

    IN = "in"
    USED = "used"
    PUT_BACK = "put-back"
    WRITTEN_OFF = "written-off"
    COUNTED = "counted"

    @property
    def label(self) -> Words:
        return WHY_LABELS[self]


WHY_LABELS = {
    Why.IN: _("Came in"),
    Why.USED: _("Built in"),
    Why.PUT_BACK: _("Put back"),
    Why.WRITTEN_OFF: _("Written off"),
    Why.COUNTED: _("Counted"),
}


class NotEnough(Refused):
    """There are fewer pieces than were asked for."""

    def __init__(self, name: str, left: int) -> None:
        self.left = left
        super().__init__(
            _("Of “%(name)s” there are only %(left)s left.", name=name, left=left),
            out=_("Take fewer, another part, or let the repair wait for a part."),
        )


class Described(NamedTuple):
    """What a form says of parts that came in."""

    kind: SpareKind
    name: str
    quantity: int
    unit_cost: int | None
    place: str


def described(form: Mapping[str, str], *, priced: bool = True) -> tuple[Described | None, dict[str, Words]]:
    """Return the parts that a form describes, or None, and what is wrong with it, by field."""
    wrong: dict[str, Words] = {}
    kind, name = form.get("kind", ""), tidy(form.get("name", ""))
    if kind not in frozenset(SpareKind):
        wrong["kind"] = _("Choose what it is.")
    if not name:
        wrong["name"] = _("Write what it is called, with its part number where there is one.")
    elif len(name) > 120:
        wrong["name"] = _("At most %(most)s characters.", most=120)
    quantity = whole(form.get("quantity", ""), MOST)
    if not quantity:
        wrong["quantity"] = _("Write how many, from 1 to %(most)s.", most=MOST)
    cost, written = None, form.get("unit_cost", "").strip() if priced else ""
    if written:
        cost = whole(written.replace(".", "").replace(" ", ""), DEAREST)
        if cost is None:
            wrong["unit_cost"] = _("Write the price in dong, without decimals.")
    place = tidy(form.get("place", ""))
    if len(place) > 80:
        wrong["place"] = _("At most %(most)s characters.", most=80)
    if wrong or not quantity:
        return None, wrong
    return Described(SpareKind(kind), name, quantity, cost, place), wrong


def whole(text: str, most: int) -> int | None:
    """Return a whole number from 0 to `most`, or None."""
    said = text.strip()
    if not said.isascii() or not said.isdecimal() or len(said) > 12:
        return None
    return int(said) if int(said) <= most else None
