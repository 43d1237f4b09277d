"""The fixed lists of reasons the ledger keeps; what a person writes beside them stays outside it."""

from enum import StrEnum

from tracker.words import Words, _


class TakeBackReason(StrEnum):
    """Why a device comes back from a pupil."""

    BROKEN = "broken"
    LEFT_SCHOOL = "left-school"
    NOT_ENTITLED = "not-entitled"
    RETURNED = "handed-back"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return REASON_LABELS[self]


class LoseReason(StrEnum):
    """How a device was missed."""

    NOT_FOUND = "not-found"
    STOLEN = "stolen"
    NOT_ARRIVED = "not-arrived"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return REASON_LABELS[self]


class FindReason(StrEnum):
    """How a missing device came back."""

    COUNTED = "counted"
    BROUGHT_BACK = "brought-back"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return REASON_LABELS[self]


REASON_LABELS: dict[str, Words] = {
    TakeBackReason.BROKEN: _("It is broken"),
    TakeBackReason.LEFT_SCHOOL: _("The pupil left the school"),
    TakeBackReason.NOT_ENTITLED: _("The pupil is not entitled to it"),
    TakeBackReason.RETURNED: _("The family hands it back"),
    TakeBackReason.OTHER: _("Another reason (say which in the note)"),
    LoseReason.NOT_FOUND: _("It cannot be found"),
    LoseReason.STOLEN: _("It was stolen"),
    LoseReason.NOT_ARRIVED: _("It did not arrive"),
    FindReason.COUNTED: _("It turned up while counting"),
    FindReason.BROUGHT_BACK: _("Somebody brought it back"),
}
