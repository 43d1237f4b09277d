"""Sheets of typed cells: what a list is once it has been read, whatever file it came in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.lists.fold import tidy

Cell = str | int | float | bool | date | datetime | time | timedelta

LONGEST = 1000  # characters: what is longer is no name, number or address

_TICKS = frozenset({"x", "có", "co", "c", "1", "v", "✓", "✔", "☑", "true", "yes", "y"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet, or one record of a CSV; `number` counts from 1. An empty cell is ""."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with its merged cells filled. A CSV is one sheet without a name."""

    file: str
    name: str
    lines: Sequence[Line]


def text_of(cell: Cell) -> str:
    """Return what a person reads in the cell, tidied and cut at `LONGEST`; whole numbers without “.0”."""
    if isinstance(cell, str):
        return tidy(cell[:LONGEST]) if cell else ""
    if isinstance(cell, bool):
        return "x" if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return f"{cell:%d/%m/%Y}"
    return str(cell)


def ticked(cell: Cell) -> bool:
    """Say whether the cell is marked: x, X, có, 1, a tick, or any number but 0."""
    if isinstance(cell, str):
        return cell == "x" or (0 < len(cell) < 10 and tidy(cell).lower().strip(".") in _TICKS)
    if isinstance(cell, bool | int | float):
        return cell != 0
    return False


_LOST = re.compile(r"\d([.,]\d+)?\s?[eE]\s?\+\s?\d{1,2}")


def digits_lost(text: str) -> bool:
    """Say whether the text is what Excel shows of a long number, such as 2,62064E+10."""
    return _LOST.fullmatch(text) is not None
