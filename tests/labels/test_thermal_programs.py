"""Programs for label printers: what is in them, what never is, and that a wrong one would be noticed."""

import re

import pytest
from PIL import ImageChops

from labels import tspl, zpl
from labels.refusals import PaperRefused, TooMany
from labels.sheets import sheet
from labels.stock import find
from labels.thermal import Bitmap, bitmap, bitmaps
from labels.zpl import Packing
from tests.labels import printer
from tests.labels.makers import a_label, codes, some_labels
from tests.labels.printer import Jam
from tests.labels.rolls import ROLL, a_job, a_stock, picture, same


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
    dots = bitmap(a_job(find("62x100"), 600)[2], dpi=600)
    program = zpl.program([dots], stock=find("62x100"), dpi=600)

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
        module.program([large] * 167, stock=find("62x100"), dpi=600)


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
