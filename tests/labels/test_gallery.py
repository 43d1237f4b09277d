"""Everything that is printed: every stock × design and every record, as a printer prints it, read whole and harmed.

`python -m tests.labels.gallery FOLDER` writes the same as pictures.
"""

import random
from functools import partial

import pytest

from labels.designs import DESIGNS
from labels.reading import CODE_128, QR
from labels.records import page_link
from tests.labels.damage import blob, blurred, faded, photographed, read, unharmed
from tests.labels.gallery import PAPERS, STOCKS, codes_of, jobs, leaves, shown
from tests.labels.makers import SIGNED_ONCE

#: What every code survives.
ALWAYS = {
    "unharmed": unharmed,
    "blurred": partial(blurred, modules=0.35),
    "faded": partial(faded, ink=100, paper=140),
}
#: What every QR survives; on bars a tenth is a spot taller than they are.
SPOTS = {
    "black spot": partial(blob, share=0.1, shade=0, corners=False),
    "white spot": partial(blob, share=0.1, shade=255, corners=False),
}


def unread(codes, harms):
    """What is not read of codes, each harmed in every way and then photographed."""
    missed = []
    for code in codes:
        for name, harm in harms.items():
            drawn = random.Random(f"{name} {code.says} {code.module}")
            if not read(photographed(harm(code, drawn), code, drawn, pixels=4), code):
                missed.append((name, code.says))
    return missed


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("stock", STOCKS, ids=lambda stock: stock.name)
def test_every_code_of_every_design_reads_back_whole_and_harmed(stock, dpi):
    for name, job in jobs(stock, dpi):
        label = shown(job)

        assert [code.kind for code in label.codes] == [QR] + [CODE_128] * bool(job.plan.bars), name
        assert unread(label.codes, ALWAYS) == [], name
        assert unread(label.codes[:1], SPOTS) == [], name
        assert label.picture.getextrema() == (0, 255)


def test_a_usual_sheet_and_a_usual_roll_carry_every_design():
    carried = {stock.name: {name for name, _ in jobs(stock, 203)} for stock in STOCKS}

    assert all(
        carried[name] == set(DESIGNS) for name in ("L7160", "L7162", "50x30", "58x40", "62x29", "62x100")
    )
    assert carried["L4730"] == set()


def wanted(record, count):
    """Every text that must be on a paper of so many pages, each as often as it must."""
    things = [thing.code for thing in record.things or record.drives]
    return sorted(
        [SIGNED_ONCE, *things, *(page_link(record.link, page, count) for page in range(1, count + 1))]
    )


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name", PAPERS)
def test_every_code_of_every_record_reads_back_whole_and_harmed(name, dpi):
    found = [codes_of(leaf) for leaf in leaves(name, dpi)]

    codes = [code for page in found for code in page]
    assert sorted(code.says for code in codes) == wanted(PAPERS[name], len(found))
    assert unread(codes, ALWAYS) == []


def test_of_all_codes_on_records_a_tenth_may_be_spoilt():
    codes = [
        code for name in PAPERS for dpi in (203, 300) for leaf in leaves(name, dpi) for code in codes_of(leaf)
    ]

    assert len(unread(codes, SPOTS)) <= 0.005 * len(SPOTS) * len(codes)


def test_a_code_that_is_not_as_it_should_be_is_missed():
    (code,) = [code for _, job in jobs(STOCKS[-1], 203) for code in shown(job).codes if code.kind == QR][:1]
    spoilt = blob(code, random.Random(1), share=0.4, shade=255, corners=False)

    assert not read(photographed(spoilt, code, random.Random(1), pixels=4), code)
