"""QR and Code 128: the table against the library, and every drawing read back."""

import pytest
import qrcode
import zxingcpp
from barcode.codex import Code128
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from qrcode.util import MODE_ALPHA_NUM, QRData

from labels.codes import (
    BARS_QUIET,
    LONGEST_URL,
    QUIET,
    Drawing,
    any_code,
    bars,
    bars_width,
    url_code,
    url_version,
)
from labels.refusals import UnreadableCode
from labels.symbols import MASK, url_level
from tests.labels.makers import boxes, dark

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def by_library(text: str, version: int) -> set[tuple[int, int]]:
    level = url_level(len(text), version)
    symbol = qrcode.QRCode(version, level, border=QUIET, mask_pattern=MASK)
    symbol.add_data(QRData(text.encode(), MODE_ALPHA_NUM))
    symbol.make(fit=False)
    return {(x, y) for y, row in enumerate(symbol.get_matrix()) for x, module in enumerate(row) if module}


def picture(drawing: Drawing, *, module: int = 4, height: int = 1) -> Image.Image:
    image = Image.new("L", (drawing.width * module, drawing.height * module * height), 255)
    pen = ImageDraw.Draw(image)
    for x, y in dark(drawing):
        pen.rectangle(
            (x * module, y * module * height, (x + 1) * module - 1, (y + 1) * module * height - 1), fill=0
        )
    return image


def read(drawing: Drawing, *, module: int = 4, height: int = 1) -> str:
    image = picture(drawing, module=module, height=height)
    wanted = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128)
    return zxingcpp.read_barcode(image, formats=wanted).bytes.decode()


@settings(max_examples=40)
@given(st.text(LETTERS, min_size=1, max_size=LONGEST_URL), st.integers(0, 2))
def test_the_table_draws_what_the_library_draws(url, larger):
    version = url_version(url) + larger

    assert dark(url_code(url, version)) == by_library(url, version)


@settings(max_examples=40)
@given(
    st.text(LETTERS, max_size=LONGEST_URL - 9),
    st.lists(st.text(LETTERS, min_size=9, max_size=9), min_size=1, max_size=5),
    st.integers(0, 2),
)
@example("HTTPS://TB.EXAMPLE.VN/T", ["/7K3M9QX2", "/7K3M9QX3"], 0)
def test_an_address_among_others_that_begin_alike_is_drawn_no_differently(beginning, ends, larger):
    version = url_version(beginning + ends[0]) + larger

    for end in ends:
        url = beginning + end
        assert dark(url_code(url, version, len(beginning) + 1)) == dark(url_code(url, version))


def test_most_of_the_path_is_the_same_text_for_all_addresses_that_begin_alike():
    beginning = "HTTPS://TB.PHUTHO.EDU.VN/T/"
    one, other = (url_code(beginning + code, None, len(beginning)).path for code in ("7K3M9QX2", "2XQ9M3K7"))
    same = next(at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)

    assert same > max(len(one), len(other)) / 2


@settings(max_examples=50)
@given(st.text(LETTERS, min_size=1, max_size=LONGEST_URL).filter(lambda url: url.strip() == url))
def test_every_address_reads_back(url):
    assert read(url_code(url)) == url


@settings(max_examples=300)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=24))
@example("12345")
@example("1A2345B")
@example("12AB")
@example("A1234")
def test_bars_are_those_of_the_library(code):
    (modules,) = Code128(code).build()
    found = {x - BARS_QUIET for x, _ in dark(bars(code))}

    if not code.startswith("99"):  # where the library of today drops the first pair
        assert found == {at for at, module in enumerate(modules) if module == "1"}
        assert bars(code).width == len(modules) + 2 * BARS_QUIET == bars_width(code)


@settings(max_examples=200)
@given(st.text("23456789BCFGHJKMNPQRTVXYZ0", min_size=1, max_size=16))
@example("99K3M9QX")
@example("7K12345M")
def test_every_code_reads_back_from_its_bars(code):
    assert read(bars(code), module=3, height=40) == code


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=90))
def test_every_text_reads_back_to_the_byte(text):
    assert read(any_code(text)) == text


@pytest.mark.parametrize("alike", [0, len("HTTPS://TB.EXAMPLE.VN/T/")])
def test_no_two_rectangles_of_a_path_overlap_and_none_is_in_the_quiet_zone(alike):
    drawing = url_code("HTTPS://TB.EXAMPLE.VN/T/7K3M9QX2", None, alike)
    area = sum(wide * tall for _left, _top, wide, tall in boxes(drawing))

    assert area == len(dark(drawing))
    assert min(min(place) for place in dark(drawing)) == QUIET
    assert max(max(place) for place in dark(drawing)) == drawing.width - QUIET - 1


def test_bars_keep_their_quiet_zones():
    drawing = bars("7K3M9QX2")
    columns = [x for x, _ in dark(drawing)]

    assert min(columns) == BARS_QUIET
    assert max(columns) == drawing.width - BARS_QUIET - 1


@settings(max_examples=15)
@given(st.integers(1, LONGEST_URL))
@example(35)
@example(36)
def test_the_highest_level_is_taken_where_it_needs_no_more_modules(length):
    version = url_version("A" * length)
    found = zxingcpp.read_barcode(picture(url_code("A" * length)), formats=zxingcpp.BarcodeFormat.QRCode)

    high = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_H)
    high.add_data(QRData(b"A" * length, MODE_ALPHA_NUM))
    assert found.extra["ECLevel"] == ("H" if high.best_fit() == version else "Q")
    assert int(found.extra["Version"]) == version


def test_an_address_of_a_province_fits_version_three():
    assert url_version("HTTPS://THIETBI.PHUTHO.EDU.VN/T/7K3M9QX2") == 3
    assert url_version("HTTPS://SMT.LAN/T/7K3M9QX2") == 2


@pytest.mark.parametrize(
    "url", ["", "https://tb.example/T/7K3M9QX2", "HTTPS://TB/T/Đ", "A" * (LONGEST_URL + 1)]
)
def test_an_address_that_would_need_another_mode_is_refused(url):
    with pytest.raises(UnreadableCode, match="cannot be a label's address"):
        url_code(url)


@pytest.mark.parametrize("code", ["", "Đ", "7K3M\n9QX2", "7" * 25])
def test_a_code_that_bars_cannot_say_is_refused(code):
    with pytest.raises(UnreadableCode):
        bars(code)


@pytest.mark.parametrize("text", ["", "ơ" * 201])
def test_a_text_too_long_for_the_paper_is_refused_with_the_number(text):
    with pytest.raises(UnreadableCode, match=f"{len(text.encode())} bytes .* to 400"):
        any_code(text)
