"""The test page of a printer: as PDF, and as a program for one on the network."""

from typing import Any

from sqlalchemy import Row

from labels import tspl, zpl
from labels.crosses import crosses
from labels.job import Placing
from labels.stock import Stock
from labels.thermal import Bitmap, bitmaps
from tracker.printers.rules import NONE, Correction, Kind

#: What makes a program of bitmaps, by the language a printer speaks.
PROGRAMS = {Kind.TSPL: tspl.program, Kind.ZPL: zpl.program}


def placing(correction: Correction, *, skip: int = 0, by_column: bool = False) -> Placing:
    """Return how labels go onto their paper with this correction."""
    return Placing(skip=skip, by_column=by_column, shift=correction.shift, stretch=correction.stretch)


def test_page(printer: Row[Any], stock: Stock, correction: Correction) -> bytes:
    """Return the crosses of a paper as PDF, corrected as said."""
    title = f"{printer.name} · {printer.org}"
    return crosses(stock, title=title, placing=placing(correction), corrected=correction != NONE)


def test_program(printer: Row[Any], stock: Stock, correction: Correction) -> bytes:
    """Return what a label printer is sent to print the crosses on one label of a roll.

    Raises:
        PaperRefused: the roll is wider than its head.
    """
    pdf = test_page(printer, stock, correction)
    painted = bitmaps(pdf, dpi=printer.dpi)
    return PROGRAMS[Kind(printer.kind)](painted, stock=stock, dpi=printer.dpi)


def lengths(painted: list[Bitmap], stock: Stock, *, kind: Kind, dpi: int) -> tuple[bytes, list[int]]:
    """Return the program of a job, and after how many bytes of it each label is whole.

    Every label is its own part of a program, after what is said once at the beginning.
    """
    program = PROGRAMS[kind]
    alone = [len(program([one], stock=stock, dpi=dpi)) for one in painted]
    once = 2 * alone[0] - len(program([painted[0]] * 2, stock=stock, dpi=dpi))
    ends, end = [], once
    for size in alone:
        end += size - once
        ends.append(end)
    return program(painted, stock=stock, dpi=dpi), ends
