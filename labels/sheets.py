"""Sheets and rolls of device labels as PDF.

WeasyPrint spends some 3 ms on a label, nearly all of it on its few words of text. Labels are all alike, so it
lays out one document a process, with nothing on it but the alphabet (`labels.faces`), and each job writes that
document again with its codes and texts stamped in as PDF operators (`labels.stamp`).

Stamped text has no shaping: a job with a character outside the alphabet (emoji, Chinese, loose combining marks)
goes through WeasyPrint as HTML instead (`labels.flow`), slower, to the same places.
"""

from collections.abc import Sequence

from labels.flow import flowed
from labels.job import DeviceLabel, ready
from labels.plan import DPIS
from labels.refusals import N_, PaperRefused, TooMany
from labels.stamp import can_stamp, stamped
from labels.stock import Stock, find

PROGRAMME = "Sóng và máy tính cho em"
MOST_LABELS = 2_400  # about 115 sheets of L7160; more is another job
FURTHEST_SHIFT = 10.0  # mm; beyond it the stock is the wrong one


def sheet(
    labels: Sequence[DeviceLabel],
    *,
    stock: str | Stock,
    skip: int = 0,
    dpi: int = 203,
    shift: tuple[float, float] = (0.0, 0.0),
    heading: str = PROGRAMME,
) -> bytes:
    """Return a PDF of labels on `stock`, the first `skip` places of the first sheet left empty.

    Modules and bars are whole dots of a printer of `dpi` (203, 300 or 600). `shift` moves everything right and
    down by millimetres, to correct a printer. `heading` stands over each code where it fits.

    Raises:
        UnknownStock, UnreadableStock: see `labels.stock` and `labels.plan`.
        UnreadableCode: a code or an address cannot be drawn.
        TooMany: more than 2,400 labels.
        PaperRefused: no labels, or a `skip`, `dpi` or `shift` that no sheet or printer has.
    """
    stock = find(stock) if isinstance(stock, str) else stock
    _check(len(labels), stock, skip, dpi, shift)
    job = ready(labels, stock=stock, dpi=dpi, skip=skip, shift=shift, heading=heading)
    return stamped(job) if can_stamp(job) else flowed(job)


def _check(count: int, stock: Stock, skip: int, dpi: int, shift: tuple[float, float]) -> None:
    if not count:
        raise PaperRefused(N_("There are no labels to print."))
    if count > MOST_LABELS:
        raise TooMany(
            N_("%(count)s labels are too many at once: at most %(most)s."), count=count, most=MOST_LABELS
        )
    if not 0 <= skip < stock.count:
        raise PaperRefused(
            N_("A sheet of %(stock)s has %(count)s labels: from 0 to %(most)s can be skipped, not %(skip)s."),
            stock=stock.name,
            count=stock.count,
            most=stock.count - 1,
            skip=skip,
        )
    if dpi not in DPIS:
        raise PaperRefused(
            N_("Printers have %(dpis)s dpi, not %(dpi)s."), dpis=", ".join(map(str, DPIS)), dpi=dpi
        )
    if not all(abs(way) <= FURTHEST_SHIFT for way in shift):
        raise PaperRefused(N_("Labels can be shifted by %(most)s mm at most."), most=f"{FURTHEST_SHIFT:g}")
