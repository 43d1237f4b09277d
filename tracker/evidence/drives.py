"""Where a drive went that was taken out of a device."""

from enum import StrEnum

from tracker.words import Words, _


class Gone(StrEnum):
    """What became of a drive, so that nobody's data get lost with it."""

    DESTROYED = "destroyed"
    KEPT = "kept"
    DONOR = "donor"

    @property
    def label(self) -> Words:
        return GONE_LABELS[self]


GONE_LABELS = {
    Gone.DESTROYED: _("Destroyed at the workshop"),
    Gone.KEPT: _("Kept locked up, to be erased"),
    Gone.DONOR: _("Given back to the donor"),
}
