"""Label stock and the plan of a label."""

import csv

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labels.codes import LONGEST_URL
from labels.plan import DPIS, NARROWEST_BAR, QR_DOTS, dot, plan
from labels.refusals import PaperRefused, UnknownStock, UnreadableStock
from labels.sheets import sheet
from labels.stock import Stock, find, known
from tests.labels.makers import SHARED, a_label


@pytest.mark.parametrize(
    ("name", "columns", "rows", "width", "height"),
    [("L7160", 3, 7, 63.99, 38.1), ("L7162", 2, 8, 99.1, 33.9), ("50x30", 1, 1, 50, 30)],
)
def test_the_stocks_offices_have_are_known(name, columns, rows, width, height):
    stock = find(name)

    assert (stock.columns, stock.rows) == (columns, rows)
    assert (stock.label_width, stock.label_height) == (width, height)


def test_a_stock_is_found_in_either_case_and_by_any_of_its_names():
    assert find(" l7160 ") is find("J8160") is find("7160")


def test_the_table_says_what_the_makers_publish():
    path = SHARED / "data" / "vn" / "label_stock_avery_a4.csv"
    if not path.is_file():
        pytest.skip("The published table is not on this machine; it is looked for beside the project.")
    with path.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))

    assert len(rows) > 60
    for row in rows:
        stock = find(row["part"])
        ours = (stock.label_width, stock.label_height, stock.columns, stock.rows, stock.left, stock.top)
        ours += (stock.pitch_x, stock.pitch_y)
        names = ("label_w_mm", "label_h_mm", "cols", "rows", "x0_mm", "y0_mm", "pitch_x_mm", "pitch_y_mm")
        assert ours == tuple(float(row[name]) for name in names), row["part"]


def test_an_unknown_stock_is_refused_with_those_there_are():
    with pytest.raises(UnknownStock, match=r"“L9999” .* L7160, .*50x30"):
        find("L9999")


def test_a_label_too_small_for_a_phone_is_refused_with_the_smallest_that_would_do():
    with pytest.raises(UnreadableStock, match=r"L4730 \(17.8 × 10 mm\).* at 203 dpi.* smallest .* is 6121"):
        sheet([a_label(url="HTTPS://SMT.LAN/T/7K3M9QX2")], stock="L4730")


@pytest.mark.parametrize("dpi", DPIS)
def test_even_for_the_longest_address_there_is_a_stock_to_name(dpi):
    with pytest.raises(UnreadableStock, match=r"smallest that would do is \w+ \("):
        sheet([a_label(url="A" * LONGEST_URL, code="7" * 24)], stock="L4730", dpi=dpi)


def test_a_finer_printer_may_print_on_a_smaller_label():
    label = a_label(url="HTTPS://SMT.LAN/T/7K3M9QX2")

    with pytest.raises(UnreadableStock):
        sheet([label], stock="L4732", dpi=203)
    assert sheet([label], stock="L4732", dpi=600)


@pytest.mark.parametrize(
    "wrong", [{"columns": 4}, {"pitch_x": 40.0}, {"left": -1.0}, {"label_width": float("nan")}, {"rows": 0}]
)
def test_a_geometry_no_paper_has_is_refused(wrong):
    l7160 = {
        "name": "Tomy 121",
        "page_width": 210,
        "page_height": 297,
        "columns": 3,
        "rows": 7,
        "label_width": 64,
        "label_height": 38,
        "left": 7.5,
        "top": 15.5,
        "pitch_x": 66,
        "pitch_y": 38,
    }

    assert Stock(**l7160).count == 21
    with pytest.raises(PaperRefused, match="Tomy 121"):
        Stock(**(l7160 | wrong))


@given(
    width=st.floats(15, 210),
    height=st.floats(10, 297),
    dpi=st.sampled_from(DPIS),
    modules=st.sampled_from([29, 33, 37, 41, 45, 49]),
    bar_modules=st.integers(60, 330),
)
def test_nothing_leaves_a_label_and_every_module_is_whole_dots(width, height, dpi, modules, bar_modules):
    stock = Stock(
        name="a roll",
        page_width=width,
        page_height=height,
        columns=1,
        rows=1,
        label_width=width,
        label_height=height,
    )
    try:
        found = plan(stock, dpi, modules, bar_modules)
    except UnreadableStock:
        assume(False)

    dots = found.module / dot(dpi)
    assert dots == pytest.approx(round(dots))
    assert round(dots) >= QR_DOTS
    boxes = [found.qr, found.text] + ([found.bars] if found.bars else [])
    for box in boxes:
        assert box.x >= -1e-9
        assert box.y >= -1e-9
        assert box.x + box.width <= width + 1e-6
        assert box.y + box.height <= height + 1e-6
    if found.bars:
        dots = found.bar_module / dot(dpi)
        assert dots == pytest.approx(round(dots))
        assert found.bar_module >= NARROWEST_BAR
        white, clear = 4 * found.module, 10 * found.bar_module
        beside = found.bars.x + clear >= found.qr.x + found.qr.width - white + clear - 1e-6
        below = found.bars.y >= found.qr.y + found.qr.height - 1e-6
        assert beside or below
        assert found.text.y + found.text.height <= found.bars.y + 1e-6 or below


def test_every_stock_has_labels_on_its_page():
    for stock in known():
        left, top = stock.corner(stock.count - 1)
        assert left + stock.label_width <= stock.page_width + 0.2
        assert top + stock.label_height <= stock.page_height + 0.2
