import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.lists.fold import fold, same_name, tidy


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nguyễn Thị Đượm", "nguyen thi duom"),
        ("  NGUYỄN\u00a0Văn   Đức\t", "nguyen van duc"),
        (unicodedata.normalize("NFD", "Hoà Bình"), "hoa binh"),
        ("Hoà", fold("Hòa")),
        ("", ""),
    ],
)
def test_text_is_folded_as_people_compare_it(text: str, folded: str):
    assert fold(text) == folded


def test_a_name_is_the_same_with_y_or_i_and_in_any_marks():
    assert same_name("Nguyễn Thúy Mỹ") == same_name("NGUYEN THUÍ MI")
    assert same_name("Lê Thị Lan") != same_name("Lê Thị Loan")


@given(st.text())
def test_folding_twice_changes_nothing(text: str):
    assert fold(fold(text)) == fold(text)
    assert tidy(tidy(text)) == tidy(text)


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậ "))
def test_decomposed_text_folds_and_tidies_the_same(text: str):
    decomposed = unicodedata.normalize("NFD", text)

    assert fold(decomposed) == fold(text)
    assert tidy(decomposed) == tidy(text)
