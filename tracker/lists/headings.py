"""Find where the table begins in a sheet, and which column is what.

Headings are known by what they say, without marks, capitals or punctuation, so that the order of
columns does not matter. Under a heading such as “Giới tính” a second line may stand: “Nam”, “Nữ”.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tracker.lists.fold import fold
from tracker.lists.sheets import Cell, Line, Sheet, text_of
from tracker.refused import Refused
from tracker.words import _

#: From what a heading says, folded (two levels joined by a space), to the field it names.
Headings = Mapping[str, str]

_NOT_A_WORD = re.compile(r"[\W_]+")
_SEARCHED = 40  # lines of a sheet: no letter-head is longer
_LONGEST = 200  # of what is looked at to tell a total, a date or a signature
_ENOUGH = 3  # known headings: prose above a table has one at most
_TOTAL = re.compile(
    r"(?:tong|cong|tong so|tong cong|cong lai|(?:tong|cong)[\w ]* (?=[:=]))(?: ?[:=.].*| +\d.*)?"
    r"|(?:tong|cong) [\w ]+:.*|\(?(?:an dinh )?danh sach (?:nay )?(?:gom|co) .*\d.*"
)
_PLACE_AND_DATE = re.compile(r"(?:.*, ?)?ngay [\d. …]* ?thang [\d. …]* ?nam [\d. …]*")
_SIGNATURES = re.compile(
    r"nguoi lap(?: bieu| danh sach| bang)?|thu truong(?: don vi)?|hieu truong|ke toan.*|thu kho"
    r"|\(?ky,? .*|.*ghi ro ho ten.*|.*dong dau.*|xac nhan cua .*"
)


class NoTable(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("No line of headings was found that fits this kind of list."),
            out=_("Name the columns in one line above the rows, as in the example list, and send it again."),
        )


@dataclass(frozen=True)
class Table:
    """The rows of one sheet under known headings.

    `columns` holds the index of each field's column; `head` the texts above the headings.
    """

    sheet: Sheet
    columns: Mapping[str, int]
    head: tuple[str, ...]
    body: Sequence[Line]
    heading_lines: Sequence[Line]

    def rows(self) -> Iterator["Row"]:
        """Yield the rows of the list: no blank lines, totals, dates, signatures or repeated headings."""
        after = False
        repeated = {tuple(line.cells) for line in self.heading_lines}
        ordinal = self.columns.get("ordinal")
        for line in self.body:
            texts = {
                text for cell in line.cells if isinstance(cell, str) and (text := cell[:_LONGEST].strip())
            }
            if (len(texts) <= 3 and _closes(texts)) or tuple(line.cells) in repeated:
                after = after or tuple(line.cells) not in repeated
                continue
            row = Row(self, line)
            least = 1 if not after else 2 if _counted(line.cells, ordinal) else 5
            if row.filled >= least:
                yield row

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(self.columns)


class Row:
    """One row, asked by field: `row.text("name")`. A field without a column is empty."""

    __slots__ = ("_cells", "_columns", "number", "sheet")

    def __init__(self, table: Table, line: Line) -> None:
        self.sheet = table.sheet
        self.number = line.number
        self._cells = line.cells
        self._columns = table.columns

    def cell(self, field: str) -> Cell:
        """Return the cell as it was read; "" if there is none."""
        index = self._columns.get(field)
        return self._cells[index] if index is not None and index < len(self._cells) else ""

    def text(self, field: str, *, most: int | None = None) -> str:
        """Return what a person reads in the cell, cut at `most` characters."""
        return text_of(self.cell(field))[:most]

    @property
    def filled(self) -> int:
        """How many different values stand in known columns, the ordinal number apart."""
        cells = self._cells
        width = len(cells)
        return len({cells[i] for one, i in self._columns.items() if i < width and one != "ordinal"} - {""})


def tables(sheets: Sequence[Sheet], headings: Headings, *, needs: Sequence[str]) -> list[Table]:
    """Find the table of each sheet that has one with at least the columns in `needs`.

    Raises: NoTable if no sheet has.
    """
    found = [table for sheet in sheets if (table := _table(sheet, headings))]
    fitting = [table for table in found if all(field in table.columns for field in needs)]
    if not fitting:
        raise NoTable
    return fitting


def unread(sheets: Sequence[Sheet], headings: Headings, *, needs: Sequence[str]) -> list[str]:
    """Name the filled sheets that hold no such table, so that nobody thinks they were read."""
    return [
        sheet.name
        for sheet in sheets
        if sheet.lines
        and not ((table := _table(sheet, headings)) and all(field in table.columns for field in needs))
    ]


def _table(sheet: Sheet, headings: Headings) -> Table | None:
    for place, line in enumerate(sheet.lines[:_SEARCHED]):
        upper = [_said(cell) for cell in line.cells]
        columns = _columns(upper, [], headings)
        if len(columns) < _ENOUGH:
            continue
        first = place + 1
        lower = [_said(cell) for cell in sheet.lines[first].cells] if first < len(sheet.lines) else []
        if _is_second_level(upper, lower, headings):
            columns = _columns(upper, lower, headings)
            first += 1
        head = tuple(text for one in sheet.lines[:place] for cell in one.cells if (text := text_of(cell)))
        return Table(sheet, columns, head, sheet.lines[first:], sheet.lines[place:first])
    return None


def _said(cell: Cell) -> str:
    return _NOT_A_WORD.sub(" ", fold(cell[:_LONGEST])).strip() if isinstance(cell, str) else ""


def _is_second_level(upper: list[str], lower: list[str], headings: Headings) -> bool:
    """Say whether `lower` only repeats the headings above (merged) or divides them."""
    divides = 0
    parent = ""
    for index, child in enumerate(lower):
        above = upper[index] if index < len(upper) else ""
        parent = above or parent
        if not child or child == above:
            continue
        if f"{parent} {child}" not in headings and child not in headings:
            return False
        divides += 1
    return divides > 0


def _columns(upper: list[str], lower: list[str], headings: Headings) -> dict[str, int]:
    columns: dict[str, int] = {}
    parent = ""
    for index, above in enumerate(upper):
        child = lower[index] if index < len(lower) else ""
        parent = above or (parent if child else "")
        spellings = [f"{parent} {child}", child, parent] if child and child != parent else [above]
        field = next((headings[said] for said in spellings if said in headings), None)
        if field is not None:
            columns.setdefault(field, index)
    return columns


def _closes(texts: set[str]) -> bool:
    """Say whether the line is a total, a place and date, or a signature: the list ends here."""
    said = [fold(text) for text in texts]
    return any(
        _TOTAL.fullmatch(one) or _PLACE_AND_DATE.fullmatch(one) or _SIGNATURES.fullmatch(one) for one in said
    )


def _counted(cells: Sequence[Cell], ordinal: int | None) -> bool:
    if ordinal is None or ordinal >= len(cells):
        return False
    return text_of(cells[ordinal]).strip(".").isdigit()
