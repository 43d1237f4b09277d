"""What a move must come with: small values that the room owning the fact builds.

`tracker.custody` asks for the type and writes `data()` into the ledger; it knows no room, and no
room can skip the fact. Nothing here may hold a name or number of a person: the ledger keeps ids,
counts, codes and digests only.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from tracker.words import Words, _


class Category(StrEnum):
    """What a device is. The list is open: `other` is for what is none of the four."""

    DESKTOP = "desktop"
    LAPTOP = "laptop"
    TABLET = "tablet"
    PHONE = "phone"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return CATEGORY_LABELS[self]


CATEGORY_LABELS = {
    Category.DESKTOP: _("Desktop computer"),
    Category.LAPTOP: _("Laptop"),
    Category.TABLET: _("Tablet"),
    Category.PHONE: _("Phone"),
    Category.OTHER: _("Other"),
}


class RetireReason(StrEnum):
    """Why a device leaves the programme for good."""

    PARTS = "parts"
    RECYCLED = "recycled"
    BACK_TO_DONOR = "back-to-donor"
    DESTROYED = "destroyed"

    @property
    def label(self) -> Words:
        return RETIRE_LABELS[self]


RETIRE_LABELS = {
    RetireReason.PARTS: _("Used for parts"),
    RetireReason.RECYCLED: _("Recycled"),
    RetireReason.BACK_TO_DONOR: _("Back to the donor"),
    RetireReason.DESTROYED: _("Destroyed"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """The base of what comes with a move."""

    def data(self) -> dict[str, Any]:
        """Return what the ledger keeps: JSON values, lists for tuples."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Nothing(Fact):
    """The move needs nothing beside it."""


@dataclass(frozen=True, slots=True)
class Received(Fact):
    """A donation, a category and the label code."""

    donation: int
    category: str
    code: str


@dataclass(frozen=True, slots=True)
class FaultsFound(Fact):
    """At least one open fault, by id."""

    faults: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.faults:
            raise ValueError("at least one fault")


@dataclass(frozen=True, slots=True)
class FaultsSettled(Fact):
    """An outcome for every open fault: `(fault id, outcome)` pairs as `"12:fixed"`."""

    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InspectionPassed(Fact):
    """All mandatory checks passed, a grade, erased where it stores data, no lock, no blocker."""

    inspection: int
    checklist: str
    grade: str
    erasure: int | None


@dataclass(frozen=True, slots=True)
class ForPupil(Fact):
    """The support this device is bound to; the support knows the pupil, the ledger does not."""

    support: str


@dataclass(frozen=True, slots=True)
class Reason(Fact):
    """Why, from a fixed list; free text stays outside the ledger, since people write names in it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Shipment(Fact):
    """The sent handover and the school it goes to."""

    handover: int
    toward: int


@dataclass(frozen=True, slots=True)
class Scanned(Fact):
    """The handover whose secret the school presented, and how the device arrived."""

    handover: int
    condition: str  # received or damaged


@dataclass(frozen=True, slots=True)
class TakenBy(Fact):
    """Who took it, as a relation, and a keyed digest of name and signature kept outside."""

    support: str
    taken_by: str  # pupil or guardian
    commitment: str


@dataclass(frozen=True, slots=True)
class Retirement(Fact):
    """Why it is retired and what happened to its data."""

    reason: str
    data_fate: str
    erasure: int | None
