"""Numbers in Vietnamese words, against what is written out here and a reader that knows only the words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.words import LIMIT, in_words

WRITTEN = """
0 không|1 một|4 bốn|5 năm|9 chín|10 mười|11 mười một|14 mười bốn|15 mười lăm|19 mười chín|20 hai mươi
21 hai mươi mốt|22 hai mươi hai|24 hai mươi tư|25 hai mươi lăm|31 ba mươi mốt|40 bốn mươi|44 bốn mươi tư
45 bốn mươi lăm|50 năm mươi|51 năm mươi mốt|55 năm mươi lăm|84 tám mươi tư|91 chín mươi mốt|99 chín mươi chín
100 một trăm|101 một trăm linh một|104 một trăm linh bốn|105 một trăm linh năm|110 một trăm mười
111 một trăm mười một|115 một trăm mười lăm|121 một trăm hai mươi mốt|404 bốn trăm linh bốn|555 năm trăm năm mươi lăm
1000 một nghìn|1001 một nghìn không trăm linh một|1010 một nghìn không trăm mười
1025 một nghìn không trăm hai mươi lăm|2100 hai nghìn một trăm|21000 hai mươi mốt nghìn|10500 mười nghìn năm trăm
237080 hai trăm ba mươi bảy nghìn không trăm tám mươi|1000000 một triệu
1000001 một triệu không trăm linh một|45000000 bốn mươi lăm triệu
1250000 một triệu hai trăm năm mươi nghìn|2000000000 hai tỷ
"""
CASES = [case.split(" ", 1) for line in WRITTEN.split("\n") for case in line.split("|") if case]

DIGIT = dict(zip("không một hai ba bốn năm sáu bảy tám chín".split(), range(10), strict=True))
DIGIT |= {"mốt": 1, "tư": 4, "lăm": 5}


def read(words: str) -> int:
    """Understand spoken Vietnamese: hundreds and tens multiply the digit before them, groups what was said so far."""
    total = group = digit = 0
    for word in words.split():
        if word in DIGIT:
            digit = DIGIT[word]
        elif word == "mười":
            group, digit = group + 10, 0
        elif word in {"mươi", "trăm"}:
            group, digit = group + digit * (10 if word == "mươi" else 100), 0
        elif word != "linh":
            total += (group + digit) * {"nghìn": 10**3, "triệu": 10**6, "tỷ": 10**9}[word]
            group = digit = 0
    return total + group + digit


@pytest.mark.parametrize(("number", "words"), CASES, ids=[case[0] for case in CASES])
def test_a_number_is_spoken_as_written_out(number, words):
    assert in_words(int(number)) == words


@given(st.integers(0, LIMIT - 1) | st.integers(0, 1_000_000))
def test_whoever_hears_a_number_understands_it(number):
    assert read(in_words(number)) == number


def test_every_number_below_ten_thousand_is_understood():
    assert [read(in_words(number)) for number in range(10_000)] == list(range(10_000))


@given(st.integers(0, LIMIT - 1))
def test_the_last_digit_changes_with_what_stands_before_it(number):
    words = f" {in_words(number)} "

    assert "mươi năm " not in words.replace("mươi năm trăm", "")
    assert "mươi một " not in words
    assert "mươi bốn " not in words.replace("mươi bốn trăm", "")
    assert "  " not in words


@pytest.mark.parametrize("number", [-1, LIMIT])
def test_what_no_record_counts_is_refused(number):
    with pytest.raises(ValueError, match=str(number)):
        in_words(number)
