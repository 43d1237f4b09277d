"""The rows of a record's list, drawn as PDF operators into the cells that WeasyPrint has placed.

WeasyPrint spends 5 ms on a row of six cells, nearly all of it on breaking their few words into lines. So it
gets rows that are empty and as tall as their text will be: it divides them among the pages, repeats the head,
draws the rules and tags the cells. Their text is broken here and put in when the document is written, with
WeasyPrint's own subset of the two faces and as content of its own tags.

A list with a character outside the Latin blocks or outside the two faces, or with a row too tall for a page, is
laid out by WeasyPrint as text instead, slower, in the same places.

This reads page boxes, `Document.fonts` and the tags, which WeasyPrint documents only in part; the version is
pinned and `tests/labels/test_records_contract.py` says so when it changes.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any

import pydyf
from weasyprint.document import Document

from labels.codes import Drawing
from labels.records.pages import PIXEL, draw, marked, stream_of
from labels.records.tables import (
    CODE,
    CODE_ROOM,
    DOT,
    LINE,
    PADDING,
    PADDING_ABOVE,
    POINT,
    SIZE,
    Column,
    Row,
    Table,
)
from labels.setting import LOCK, lay_out, stylesheet, write

SERIF = '"Times New Roman", "Liberation Serif", "Noto Serif", "DejaVu Serif", serif'
BOLD = 600  # Pango's weights of a bold face begin here
MOST_LINES = 40  # some 190 mm: on the first page there may be no more room for a row
FEWEST_LINES = 2  # as tall as a code
#: Latin with all its marks, punctuation, currency and signs: no character of these needs shaping.
BLOCKS = (
    (0x21, 0x7E),
    (0xA1, 0xAC),
    (0xAE, 0x17F),
    (0x1A0, 0x1B0),
    (0x1EA0, 0x1EF9),
    (0x2010, 0x2027),
    (0x20AB, 0x20AC),
)


@dataclass(frozen=True)
class Face:
    """One face: WeasyPrint's font and its key, per character the glyph and width (em), and where the baseline is."""

    key: Any
    font: Any
    glyphs: dict[str, int]
    widths: dict[str, float]
    baseline: float

    def width(self, text: str) -> float:
        """Return the width of `text` in em."""
        return sum([self.widths[char] for char in text])

    def broken(self, text: str, room: float) -> list[str]:
        """Break a line of text at spaces, and inside of words only where a word alone is wider than `room` em."""
        lines, line, taken = [], "", 0.0
        space = self.widths[" "]
        for word in text.split(" "):
            width = self.width(word)
            if line and taken + space + width <= room:
                line, taken = f"{line} {word}", taken + space + width
                continue
            if line:
                lines.append(line)
            *parts, line = self._parts(word, room) if width > room else [word]
            lines += parts
            taken = self.width(line)
        return [*lines, line]

    def _parts(self, word: str, room: float) -> list[str]:
        parts, taken = [""], 0.0
        for char in word:
            if parts[-1] and taken + self.widths[char] > room:
                parts.append("")
                taken = 0.0
            parts[-1] += char
            taken += self.widths[char]
        return parts

    def seed(self, characters: set[str]) -> Any:
        """Return a font for a new document with the glyphs of these characters."""
        font = copy(self.font)
        drawn = {char: self.glyphs[char] for char in sorted(characters)}
        font.to_unicode = {glyph: char for char, glyph in drawn.items()}
        font.widths = {glyph: self.font.widths[glyph] for glyph in drawn.values()}
        font.missing = {}
        return font


@cache
def faces() -> tuple[Face, Face]:
    """Return the regular and the bold face, from a document laid out once a process."""
    characters = [chr(point) for first, last in BLOCKS for point in range(first, last + 1)]
    spaced = " ".join(characters).replace("&", "&amp;").replace("<", "&lt;")
    css = stylesheet(f"p {{ font: 10pt {SERIF}; font-kerning: none; font-variant-ligatures: none }}")
    with LOCK:
        document = lay_out(f"<p>{spaced} <b>{spaced}</b>", css)
        write(document)  # painting fills `document.fonts`
    fonts = document.fonts.items()
    return (
        _face([(key, font) for key, font in fonts if font.weight < BOLD]),
        _face([(key, font) for key, font in fonts if font.weight >= BOLD]),
    )


def _face(fonts: list[tuple[Any, Any]]) -> Face:
    # A character missing from the first family comes from another one; such characters are not drawn here.
    key, font = max(fonts, key=lambda found: len(found[1].to_unicode))
    absent = set(font.missing.values()) | {0}
    glyphs = {
        text: glyph for glyph, text in font.to_unicode.items() if len(text) == 1 and glyph not in absent
    }
    widths = {char: font.widths[glyph] / 1000 for char, glyph in glyphs.items()}
    ascent, descent = font.ascent / 1000, -font.descent / 1000
    return Face(key, font, glyphs, widths, (LINE - ascent - descent) / 2 + ascent)


class Rows:
    """The rows of one table, broken into lines, and how to draw them."""

    def __init__(self, table: Table, codes: Mapping[str, Drawing]) -> None:
        self.table = table
        self.codes = codes
        regular, bold = faces()
        self.faces = [bold if column.bold else regular for column in table.columns]
        self.characters: dict[Any, tuple[Face, set[str]]] = {}
        known = all(map(self._knows, range(len(table.columns))))
        self.broken = [self._broken(row) for row in table.rows] if known else []
        self.stamped = known and max(map(self.lines, range(len(self.broken)))) <= MOST_LINES

    def lines(self, at: int) -> int:
        """Return how many lines tall a row is."""
        return max(FEWEST_LINES, *(len(cell) for cell in self.broken[at]))

    def seed(self, document: Document) -> None:
        """Give a document that is not yet written the glyphs that will be drawn."""
        if self.stamped:
            document.fonts |= {key: face.seed(chars) for key, (face, chars) in self.characters.items()}

    def draw(self, document: Document, pdf: pydyf.PDF) -> None:
        """Draw the rows into a document that is being written."""
        nums = _parent_tree(pdf)
        for number, page in enumerate(document.pages):
            rows = list(marked(page._page_box, "data-row"))  # noqa: SLF001
            if rows:
                stream = stream_of(pdf, number)
                tags = nums[2 * number + 1] if nums else None
                for row in rows:
                    self._row(row, stream, tags)

    def _knows(self, at: int) -> bool:
        face = self.faces[at]
        _, needed = self.characters.setdefault(face.key, (face, {" "}))
        needed.update(*(row.cells[at] for row in self.table.rows))
        needed.discard("\n")
        return face.glyphs.keys() >= needed

    def _broken(self, row: Row) -> list[list[str]]:
        return [
            [part for line in text.split("\n") for part in face.broken(line, column.room / SIZE)]
            for column, face, text in zip(self.table.columns, self.faces, row.cells, strict=True)
        ]

    def _row(self, box: Any, stream: Any, tags: Any) -> None:
        at = int(box.element.get("data-row"))
        for number, cell in enumerate(box.children):
            column = self.table.columns[number]
            if column.code and (code := self.table.rows[at].code):
                side = CODE * POINT
                left, top = cell.position_x * PIXEL + 0.5 * POINT, _middle(cell) - side / 2
                draw(stream, self.codes[f"code:device/{code}"], _on_dot(left), _on_dot(top), side)
            if self.stamped:
                text = self._cell(cell, column, self.faces[number], self.broken[at][number])
                stream.stream.append(_tagged(text, cell, tags))

    def _cell(self, cell: Any, column: Column, face: Face, lines: list[str]) -> str:
        left, width, middle = cell.position_x * PIXEL, cell.border_width() * PIXEL, _middle(cell)
        y = middle + (face.baseline - LINE * len(lines) / 2) * SIZE
        parts = ["BT", f"/{face.font.hash} {SIZE:g} Tf"]
        for line in lines:
            x = left + (CODE_ROOM if column.code else PADDING) * POINT
            if column.centred:
                x = left + (width - face.width(line) * SIZE) / 2
            shown = "".join([f"{face.glyphs[char]:04x}" for char in line])
            # WeasyPrint's pages have their origin at the top and y downwards, so letters are turned back.
            parts.append(f"1 0 0 -1 {x:.3f} {y:.3f} Tm <{shown}> Tj")
            y += LINE * SIZE
        return " ".join([*parts, "ET"])


def height(lines: int) -> float:
    """Return the height of a row of so many lines, in mm: that of its text, and at least that of a code."""
    return max(CODE + 0.6, ceil(100 * (lines * SIZE * LINE / POINT + 2 * PADDING_ABOVE)) / 100)


def heights() -> str:
    """Return the style rules for rows of every number of lines."""
    return "\n".join(f".l{lines} {{ height: {height(lines):.2f}mm }}" for lines in range(1, MOST_LINES + 1))


def _on_dot(length: float) -> float:
    return round(length / (DOT * POINT)) * DOT * POINT


def _middle(cell: Any) -> float:
    return float(cell.position_y + cell.border_height() / 2) * PIXEL


def _tagged(text: str, cell: Any, tags: Any) -> str:
    if tags is None:
        return text
    cell.mark["K"].append(len(tags))
    tags.append(cell.mark.reference)
    return f"/{cell.mark['S'][1:]} <</MCID {len(tags) - 1}>> BDC {text} EMC"


def _parent_tree(pdf: pydyf.PDF) -> Any:
    if "StructTreeRoot" not in pdf.catalog:
        return None
    root = pdf.objects[int(pdf.catalog["StructTreeRoot"].split()[0])]
    return pdf.objects[int(root["ParentTree"].split()[0])]["Nums"]
