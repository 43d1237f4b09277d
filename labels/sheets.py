"""Sheets and rolls of device labels as PDF.

WeasyPrint spends some 3 ms on a label, nearly all of it on its few words of text. Labels are all alike, so it
lays out one document a process, with nothing on it but the alphabet (`labels.faces`), and each job writes that
document again with its codes and texts stamped in as PDF operators (`labels.stamp`).

Stamped text has no shaping: a job with a character outside the alphabet (emoji, Chinese, loose combining marks)
goes through WeasyPrint as HTML instead (`labels.flow`), slower, to the same places.
"""

from collections.abc import Iterator, Sequence

from labels.designs import DEVICE, Design
from labels.flow import flowed
from labels.job import Job, Label, Placing, ready
from labels.plan import DPIS
from labels.refusals import N_, PaperRefused, TooMany
from labels.stamp import can_stamp, stamped
from labels.stock import Stock, find

MOST_LABELS = 10_000  # about 480 sheets of L7160; more is another job
FURTHEST_SHIFT = 10.0  # mm; beyond it the stock is the wrong one
FURTHEST_STRETCH = 0.03  # of the paper; beyond it the printer scales, which it must be told not to


def sheet(
    labels: Sequence[Label],
    *,
    stock: str | Stock,
    design: Design = DEVICE,
    dpi: int = 203,
    placing: Placing | None = None,
    heading: str | None = None,
) -> bytes:
    """Return a PDF of labels of one design on `stock`, `placing` them as wanted.

    Modules and bars are whole dots of a printer of `dpi` (203, 300 or 600). `heading` stands over each label where it
    fits, instead of the design's own.

    Raises:
        UnknownStock, UnreadableStock: see `labels.stock` and `labels.plan`.
        UnreadableCode: a code or an address cannot be drawn.
        TooMany: more than 10,000 labels.
        PaperRefused: no labels, or a place, `dpi` or correction that no sheet or printer has.
    """
    return printed(prepared(labels, stock=stock, design=design, dpi=dpi, placing=placing, heading=heading))


def prepared(
    labels: Sequence[Label],
    *,
    stock: str | Stock,
    design: Design = DEVICE,
    dpi: int = 203,
    placing: Placing | None = None,
    heading: str | None = None,
) -> Job:
    """Return the job of these labels, checked and ready to be `printed`. Takes and raises what `sheet` does."""
    stock = find(stock) if isinstance(stock, str) else stock
    placing = placing or Placing()
    _check(len(labels), stock, dpi, placing)
    return ready(labels, stock=stock, dpi=dpi, design=design, placing=placing, heading=heading)


def printed(job: Job) -> bytes:
    """Return the PDF of a job."""
    return b"".join(pieces(job))


def pieces(job: Job) -> Iterator[bytes]:
    """Yield the PDF of a job as it is made: stamped if the kept faces have all of its text, else laid out."""
    if can_stamp(job):
        yield from stamped(job)
    else:
        yield flowed(job)


def _check(count: int, stock: Stock, dpi: int, placing: Placing) -> None:
    if not count:
        raise PaperRefused(N_("There are no labels to print."))
    if count > MOST_LABELS:
        raise TooMany(
            N_("%(count)s labels are too many at once: at most %(most)s."), count=count, most=MOST_LABELS
        )
    if not 0 <= placing.skip < stock.count:
        raise PaperRefused(
            N_("A sheet of %(stock)s has %(count)s labels: from 0 to %(most)s can be skipped, not %(skip)s."),
            stock=stock.name,
            count=stock.count,
            most=stock.count - 1,
            skip=placing.skip,
        )
    if dpi not in DPIS:
        raise PaperRefused(
            N_("Printers have %(dpis)s dpi, not %(dpi)s."), dpis=", ".join(map(str, DPIS)), dpi=dpi
        )
    if not all(abs(way) <= FURTHEST_SHIFT for way in placing.shift):
        raise PaperRefused(N_("Labels can be shifted by %(most)s mm at most."), most=f"{FURTHEST_SHIFT:g}")
    if not all(abs(way - 1) <= FURTHEST_STRETCH + 1e-9 for way in placing.stretch):
        raise PaperRefused(
            N_("Labels can be moved apart or together by %(most)s %% at most."),
            most=f"{FURTHEST_STRETCH:.0%}"[:-1],
        )
