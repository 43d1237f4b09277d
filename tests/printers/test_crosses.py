"""The test page, measured on its own ink."""

import io

import pikepdf
import pypdfium2
import pytest

from labels.crosses import EDGES, LIGHT, crosses, marks
from labels.job import Placing
from labels.stock import Stock, find
from tests.intake.makers import words_of

FINE = 20  # pixels a millimetre
LONG = 8  # mm; ticks are shorter, and a stroke that the paper's edge cuts is longer


def drawn(pdf):
    return pypdfium2.PdfDocument(pdf)[0].render(scale=FINE * 25.4 / 72, grayscale=True).to_pil()


def lines_at(image, mark):
    """Return the place of the cross near a mark, in millimetres, by its two long strokes."""
    left, top = (max(round((way - 7) * FINE), 0) for way in (mark.x, mark.y))
    right, bottom = min(left + 14 * FINE, image.width), min(top + 14 * FINE, image.height)
    part = image.crop((left, top, right, bottom)).point(lambda grey: 255 * (grey < 128))
    across = [part.crop((0, y, part.width, y + 1)).histogram()[255] for y in range(part.height)]
    down = [part.crop((x, 0, x + 1, part.height)).histogram()[255] for x in range(part.width)]
    rows = [y for y, count in enumerate(across) if count > LONG * FINE]
    columns = [x for x, count in enumerate(down) if count > LONG * FINE]
    middle = [(found[0] + found[-1] + 1) / 2 for found in (columns, rows)]
    return (left + middle[0]) / FINE, (top + middle[1]) / FINE


@pytest.mark.parametrize("name", ["L7160", "L7169", "50x30", "18036"])
@pytest.mark.parametrize("placing", [None, Placing(shift=(0.8, -1.25), stretch=(1.002, 0.999))])
def test_the_crosses_stand_where_they_should_moved_as_labels_are(name, placing):
    stock = find(name)
    image = drawn(crosses(stock, title="Máy in thử", placing=placing, corrected=placing is not None))

    assert image.size == (
        pytest.approx(stock.page_width * FINE, abs=1),
        pytest.approx(stock.page_height * FINE, abs=1),
    )
    shift, stretch = (placing.shift, placing.stretch) if placing else ((0, 0), (1, 1))
    for mark in marks(stock):
        x, y = lines_at(image, mark)
        assert x == pytest.approx(mark.x * stretch[0] + shift[0], abs=0.08)
        assert y == pytest.approx(mark.y * stretch[1] + shift[1], abs=0.08)


def test_the_page_says_how_to_measure_and_tells_viewers_not_to_scale():
    pdf = crosses(find("L7160"), title="HP LaserJet · Kho")

    words = words_of(pdf)
    for said in (
        "Trang thử căn chỉnh · L7160",
        "HP LaserJet · Kho",
        "100 %",
        "soi lên nguồn sáng",
        "không hiệu chỉnh",
    ):
        assert said in words
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.ViewerPreferences.PrintScaling == "/None"
    assert crosses(find("L7160"), title="HP LaserJet · Kho") == pdf


def a_sheet(width, height, *, left):
    return Stock(
        name="Tờ nhỏ",
        page_width=width,
        page_height=height,
        columns=1,
        rows=2,
        label_width=width - 2 * left,
        label_height=40,
        left=left,
        top=left,
        pitch_x=width,
        pitch_y=45,
    )


@pytest.mark.parametrize("size", [(210, 297), (148, 210), (105, 148)])
@pytest.mark.parametrize(("left", "said"), [(10, LIGHT), (0, EDGES)])
def test_what_to_do_is_said_whole_on_small_sheets_too(size, left, said):
    words = " ".join(words_of(crosses(a_sheet(*size, left=left), title="Máy in thử")).split())

    for line in said:
        assert line in words
