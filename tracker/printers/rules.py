"""What a printer may be, and how the correction of one is worked out from what was measured on its test page.

A printer puts what stands at x mm from the paper's edge at x · s + o: it stretches by s and moves by o. A place is
therefore told to it as x · scale + shift with scale = 1 / s and shift = -o / s, which it makes x again. The two
unknowns of each direction come from two crosses far from each other; where there is only one, s is 1.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address
from typing import Any, NamedTuple

from labels.crosses import Mark
from tracker.people.roles import Role
from tracker.refused import Refused
from tracker.words import Words, _

#: Who adds printers, calibrates and tests them: in their own organisation.
KEEPERS = (Role.STOREKEEPER, Role.TECHNICIAN, Role.COORDINATOR)
READERS = (*KEEPERS, Role.AUDITOR, Role.ADMIN)

TEST_SILENT = timedelta(seconds=60)  # longer than a test label may take
FURTHEST = 5.0  # mm
MOST_SCALE = 0.03
FURTHEST_READ = 20.0  # mm that a reading of the test page may be, before it is called a slip of the pen
_NUMBER = re.compile(r"[+\-−–]?[0-9]{1,3}([.,][0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,5}")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")


class Kind(StrEnum):
    """How a printer is spoken to."""

    PDF = "pdf"
    TSPL = "tspl"
    ZPL = "zpl"

    @property
    def label(self) -> Words:
        return _KIND_LABELS[self]

    @property
    def thermal(self) -> bool:
        """Whether labels are sent to it over the network."""
        return self is not Kind.PDF


_KIND_LABELS = {
    Kind.PDF: _("Prints PDF from a computer"),
    Kind.TSPL: _("Network label printer, TSPL"),
    Kind.ZPL: _("Network label printer, ZPL"),
}


class Correction(NamedTuple):
    """What is added to places in millimetres, and what they are multiplied by first."""

    dx: float = 0.0
    dy: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0

    @property
    def shift(self) -> tuple[float, float]:
        return self.dx, self.dy

    @property
    def stretch(self) -> tuple[float, float]:
        return self.scale_x, self.scale_y


NONE = Correction()


class Reading(NamedTuple):
    """How far right and how far down of its place a cross was printed, in millimetres; negative is left and up."""

    right: float
    down: float


class Told(NamedTuple):
    """What became of a sending, kept to be told in any reader's language."""

    ok: bool
    sentence: Words
    out: Words | None = None

    def kept(self) -> dict[str, Any]:
        out = None if self.out is None else [self.out.message, self.out.values]
        return {"ok": self.ok, "sentence": [self.sentence.message, self.sentence.values], "out": out}


def told(kept: dict[str, Any]) -> Told:
    """Return what was kept by `Told.kept`."""
    out = kept["out"] and Words(kept["out"][0], **kept["out"][1])
    return Told(kept["ok"], Words(kept["sentence"][0], **kept["sentence"][1]), out or None)


def test_told(kept: dict[str, Any] | None, tested_at: datetime | None, *, now: datetime) -> Told | None:
    """Return what became of a test label; nothing while it is on its way, or if none was sent."""
    if kept:
        return told(kept)
    if tested_at is None or now - tested_at < TEST_SILENT:
        return None
    return Told(
        False,
        _("The system was stopped while it sent the test label."),
        _("Look whether it came out, and send another if it did not."),
    )


class TooFarOff(Refused):
    """No printer is this far off: something else is wrong."""

    def __init__(self, sentence: Words) -> None:
        super().__init__(
            sentence,
            out=_(
                "Most often the viewer scales the page: print at 100 %, without “fit to page”, put the paper in "
                "straight, and measure again."
            ),
        )


def millimetres(text: str) -> float | None:
    """Return a length as people write it, with a comma or a point; nothing if it is none."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    return float(text.replace(",", ".").replace("−", "-").replace("–", "-"))


def count(text: str) -> int:
    """Return the whole number that a field says, -1 if it says none."""
    text = text.strip()
    return int(text) if _COUNT.fullmatch(text) else -1


def is_host(text: str) -> bool:
    """Answer whether a printer's address may be written so: a name, or an address in figures without a port."""
    if ":" in text:
        return _is_ipv6(text)
    return bool(_HOST.fullmatch(text))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def corrected(marks: Sequence[Mark], readings: Sequence[Reading], *, now: Correction = NONE) -> Correction:
    """Return the correction that puts the crosses where they belong.

    `marks` are the places of the crosses on the paper, one or two; `now` is the correction they were printed with.

    Raises:
        TooFarOff: it would be more than 5 mm or 3 %.
    """
    rights, downs = [one.right for one in readings], [one.down for one in readings]
    if max(map(abs, rights + downs)) > FURTHEST_READ:
        raise TooFarOff(_("A cross is never more than %(most)s mm off.", most=f"{FURTHEST_READ:g}"))
    dx, scale_x = _way([mark.x for mark in marks], rights, now.dx, now.scale_x)
    dy, scale_y = _way([mark.y for mark in marks], downs, now.dy, now.scale_y)
    return bounded(Correction(dx, dy, scale_x, scale_y))


def _way(places: Sequence[float], errors: Sequence[float], shift: float, scale: float) -> tuple[float, float]:
    told_to = [place * scale + shift for place in places]
    came = [place + error for place, error in zip(places, errors, strict=True)]
    # With one cross, what the printer stretches is taken to be what it was corrected for.
    stretches = (came[-1] - came[0]) / (told_to[-1] - told_to[0]) if len(places) > 1 else 1 / scale
    if stretches <= 0:
        raise TooFarOff(_("These readings cannot be: the crosses would lie on one another."))
    moves = came[0] - stretches * told_to[0]
    return -moves / stretches, 1 / stretches


def bounded(asked: Correction) -> Correction:
    """Return a correction as it is kept: hundredths of a millimetre, thousandths of a percent.

    Raises:
        TooFarOff: it is more than 5 mm or 3 %.
    """
    for scale in asked.stretch:
        if not abs(scale - 1) <= MOST_SCALE + 1e-9:
            raise TooFarOff(
                _(
                    "The scale would have to be %(scale)s %%: more than %(most)s %% is no fault of a printer.",
                    scale=_comma(f"{100 * scale:.1f}"),
                    most=f"{100 * MOST_SCALE:g}",
                )
            )
    for shift in asked.shift:
        if not abs(shift) <= FURTHEST + 1e-9:
            raise TooFarOff(
                _(
                    "Labels would have to be moved by %(shift)s mm: more than %(most)s mm is no fault of a printer.",
                    shift=_comma(f"{abs(shift):.1f}"),
                    most=f"{FURTHEST:g}",
                )
            )
    (dx, dy), (scale_x, scale_y) = asked.shift, asked.stretch
    return Correction(round(dx, 2) + 0.0, round(dy, 2) + 0.0, round(scale_x, 5), round(scale_y, 5))


def in_words(correction: Correction) -> tuple[Words | str, str]:
    """Return the shift and the scale of a correction as people read them."""
    shift = _("%(dx)s mm right, %(dy)s mm down", dx=_signed(correction.dx), dy=_signed(correction.dy))
    scales = [_comma(f"{100 * scale:.2f} %") for scale in correction.stretch]
    return shift, " × ".join(scales)


def _signed(length: float) -> str:
    return _comma(f"{length:+.2f}".replace("-", "−")) if length else "0"


def _comma(number: str) -> str:
    return number.replace(".", ",")
