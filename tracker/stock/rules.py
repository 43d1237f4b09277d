"""What is allowed of places, and what a search asks for."""

from enum import StrEnum
from typing import NamedTuple

from tracker.custody.road import Status
from tracker.refused import Refused
from tracker.words import Words, _

#: Codes in one form; a trolley holds fewer.
MOST_CODES = 500


class PlaceKind(StrEnum):
    """What a place is."""

    WAREHOUSE = "warehouse"
    ROOM = "room"
    SHELF = "shelf"

    @property
    def label(self) -> Words:
        return PLACE_LABELS[self]


PLACE_LABELS = {
    PlaceKind.WAREHOUSE: _("Store"),
    PlaceKind.ROOM: _("Room"),
    PlaceKind.SHELF: _("Shelf"),
}

#: What may stand inside what; a store stands at the top.
INSIDE: dict[PlaceKind, frozenset[PlaceKind | None]] = {
    PlaceKind.WAREHOUSE: frozenset({None}),
    PlaceKind.ROOM: frozenset({PlaceKind.WAREHOUSE, None}),
    PlaceKind.SHELF: frozenset({PlaceKind.WAREHOUSE, PlaceKind.ROOM}),
}


class DoesNotFit(Refused):
    """A place of this kind does not stand there."""

    def __init__(self, kind: PlaceKind) -> None:
        super().__init__(
            _("A place of the kind “%(kind)s” cannot stand there.", kind=kind.label),
            out=_("Stores stand by themselves, rooms in a store, shelves in a store or a room."),
        )


def must_fit(kind: PlaceKind, inside: PlaceKind | None) -> None:
    """Check that a place of this kind may stand inside the other, None being the top.

    Raises:
        DoesNotFit: it may not.
    """
    if inside not in INSIDE[kind]:
        raise DoesNotFit(kind)


class NotOnAShelf(Refused):
    """The device is with its pupil, or nobody knows where."""

    def __init__(self, status: Status) -> None:
        super().__init__(
            _("It cannot stand in a place while it is: %(status)s.", status=status.label),
            out=_("If it is in your hands, say so on its page first."),
        )


def must_stand(status: Status) -> None:
    """Check that a device in this status can stand in a place.

    Raises:
        NotOnAShelf: it is with its pupil, or missing.
    """
    if status in {Status.GIVEN, Status.MISSING}:
        raise NotOnAShelf(status)


class Wanted(NamedTuple):
    """The words of a search, by how an index can find them."""

    fragments: tuple[str, ...]
    """Three letters and more: by trigrams."""
    short: tuple[str, ...]
    """One or two letters: as the beginning of a word."""


def search_words(folded: str) -> Wanted:
    """Take a folded search text apart; at most six words count."""
    words = folded.replace("%", " ").replace("_", " ").replace('"', " ").split()[:6]
    return Wanted(
        tuple(word for word in words if len(word) >= 3), tuple(word for word in words if len(word) < 3)
    )


class Outcome(NamedTuple):
    """What became of one scanned line."""

    text: str
    done: bool
    sentence: Words | str
    out: Words | str = ""
