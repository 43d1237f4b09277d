"""A page to hold against a sheet of labels: where every label should be, and rulers to see how far off it is.

Drawn as operators into the kept document (`labels.faces`), so that a line stands where the stock says to a
hundredth of a millimetre, whatever WeasyPrint rounds.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pydyf
from weasyprint.document import Document

from labels.designs import LINE, POINT
from labels.faces import Face, Kept, kept
from labels.press import LOCK, write
from labels.stamp import ZLIB_LEVEL
from labels.stock import Stock
from labels.text import tidy

HOLD = "Đặt lên tờ tem, soi ra ánh sáng: khung in phải trùng mép tem."
CONTROL = "Vạch này đo đúng {length} mm; nếu không, máy in đang co giãn trang."
CONTROLS = (100, 50, 20, 10)  # mm, the longest that the page has room for
CLEAR = 8.0  # mm from the page's edge that its ruler takes
TICKS = {10: 3.6, 5: 2.4, 1: 1.4}  # mm, by what the millimetre is divided by
HAIR, EDGE, BOLD_LINE = 0.08, 0.12, 0.4  # mm
GREY, BLUE = "0.55 G", "0.1 0.35 0.75 RG"
WORDS, SMALL, TITLE = 6.5, 4.5, 8.0  # points
PAD = 1.5  # mm around the words


def ruler(stock: Stock, *, title: str = "") -> bytes:
    """Return the PDF of one page of the stock's size: its labels' outlines and numbers, rulers, a line to measure.

    `title` stands over it; the stock's own name if it is empty.
    """
    with LOCK:
        faces = kept()
        sheet = _Sheet(stock, faces)
        name = tidy(title or stock.name)[:80]
        operators = "\n".join(sheet.drawn(name))

        def finish(document: Document, pdf: Any) -> None:
            pdf.info["Title"] = pydyf.String(f"Trang thước {name}")
            _fill(pdf, stock, operators)

        return write(faces.document, finish)


def _fill(pdf: Any, stock: Stock, operators: str) -> None:
    page = pdf.objects[pdf.pages["Kids"][0]]
    content = pydyf.Stream(
        [zlib.compress(operators.encode(), ZLIB_LEVEL)], pydyf.Dictionary({"Filter": "/FlateDecode"})
    )
    pdf.add_object(content)
    page["Contents"] = content.reference
    size = pydyf.Array([0, 0, round(stock.page_width * POINT, 4), round(stock.page_height * POINT, 4)])
    page["MediaBox"] = page["TrimBox"] = page["BleedBox"] = size


@dataclass(frozen=True)
class _Block:
    """The words and the control line: a place on the page, from its top left corner."""

    left: float
    top: float
    width: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height


class _Sheet:
    """Writes the page as operators. Takes millimetres from the top left, gives points from the bottom left."""

    def __init__(self, stock: Stock, faces: Kept) -> None:
        self._stock, self._faces = stock, faces
        self._width, self._height = stock.page_width, stock.page_height
        room = min(self._width, 150) - 2 * min(CLEAR, self._width / 8)
        self._control = next(length for length in CONTROLS if length <= room or length == CONTROLS[-1])
        self._wide = min(room, max(self._control + 2 * PAD, 60.0))

    def drawn(self, name: str) -> Iterator[str]:
        words = self._words(name)
        tall = sum(LINE * size / POINT for _text, size, _face in words) + 5 + 2 * PAD
        block = self._block(tall)
        yield "1 g 1 j"
        yield self._rectangle(block.left, block.top, block.width, block.height, "f")
        yield "0 g"
        yield from self._edge_rulers()
        yield from self._axes(block)
        yield from self._labels(block)
        yield from self._legend(words, block)

    def _block(self, tall: float) -> _Block:
        """Return where the words stand: under the last label or over the first if there is room, else in the middle."""
        stock, left = self._stock, (self._width - self._wide) / 2
        bottom = stock.top + (stock.rows - 1) * stock.pitch_y + stock.label_height
        if self._height - bottom >= tall + 1:
            return _Block(left, bottom + 0.5, self._wide, tall)
        if stock.top - CLEAR >= tall + 0.5:
            return _Block(left, stock.top - tall - 0.5, self._wide, tall)
        middle = stock.top + (stock.rows // 2) * stock.pitch_y + (stock.label_height - tall) / 2
        return _Block(left, max(0.5, min(middle, self._height - tall - 0.5)), self._wide, tall)

    def _words(self, name: str) -> list[tuple[str, float, Face]]:
        regular, bold = self._faces.regular, self._faces.bold
        small = self._wide < 45
        found = [(name, TITLE if not small else WORDS, bold)]
        size = SMALL if small else WORDS
        said = [(HOLD, size, regular), (CONTROL.format(length=self._control), size, regular)]
        rows = []
        for text, points, face in found + said:
            plain = "".join(char if face.has(char) else "?" for char in text)
            across, most = (self._wide - 2 * PAD) * POINT / points, 3 if face is regular else 1
            rows += [(row, points, face) for row in face.rows(plain, across, most)]
        return rows

    def _legend(self, words: list[tuple[str, float, Face]], block: _Block) -> Iterator[str]:
        down = block.top + PAD
        for row, size, face in words:
            down += LINE * size / POINT
            across = block.left + (block.width - face.width(row) * size / POINT) / 2
            yield self._text(row, across, down - 0.2 * size / POINT, size, face)
        start, y = block.left + (block.width - self._control) / 2, block.top + block.height - PAD - 1.5
        yield f"0 G {BOLD_LINE * POINT:.4f} w"
        yield self._line(start, y, start + self._control, y)
        for x in (start, start + self._control):
            yield self._line(x, y - 1.5, x, y + 1.5)

    def _edge_rulers(self) -> Iterator[str]:
        yield f"0 G {HAIR * POINT:.4f} w"
        for at in range(1, int(self._width) + 1):
            yield self._line(at, 0, at, _tick(at))
            if at % 10 == 0 and at < self._width - 2:
                yield self._text(str(at), at + 0.3, TICKS[10] + 0.6, SMALL, self._faces.regular)
        for at in range(1, int(self._height) + 1):
            yield self._line(0, at, _tick(at), at)
            if at % 10 == 0 and at < self._height - 2:
                yield self._text(str(at), TICKS[10] + 0.3, at + 0.5, SMALL, self._faces.regular)

    def _axes(self, block: _Block) -> Iterator[str]:
        """Draw both axes through the corner of the first label, with millimetres from there."""
        left, top = self._stock.left, self._stock.top
        yield f"{BLUE} {HAIR * POINT:.4f} w"
        yield self._line(0, top, self._width, top)
        yield self._line(left, 0, left, self._height)
        for at in range(1, int(self._width - left) + 1):
            if not block.holds(left + at, top):
                yield self._line(left + at, top - _tick(at) / 2, left + at, top + _tick(at) / 2)
        for at in range(1, int(self._height - top) + 1):
            if not block.holds(left, top + at):
                yield self._line(left - _tick(at) / 2, top + at, left + _tick(at) / 2, top + at)

    def _labels(self, block: _Block) -> Iterator[str]:
        stock, face = self._stock, self._faces.bold
        size = min(14.0, max(SMALL, stock.label_height * 0.9))
        yield f"{GREY} {EDGE * POINT:.4f} w"
        for slot in range(stock.count):
            left, top = stock.corner(slot)
            yield self._rectangle(left, top, stock.label_width, stock.label_height, "S")
            x = left + (stock.label_width - face.width(str(slot + 1)) * size / POINT) / 2
            y = top + (stock.label_height + 0.7 * size / POINT) / 2
            if block.holds(x, y):  # moved beside the words, to the label's own corner where no ruler is
                wide = face.width(str(slot + 1)) * size / POINT
                x, y = left + stock.label_width - wide - 0.8, top + stock.label_height - 0.8
            yield f"0.45 g {self._text(str(slot + 1), x, y, size, face)} 0 g"

    def _text(self, text: str, x: float, y: float, size: float, face: Face) -> str:
        at = f"1 0 0 1 {x * POINT:.4f} {(self._height - y) * POINT:.4f} Tm"
        return f"BT /{face.name} {size:.2f} Tf {at} {face.shown(text)} Tj ET"

    def _line(self, x1: float, y1: float, x2: float, y2: float) -> str:
        one, other = (f"{x * POINT:.4f} {(self._height - y) * POINT:.4f}" for x, y in ((x1, y1), (x2, y2)))
        return f"{one} m {other} l S"

    def _rectangle(self, left: float, top: float, width: float, height: float, how: str) -> str:
        bottom = self._height - top - height
        return " ".join(f"{length * POINT:.4f}" for length in (left, bottom, width, height)) + f" re {how}"


def _tick(at: int) -> float:
    return next(length for every, length in TICKS.items() if at % every == 0)
