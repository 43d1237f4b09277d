"""A signature on the screen: a name, and strokes drawn with a finger or a declaration in their place."""

import json
import unicodedata
from typing import NamedTuple

from tracker.refused import Refused
from tracker.words import _

SHEET = (1000, 400)
MOST_STROKES = 200
MOST_NUMBERS = 20_000


class NotSigned(Refused):
    """There is no name, or neither strokes nor a declaration."""


class Signature(NamedTuple):
    """Who signed: the name typed, and the strokes drawn as JSON, or "" where the name was declared."""

    name: str
    strokes: str


def sign(name: str, strokes: str, *, declared: bool, needed: bool = True) -> Signature:
    """Return what a person signed with.

    Raises:
        NotSigned: the name is missing, or the strokes are, without a declaration in their place.
    """
    name = one_line(name)[:120]
    if not name:
        raise NotSigned(_("Write the name of the person who signs."), out=_("First and last name."))
    drawn = clean_strokes(strokes)
    if needed and not drawn and not declared:
        raise NotSigned(
            _("The signature is missing."), out=_("Sign in the box, or tick the line beneath it.")
        )
    return Signature(name, drawn)


def one_line(text: str) -> str:
    """Return typed text in one form: composed, on one line, without control characters."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in composed).split())


def clean_strokes(text: str) -> str:
    """Return strokes as plain JSON, or "" for none.

    Raises:
        NotSigned: this is no drawing on a sheet of 1000 by 400.
    """
    if not text:
        return ""
    try:
        strokes = json.loads(text) if len(text) <= 8 * MOST_NUMBERS else None
    except (ValueError, RecursionError):
        strokes = None
    if (
        not isinstance(strokes, list)
        or len(strokes) > MOST_STROKES
        or not all(_is_stroke(s) for s in strokes)
    ):
        raise NotSigned(_("The drawn signature could not be read."), out=_("Clear the box and sign again."))
    if sum(len(stroke) for stroke in strokes) > MOST_NUMBERS:
        raise NotSigned(_("The drawn signature is too long."), out=_("Clear the box and sign again."))
    return json.dumps(strokes, separators=(",", ":")) if any(strokes) else ""


def _is_stroke(stroke: object) -> bool:
    return (
        isinstance(stroke, list)
        and len(stroke) % 2 == 0
        and all(type(n) is int and 0 <= n <= SHEET[i % 2] for i, n in enumerate(stroke))
    )


def paths(strokes: str) -> list[str]:
    """Return strokes as the `points` of SVG polylines, for showing what was signed."""
    return [
        " ".join(f"{x},{y}" for x, y in zip(stroke[::2], stroke[1::2], strict=True))
        for stroke in (json.loads(strokes) if strokes else [])
    ]
