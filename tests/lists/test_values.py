from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.lists.sheets import Cell, digits_lost, text_of, ticked
from tracker.lists.values import birthday, citizen_number, phone, sex_of


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (date(2006, 4, 28), "2006-04-28"),
        (datetime.combine(date(2006, 4, 28), time(7, 30)), "2006-04-28"),
        ("28/04/2006", "2006-04-28"),
        ("28/4/2006", "2006-04-28"),
        ("8/4/06", "2006-04-08"),
        ("8/4/99", "1999-04-08"),
        ("28.04.2006", "2006-04-28"),
        ("28-4-2006", "2006-04-28"),
        ("28 / 4 / 2006", "2006-04-28"),
        ("2006-04-28", "2006-04-28"),
        ("2006-04-28 00:00:00", "2006-04-28"),
        ("ngày 28 tháng 4 năm 2006", "2006-04-28"),
        ("29/02/2004", "2004-02-29"),
        (38835, "2006-04-28"),
        ("", ""),
        ("không rõ", ""),
    ],
)
def test_a_birthday_is_read_in_every_usual_manner(cell: Cell, text: str):
    assert (birthday(cell).text, birthday(cell).why) == (text, ())


@pytest.mark.parametrize("cell", ["2006", 2006, 2006.0, "năm 2006", "4/2006", "tháng 4/2006", " 2006 "])
def test_a_year_alone_is_remarked(cell: Cell):
    assert (birthday(cell).text, birthday(cell).why) == ("2006", ("dob_year",))


@pytest.mark.parametrize(
    "cell",
    [
        *("31/13/2006", "31/02/2005", "29/02/2005", "0/0/2006", "13/2006", "4/28/2006", "28/4/1806", "abc"),
        *(
            True,
            2006.5,
            float("nan"),
            float("inf"),
            12,
            10**9,
            timedelta(hours=1),
            "1/1/2006 ?",
            "٢٨/٤/٢٠٠٦٦",
        ),
    ],
    ids=str,
)
def test_what_is_no_day_is_refused(cell: Cell):
    assert (birthday(cell).text, birthday(cell).why) == ("", ("dob_bad",))


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)), st.sampled_from("/-. "), st.booleans())
def test_every_day_survives_the_way_people_write_it(day: date, sign: str, short: bool):
    year = f"{day.year % 100:02}" if short else f"{day.year}"

    assert birthday(f"{day.day}{sign}{day.month}{sign}{year}").text == day.isoformat()


@pytest.mark.parametrize(
    ("text", "sex", "year", "number", "why"),
    [
        ("026206928155", "M", 2006, "026206928155", ()),
        ("026 206 928155", "M", 2006, "026206928155", ()),
        ("026.206.928155", "M", 2006, "026206928155", ()),
        ("026306928155", "M", 2006, "026306928155", ("id_dob",)),
        ("026205928155", "M", 2006, "026205928155", ("id_dob",)),
        ("026206928155", "", None, "026206928155", ()),
        ("026099928155", "M", 1999, "026099928155", ()),
        ("026199928155", "F", 1999, "026199928155", ()),
        ("026299928155", "M", 1999, "026299928155", ("id_dob",)),
        ("26206928155", "M", 2006, "026206928155", ("id_zero",)),
        ("1206928155", "M", 2006, "001206928155", ("id_zero",)),
        ("26206928155", "F", 2006, "", ("id_bad",)),
        ("26206928155", "M", 2007, "", ("id_bad",)),
        ("26206928155", "M", None, "", ("id_bad",)),
        ("000995663", "F", 2006, "", ("id_bad",)),
        ("O26205929408", "M", 2005, "", ("id_bad",)),
        ("0262059294081", "M", 2005, "", ("id_bad",)),
        ("٠٢٦٢٠٦٩٢٨١٥٥", "M", 2006, "", ("id_bad",)),
        ("2,62064E+10", "M", 2006, "", ("id_lost",)),
        ("2.62064E+10", "M", 2006, "", ("id_lost",)),
        ("", "M", 2006, "", ("id_missing",)),
        ("Chưa có", "M", 2006, "", ("id_missing",)),
    ],
)
def test_a_citizen_number_is_taken_as_far_as_it_can_be_trusted(
    text: str, sex: str, year: int | None, number: str, why: tuple[str, ...]
):
    verdict = citizen_number(text, sex=sex, year=year)

    assert (verdict.number, verdict.why) == (number, why)


@given(
    st.integers(1, 99), st.sampled_from("MF"), st.integers(2000, 2020), st.integers(0, 999_999), st.booleans()
)
def test_every_number_survives_excel(province: int, sex: str, year: int, rest: int, as_number: bool):
    number = f"{province:03}{2 + (sex == 'F')}{year % 100:02}{rest:06}"
    cell: Cell = float(number) if as_number else number

    assert citizen_number(text_of(cell), sex=sex, year=year).number == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0307.766.879", "0307766879"),
        (300884661.0, "0300884661"),
        (300884661, "0300884661"),
        ("+84 300 884 661", "0300884661"),
        ("84300884661", "0300884661"),
        ("(0211) 3842 153", "02113842153"),
        ("", ""),
        ("không có", ""),
        ("hỏi cô giáo", "hỏi cô giáo"),
        ("0300884661, 0300884662", "0300884661, 0300884662"),
    ],
)
def test_a_telephone_number_gets_its_zero_back(cell: Cell, number: str):
    assert phone(cell) == number


@pytest.mark.parametrize(("text", "sex"), [("Nam", "M"), ("nữ", "F"), ("NU", "F"), ("x", ""), ("", "")])
def test_the_sex_is_read_from_its_word(text: str, sex: str):
    assert sex_of(text) == sex


@pytest.mark.parametrize("cell", ["x", "X ", "có", "1", 1, 1.0, True, "✓"])
def test_a_mark_is_a_mark(cell: Cell):
    assert ticked(cell)


@pytest.mark.parametrize("cell", ["", " ", "-", "không", "0", 0, 0.0, False, date(2006, 1, 1)])
def test_no_mark_is_none(cell: Cell):
    assert not ticked(cell)


@pytest.mark.parametrize("text", ["3.5E+14", "2,62064E+10", "3e+9"])
def test_a_power_of_ten_has_lost_its_digits(text: str):
    assert digits_lost(text)
    assert not digits_lost("5E10K")
