"""Label printers: what they would paint, dot by dot, and every code read back from it."""

import io
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from labels import tspl, zpl
from labels.job import ready
from labels.plan import dot
from labels.refusals import PaperRefused, TooMany
from labels.sheets import sheet
from labels.stock import Stock, find
from labels.thermal import Bitmap, Unprintable, bitmap, bitmaps
from labels.zpl import Packing
from tests.labels import printer
from tests.labels.makers import a_label, codes, opened, pages, some_labels
from tests.labels.printer import Jam

BIG = Stock(
    name="62x100", page_width=62, page_height=100, columns=1, rows=1, label_width=62, label_height=100
)
STOCKS = [*map(find, ("40x30", "50x30", "58x40", "62x29")), BIG]
WORDS = "Trường Đỗ Quyết: ễ ẳ ự ỹ ỷ Ậ Ỗ Ữ"
ROLL = find("50x30")


def by_name(value):
    return getattr(value, "name", None)


def languages():
    """Every way to print the same labels: its programs, and the printer that reads them."""
    return [
        pytest.param(tspl.program, printer.tspl, id="tspl"),
        *(
            pytest.param(packed(packing), printer.zpl, id=f"zpl-{packing}")
            for packing in (Packing.HEX, Packing.RUNS, Packing.Z64)
        ),
    ]


def packed(packing):
    return lambda bitmaps, **options: zpl.program(bitmaps, packing=packing, **options)


def a_stock(width, height, dpi):
    """A stock of so many dots."""
    across, down = width * dot(dpi), height * dot(dpi)
    return Stock(
        name="custom",
        page_width=across,
        page_height=down,
        columns=1,
        rows=1,
        label_width=across,
        label_height=down,
    )


def picture(bitmap):
    """Black on white, as a printed label is."""
    black = Image.frombytes("1", (bitmap.width, bitmap.height), bitmap.rows).convert("L")
    return ImageChops.invert(black)


def leaves(ink, paper):
    """Answer whether one picture is black where another is white."""
    return ImageChops.subtract(paper, ink).getbbox() is not None


def same(painted, bitmap):
    # The head may have a dot more or less to the millimetre than the bitmap was made for.
    assert abs(painted.width - bitmap.width) <= 1
    assert abs(painted.height - bitmap.height) <= 1
    return (
        ImageChops.difference(painted.crop((0, 0, bitmap.width, bitmap.height)), picture(bitmap)).getbbox()
        is None
    )


@cache
def a_job(stock, dpi):
    label = a_label(make_model=WORDS, donation="Nguyễn Thị Huệ")
    return label, ready([label], stock=stock, dpi=dpi), sheet([label], stock=stock, dpi=dpi)


def modules(drawing, left, top, across, down):
    """What a code must be in dots, from its path and not from the PDF."""
    image = Image.new("L", (round(drawing.width * across), round(drawing.height * down)), 255)
    draw = ImageDraw.Draw(image)
    for x, y, width, height in re.findall(rb"(\d+) (\d+) (\d+) (\d+) re", drawing.path):
        box = int(x) * across, int(y) * down, (int(x) + int(width)) * across, (int(y) + int(height)) * down
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
    near, deep = mean.filter(ImageFilter.MinFilter(5)), mean.filter(ImageFilter.MaxFilter(3))
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


@pytest.mark.parametrize("row", [b"\xe4\xde\xe4\xde\xff", b"\xde\x00\x00\x00\xe4", b"\xff\xff\xe4\xde\xad"])
def test_what_a_printer_obeys_at_once_never_stands_in_a_picture(row):
    dots = Bitmap(40, 12, row * 12)
    program = tspl.program([dots], stock=a_stock(40, 12, 203), dpi=203)

    assert b"\x1b!" in row.translate(tspl._INVERTED) * 2
    assert b"\x1b!" not in program
    (printed,) = printer.tspl(program, dpi=203)
    assert same(printed.image, dots)


def test_a_program_of_zpl_has_no_sign_that_is_not_its_own():
    dots = bitmaps(sheet(some_labels(3), stock=ROLL), dpi=203)
    for packing in Packing:
        text = zpl.program(dots, stock=ROLL, dpi=203, packing=packing).decode("ascii")
        assert re.fullmatch(r"[A-Za-z0-9^,:!+/=~\r\n]*", text)


def test_a_picture_too_long_for_one_field_is_cut_in_bands():
    dots = bitmap(a_job(BIG, 600)[2], dpi=600)
    program = zpl.program([dots], stock=BIG, dpi=600)

    fields = [int(total) for total in re.findall(rb"\^GFA,(\d+),", program)]
    assert sum(fields) == len(dots.rows)
    assert len(fields) > 4
    assert max(fields) <= zpl.MOST_FIELD


def test_settings_reach_the_printer_and_what_is_not_asked_is_left_alone():
    dots = bitmaps(sheet([a_label()], stock=ROLL), dpi=203)
    asked = {"stock": ROLL, "dpi": 203, "gap_mm": 3, "density": 9, "speed": 4}

    one, other = printer.Tspl(203), printer.Zpl(203)
    one.read(tspl.program(dots, **asked))
    other.read(zpl.program(dots, **asked))
    assert (one.settings["GAP"], one.settings["DENSITY"], one.settings["SPEED"]) == ("3.00 mm,0 mm", "9", "4")
    assert (other.settings["^MN"], other.settings["~SD"], other.settings["^PR"]) == ("Y", "18", "4")

    one, other = printer.Tspl(203), printer.Zpl(203)
    one.read(tspl.program(dots, stock=ROLL, dpi=203, gap_mm=0))
    other.read(zpl.program(dots, stock=ROLL, dpi=203, gap_mm=0))
    assert one.settings["GAP"] == "0,0"
    assert other.settings["^MN"] == "N"
    assert not {"DENSITY", "SPEED"} & one.settings.keys()
    assert not {"~SD", "^PR"} & other.settings.keys()


def test_nothing_that_people_typed_is_in_a_program():
    label = a_label(make_model='"\r\nSELFTEST\r\n^XA^JUF^XZ~JR', donation="\x1b!R")
    dots = bitmaps(sheet([label], stock=ROLL), dpi=203)

    for program in (tspl.program, zpl.program):
        sent = program(dots, stock=ROLL, dpi=203)
        assert not re.search(rb"SELFTEST|\^JU|~JR|\x1b!", sent)
    (printed,) = printer.tspl(tspl.program(dots, stock=ROLL, dpi=203), dpi=203)
    assert codes(printed.image)["QR", label.url] == 1


@pytest.mark.parametrize("module", [tspl, zpl])
@pytest.mark.parametrize(
    "wrong",
    [
        {"copies": 0},
        {"copies": 100},
        {"copies": True},
        {"copies": 2.0},
        {"gap_mm": -1},
        {"gap_mm": 26},
        {"gap_mm": 0.1},
        {"gap_mm": float("nan")},
        {"gap_mm": float("inf")},
        {"density": 16},
        {"density": -1},
        {"speed": 0},
        {"speed": 15},
        {"dpi": 204},
        {"dpi": 300},
        {"stock": find("58x40")},
        {"stock": find("L7160")},
        {"head": 48},
    ],
    ids=str,
)
def test_what_no_printer_prints_is_refused(module, wrong):
    dots = bitmaps(sheet([a_label()], stock=ROLL), dpi=203)

    with pytest.raises(PaperRefused) as refused:
        module.program(dots, **({"stock": ROLL, "dpi": 203} | wrong))

    assert str(refused.value)


@pytest.mark.parametrize("module", [tspl, zpl])
def test_a_job_is_bounded(module):
    dots = bitmap(sheet([a_label()], stock=ROLL), dpi=203)

    with pytest.raises(PaperRefused, match="no labels"):
        module.program([], stock=ROLL, dpi=203)
    with pytest.raises(TooMany, match="2401 labels"):
        module.program([dots] * 2401, stock=ROLL, dpi=203)
    with pytest.raises(TooMany, match="2500 labels"):
        module.program([dots] * 50, stock=ROLL, dpi=203, copies=50)
    large = Bitmap(1465, 2362, bytes(184 * 2362))
    with pytest.raises(TooMany, match="70 MB"):
        module.program([large] * 167, stock=BIG, dpi=600)


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


def test_a_bitmap_is_what_it_says():
    with pytest.raises(ValueError, match="3 bytes"):
        Bitmap(8, 4, b"abc")
    with pytest.raises(ValueError, match="beyond"):
        Bitmap(7, 1, b"\x01")
    assert Bitmap(7, 1, b"\xfe").stride == 1


# Controls: what would be wrong is noticed.


@pytest.fixture
def one():
    return bitmap(a_job(ROLL, 203)[2], dpi=203)


def test_black_for_white_is_noticed(one, monkeypatch):
    monkeypatch.setattr(tspl, "_INVERTED", bytes(range(256)))

    (printed,) = printer.tspl(tspl.program([one], stock=ROLL, dpi=203), dpi=203)

    assert not same(printed.image, one)
    assert ImageChops.invert(printed.image).getextrema() == printed.image.getextrema()
    assert ImageChops.difference(ImageChops.invert(printed.image), picture(one)).getbbox() is None


def test_a_picture_a_byte_short_or_long_is_noticed(one):
    sent = tspl.program([one], stock=ROLL, dpi=203)
    end = sent.index(b"\r\nPRINT")
    for wrong in (sent[: end - 1] + sent[end:], sent[:end] + b"\xff" + sent[end:]):
        with pytest.raises(Jam):
            printer.tspl(wrong, dpi=203)
    for packing in Packing:
        sent = zpl.program([one], stock=ROLL, dpi=203, packing=packing)
        end = sent.index(b"^FS")
        for wrong in (sent[: end - 2] + sent[end:], sent[:end] + b"00" + sent[end:]):
            with pytest.raises(Jam):
                printer.zpl(wrong, dpi=203)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"CLS", b"SELFTEST"),
        (b"SIZE 50 mm,30 mm", b"SIZE 40 mm,30 mm"),
        (b"SIZE 50 mm,30 mm", b"SIZE 50 mm,20 mm"),
        (b"BITMAP 0,0", b"BITMAP 8,0"),
        (b"GAP 2.00 mm,0 mm", b"GAP 2"),
        (b"PRINT 1,1", b"PRINT 2,1"),
        (b"CLS\r\n", b""),
    ],
)
def test_the_tspl_printer_is_strict(one, right, wrong):
    sent = tspl.program([one], stock=ROLL, dpi=203)
    assert right in sent
    with pytest.raises(Jam):
        printer.tspl(sent.replace(right, wrong), dpi=203)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"^PW400", b"^PW320"),
        (b"^LL240", b"^LL200"),
        (b"^PON", b""),
        (b"^FO0,0", b"^FO16,0"),
        (b"^FO0,0", b""),
        (b"^FS", b""),
        (b"^XZ", b""),
        (b"^MNY", b"^JUF"),
        (b"^GFA,12000,12000,50", b"^GFA,12000,12000,60"),
    ],
)
def test_the_zpl_printer_is_strict(one, right, wrong):
    sent = zpl.program([one], stock=ROLL, dpi=203)
    assert right in sent
    with pytest.raises(Jam):
        printer.zpl(sent.replace(right, wrong), dpi=203)
