"""The measures of label paper of one's own: read from a form, and refused where no paper is like that.

Lengths are whole hundredths of a millimetre, so that what fits is not a matter of rounding. Pure.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from labels.stock import Stock
from tracker.refused import Refused
from tracker.words import Words, _

#: Bounds, in hundredths of a millimetre. A4 landscape is 297 wide; A3 is 420 and goes through no label printer.
NARROWEST_PAGE, WIDEST_PAGE = 2_000, 33_000
SMALLEST_LABEL = 500
MOST_LABELS = 500
LONGEST_NAME = 40

Wrong = dict[str, Words]


class Measures(NamedTuple):
    """A page and its labels, row by row from the top left; lengths in hundredths of a millimetre."""

    page_width: int
    page_height: int
    columns: int
    rows: int
    label_width: int
    label_height: int
    origin_x: int
    origin_y: int
    pitch_x: int
    pitch_y: int

    def stock(self, name: str) -> Stock:
        """Return the paper of these measures."""
        return Stock(
            name=name,
            page_width=self.page_width / 100,
            page_height=self.page_height / 100,
            columns=self.columns,
            rows=self.rows,
            label_width=self.label_width / 100,
            label_height=self.label_height / 100,
            left=self.origin_x / 100,
            top=self.origin_y / 100,
            pitch_x=self.pitch_x / 100,
            pitch_y=self.pitch_y / 100,
        )


#: The lengths of a form, and what to call them.
LENGTHS: dict[str, Words] = {
    "label_width": _("Label width"),
    "label_height": _("Label height"),
    "page_width": _("Page width"),
    "page_height": _("Page height"),
    "origin_x": _("From the left edge to the first label"),
    "origin_y": _("From the top edge to the first label"),
    "pitch_x": _("Step from label to label, across"),
    "pitch_y": _("Step from label to label, down"),
}
COUNTS: dict[str, Words] = {"columns": _("Columns"), "rows": _("Rows")}


class FormWrong(Refused):
    """The form does not describe a paper; `wrong` says why, by field."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        super().__init__(next(iter(wrong.values())))


def name_of(text: str) -> str:
    """Return the name of a paper as it is kept.

    Raises:
        FormWrong: there is none, or it is too long.
    """
    shown = "".join(
        char if unicodedata.category(char)[0] != "C" else " " for char in unicodedata.normalize("NFC", text)
    )
    name = " ".join(shown.split())
    if not name:
        raise FormWrong({"name": _("Write a name, such as the maker's and the number on the packet.")})
    if len(name) > LONGEST_NAME:
        raise FormWrong({"name": _("A name has at most %(most)s characters.", most=LONGEST_NAME)})
    return name


def measures_of(said: Mapping[str, str]) -> Measures:
    """Return the measures that a form says: of a roll the label alone, whose page it is.

    Raises:
        FormWrong: a number is missing or none, or no paper is like that.
    """
    wrong: Wrong = {}
    if said.get("kind") == "roll":
        width, height = (_length(said, name, wrong) for name in ("label_width", "label_height"))
        found = Measures(width, height, 1, 1, width, height, 0, 0, width, height)
    else:
        counts = {name: _count(said, name, wrong) for name in COUNTS}
        alone = {"pitch_x": counts["columns"] == 1, "pitch_y": counts["rows"] == 1}
        lengths = {name: _length(said, name, wrong, needed=not alone.get(name)) for name in LENGTHS}
        if alone["pitch_x"]:
            lengths["pitch_x"] = lengths["label_width"]
        if alone["pitch_y"]:
            lengths["pitch_y"] = lengths["label_height"]
        found = Measures(**counts, **lengths)
    wrong = wrong or wrong_of(found)
    if wrong:
        raise FormWrong(wrong)
    return found


def wrong_of(paper: Measures) -> Wrong:
    """Return what no paper has of these measures, by field; nothing if there is such a paper."""
    wrong: Wrong = {}
    roll = (paper.page_width, paper.page_height) == (paper.label_width, paper.label_height)
    for name in ("label_width", "label_height") if roll else ("page_width", "page_height"):
        if not NARROWEST_PAGE <= getattr(paper, name) <= WIDEST_PAGE:
            wrong[name] = _(
                "A page measures from %(least)s to %(most)s mm.",
                least=shown(NARROWEST_PAGE),
                most=shown(WIDEST_PAGE),
            )
    for name in ("label_width", "label_height"):
        if getattr(paper, name) < SMALLEST_LABEL:
            wrong[name] = _("A label measures at least %(least)s mm.", least=shown(SMALLEST_LABEL))
    for name in ("columns", "rows"):
        if getattr(paper, name) < 1:
            wrong[name] = _("Write a number from 1 to %(most)s.", most=MOST_LABELS)
    for name in ("origin_x", "origin_y"):
        if getattr(paper, name) < 0:
            wrong[name] = _("This cannot be less than 0.")
    if not wrong and paper.columns * paper.rows > MOST_LABELS:
        wrong["columns"] = _(
            "A page has at most %(most)s labels; these would be %(count)s.",
            most=MOST_LABELS,
            count=paper.columns * paper.rows,
        )
    return wrong or _across(paper) | _down(paper)


def _across(paper: Measures) -> Wrong:
    if paper.columns > 1 and paper.pitch_x < paper.label_width:
        return {
            "pitch_x": _(
                "The labels would overlap: they are %(wide)s mm wide.", wide=shown(paper.label_width)
            )
        }
    right = paper.origin_x + (paper.columns - 1) * paper.pitch_x + paper.label_width
    if right > paper.page_width:
        return {
            "columns": _(
                "The last column would end %(over)s mm beyond the right edge of the page.",
                over=shown(right - paper.page_width),
            )
        }
    return {}


def _down(paper: Measures) -> Wrong:
    if paper.rows > 1 and paper.pitch_y < paper.label_height:
        return {
            "pitch_y": _(
                "The labels would overlap: they are %(tall)s mm tall.", tall=shown(paper.label_height)
            )
        }
    bottom = paper.origin_y + (paper.rows - 1) * paper.pitch_y + paper.label_height
    if bottom > paper.page_height:
        return {
            "rows": _(
                "The last row would end %(over)s mm below the bottom edge of the page.",
                over=shown(bottom - paper.page_height),
            )
        }
    return {}


def shown(hundredths: int) -> str:
    """Return a length in millimetres as it is written in Vietnam: 63,5."""
    whole, part = divmod(hundredths, 100)
    return f"{whole},{part:02d}".rstrip("0").rstrip(",") if part else str(whole)


_LENGTH = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{0,9}))?(?: ?mm)?")


def _length(said: Mapping[str, str], name: str, wrong: Wrong, *, needed: bool = True) -> int:
    text = unicodedata.normalize("NFKC", said.get(name, "")[:40]).strip()
    if not text and not needed:
        return 0
    match = _LENGTH.fullmatch(text)
    if not match:
        wrong[name] = _("“%(field)s”: write millimetres, such as 63,5.", field=LENGTHS[name])
        return 0
    part = (match[2] or "").rstrip("0")
    if len(part) > 2:
        wrong[name] = _("“%(field)s”: at most two digits after the comma.", field=LENGTHS[name])
        return 0
    return int(match[1]) * 100 + int(part.ljust(2, "0"))


def _count(said: Mapping[str, str], name: str, wrong: Wrong) -> int:
    text = unicodedata.normalize("NFKC", said.get(name, "")[:40]).strip()
    if not (re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= MOST_LABELS):
        wrong[name] = _(
            "“%(field)s”: write a number from 1 to %(most)s.", field=COUNTS[name], most=MOST_LABELS
        )
        return 1
    return int(text)
