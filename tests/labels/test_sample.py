"""Which labels are read back of many, and what a QR has that is not its text."""

import math
from itertools import pairwise

import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.job import Placing
from labels.pattern import fixed
from labels.proof import SAMPLE, proof
from labels.sample import chosen, placed
from labels.sheets import sheet
from labels.stock import Stock, find, known
from tests.labels.makers import some_labels
from tests.labels.spoilt import a_job

MANY = some_labels(900)


class Laid:
    """A job's places on any stock, as no readable stock has so many columns and rows."""

    def __init__(self, stock, count, skip):
        self.stock, self.placing = stock, Placing(skip=skip)
        self.stickers = a_job(MANY[:5]).stickers * (count // 5)

    def pages(self):
        skip = self.placing.skip
        every = range(skip, skip + len(self.stickers))
        for start in range(0, every.stop, self.stock.count):
            slots = range(max(start, skip), min(start + self.stock.count, every.stop))
            yield [(*self.stock.corner(slot - start), self.stickers[slot - skip]) for slot in slots]


def grid(columns, rows):
    return Stock(
        name="own",
        page_width=20 * columns,
        page_height=10 * rows,
        columns=columns,
        rows=rows,
        label_width=20,
        label_height=10,
        pitch_x=20,
        pitch_y=10,
    )


@given(
    columns=st.integers(1, 12),
    rows=st.integers(1, 30),
    count=st.integers(1, 480).map(lambda fives: 5 * fives),
    skip=st.integers(0, 400),
    sample=st.sampled_from([50, 120, SAMPLE]),
)
@settings(max_examples=150)
def test_a_sample_covers_every_row_and_column_and_the_ends(columns, rows, count, skip, sample):
    job = Laid(grid(columns, rows), count, skip % (columns * rows))
    every = placed(job)

    picked = chosen(every, sample)

    assert [one.label for one in every] == list(range(count))
    assert len(picked) == len(set(picked)) == min(sample, count)
    for line in ("top", "left"):
        assert {getattr(one, line) for one in picked} == {getattr(one, line) for one in every}
    for sheet_number in (0, every[-1].sheet):
        page = [one.label for one in every if one.sheet == sheet_number]
        assert {page[0], page[-1]} <= {one.label for one in picked}
    assert picked == chosen(every, sample) == sorted(picked, key=lambda one: one.label)


@pytest.mark.parametrize("stock", [stock.name for stock in known() if 1 < stock.count <= 40])
def test_a_sample_of_many_sheets_covers_every_place_of_the_sheet(stock):
    job = Laid(find(stock), 2_400, 3)

    picked = chosen(placed(job), SAMPLE)

    assert len({(one.left, one.top) for one in picked}) == job.stock.count


@pytest.mark.parametrize("stock", ["L7160", "L7169", "50x30"])
def test_a_sample_is_spread_evenly_over_the_sheets(stock):
    job = Laid(find(stock), 2_400, 0)
    every = placed(job)

    sheets = sorted({one.sheet for one in chosen(every, SAMPLE)})

    opened = min(every[-1].sheet + 1, max(40, math.ceil(SAMPLE / job.stock.count)))
    assert len(sheets) >= opened
    steps = [after - before for before, after in pairwise(sheets)]
    assert max(steps) <= math.ceil(every[-1].sheet / opened) + 1


def test_another_job_is_sampled_elsewhere_and_the_same_job_where_it_was():
    one, other = (a_job(some_labels(count)[:400]) for count in (400, 401))
    read = [[each.label for each in chosen(placed(job), 50)] for job in (one, other, one)]

    assert read[0] == read[2] != read[1]


def test_of_a_large_job_it_is_said_how_many_were_read():
    job = a_job([*MANY[:-1], MANY[0]], stock="L7160")

    found = proof(job, sheet(MANY, stock="L7160"))

    assert str(found) == "200 of 900 read"
    assert [(one.label, one.kind) for one in found.failed] == [(900, "QR"), (900, "bars")]


LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}


@given(
    version=st.integers(1, 22),
    level=st.sampled_from("LMQH"),
    mask=st.integers(0, 7),
    text=st.text("aB1", max_size=6),
)
@settings(max_examples=60)
def test_the_fixed_modules_are_those_of_the_library(version, level, mask, text):
    code = qrcode.QRCode(version, LEVELS[level], border=4, mask_pattern=mask)
    code.add_data(text or "a")
    code.make(fit=False)
    light = bytes(0 if dark else 0x80 for row in code.get_matrix() for dark in row)

    where, expected = fixed(version, level, mask)

    assert int.from_bytes(light, "big") & where == expected
    free = len(light) - where.to_bytes(len(light), "big").count(0x80)
    words = sum(block.total_count for block in qrcode.base.rs_blocks(version, LEVELS[level]))
    assert free == 8 * words
