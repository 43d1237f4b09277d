"""What a code in the foot of a page means, and where a page goes."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from labels.records import page_of
from labels.text import tidy
from tracker.refused import Refused
from tracker.words import Words, _

LONGEST_REASON = 300


class Kind(StrEnum):
    """The records whose pages come back signed."""

    HANDOVER = "handover"
    DONATION = "donation"
    PAPER = "paper"

    @property
    def label(self) -> Words:
        return _LABELS[self]


_LABELS = {
    Kind.HANDOVER: _("Handover record"),
    Kind.DONATION: _("Donation receipt"),
    Kind.PAPER: _("Other record"),
}

#: The paths that the codes in the feet of our papers have.
PATHS = {"h": Kind.HANDOVER, "donations": Kind.DONATION, "b": Kind.PAPER}
_PATH = re.compile(r"(?:/[\w.~-]+)*?/(h|donations|b)/([1-9][0-9]{0,8})")


class State(StrEnum):
    """Where a page is."""

    FILED = "filed"
    TRAY = "tray"
    DISCARDED = "discarded"


class Why(StrEnum):
    """Why a page did not file itself."""

    NO_CODE = "no-code"
    OTHER_CODE = "other-code"
    SEVERAL = "several"
    UNKNOWN = "unknown"
    BACK = "back"

    @property
    def label(self) -> Words:
        return _WHY[self]


_WHY = {
    Why.NO_CODE: _("No code was found on it."),
    Why.OTHER_CODE: _("Its codes are not those of a record of this programme."),
    Why.SEVERAL: _("It shows the codes of several pages: scan each page by itself."),
    Why.UNKNOWN: _("Its record is not here, or not one of your organisation."),
    Why.BACK: _("It was put back into the tray."),
}


class Address(NamedTuple):
    """A page of a record, as the code in its foot names it."""

    kind: Kind
    record: int
    page: int = 1
    pages: int = 1


class CannotFile(Refused):
    """A page cannot go where it was asked to."""


def address(text: str, *, hosts: Collection[str]) -> Address | None:
    """Return the page that a code names, if it is of our own host. Its secret is left out."""
    try:
        link, page, pages = page_of(text)
        parts = urlsplit(link)
    except ValueError:
        return None
    found = _PATH.fullmatch(parts.path)
    if parts.scheme.lower() not in {"http", "https"} or parts.netloc.lower() not in hosts or not found:
        return None
    return Address(PATHS[found[1]], int(found[2]), page, pages)


def addresses(texts: Iterable[str], *, hosts: Collection[str]) -> list[Address]:
    """Return the pages that the codes on one sheet name, each once, in order."""
    return sorted({found for text in texts if (found := address(text, hosts=hosts))})


def must_say_why(reason: str) -> str:
    """Return why a page is discarded, tidied.

    Raises:
        CannotFile: nothing is said, or too much.
    """
    words = tidy(reason[: 4 * LONGEST_REASON])
    if not 3 <= len(words) <= LONGEST_REASON:
        raise CannotFile(
            _("Say in a few words why this page is discarded."),
            out=_("For example: an empty back side, or scanned twice."),
        )
    return words
