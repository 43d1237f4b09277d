"""A table's cells: the head of the row, what each is called on a phone, nothing that is taken for HTML."""

import pytest
from markupsafe import Markup

from tracker.web.tables import table_cells, td


def test_the_first_cell_is_the_rows_head_and_every_cell_says_its_column():
    cells = table_cells(["Code", ("Age", "num"), 'A "b" & c'])
    row = cells()
    assert td(row, Markup("<b>1</b>")) == '<th scope="row" data-label="Code"><b>1</b></th>'
    assert td(row, 12) == '<td data-label="Age" class="num">12</td>'
    assert td(row, "<i>") == '<td data-label="A &#34;b&#34; &amp; c">&lt;i&gt;</td>'
    with pytest.raises(StopIteration):
        td(row, "one too many")


def test_nothing_is_a_dash_that_a_phone_leaves_out():
    assert (
        td(table_cells(["Code"])(), "–")
        == '<th scope="row" data-label="Code"><span class="none">–</span></th>'
    )


def test_each_row_begins_anew():
    cells = table_cells(["Code", "Age"])
    assert [td(cells(), n)[:3] for n in range(3)] == ["<th"] * 3
