"""The kept document: WeasyPrint's own subset of two faces, and what it says about every character.

This reads `Document.fonts` (hash, to_unicode, widths, weight), which WeasyPrint documents only in
part; the version is pinned and `tests/labels/test_contract.py` says so when it changes.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any
from unicodedata import normalize

from weasyprint.document import Document

from labels.press import LOCK, lay_out, stylesheet, write

FAMILIES = '"Noto Sans", "DejaVu Sans", "Liberation Sans", Arial, sans-serif'
ELLIPSIS = "…"
BOLD = 600

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_SIGNS = "đ‹›«»–—‘’“”•…·×°²³½€™®©±àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿß"
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def alphabet() -> str:
    """Return every character that is stamped without asking WeasyPrint, without the space."""
    letters = {normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES}
    letters |= set(_SIGNS)
    upper = {letter.upper() for letter in letters if len(letter.upper()) == 1}
    return "".join(sorted(set(_ASCII) | letters | upper))


class _Widths(dict[str, float]):
    """Widths of characters; of one that is not there, one em."""

    def __missing__(self, char: str) -> float:
        return 1.0


@dataclass(frozen=True)
class Face:
    """One face as PDF text needs it: its resource name, and per character its glyph (hex) and width (em)."""

    name: str
    glyphs: dict[str, str]
    widths: dict[str, float]

    def has(self, text: str) -> bool:
        """Answer whether every character can be stamped."""
        return self.glyphs.keys() >= set(text)

    def shown(self, text: str) -> str:
        """Return `text` as a PDF string of glyphs."""
        return "<" + "".join([self.glyphs[char] for char in text]) + ">"

    def width(self, text: str) -> float:
        """Return the width of `text` in em; an unknown character counts as one em."""
        return sum(map(self.widths.__getitem__, text))

    def rows(self, text: str, width: float, most: int) -> list[str]:
        """Break `text` into at most `most` rows of `width` em; what does not fit ends in an ellipsis."""
        rows: list[str] = []
        while text and len(rows) < most - 1 and self.width(text) > width:
            at = text.rfind(" ", 0, self._room(text, width) + 1)
            if at <= 0:
                break
            rows.append(text[:at])
            text = text[at + 1 :]
        return [*rows, self._cut(text, width)] if text else rows

    def _cut(self, text: str, width: float) -> str:
        if self.width(text) <= width:
            return text
        return text[: self._room(text, width - self.width(ELLIPSIS))].rstrip() + ELLIPSIS

    def _room(self, text: str, width: float) -> int:
        return bisect_right(list(accumulate(map(self.widths.__getitem__, text))), width + 1e-9)


@dataclass(frozen=True)
class Kept:
    """The document that every job of stamped labels is written from, and its two faces.

    `head` is how its file begins, and `objects` says how many WeasyPrint writes to it before it is finished.
    """

    document: Document
    head: bytes
    objects: int
    regular: Face
    bold: Face

    def face(self, bold: bool) -> Face:
        """Return the bold or the regular face."""
        return self.bold if bold else self.regular


def kept() -> Kept:
    """Return the kept document, laid out once a process."""
    with LOCK:
        return _kept()


@cache
def _kept() -> Kept:
    characters = " ".join(alphabet()).replace("&", "&amp;").replace("<", "&lt;")
    css = stylesheet(
        "@page { size: 210mm 297mm; margin: 5mm }"
        f"p {{ font-family: {FAMILIES}; font-size: 10pt; break-before: page;"
        " font-kerning: none; font-variant-ligatures: none }"
        "b { font-weight: 700 }"
    )
    html = f'<!doctype html><html lang="vi"><body><div></div><p>{characters} <b>{characters}</b></p></body></html>'
    document = lay_out(html, css)
    write(document)  # painting fills `document.fonts`
    blank = document.copy([document.pages[0]])
    blank.fonts = document.fonts
    faces = document.fonts.values()
    counted: list[int] = []
    whole = write(blank, lambda _document, pdf: counted.append(len(pdf.objects)))
    return Kept(
        blank,
        b"".join(whole.splitlines(keepends=True)[:2]),
        counted[0],
        _face([font for font in faces if font.weight < BOLD]),
        _face([font for font in faces if font.weight >= BOLD]),
    )


def _face(fonts: list[Any]) -> Face:
    # A character missing from the first family comes from another one; such characters are not stamped.
    font = max(fonts, key=lambda font: len(font.to_unicode))
    absent = set(font.missing.values()) | {0}
    ours = {text: glyph for glyph, text in font.to_unicode.items() if len(text) == 1 and glyph not in absent}
    return Face(
        font.hash,
        {char: f"{glyph:04x}" for char, glyph in ours.items()},
        _Widths({char: font.widths[glyph] / 1000 for char, glyph in ours.items()}),
    )
