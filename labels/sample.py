"""Which labels of a job are read back when they are too many: the same ones each time for the same job."""

import zlib
from collections.abc import Iterator, Sequence
from itertools import count, groupby
from typing import NamedTuple

from labels.job import Job, Sticker

TOGETHER = 5  # labels of a sheet that is opened, where it has as many


class Placed(NamedTuple):
    """A label where it stands: its number in the job and its sheet's, both from 0, and its left and top."""

    label: int
    sheet: int
    left: float
    top: float
    sticker: Sticker

    def at(self, job: Job) -> tuple[int, int]:
        """Return its row and column, from 1."""
        row, column = job.stock.place(
            (job.placing.skip + self.label) % job.stock.count, job.placing.by_column
        )
        return row + 1, column + 1


def placed(job: Job) -> list[Placed]:
    """Return every label of a job, sheet by sheet."""
    numbers = count()
    return [
        Placed(next(numbers), sheet, left, top, sticker)
        for sheet, page in enumerate(job.pages())
        for left, top, sticker in page
    ]


def chosen(labels: Sequence[Placed], sample: int) -> list[Placed]:
    """Return the labels to be read, in their order: all, or an even sample of them.

    The first and the last label of the first and of the last sheet are in it, every row and every column that
    has a label, and for the rest some neighbours on each of some sheets, these as far apart as those that are left
    out allow. Where the neighbours begin moves from sheet to sheet, and with what the job says.
    """
    if len(labels) <= sample:
        return list(labels)
    picked = {one.label: one for one in _ends(labels)}
    for one in _lines(labels):
        picked.setdefault(one.label, one)
    for one in _spread(labels, sample):
        if len(picked) >= sample:
            break
        picked.setdefault(one.label, one)
    return sorted(picked.values(), key=lambda one: (one.sheet, one.label))


def _ends(labels: Sequence[Placed]) -> Iterator[Placed]:
    for sheet in (labels[0].sheet, labels[-1].sheet):
        page = [one for one in labels if one.sheet == sheet]
        yield from (page[0], page[-1])


def _lines(labels: Sequence[Placed]) -> Iterator[Placed]:
    rows, columns = {one.top for one in labels}, {one.left for one in labels}
    for one in labels:
        if one.top in rows or one.left in columns:
            rows.discard(one.top)
            columns.discard(one.left)
            yield one
        elif not rows and not columns:
            return


def _spread(labels: Sequence[Placed], sample: int) -> Iterator[Placed]:
    pages = [list(page) for _, page in groupby(labels, key=lambda one: one.sheet)]
    most = max(len(page) for page in pages)
    # The first and the last sheet may hold a single label; on a roll every one does.
    enough = max(sample // TOGETHER, -(-sample // most) + 2) if most > 1 else sample
    opened = min(len(pages), enough)
    start = zlib.crc32("".join([one.sticker.url for one in labels]).encode())
    sheets = [pages[at * (len(pages) - 1) // max(opened - 1, 1)] for at in range(opened)]
    together = -(-sample // opened)
    for turn in range(most):
        for at, page in enumerate(sheets):
            slot = (start + at * together + turn) % most
            if slot < len(page):
                yield page[slot]
