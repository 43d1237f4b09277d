"""Sheets of labels: every code read back from pixels, every label where the stock says."""

import math
import re
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.flow import flowed
from labels.job import Placing, ready
from labels.plan import dot
from labels.refusals import PaperRefused, TooMany, UnreadableCode
from labels.sheets import MOST_LABELS, sheet
from labels.stamp import can_stamp
from labels.stock import find
from tests.labels.makers import (
    a_label,
    codes,
    cut,
    ink,
    opened,
    page_count,
    pages,
    some_labels,
    texts,
)

STOCKS = ("L7160", "L7162", "50x30")


def both(label):
    return {("QR", label.url): 1, ("128", label.code): 1}


@pytest.mark.parametrize("printer", [203, 300])
@pytest.mark.parametrize("seen", [203, 300])
@pytest.mark.parametrize("name", STOCKS)
def test_every_code_of_every_label_reads_back(name, printer, seen):
    stock = find(name)
    labels = some_labels(min(stock.count + 3, 24) if stock.count > 1 else 6)

    found = [
        codes(cut(page, stock, slot, dpi=seen))
        for page in pages(sheet(labels, stock=stock, dpi=printer), dpi=seen)
        for slot in range(stock.count)
    ]

    assert found[: len(labels)] == [both(label) for label in labels]
    assert not any(found[len(labels) :])


def drawn_with(page):
    """The matrix under which each code of a page is drawn."""
    stack, now, found = [], pikepdf.Matrix(), []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "q":
                stack.append(now)
            case "cm":
                now = pikepdf.Matrix(*map(float, operands)) @ now
            case "Q":
                now = stack.pop()
            case "f":
                found.append(now)
    return [(m.a, m.b, m.c, m.d, m.e, m.f) for m in found]


@pytest.mark.parametrize("name", STOCKS)
@pytest.mark.parametrize("dpi", [203, 600])
def test_every_module_is_whole_dots_and_starts_on_a_dot(name, dpi):
    stock = find(name)
    points = dot(dpi) * 72 / 25.4
    with opened(sheet(some_labels(5), stock=name, dpi=dpi)) as pdf:
        matrices = [matrix for page in pdf.pages for matrix in drawn_with(page)]

    assert len(matrices) == 10
    for across, _, _, down, x, y in matrices:
        top = stock.page_height * 72 / 25.4 - y
        assert across / points == pytest.approx(round(across / points), abs=0.001)
        assert round(across / points) >= (4 if across == pytest.approx(-down) else 2)
        for place in (x, top):
            assert place / points == pytest.approx(round(place / points), abs=0.01)


@pytest.mark.parametrize("name", STOCKS)
def test_all_ink_is_on_its_label_and_codes_are_where_the_plan_says(name):
    stock, dpi = find(name), 600
    labels = some_labels(stock.count if stock.count > 1 else 1)
    job = ready(labels, stock=stock, dpi=203)
    (page,) = pages(sheet(labels, stock=stock), dpi=dpi)
    millimetre = dpi / 25.4

    for slot in range(stock.count):
        left, top = stock.corner(slot)
        label = cut(page, stock, slot, dpi=dpi)
        around = ink(label)
        assert around is not None
        assert around[0] > 0
        assert around[1] > 0
        assert around[2] < label.width
        assert around[3] < label.height
        # The QR's dark modules begin four modules inside its box, which the printer's dots move by half of one.
        box, quiet = job.plan.qr, 4 * job.plan.module
        corner = (
            job.snapped(left) + box.x + quiet - round(left * millimetre) / millimetre,
            job.snapped(top) + box.y + quiet - round(top * millimetre) / millimetre,
        )
        square = label.crop((0, 0, round((box.x + box.width) * millimetre), label.height))
        seen = ink(square.crop((0, 0, square.width, round((box.y + box.height) * millimetre))))
        assert seen[0] / millimetre == pytest.approx(corner[0], abs=0.1)
        assert seen[1] / millimetre == pytest.approx(corner[1], abs=0.1)


def test_between_labels_the_sheet_is_white():
    stock, dpi = find("L7160"), 300
    (page,) = pages(sheet(some_labels(21), stock=stock), dpi=dpi)
    for slot in range(21):
        left, top = stock.corner(slot)
        box = (left, top, left + stock.label_width, top + stock.label_height)
        page.paste(255, tuple(round(length / 25.4 * dpi) for length in box))

    assert ink(page) is None


@pytest.mark.parametrize("name", STOCKS)
def test_a_page_is_the_stock(name):
    stock = find(name)
    with opened(sheet(some_labels(3), stock=stock)) as pdf:
        for page in pdf.pages:
            size = [float(length) / 72 * 25.4 for length in page.mediabox]
            assert size == pytest.approx([0, 0, stock.page_width, stock.page_height], abs=0.01)


@given(skip=st.integers(0, 15), count=st.integers(1, 40))
@settings(max_examples=20)
def test_skipped_places_stay_empty_and_all_others_fill_in_order(skip, count):
    labels = some_labels(count)
    written = texts(sheet(labels, stock="L7162", placing=Placing(skip=skip)))

    assert len(written) == math.ceil((skip + count) / 16)
    found = re.findall(r"\b[2-9B-Z]{4} [2-9B-Z]{4}\b", " ".join(written))
    assert [code.replace(" ", "") for code in found] == [label.code for label in labels]


def test_the_first_label_stands_at_the_first_place_left():
    stock = find("L7160")
    (page,) = pages(sheet([a_label()], stock=stock, placing=Placing(skip=10)), dpi=203)

    filled = [slot for slot in range(21) if ink(cut(page, stock, slot, dpi=203))]

    assert filled == [10]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 10_000,
        "Tên rất dài " * 1_000,
        "W" * 60,
        "电" * 10_000,
        "ngắn\n\n\n\n\n\n\n\nhai",
        "\u202egnud\u202c \u2067abc",
        "<img src=x onerror=alert(1)><b>đậm",
        "</p></div></section><section>",
        "\x00\x07\x1b[31mđỏ\x9b",
        "&amp; & ' \" ) Tj ( \\",
        "\ud800 nửa cặp",
        "𝒯𝒶𝒷 😀 \u0301\u0302",
    ],
    ids=lambda name: ascii(name[:12]),
)
def test_no_name_moves_the_sheet(name):
    stock = find("L7160")
    labels = some_labels(30)
    labels[4] = a_label(code=labels[4].code, make_model=name, donation=name)
    usual = [
        ink(cut(page, stock, 5, dpi=203)) for page in pages(sheet(some_labels(30), stock=stock), dpi=203)
    ]

    printed = sheet(labels, stock=stock)

    assert page_count(printed) == 2
    (first, _) = pages(printed, dpi=203)
    assert [codes(cut(first, stock, slot, dpi=203)) for slot in (3, 4, 5)] == [both(x) for x in labels[3:6]]
    left, top, right, bottom = ink(cut(first, stock, 5, dpi=203))
    assert (left, top, bottom) == pytest.approx((usual[0][0], usual[0][1], usual[0][3]), abs=2)
    # Where lines end depends on the typeface's hints when a sheet is laid out: see test_contract.
    assert right == pytest.approx(usual[0][2], rel=0.008)
    around, label = ink(cut(first, stock, 4, dpi=203)), cut(first, stock, 4, dpi=203)
    assert around[0] > 0
    assert around[2] < label.width - 5


@given(st.text(max_size=60))
@settings(max_examples=20)
def test_any_text_gives_one_page_with_its_codes(text):
    label = a_label(make_model=text, donation=text)
    printed = sheet([label], stock="50x30")

    (page,) = pages(printed, dpi=203)
    assert codes(page) == both(label)


def test_markup_is_printed_as_it_was_typed():
    for odd in ("", " 电"):
        (written,) = texts(sheet([a_label(make_model=f"<b>A & B</b>{odd}")], stock="L7165"))
        assert "<b>A & B</b>" in written


def test_vietnamese_is_stamped_and_comes_out_as_it_went_in():
    words = "Huệ Trường Đỗ Quyết ễ ẳ ự ỹ ỷ Ậ Ỗ Ữ ĩ"
    (written,) = texts(sheet([a_label(make_model=words)], stock="J8435A"))

    assert can_stamp(ready([a_label(make_model=words)], stock=find("J8435A"), dpi=203))
    assert words in written
    decomposed = a_label(make_model="Tru\u031bo\u031b\u0300ng")
    assert "Trường" in texts(sheet([decomposed], stock="J8435A"))[0]


def test_the_slow_way_puts_everything_where_the_fast_way_does():
    labels = some_labels(24)
    job = ready(labels, stock=find("L7160"), dpi=203, placing=Placing(skip=2))
    fast = list(pages(sheet(labels, stock="L7160", placing=Placing(skip=2)), dpi=150))
    slow = list(pages(flowed(job), dpi=150))

    assert len(slow) == len(fast) == 2
    for one, other in zip(slow, fast, strict=True):
        assert codes(one) == codes(other)
        for slot in range(21):
            here, there = (ink(cut(page, job.stock, slot, dpi=150)) for page in (one, other))
            assert (here is None) == (there is None)
            if here:
                assert here == pytest.approx(there, abs=6)  # kerning moves the end of a line by 1 %


def test_a_label_that_needs_shaping_goes_the_slow_way_and_reads_back():
    labels = [a_label(code=label.code, make_model="电脑 😀 máy") for label in some_labels(24)]
    stock = find("L7160")
    assert not can_stamp(ready(labels, stock=stock, dpi=203))

    first, second = pages(sheet(labels, stock=stock), dpi=203)

    found = [codes(cut(first, stock, slot, dpi=203)) for slot in range(21)]
    found += [codes(cut(second, stock, slot, dpi=203)) for slot in range(3)]
    assert found == [both(label) for label in labels]


def test_a_viewer_is_told_not_to_scale():
    for label in (a_label(), a_label(make_model="电")):
        with opened(sheet([label], stock="50x30")) as pdf:
            assert pdf.Root.ViewerPreferences.PrintScaling == "/None"
            assert str(pdf.Root.Lang) == "vi"
            assert str(pdf.docinfo.Title) == "Tem thiết bị, 1 tem 50x30"


def test_the_same_labels_give_the_same_bytes_whatever_was_printed_between():
    labels = some_labels(30)
    first = sheet(labels, stock="L7160")
    sheet(some_labels(2), stock="50x30")
    sheet([a_label(make_model="电")], stock="50x30")

    assert sheet(labels, stock="L7160") == first


def test_threads_print_at_once_what_one_prints_alone():
    jobs = [(some_labels(count), STOCKS[count % 3]) for count in range(1, 13)]
    jobs.append(([a_label(make_model="电 😀")], "50x30"))
    alone = [sheet(labels, stock=stock) for labels, stock in jobs]

    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda job: sheet(job[0], stock=job[1]), jobs))

    assert together == alone


def test_a_printer_that_pulls_crooked_is_corrected():
    stock = find("L7160")
    (straight,) = pages(sheet([a_label()], stock=stock), dpi=600)
    (moved,) = pages(sheet([a_label()], stock=stock, placing=Placing(shift=(1.5, -2.0))), dpi=600)

    before, after = ink(straight), ink(moved)
    assert (after[0] - before[0]) / 600 * 25.4 == pytest.approx(1.5, abs=0.13)
    assert (after[1] - before[1]) / 600 * 25.4 == pytest.approx(-2.0, abs=0.13)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"skip": 21}, "has 21 labels: from 0 to 20 can be skipped, not 21"),
        ({"skip": -1}, "not -1"),
        ({"shift": (11.0, 0.0)}, "10 mm at most"),
        ({"shift": (float("nan"), 0.0)}, "10 mm at most"),
        ({"stretch": (1.0, 0.9)}, "3 % at most"),
        ({"stretch": (float("inf"), 1.0)}, "3 % at most"),
    ],
)
def test_a_place_no_sheet_has_is_refused(wrong, sentence):
    with pytest.raises(PaperRefused, match=sentence):
        sheet([a_label()], stock="L7160", placing=Placing(**wrong))


def test_a_resolution_no_printer_has_is_refused():
    with pytest.raises(PaperRefused, match="203, 300, 600 dpi, not 72"):
        sheet([a_label()], stock="L7160", dpi=72)


def test_a_printer_that_shrinks_is_corrected_and_its_codes_stay_whole_dots():
    stock, dpi = find("L7160"), 600
    labels = some_labels(21)
    (straight,) = pages(sheet(labels, stock=stock), dpi=dpi)
    (wider,) = pages(sheet(labels, stock=stock, placing=Placing(stretch=(1.01, 1.005))), dpi=dpi)

    before, after = ink(straight), ink(wider)
    right, down = stock.corner(20)
    assert (after[0] - before[0]) / dpi * 25.4 == pytest.approx(0.01 * stock.left, abs=0.13)
    assert (after[2] - before[2]) / dpi * 25.4 == pytest.approx(0.01 * right, abs=0.13)
    assert (after[3] - before[3]) / dpi * 25.4 == pytest.approx(0.005 * down, abs=0.13)


@pytest.mark.parametrize("name", ["L7160", "L7162", "38931"])
def test_places_are_filled_down_the_columns_if_wanted(name):
    stock = find(name)
    labels = some_labels(stock.rows + 2)
    (page,) = pages(sheet(labels, stock=stock, placing=Placing(skip=1, by_column=True)), dpi=203)

    found = {slot: codes(cut(page, stock, slot, dpi=203)) for slot in range(stock.count)}

    down = [row * stock.columns + column for column in range(stock.columns) for row in range(stock.rows)]
    assert [found.pop(slot) for slot in down[1 : 1 + len(labels)]] == [both(label) for label in labels]
    assert not any(found.values())


def test_no_labels_are_refused():
    with pytest.raises(PaperRefused, match="no labels"):
        sheet([], stock="L7160")


def test_too_many_labels_are_refused_with_both_numbers():
    with pytest.raises(TooMany, match=rf"{MOST_LABELS + 1} labels .* at most {MOST_LABELS}"):
        sheet([a_label()] * (MOST_LABELS + 1), stock="L7160")


def test_an_address_in_small_letters_is_refused():
    with pytest.raises(UnreadableCode, match=r"https://tb\.example"):
        sheet([a_label(url="https://tb.example/T/7K3M9QX2")], stock="L7160")


def test_a_refusal_keeps_its_sentence_and_values_apart_for_whoever_translates_it():
    with pytest.raises(PaperRefused) as refused:
        sheet([a_label()], stock="L7160", placing=Placing(skip=30))

    assert refused.value.sentence % refused.value.values == str(refused.value)
    assert refused.value.values["skip"] == 30


@pytest.mark.parametrize(("way", "taken"), [(0.97, True), (1.03, True), (0.969, False), (1.031, False)])
def test_a_correction_is_taken_as_far_as_the_refusal_says(way, taken):
    placing = Placing(stretch=(way, 1.0))

    if taken:
        assert sheet([a_label()], stock="L7160", placing=placing)
    else:
        with pytest.raises(PaperRefused, match="by 3 % at most"):
            sheet([a_label()], stock="L7160", placing=placing)
