"""The test page of a printer: crosses with scales, to be held against the light over a sheet of labels.

On sheets the crosses stand on the corner where the first label begins and on the one where the last label ends. Their
scales say how far the print is off at the place where the label's edge cuts them: on the left of a cross the numbers
are positive, as print that is too far right leaves the edge on its left. On rolls, and on sheets whose labels begin at
the paper's edge, a printer cannot print on that corner: the cross stands inside, and is measured with a ruler.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pydyf
from weasyprint.document import Document

from labels.designs import POINT
from labels.faces import Kept, kept
from labels.job import Placing
from labels.press import LOCK, write
from labels.stock import Stock

REACH = 5  # mm of a scale on each side of its cross
ROOM = (
    REACH + 1.0
)  # mm from the paper's edge that a printer prints on, for sure, and what stands beyond the scale
INSIDE = 8.0  # mm from the paper's edges to a cross that is measured with a ruler
FAR = 60.0  # mm between two crosses, or what is measured says little about the scale
_HAIR, _LINE = 0.1, 0.2  # mm
_TICKS = {0: 2.5, 5: 2.0}  # mm of half a tick, every so many


@dataclass(frozen=True)
class Mark:
    """A cross: its place on the paper, and whether it is measured from the paper's `edges` with a ruler."""

    x: float
    y: float
    edges: bool = False


def marks(stock: Stock) -> tuple[Mark, ...]:
    """Return the crosses of a paper: two, or one where two would stand too near to each other."""
    left, top = stock.corner(0)
    right, bottom = stock.corner(stock.count - 1)
    right, bottom = right + stock.label_width, bottom + stock.label_height
    wide, tall = stock.page_width, stock.page_height
    if min(left, top, wide - right, tall - bottom) >= ROOM - REACH + 2:
        return Mark(left, top), Mark(right, bottom)
    inside = min(INSIDE, wide / 3, tall / 3)
    first, last = Mark(inside, inside, True), Mark(wide - inside, tall - inside, True)
    return (first, last) if min(last.x - first.x, last.y - first.y) >= FAR else (first,)


def crosses(stock: Stock, *, title: str, placing: Placing | None = None, corrected: bool = False) -> bytes:
    """Return the test page of a paper as PDF, as a job with this `placing` would print it.

    `title` says which printer it is of; it is cut to its line.
    """
    drawn = _Page(stock, placing or Placing(), kept(), title, corrected)
    with LOCK:

        def finish(_document: Document, pdf: Any) -> None:
            pdf.info["Title"] = pydyf.String(f"Trang thử căn chỉnh {stock.name}")
            page = pdf.objects[pdf.pages["Kids"][0]]
            content = pydyf.Stream(["\n".join(drawn.operators())])
            pdf.add_object(content)
            page["Contents"] = content.reference
            size = pydyf.Array(
                [0, 0, round(stock.page_width * POINT, 4), round(stock.page_height * POINT, 4)]
            )
            page["MediaBox"] = page["TrimBox"] = page["BleedBox"] = size

        return write(drawn.kept.document, finish)


class _Page:
    """Writes the page as operators; what belongs to a label is moved as a label would be, the words are not."""

    def __init__(self, stock: Stock, placing: Placing, known: Kept, title: str, corrected: bool) -> None:
        self.kept, self._stock, self._placing = known, stock, placing
        self._title = "".join(char for char in title if char == " " or known.bold.has(char))
        self._corrected = corrected

    def operators(self) -> Iterator[str]:
        marks_here = marks(self._stock)
        yield "0 G 0 g"
        if not self._stock.roll:
            yield from self._outlines()
        for number, mark in enumerate(marks_here, 1):
            yield from self._cross(mark, number if len(marks_here) > 1 else 0)
        yield from self._words(marks_here)

    def _outlines(self) -> Iterator[str]:
        """The corners of every label, so that a look shows whether the paper is the right one."""
        yield "0.6 G"
        for slot in range(self._stock.count):
            left, top = self._stock.corner(slot)
            right, bottom = left + self._stock.label_width, top + self._stock.label_height
            for x, inwards in ((left, 2), (right, -2)):
                for y, down in ((top, 2), (bottom, -2)):
                    yield self._line((x, y), (x + inwards, y), _HAIR)
                    yield self._line((x, y), (x, y + down), _HAIR)
        yield "0 G"

    def _cross(self, mark: Mark, number: int) -> Iterator[str]:
        reach = REACH if not mark.edges else min(REACH, mark.x - 1, mark.y - 1)
        yield self._line((mark.x - reach, mark.y), (mark.x + reach, mark.y), _LINE)
        yield self._line((mark.x, mark.y - reach), (mark.x, mark.y + reach), _LINE)
        if not mark.edges:
            yield from self._scales(mark)
        if number:
            away = 1 if number == 1 else -1
            x, y = mark.x + away * (REACH + 3), mark.y + away * (REACH + 3)
            yield self._text(str(number), x, y + 1.5, 12, True)

    def _scales(self, mark: Mark) -> Iterator[str]:
        for at in range(-REACH, REACH + 1):
            if at:
                half = _TICKS.get(abs(at), 1.2)
                yield self._line((mark.x + at, mark.y - half), (mark.x + at, mark.y + half), _HAIR)
                yield self._line((mark.x - half, mark.y + at), (mark.x + half, mark.y + at), _HAIR)
        for at, says, x, y in ((-REACH, f"+{REACH}", -4.6, -2.4), (REACH, f"–{REACH}", 2.4, 3.8)):
            yield self._text(says, mark.x + at - 1.2, mark.y + y, 5.5, False)
            yield self._text(says, mark.x + x, mark.y + at + 0.7, 5.5, False)

    def _words(self, all_marks: Sequence[Mark]) -> Iterator[str]:
        stock = self._stock
        if stock.roll:
            size = 5.5
            x, y = all_marks[0].x + 2, all_marks[0].y + 4
            lines = [(self._title, True), (stock.name, False), *((line, False) for line in ROLL)]
            if self._corrected:
                lines.insert(2, (CORRECTED, False))
        else:
            size, x, y = 10.0, stock.page_width / 5, stock.page_height / 3
            lines = [(f"Trang thử căn chỉnh · {stock.name}", True), (self._title, False)]
            lines += [(CORRECTED if self._corrected else PLAIN, False), ("", False)]
            inside = f"{all_marks[0].x:.1f}".removesuffix(".0").replace(".", ",")
            lines += [
                (line.format(inside=inside), False) for line in (EDGES if all_marks[0].edges else LIGHT)
            ]
        room = (stock.page_width - x - (1 if stock.roll else x)) * POINT / size
        rows = [
            (row, bold)
            for text, bold in lines
            for row in self.kept.face(bold).rows(text, room, 3 if stock.roll or text == self._title else 12)
            or [""]
        ]
        step = 1.45 * size / POINT
        if not stock.roll:  # no corner of a label shines through the words
            box = x - 2, stock.page_height - y - step * (len(rows) + 1), stock.page_width - 2 * x + 4
            yield "1 g {:.2f} {:.2f} {:.2f} {:.2f} re f 0 g".format(
                *(length * POINT for length in (*box, step * (len(rows) + 1)))
            )
        for number, (row, bold) in enumerate(rows, 1):
            if row and y + number * step < stock.page_height - 1:
                yield self._text(row, x, y + number * step, size, bold)

    def _text(self, text: str, x: float, y: float, size: float, bold: bool) -> str:
        face, up = self.kept.face(bold), self._stock.page_height - y
        return f"BT /{face.name} {size} Tf {x * POINT:.3f} {up * POINT:.3f} Td {face.shown(text)} Tj ET"

    def _line(self, start: tuple[float, float], end: tuple[float, float], width: float) -> str:
        (x, y), (to_x, to_y) = self._moved(*start), self._moved(*end)
        return f"{width * POINT:.3f} w {x:.4f} {y:.4f} m {to_x:.4f} {to_y:.4f} l S"

    def _moved(self, x: float, y: float) -> tuple[float, float]:
        (right, down), (wider, taller) = self._placing.shift, self._placing.stretch
        return (x * wider + right) * POINT, (self._stock.page_height - y * taller - down) * POINT


PLAIN = "In không hiệu chỉnh."
CORRECTED = "In theo hiệu chỉnh đang dùng."
LIGHT = (
    "1. In trang này ở tỷ lệ 100 %, không “vừa trang giấy”.",
    (
        "2. Đặt lên một tờ tem rồi soi lên nguồn sáng. Góc trên bên trái của tem đầu phải trùng dấu 1, "
        "góc dưới bên phải của tem cuối phải trùng dấu 2."
    ),
    (
        "3. Ở mỗi dấu, đọc số trên thước tại chỗ mép tem cắt qua: thước ngang cho số lệch sang phải, "
        "thước dọc cho số lệch xuống dưới. Mỗi vạch là 1 mm; ước lượng đến 0,1 mm."
    ),
    "4. Nhập bốn số đó vào trang của máy in.",
)
EDGES = (
    "1. In trang này ở tỷ lệ 100 %, không “vừa trang giấy”.",
    "2. Dùng thước đo khoảng cách từ hai mép giấy gần nhất đến mỗi dấu: đúng phải là 8 mm.",
    "3. Ghi phần chênh lệch sang phải và xuống dưới (sang trái, lên trên là số âm).",
    "4. Nhập bốn số đó vào trang của máy in.",
)
ROLL = ("Đo từ mép trái và mép trên", "của tem đến dấu +.")
