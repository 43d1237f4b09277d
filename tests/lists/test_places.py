import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.people import places

IN_2021, IN_SPRING_2025, AFTER = date(2021, 11, 20), date(2025, 3, 1), date(2025, 7, 1)


def test_a_code_names_another_place_after_the_reform():
    before, after = places.commune("08707", on=IN_2021), places.commune("08707", on=AFTER)

    assert before is not None
    assert after is not None
    assert (before.full_name, before.district) == ("Phường Tích Sơn", "243")
    assert (after.full_name, after.district) == ("Phường Vĩnh Yên", None)


@pytest.mark.parametrize(
    ("on", "number"), [(IN_2021, 136), (date(2025, 2, 28), 136), (IN_SPRING_2025, 121), (AFTER, 36)]
)
def test_there_were_as_many_communes_on_each_day_as_the_state_counted(on: date, number: int):
    found = places.communes(None, on=on)

    assert len(found) == len({one.code for one in found}) == number


def test_districts_ended_with_the_reform():
    assert len(places.districts(on=IN_2021)) == 9
    assert places.districts(on=AFTER) == ()
    assert places.district("246", on=date(2025, 6, 30)) is not None
    assert places.district("246", on=AFTER) is None


def test_every_commune_of_before_the_reform_went_whole_into_one_new_one():
    for old in places.communes(None, on=IN_SPRING_2025):
        new = places.became(old.code, on=AFTER)
        assert new is not None
        assert new.valid_from == AFTER
        assert places.became(old.code, on=IN_2021) is None


def test_every_new_commune_was_made_of_old_ones():
    made = {places.became(old.code, on=AFTER) for old in places.communes(None, on=IN_SPRING_2025)}

    assert made == set(places.communes(None, on=AFTER))


def test_a_day_before_the_first_list_is_answered_by_the_first():
    assert places.commune("08707", on=date(2021, 9, 12)) == places.commune("08707", on=IN_2021)


@pytest.mark.parametrize(
    "text",
    [
        "Đức Bác",
        "Xã Đức Bác",
        "xã đức bác",
        "X. Đức Bác",
        "X.Đức Bác",
        "x Đức Bác",
        " Xã\u00a0 Đức  Bác, ",
        unicodedata.normalize("NFD", "Xã Đức Bác"),
        "xa Duc Bac",
        "DUC BAC",
    ],
)
def test_a_commune_is_found_however_it_is_written(text: str):
    found = places.find_commune(text, "253", on=IN_2021)

    assert found is not None
    assert found.code == "08854"


@pytest.mark.parametrize(
    ("text", "district", "code"),
    [
        ("Xuân Hoà", "244", "08746"),
        ("Xuân Hòa", "244", "08746"),
        ("phường Xuân Hòa", "244", "08746"),
        ("Xuân Hòa", "246", "08794"),
        ("Phương Khoan", "253", "08809"),
        ("Xã Phương Khoan", "253", "08809"),
        ("phuong khoan", "253", "08809"),
        ("TT Tam Sơn", "253", "08824"),
        ("TT. Tam Sơn", "253", "08824"),
        ("T.T Tam Sơn", "253", "08824"),
        ("thị trấn Tam Sơn", "253", "08824"),
        ("P. Hùng Vương", "244", "08737"),
        ("P.Hùng Vương", "244", "08737"),
        ("Hợp Lí", "246", "08770"),
    ],
)
def test_a_commune_is_looked_for_within_its_district(text: str, district: str, code: str):
    found = places.find_commune(text, district, on=IN_2021)

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["phường Khoan", "Khoan", "Xuân", "", "  ", "xã", "TT", "X."])
def test_what_names_no_commune_finds_none(text: str):
    assert places.find_commune(text, "253", on=IN_2021) is None


def test_a_name_that_two_districts_have_is_not_guessed_at():
    assert places.find_commune("Xuân Hòa", None, on=IN_2021) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sông Lô", "253"),
        ("Huyện Sông Lô", "253"),
        ("H. Sông Lô", "253"),
        ("TP Phúc Yên", "244"),
        ("TP. Phúc Yên", "244"),
        ("Thành phố Phúc Yên", "244"),
        ("thanh pho Vinh Yen", "243"),
    ],
)
def test_a_district_is_found_however_it_is_written(text: str, code: str):
    found = places.find_district(text, on=IN_2021)

    assert found is not None
    assert found.code == code


def test_a_township_is_no_district():
    assert places.find_district("thị trấn Lập Thạch", on=IN_2021) is None
    assert places.find_district("Sông Lô", on=AFTER) is None


def test_every_commune_is_found_by_its_full_name_on_every_day():
    for on in (IN_2021, IN_SPRING_2025, AFTER):
        for one in places.communes(None, on=on):
            assert places.find_commune(one.full_name, one.district, on=on) == one
            assert places.find_commune(one.name.upper(), one.district, on=on) == one


@given(st.text(max_size=30))
def test_no_text_is_met_with_an_error(text: str):
    places.find_commune(text, "253", on=IN_2021)
    places.find_district(text, on=IN_2021)
