"""The page of rulers: its lines stand where the stock says, measured in the finished PDF."""

import io

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Pdf, parse_content_stream

from labels.ruler import ruler
from labels.stock import Stock, find, known

POINT = 72 / 25.4
CLOSE = 0.05  # mm


def drawn(pdf: bytes) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """Return the outlines and the lines of the page: left, top, right, bottom in millimetres from its top left."""
    document = Pdf.open(io.BytesIO(pdf))  # kept, or its pages are gone
    page = document.pages[0]
    height, outlined, lines, at = float(page.mediabox[3]), [], [], (0.0, 0.0)
    for numbers, operator in parse_content_stream(page):
        values = [float(number) for number in numbers] if str(operator) in {"re", "m", "l"} else []
        if str(operator) == "re":
            left, bottom, wide, tall = values
            outlined.append((left, height - bottom - tall, left + wide, height - bottom))
        elif str(operator) == "m":
            at = (values[0], height - values[1])
        elif str(operator) == "l":
            lines.append((*at, values[0], height - values[1]))
        assert str(operator) != "cm"  # else these were no coordinates of the page
    return [tuple(x / POINT for x in box) for box in outlined], [
        tuple(x / POINT for x in line) for line in lines
    ]


def has(found, wanted) -> bool:
    return any(all(abs(a - b) <= CLOSE for a, b in zip(one, wanted, strict=True)) for one in found)


def outlines(stock: Stock) -> list[tuple[float, float, float, float]]:
    return [
        (left, top, left + stock.label_width, top + stock.label_height)
        for left, top in map(stock.corner, range(stock.count))
    ]


@pytest.mark.parametrize("name", ["L7160", "L7163", "38931", "50x30", "62x100"])
def test_every_label_is_outlined_where_the_stock_says(name):
    stock = find(name)
    found, _lines = drawn(ruler(stock))

    assert [outline for outline in outlines(stock) if not has(found, outline)] == []


def test_control_a_label_a_tenth_of_a_millimetre_off_is_seen():
    stock = find("L7163")
    found, _lines = drawn(ruler(stock))

    left, top, right, bottom = outlines(stock)[3]
    assert not has(found, (left + 0.1, top, right + 0.1, bottom))


def test_the_line_to_measure_is_a_hundred_millimetres_and_the_axes_meet_at_the_first_label():
    stock = find("L7160")
    _outlines, lines = drawn(ruler(stock))

    assert any(abs(x2 - x1 - 100) <= CLOSE and y1 == y2 for x1, y1, x2, y2 in lines)
    assert has(lines, (0, stock.top, stock.page_width, stock.top))
    assert has(lines, (stock.left, 0, stock.left, stock.page_height))
    for at in (1, 57, 203):  # a mark for every millimetre from the edge, and from the first label
        assert any(abs(x1 - at) <= CLOSE and y1 == pytest.approx(0) for x1, y1, _x, _y in lines)
        assert any(
            abs(x1 - stock.left - min(at, 200)) <= CLOSE and y1 < stock.top < y2 for x1, y1, _x, y2 in lines
        )


@pytest.mark.parametrize("stock", known(), ids=lambda stock: stock.name)
def test_every_stock_has_a_page_of_its_size_that_is_not_scaled(stock):
    pdf = ruler(stock)
    page = pypdfium2.PdfDocument(pdf)[0]

    assert page.get_width() / POINT == pytest.approx(stock.page_width, abs=0.02)
    assert page.get_height() / POINT == pytest.approx(stock.page_height, abs=0.02)
    words = " ".join(page.get_textpage().get_text_bounded().split())
    assert "soi ra ánh sáng" in words
    assert "co giãn" in words
    assert all(str(n) in words for n in (1, stock.count))

    document = Pdf.open(io.BytesIO(pdf))
    assert document.Root.ViewerPreferences.PrintScaling == "/None"


def test_the_same_page_is_the_same_to_the_byte():
    assert ruler(find("L7161")) == ruler(find("L7161"))


@given(title=st.text(max_size=60))
def test_any_name_may_stand_over_it(title):
    assert ruler(find("50x30"), title=title).startswith(b"%PDF")
