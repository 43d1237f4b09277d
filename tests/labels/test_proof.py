"""Proof before print: what `sheet` makes is accepted, and whatever is wrong on a sheet is found and named."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.codes import bars, url_code
from labels.flow import flowed
from labels.job import Placing
from labels.plan import dot
from labels.proof import approved, proof, proved
from labels.refusals import NotReadable, PaperRefused, UnreadableStock
from labels.sheets import printed, sheet
from labels.stock import find, known
from tests.labels import spoilt
from tests.labels.makers import ALPHABET, a_label, dark, opened, some_labels
from tests.labels.spoilt import a_job, painted, place, saved


def fits(stock, dpi):
    try:
        return bool(a_job(some_labels(1), stock=stock.name, dpi=dpi))
    except UnreadableStock:
        return False


FITTING = [(stock.name, dpi) for stock in known() for dpi in (203, 300) if fits(stock, dpi)]


def wrong(job, labels, pdf, **how):
    """What is found wrong, as (label, kind, read)."""
    found = [(one.label, one.kind, one.read, one.expected) for one in proof(job, pdf, **how).failed]
    for label, kind, _, expected in found:
        assert expected == (labels[label - 1].url if kind == "QR" else labels[label - 1].code)
    assert found == [
        (one.label, one.kind, one.read, one.expected)
        for one in proof(job, pdf, as_printed=True, **how).failed
    ]
    return [each[:3] for each in found]


@pytest.mark.parametrize("way", [printed, flowed])
@pytest.mark.parametrize(("name", "dpi"), FITTING)
def test_what_is_made_reads_back(name, dpi, way):
    # All letters begin a code, as each has its own way of reaching over the line's beginning.
    labels = [a_label(code=first + "K3M9QX2") for first in ALPHABET]
    job = a_job(labels, stock=name, dpi=dpi, skip=min(2, find(name).count - 1), shift=(0.4, -0.3))
    pdf = way(job)

    for as_printed in (False, True):
        found = proof(job, pdf, as_printed=as_printed)

        assert (found.labels, found.read, found.failed) == (25, 25, ())
        assert str(found) == "25 of 25 read"


@given(
    codes=st.lists(st.text(ALPHABET, min_size=4, max_size=12), min_size=1, max_size=30),
    chosen=st.sampled_from(FITTING),
    skip=st.integers(0, 39),
)
@settings(max_examples=60)
def test_whatever_sheet_makes_is_accepted(codes, chosen, skip):
    name, dpi = chosen
    labels = [a_label(code=code, make_model=code.lower()) for code in codes]

    try:
        _, found = proved(a_job(labels, stock=name, dpi=dpi, skip=skip % find(name).count))
    except UnreadableStock:  # long codes need more room
        return

    assert found.read == len(codes)
    assert not found.failed


def test_labels_of_another_job_are_named_with_what_they_say():
    labels, others = some_labels(5), some_labels(6)[:5]
    job = a_job(labels)

    expected = [
        (number, kind, read)
        for number, other in enumerate(others, 1)
        for kind, read in (("QR", other.url), ("bars", other.code))
    ]
    assert wrong(job, labels, sheet(others, stock="L7160")) == expected


def test_two_labels_that_changed_places_are_named():
    labels = some_labels(30)
    labels[21], labels[23] = labels[23], labels[21]

    found = proof(
        a_job(labels), sheet([*labels[:21], labels[23], labels[22], labels[21], *labels[24:]], stock="L7160")
    )

    assert [(one.label, one.sheet, one.row, one.column, one.kind) for one in found.failed] == [
        (22, 2, 1, 1, "QR"),
        (22, 2, 1, 1, "bars"),
        (24, 2, 1, 3, "QR"),
        (24, 2, 1, 3, "bars"),
    ]
    assert [one.read for one in found.failed[::2]] == [labels[23].url, labels[21].url]


@pytest.mark.parametrize("row", [0, 6, 14, 28])
@pytest.mark.parametrize("grey", [0, 0.4, 1])
def test_a_painted_row_of_modules_is_found_though_error_correction_would_hide_it(row, grey):
    labels = some_labels(4)
    job = a_job(labels)
    x, y = place(job, 2, job.plan.qr)
    size = job.plan.module
    over = f"{grey} g {x + 4 * size} {y + (4 + row) * size} {29 * size} {size} re f"

    found = wrong(job, labels, painted(sheet(labels, stock="L7160"), over))

    assert [one[:2] for one in found] == [(3, "QR")]
    if row == 14:
        assert found == [(3, "QR", labels[2].url)]


@given(x=st.integers(0, 28), y=st.integers(0, 28))
@settings(max_examples=60)
def test_any_one_wrong_module_is_found(x, y):
    labels = some_labels(2)
    job = a_job(labels, stock="50x30")
    left, top = place(job, 0, job.plan.qr)
    size = job.plan.module
    other = 1 if (4 + x, 4 + y) in dark(job.stickers[0].qr) else 0
    over = f"{other} g {left + (4 + x) * size} {top + (4 + y) * size} {size} {size} re f"

    found = wrong(job, labels, painted(sheet(labels, stock="50x30"), over))

    assert [one[:2] for one in found] == [(1, "QR")]


@pytest.mark.parametrize("stock", ["L7160", "50x30", "L7162"])
@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("kind", ["qr", "bars"])
def test_a_bar_or_a_run_of_modules_one_dot_short_is_found(stock, dpi, kind, monkeypatch):
    labels = some_labels(3)
    job = a_job(labels, stock=stock, dpi=dpi)
    good = getattr(job.stickers[1], kind)
    size = job.plan.module if kind == "qr" else job.plan.bar_module
    first, rest = re.split(rb"\sre", good.path, maxsplit=1)
    x, y, width, height = first.split()
    short = replace(good, path=b"%s %s %.5f %s re%s" % (x, y, float(width) - dot(dpi) / size, height, rest))
    draw = {"qr": url_code, "bars": bars}[kind]
    spoilt_ones = {labels[1].url, labels[1].code}
    monkeypatch.setattr(
        f"labels.job.{draw.__name__}", lambda text, *how: short if text in spoilt_ones else draw(text, *how)
    )
    pdf = printed(job)
    monkeypatch.undo()

    found = wrong(job, labels, pdf)

    assert [one[:2] for one in found] == [(2, "QR" if kind == "qr" else "bars")]


@pytest.mark.parametrize("grey", [0, 0.5, 1])
@pytest.mark.parametrize("thick", [0.125, 0.5])
@pytest.mark.parametrize("down", [0.2, 3.3, 8.4])
def test_a_stripe_across_the_bars_is_found(down, thick, grey):
    labels = some_labels(3)
    job = a_job(labels)
    x, y = place(job, 0, job.plan.bars)

    over = f"{grey} g {x} {y + down} 60 {thick} re f"
    found = wrong(job, labels, painted(sheet(labels, stock="L7160"), over))

    assert [one[:2] for one in found if one[0] == 1] == [(1, "bars")]


def test_bars_without_their_white_are_found():
    labels = some_labels(3)
    job = a_job(labels)
    x, y = place(job, 1, job.plan.bars)
    nine = 9 * job.plan.bar_module

    found = wrong(job, labels, painted(sheet(labels, stock="L7160"), f"{x + nine - 0.4} {y} 0.4 9 re f"))

    assert [one[:2] for one in found] == [(2, "bars")]


@pytest.mark.parametrize("side", [(0.9, 0), (-1.4, 0), (0, 0.9), (0, -1.4)])
def test_ink_in_the_white_around_a_qr_is_found(side):
    labels = some_labels(3)
    job = a_job(labels)
    x, y = place(job, 1, job.plan.qr)
    edge = job.plan.qr.width
    over = f"{x + (side[0] % edge or edge / 2)} {y + (side[1] % edge or edge / 2)} 0.5 0.5 re f"

    found = wrong(job, labels, painted(sheet(labels, stock="L7160"), over))

    assert [one[:2] for one in found] == [(2, "QR")]


def test_a_line_of_text_over_a_code_is_found():
    labels = some_labels(3)
    job = a_job(labels)
    pdf = sheet(labels, stock="L7160")
    (qr_x, qr_y), (bars_x, bars_y) = place(job, 0, job.plan.qr), place(job, 2, job.plan.bars)
    with opened(pdf) as document:
        face = next(iter(document.pages[0].Resources.Font))
    words = f"BT {face} 3 Tf 1 0 0 -1 %s %s Tm <0024002500260027> Tj ET"

    both = words % (qr_x + 12, qr_y + 12) + " " + words % (bars_x + 12, bars_y + 6)

    assert [one[:2] for one in wrong(job, labels, painted(pdf, both))] == [(1, "QR"), (3, "bars")]


def test_a_label_five_millimetres_away_is_not_where_it_should_be():
    labels = some_labels(2)
    job = a_job(labels)

    assert {
        one[:2] for one in wrong(job, labels, sheet(labels, stock="L7160", placing=Placing(shift=(5.0, 0.0))))
    } == {
        (1, "QR"),
        (1, "bars"),
        (2, "QR"),
        (2, "bars"),
    }


def test_an_empty_sheet_says_nothing():
    labels = some_labels(25)
    with opened(sheet(labels, stock="L7160")) as document:
        document.pages[1].Contents = document.make_stream(b"")
        pdf = saved(document)

    assert wrong(a_job(labels), labels, pdf) == [
        (number, kind, "") for number in (22, 23, 24, 25) for kind in ("QR", "bars")
    ]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        *(
            (way, "cannot be opened")
            for way in (spoilt.cut, spoilt.cut_a_little, spoilt.no_pdf, spoilt.nothing)
        ),
        *((way, "cannot be opened") for way in (spoilt.locked, spoilt.locked_for_printing)),
        (spoilt.a_sheet_of_nothing, "cannot be opened|has 1 sheets|measures"),
        (spoilt.a_sheet_missing, "has 1 sheets and should have 2"),
        (spoilt.a_sheet_too_many, "has 3 sheets and should have 2"),
        (spoilt.turned, "Sheet 2 measures 297.0 × 210.0 mm and should measure 210 × 297 mm"),
        (spoilt.another_size, "Sheet 2 measures 215.9 × 279.4 mm"),
    ],
)
def test_a_file_that_is_not_the_job_is_refused(spoil, sentence):
    labels = some_labels(25)
    pdf = sheet(labels, stock="L7160")
    with opened(pdf) as document:
        pdf = spoil(pdf, document)

    with pytest.raises(NotReadable, match=sentence):
        proof(a_job(labels), pdf)


def test_a_job_that_does_not_read_back_is_refused_with_its_first_label():
    labels = some_labels(30)
    job = a_job(labels)
    swapped = [*labels[:28], labels[29], labels[28]]

    with pytest.raises(PaperRefused) as refused:
        approved(proof(job, sheet(swapped, stock="L7160")))

    assert isinstance(refused.value, NotReadable)
    assert str(refused.value).startswith("2 of 30 labels that were looked at do not read back")
    assert f"row 3, column 2 of sheet 2 should say “{labels[28].url}”, and says “{labels[29].url}”" in str(
        refused.value
    )
    assert refused.value.sentence % refused.value.values == str(refused.value)


def test_threads_prove_at_once_what_one_proves_alone():
    jobs = []
    for count in range(20, 32):
        labels = some_labels(count)
        job = a_job(labels)
        pdf = sheet(labels, stock="L7160") if count % 3 else sheet(labels[::-1], stock="L7160")
        jobs.append((job, pdf))
    alone = [proof(*job) for job in jobs]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda job: proof(*job), jobs * 3))

    assert together == alone * 3
    assert {bool(one.failed) for one in alone} == {True, False}
