"""Labels as dots: code by code, dot by dot, and read back from what a printer would paint."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from labels.plan import dot
from labels.refusals import PaperRefused
from labels.sheets import sheet
from labels.thermal import Bitmap, Unprintable, bitmap, bitmaps
from tests.labels.makers import a_label, boxes, codes, opened, pages, some_labels
from tests.labels.rolls import ROLL, STOCKS, a_job, a_stock, by_name, languages, picture, same


def leaves(ink, paper):
    """Answer whether one picture is black where another is white."""
    return ImageChops.subtract(paper, ink).getbbox() is not None


def modules(drawing, left, top, across, down):
    """What a code must be in dots, from its path and not from the PDF."""
    image = Image.new("L", (round(drawing.width * across), round(drawing.height * down)), 255)
    draw = ImageDraw.Draw(image)
    for x, y, width, height in boxes(drawing):
        box = x * across, y * down, (x + width) * across, (y + height) * down
        draw.rectangle([round(box[0]), round(box[1]), round(box[2]) - 1, round(box[3]) - 1], fill=0)
    return image, (left, top, left + image.width, top + image.height)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("stock", STOCKS, ids=by_name)
def test_codes_are_dot_for_dot_what_the_encoders_say(stock, dpi):
    _, job, pdf = a_job(stock, dpi)
    painted = picture(bitmap(pdf, dpi=dpi))
    plan, sticker = job.plan, job.stickers[0]
    side = round(plan.module / dot(dpi))
    drawn = [modules(sticker.qr, *at(job, plan.qr, dpi), side, side)]
    if plan.bars:
        bar = round(plan.bar_module / dot(dpi))
        drawn.append(modules(sticker.bars, *at(job, plan.bars, dpi), bar, int(plan.bars.height / dot(dpi))))

    assert side >= 4
    for expected, box in drawn:
        assert ImageChops.difference(painted.crop(box), expected).getbbox() is None


def at(job, box, dpi):
    return round(job.snapped(box.x) / dot(dpi)), round(job.snapped(box.y) / dot(dpi))


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("stock", STOCKS, ids=by_name)
def test_a_bitmap_is_the_pdf(stock, dpi):
    _, _, pdf = a_job(stock, dpi)
    dots = bitmap(pdf, dpi=dpi)
    with opened(pdf) as cut:
        width, height = (size * 72 / dpi - 1e-4 for size in (dots.width, dots.height))
        top = float(cut.pages[0].mediabox[3])
        cut.pages[0].mediabox = [0, top - height, width, top]
        cut.save(whole := io.BytesIO())
    (fine,) = pages(whole.getvalue(), dpi=4 * dpi)
    mean = fine.resize((dots.width, dots.height), Image.Resampling.BOX)

    assert (dots.width, dots.height) == (
        pytest.approx(stock.page_width / dot(dpi), abs=0.51),
        pytest.approx(stock.page_height / dot(dpi), abs=0.51),
    )
    assert fine.size == (4 * dots.width, 4 * dots.height)
    # PDFium sets each letter on a whole dot, so that it may be a dot off, and its grey edge another; codes are compared above.
    black = picture(dots)
    near, deep = mean.filter(ImageFilter.MinFilter(5)), mean.filter(ImageFilter.MaxFilter(5))
    assert not leaves(black, near.point(lambda shade: 0 if shade < 200 else 255))
    assert not leaves(deep.point(lambda shade: 0 if shade < 60 else 255), black)
    assert leaves(ImageChops.offset(black, 3, 0), near.point(lambda shade: 0 if shade < 200 else 255))


@pytest.mark.parametrize(("program", "read"), languages())
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("stock", STOCKS, ids=by_name)
def test_a_printed_label_is_the_bitmap_and_reads_back(stock, dpi, program, read):
    label, _, pdf = a_job(stock, dpi)
    dots = bitmap(pdf, dpi=dpi)

    (printed,) = read(program([dots], stock=stock, dpi=dpi), dpi=dpi)

    assert same(printed.image, dots)
    assert printed.copies == 1
    assert codes(printed.image) == {("QR", label.url): 1, ("128", label.code): 1}


@pytest.mark.parametrize(("program", "read"), languages())
def test_a_job_prints_all_its_labels_in_order_each_as_often_as_asked(program, read):
    labels = some_labels(7)
    dots = bitmaps(sheet(labels, stock=ROLL), dpi=203)

    printed = read(program(dots, stock=ROLL, dpi=203, copies=3), dpi=203)

    assert [one.copies for one in printed] == [3] * 7
    assert all(same(one.image, dots[number]) for number, one in enumerate(printed))
    assert [codes(one.image)["128", label.code] for one, label in zip(printed, labels, strict=True)] == [
        1
    ] * 7


@st.composite
def any_bitmap(draw):
    width, height = draw(st.integers(24, 160)), draw(st.integers(24, 60))
    stride = -(-width // 8)
    byte = st.sampled_from([0, 0, 0, 255, 255, 0x1B, 0x21, 0xE4, 0xDE, 0x5E, 0x7E, 0x0D, 0x0A, 0x22])
    rows = draw(st.lists(st.lists(byte, min_size=stride, max_size=stride), min_size=1, max_size=height))
    rows = [rows[min(number, len(rows) - 1)] for number in range(height)]
    for row in rows:
        row[-1] &= 0xFF << (-width % 8) & 0xFF
    return Bitmap(width, height, b"".join(map(bytes, rows)))


@pytest.mark.parametrize(("program", "read"), languages())
@settings(max_examples=60, deadline=None)
@given(dots=any_bitmap(), dpi=st.sampled_from([203, 300, 600]))
def test_any_bitmap_is_printed_as_it_is(program, read, dots, dpi):
    stock = a_stock(dots.width, dots.height, dpi)

    (printed,) = read(program([dots], stock=stock, dpi=dpi), dpi=dpi)

    assert same(printed.image, dots)


def test_a_page_that_no_printer_takes_is_refused():
    with pytest.raises(Unprintable, match="1678 × 2374 dots does not fit"):
        bitmap(sheet([a_label()], stock="L7160"), dpi=203)
    with pytest.raises(Unprintable, match="cannot be read"):
        bitmap(b"%PDF-1.7\nnothing", dpi=203)
    with pytest.raises(PaperRefused, match="200"):
        bitmap(sheet([a_label()], stock=ROLL), dpi=200)
    for page in (1, -1):
        with pytest.raises(IndexError):
            bitmap(sheet([a_label()], stock=ROLL), page, dpi=203)


def test_many_threads_paint_the_same_labels():
    pdf = sheet(some_labels(6), stock=ROLL)
    once = bitmaps(pdf, dpi=203)

    with ThreadPoolExecutor(4) as threads:
        again = list(threads.map(lambda _: bitmaps(pdf, dpi=203), range(8)))

    assert again == [once] * 8
    assert [bitmap(pdf, number, dpi=203) for number in range(6)] == once


def test_a_bitmap_is_what_it_says():
    with pytest.raises(ValueError, match="3 bytes"):
        Bitmap(8, 4, b"abc")
    with pytest.raises(ValueError, match="beyond"):
        Bitmap(7, 1, b"\x01")
    assert Bitmap(7, 1, b"\xfe").stride == 1
