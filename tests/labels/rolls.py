"""Rolls, label printers of both languages, and what they print compared with what was meant."""

from functools import cache

import pytest
from PIL import Image, ImageChops

from labels import tspl, zpl
from labels.job import ready
from labels.plan import dot
from labels.sheets import sheet
from labels.stock import Stock, find
from labels.zpl import Packing
from tests.labels import printer
from tests.labels.makers import a_label

STOCKS = [*map(find, ("40x30", "50x30", "58x40", "62x29", "62x100"))]
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
