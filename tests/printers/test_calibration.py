"""What is measured on the test page becomes a correction that puts every label where it belongs."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labels.crosses import FAR, crosses, marks
from labels.sheets import prepared
from labels.stock import find, known
from tests.labels.makers import some_labels
from tracker.printers import rules
from tracker.printers.paper import placing
from tracker.printers.rules import NONE, Correction, Reading, TooFarOff

offsets = st.floats(-4, 4)
stretches = st.floats(0.975, 1.025)
stocks = st.sampled_from([stock for stock in known() if not stock.roll])
corrections = st.builds(Correction, offsets, offsets, stretches, stretches)


class Machine:
    """A printer that moves and stretches whatever it prints."""

    def __init__(self, right, down, wider, taller):
        self.moves, self.stretches = (right, down), (wider, taller)

    def prints(self, x, y):
        (right, down), (wider, taller) = self.moves, self.stretches
        return x * wider + right, y * taller + down

    def reading(self, mark, now):
        x, y = self.prints(mark.x * now.scale_x + now.dx, mark.y * now.scale_y + now.dy)
        return Reading(x - mark.x, y - mark.y)


@given(stocks, offsets, offsets, stretches, stretches, st.one_of(st.just(NONE), corrections))
def test_corrected_as_measured_every_place_of_the_paper_is_right_to_a_tenth(
    stock, right, down, wider, taller, now
):
    machine = Machine(right, down, wider, taller)
    places = marks(stock)
    readings = [machine.reading(mark, now) for mark in places]
    assume(len(places) == 2 and max(abs(way) for reading in readings for way in reading) < 20)
    try:
        found = rules.corrected(places, readings, now=now)
    except TooFarOff:
        assert (
            max(abs(right / wider), abs(down / taller)) > 4
            or max(abs(1 / wider - 1), abs(1 / taller - 1)) > 0.024
        )
        return

    for x in (0, stock.page_width):
        for y in (0, stock.page_height):
            came = machine.prints(x * found.scale_x + found.dx, y * found.scale_y + found.dy)
            assert abs(came[0] - x) < 0.02
            assert abs(came[1] - y) < 0.02


@given(offsets, offsets, stretches, stretches)
def test_labels_themselves_come_out_right_to_a_tenth_with_the_dots_of_a_printer(right, down, wider, taller):
    machine, stock = Machine(right, down, wider, taller), find("L7160")
    found = rules.corrected(marks(stock), [machine.reading(mark, NONE) for mark in marks(stock)])
    job = prepared(some_labels(21), stock=stock, dpi=203, placing=placing(found))

    (page,) = job.pages()
    for slot, (left, top, _sticker) in enumerate(page):
        wanted = stock.corner(slot)
        came = machine.prints(left, top)
        assert max(abs(came[0] - wanted[0]), abs(came[1] - wanted[1])) < 0.1


@given(offsets, offsets)
def test_a_roll_is_moved_and_never_stretched(right, down):
    roll = find("50x30")
    found = rules.corrected(marks(roll), [Reading(right, down)])

    assert found.stretch == (1, 1)
    assert found.shift == (pytest.approx(-right, abs=0.0051), pytest.approx(-down, abs=0.0051))


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        ([Reading(6, 0), Reading(6, 0)], "6.0|6,0"),
        ([Reading(0, 0), Reading(-10, -14)], "%"),  # the viewer fitted the page: 95 %
        ([Reading(21, 0), Reading(0, 0)], "20"),
        ([Reading(0, 0), Reading(0, -20)], "%"),
    ],
)
def test_what_no_printer_does_is_refused_and_the_viewer_named(readings, said):
    with pytest.raises(TooFarOff, match=said) as refused:
        rules.corrected(marks(find("L7160")), readings)

    assert "100 %" in str(refused.value.out)


@pytest.mark.parametrize(
    "bad", [Correction(5.1), Correction(0, -5.1), Correction(0, 0, 1.031), Correction(0, 0, 1, 0.9)]
)
def test_more_than_five_millimetres_or_three_percent_cannot_be_entered(bad):
    with pytest.raises(TooFarOff):
        rules.bounded(bad)


def test_the_bounds_themselves_can():
    for edge in (Correction(5, -5), Correction(-5, 5), Correction(0, 0, 1.03, 0.97)):
        assert rules.bounded(edge) == edge


@pytest.mark.parametrize(
    ("text", "number"),
    [("0,5", 0.5), ("-1.25", -1.25), ("−2", -2), ("+3", 3), (" 100,003 ", 100.003), ("nan", None), ("inf", None),
     ("1e3", None), ("", None), ("1,2,3", None), ("١", None), ("0x1", None), ("9" * 40, None), ("1 2", None)],
)  # fmt: skip
def test_lengths_are_read_as_people_write_them(text, number):
    assert rules.millimetres(text) == number


@pytest.mark.parametrize("stock", known(), ids=lambda stock: stock.name)
def test_the_crosses_of_every_paper_are_on_it_and_far_from_each_other(stock):
    places = marks(stock)

    for mark in places:
        assert 0 < mark.x < stock.page_width
        assert 0 < mark.y < stock.page_height
    assert len(places) == 1 or min(places[1].x - places[0].x, places[1].y - places[0].y) >= FAR
    assert len(places) == 2 or stock.roll
    assert crosses(stock, title="Máy in \U0001f5a8 \x00 thử").startswith(b"%PDF")
