"""The measures of one's own paper: what is accepted is a paper, what is refused says why."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.printers import measures
from tracker.printers.measures import FormWrong, Measures, measures_of, name_of, shown, wrong_of

#: A sheet that offices have: three columns, seven rows.
SHEET = {
    "kind": "sheet",
    "page_width": "210",
    "page_height": "297",
    "columns": "3",
    "rows": "7",
    "label_width": "63,5",
    "label_height": "38,1",
    "origin_x": "7,25",
    "origin_y": "15.15",
    "pitch_x": "66,04",
    "pitch_y": "38.1",
}

length = st.integers(-10, 35_000)
count = st.integers(-1, 40)
anything = st.builds(Measures, *[length] * 2, *[count] * 2, *[length] * 6)
near = st.builds(
    Measures,
    st.integers(2_000, 33_000),
    st.integers(2_000, 33_000),
    st.integers(1, 12),
    st.integers(1, 30),
    st.integers(300, 9_000),
    st.integers(300, 9_000),
    st.integers(0, 3_000),
    st.integers(0, 3_000),
    st.integers(300, 9_500),
    st.integers(300, 9_500),
)


@given(st.one_of(near, anything))
def test_every_label_of_an_accepted_paper_lies_on_its_page_and_no_two_overlap(paper):
    if wrong_of(paper):
        return
    stock = paper.stock("riêng")

    corners = [stock.corner(slot) for slot in range(stock.count)]
    assert 1 <= stock.count <= 500
    for left, top in corners:
        assert left >= 0
        assert top >= 0
        assert left + stock.label_width <= stock.page_width + 1e-9
        assert top + stock.label_height <= stock.page_height + 1e-9
    columns, rows = sorted({left for left, _top in corners}), sorted({top for _left, top in corners})
    assert len(columns) * len(rows) == stock.count
    assert all(b - a >= stock.label_width - 1e-9 for a, b in pairwise(columns))
    assert all(b - a >= stock.label_height - 1e-9 for a, b in pairwise(rows))


@given(st.one_of(near, anything))
def test_every_refused_paper_has_a_reason_at_a_field_of_the_form(paper):
    wrong = wrong_of(paper)

    assert all(field in Measures._fields and str(words) for field, words in wrong.items())
    typed = {"kind": "sheet"} | {name: _typed(name, value) for name, value in paper._asdict().items()}
    if wrong:
        with pytest.raises(FormWrong) as refused:
            measures_of(
                typed | {"pitch_x": shown(max(paper.pitch_x, 0)), "pitch_y": shown(max(paper.pitch_y, 0))}
            )
        assert refused.value.wrong
    else:
        made = measures_of(typed)
        assert (made.stock("a").count, wrong_of(made)) == (paper.stock("a").count, {})


def _typed(name: str, value: int) -> str:
    return str(value) if name in measures.COUNTS else shown(value) if value >= 0 else f"-{shown(-value)}"


@given(st.integers(0, 99_999), st.sampled_from(",."), st.sampled_from(["", " mm", "mm"]))
def test_a_comma_and_a_point_say_the_same(hundredths, point, unit):
    said = shown(hundredths).replace(",", point) + unit

    wrong: measures.Wrong = {}
    assert measures._length({"pitch_x": said}, "pitch_x", wrong) == hundredths
    assert wrong == {}


def test_full_width_digits_are_digits():
    assert measures_of(SHEET | {"label_width": "６３，５"}).label_width == 6350


@pytest.mark.parametrize(
    "said",
    ["", "x", "-5", "+5", "1e3", "nan", "63,5,5", "1.063,5", "63,555", "٦٣", "63 5", "9" * 40, "0x10", "½"],
)
def test_what_is_no_length_is_said_at_its_field(said):
    with pytest.raises(FormWrong) as refused:
        measures_of(SHEET | {"label_width": said})

    assert list(refused.value.wrong) == ["label_width"]


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"label_width": "66,05"}, "pitch_x", "overlap"),
        ({"label_height": "38,11"}, "pitch_y", "overlap"),
        ({"columns": "4"}, "columns", "beyond the right edge"),
        ({"rows": "8"}, "rows", "below the bottom edge"),
        ({"page_width": "19,99"}, "page_width", "from 20 to 330"),
        ({"page_height": "330,01"}, "page_height", "from 20 to 330"),
        ({"columns": "26", "rows": "20"}, "columns", "520"),
        ({"rows": "0"}, "rows", "from 1 to 500"),
        ({"label_width": "0"}, "label_width", "at least 5"),
    ],
)
def test_a_sheet_that_is_none_is_refused_where_it_is_wrong(changed, field, words):
    with pytest.raises(FormWrong) as refused:
        measures_of(SHEET | changed)

    assert words in str(refused.value.wrong[field])


def test_of_a_roll_the_label_alone_is_asked():
    assert measures_of({"kind": "roll", "label_width": "50", "label_height": "30"}).stock("x").roll


def test_what_lies_between_labels_is_not_asked_where_there_is_one():
    one = {"columns": "1", "rows": "1", "pitch_x": "", "pitch_y": ""}

    assert measures_of(SHEET | one).stock("x").count == 1


@given(st.text(max_size=60))
def test_a_name_is_kept_whole_and_shown_plainly_or_refused(text):
    name = ""
    with suppress(FormWrong):
        name = name_of(text)

    assert len(name) <= 40
    assert name == " ".join(name.split())
    assert name.isprintable()
