"""The list in the middle of a record: columns in millimetres, and rows of plain text.

The rows of a long list are what a record costs, so how they are broken into lines and how tall they are is
said here, for whoever draws them: `labels.records.rows`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from labels.records.parts import Device, Thing
from labels.text import grouped

WIDTH = 165.0  # mm between the margins of the decree
SIZE = 11.0  # points
LINE = 1.2  # of the size
PADDING = 1.2  # mm left and right of a cell's text
PADDING_ABOVE = 1.0  # mm, and below
DOT = 25.4 / 203  # mm: a row's code is drawn in whole dots of the coarsest printer
ROW_VERSION = 2  # of a row's code: at version 1, level H, a spot of 10 % is too much for every third
CODE = (4 * ROW_VERSION + 17 + 8) * 3 * DOT  # mm: 33 modules of 0.375 mm
CODE_ROOM = 13.2  # mm from a cell's edge to the text beside its code
RULES = 0.2  # mm that the rules of the table take
POINT = 72 / 25.4  # points a millimetre
MOST_IN_TEXT = 20  # rows: a longer list is an appendix, so that what is signed stands together


@dataclass(frozen=True)
class Column:
    """One column: its title, its width in mm, and how its text stands. `code` puts the row's code before the text."""

    title: str
    width: float
    centred: bool = False
    bold: bool = False
    code: bool = False

    @property
    def room(self) -> float:
        """The width for text, in points."""
        left = CODE_ROOM if self.code else PADDING
        return (self.width - left - (0.5 if self.code else PADDING) - RULES) * POINT


class Row(NamedTuple):
    """One row: a text for each column, with line breaks, and the device whose code stands in it."""

    cells: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class Table:
    """A list. The widths of its columns add up to `WIDTH`."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def widest(self) -> Column:
        """The column that takes what the rules leave."""
        return max(self.columns, key=lambda column: column.width)

    @property
    def appended(self) -> bool:
        """Whether it is an appendix, after the signatures and with its own page numbers."""
        return len(self.rows) > MOST_IN_TEXT

    @property
    def codes(self) -> set[str]:
        """The device codes drawn in it."""
        return {row.code for row in self.rows if row.code}


NUMBER = Column("STT", 10, centred=True)
DEVICE = Column("Mã thiết bị", 27, bold=True, code=True)


def device_cells(code: str) -> str:
    """Return a device's code as it stands beside its picture, in two lines."""
    return grouped(code).replace(" ", "\n")


def numbered(columns: Sequence[Column], rows: Iterable[tuple[str, Sequence[str]]]) -> Table:
    """Return a table whose rows start with their number and a device's code; `rows` are codes and further cells."""
    widths = NUMBER.width + DEVICE.width + sum(column.width for column in columns)
    assert abs(widths - WIDTH) < 0.01, widths
    return Table(
        (NUMBER, DEVICE, *columns),
        tuple(
            Row((str(at), device_cells(code), *cells), code) for at, (code, cells) in enumerate(rows, start=1)
        ),
    )


def lines(*texts: str) -> str:
    """Return texts below one another, without the empty ones."""
    return "\n".join(text for text in texts if text)


def described(item: Thing) -> str:
    """Return what a device is: its model, and below its category and serial number."""
    return f"{item.model}\n{item.category}{', ' + item.serial if item.serial else ''}"


def devices(items: Sequence[Device], *, pupils: Sequence[tuple[str, str]] | None = None) -> Table:
    """Return the list of devices that go from hand to hand; `pupils` are name and class of whom each is for."""
    graded = any(item.grade for item in items)
    named = Column("Học sinh, lớp", 36)
    grade, with_it = Column("Xếp loại", 12, centred=True), Column("Phụ kiện", 24)
    taken = NUMBER.width + DEVICE.width + with_it.width
    taken += (grade.width if graded else 0) + (named.width if pupils else 0)
    columns = [Column("Thiết bị, số máy", WIDTH - taken)]
    columns += [grade] * graded + [with_it] + [named] * bool(pupils)
    cells = [
        [described(item)] + [item.grade or "–"] * graded + [item.accessories or "không"] for item in items
    ]
    for row, (name, cls) in zip(cells, pupils or (), strict=False):
        row.append(lines(name or "–", f"lớp {cls}" if cls else ""))
    return numbered(columns, zip((item.code for item in items), cells, strict=True))
