"""Label stock: where the labels of a sheet or a roll are, in millimetres from its top left corner.

`stock.csv` holds the published dimensions of A4 sheets (Avery's numbers; other makers' sheets
repeat them) and the common label rolls, whose page is one label.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from labels.refusals import N_, PaperRefused, UnknownStock

#: Makers round: neighbours on two published sheets overlap by 0.14 mm on paper only.
ROUNDING = 0.2


@dataclass(frozen=True, kw_only=True)
class Stock:
    """One kind of label paper, row by row from the top left.

    A stock of one's own is made by calling this class.

    Raises:
        PaperRefused: the labels overlap or do not fit on the page.
    """

    name: str
    page_width: float
    page_height: float
    columns: int
    rows: int
    label_width: float
    label_height: float
    left: float = 0.0
    top: float = 0.0
    pitch_x: float = 0.0
    pitch_y: float = 0.0
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a geometry that no paper has."""
        sizes = (self.page_width, self.page_height, self.label_width, self.label_height)
        sane = all(1 <= size <= 2000 for size in sizes) and min(self.columns, self.rows) >= 1
        if not (sane and min(self.left, self.top) >= 0 and self._apart() and self._inside()):
            raise PaperRefused(N_("The labels of “%(stock)s” do not fit on its page."), stock=self.name)

    def _apart(self) -> bool:
        across = self.columns == 1 or self.pitch_x >= self.label_width - ROUNDING
        down = self.rows == 1 or self.pitch_y >= self.label_height - ROUNDING
        return across and down

    def _inside(self) -> bool:
        right = self.left + (self.columns - 1) * self.pitch_x + self.label_width
        bottom = self.top + (self.rows - 1) * self.pitch_y + self.label_height
        return right <= self.page_width + ROUNDING and bottom <= self.page_height + ROUNDING

    @property
    def count(self) -> int:
        """How many labels a page carries."""
        return self.columns * self.rows

    @property
    def roll(self) -> bool:
        """Whether a page is one label, as on a roll."""
        return (self.page_width, self.page_height) == (self.label_width, self.label_height)

    def place(self, slot: int, by_column: bool = False) -> tuple[int, int]:
        """Return the row and the column of label number `slot`, all counted from 0."""
        column, row = divmod(slot, self.rows) if by_column else reversed(divmod(slot, self.columns))
        return row, column

    def corner(self, slot: int, *, by_column: bool = False) -> tuple[float, float]:
        """Return the left and the top of label number `slot`, counted from 0 along rows or down columns."""
        row, column = self.place(slot, by_column)
        return self.left + column * self.pitch_x, self.top + row * self.pitch_y


def find(name: str) -> Stock:
    """Return the stock of that name, in either case and under any maker's name for it.

    Raises:
        UnknownStock: there is none; the sentence lists those there are.
    """
    found = _by_name().get(name.strip().upper())
    if found is None:
        names = ", ".join(stock.name for stock in known())
        raise UnknownStock(
            N_("“%(stock)s” is not a label stock known here. Known are: %(names)s."),
            stock=name[:40],
            names=names,
        )
    return found


@cache
def known() -> tuple[Stock, ...]:
    """Return every stock of the table, sheets first, from the largest label to the smallest."""
    with Path(__file__).with_name("stock.csv").open(encoding="utf-8", newline="") as table:
        return tuple(_row(row) for row in csv.DictReader(table))


@cache
def _by_name() -> dict[str, Stock]:
    return {name.upper(): stock for stock in known() for name in (stock.name, *stock.also)}


def _row(row: dict[str, str]) -> Stock:
    return Stock(
        name=row["name"],
        also=tuple(row["also"].split()),
        page_width=float(row["page_width"]),
        page_height=float(row["page_height"]),
        columns=int(row["columns"]),
        rows=int(row["rows"]),
        label_width=float(row["label_width"]),
        label_height=float(row["label_height"]),
        left=float(row["left"]),
        top=float(row["top"]),
        pitch_x=float(row["pitch_x"]),
        pitch_y=float(row["pitch_y"]),
    )
