from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lists.samples import PUPIL_HEADINGS, SONG_LO, a_sheet, expected, known_schools, sample
from tracker.allocation.list_rules import (
    KnownPupil,
    KnownPupils,
    PupilRow,
    WhichSchool,
    judge_pupils,
    understand_pupils,
    wanted,
)
from tracker.lists.headings import NoTable
from tracker.lists.outcomes import counts, record
from tracker.lists.schools import SchoolFacts
from tracker.lists.sheets import Cell
from tracker.lists.verdicts import Outcome, Twin
from tracker.refused import Refused

NOBODY = KnownPupils()
THPT = ["hoc_sinh_THPT_Song_Lo.xlsx", "hoc_sinh_THPT_Tam_Dao.xlsx", "hoc_sinh_THPT_Xuan_Hoa.xlsx"]
PGD = ["hoc_sinh_PGD_tong_hop.csv", "hoc_sinh_PGD_50_utf16.csv", "hoc_sinh_PGD_50_cp1258.csv"]
OLD_FONT = "hoc_sinh_tcvn3.xlsx"

COUNTS = {  # rows, new, warn, ask, dup, bad
    "hoc_sinh_PGD_50_cp1258.csv": (50, 27, 22, 0, 0, 1),
    "hoc_sinh_PGD_50_utf16.csv": (50, 27, 22, 0, 0, 1),
    "hoc_sinh_PGD_tong_hop.csv": (2000, 1364, 554, 26, 28, 28),
    "hoc_sinh_THPT_Song_Lo.xlsx": (96, 65, 20, 4, 3, 4),
    "hoc_sinh_THPT_Tam_Dao.xlsx": (140, 88, 38, 7, 3, 4),
    "hoc_sinh_THPT_Xuan_Hoa.xlsx": (71, 27, 33, 7, 3, 1),
    "hoc_sinh_tcvn3.xlsx": (40, 31, 9, 0, 0, 0),
}
ADDED = {  # boys, girls, ngheo, can_ngheo, mo_coi, khuyet_tat, no_device, no_net
    "hoc_sinh_PGD_tong_hop.csv": (951, 967, 886, 568, 117, 68, 1691, 1050),
    "hoc_sinh_THPT_Song_Lo.xlsx": (37, 48, 43, 17, 5, 2, 73, 49),
    "hoc_sinh_THPT_Tam_Dao.xlsx": (50, 76, 57, 37, 4, 5, 109, 61),
    "hoc_sinh_THPT_Xuan_Hoa.xlsx": (35, 25, 27, 19, 5, 3, 52, 35),
    "hoc_sinh_PGD_50_cp1258.csv": (20, 29, 27, 13, 2, 1, 44, 28),
    "hoc_sinh_PGD_50_utf16.csv": (20, 29, 27, 13, 2, 1, 44, 28),
    "hoc_sinh_tcvn3.xlsx": (21, 19, 14, 13, 4, 0, 37, 22),
}


def imported(names: list[str]) -> dict[str, list[PupilRow]]:
    """Judge files one after the other into one growing base."""
    schools = known_schools()
    base: list[KnownPupil] = []
    judged = {}
    for name in names:
        judged[name] = judge_pupils(sample(name), None, known=KnownPupils.of(base), schools=schools)
        base += [known(row) for row in judged[name] if row.outcome.added]
    return judged


def known(row: PupilRow) -> KnownPupil:
    return KnownPupil(row.name_key, row.dob, row.id, row.school, ref=f"{row.file} {row.line}")


def judge(*rows: list[Cell], base: KnownPupils = NOBODY, name: str = "10A1") -> list[PupilRow]:
    return judge_pupils([a_sheet([PUPIL_HEADINGS, *rows], name=name)], SONG_LO, known=base, schools=[SONG_LO])


def a_pupil(
    name: str = "Lê Thị Ánh",
    born: Cell = "25/3/2006",
    sex: str = "Nữ",
    cls: str = "10A1",
    number: Cell = "",
    address: str = "",
    phone: Cell = "",
) -> list[Cell]:
    return [name, born, sex, cls, number, address, phone]


def test_every_row_of_the_three_upper_secondary_schools_is_judged_as_expected():
    for name, rows in imported(THPT).items():
        assert [record(row) for row in rows] == expected("pupils", name)


@pytest.mark.parametrize("name", [*PGD, OLD_FONT])
def test_every_row_of_a_list_that_comes_alone_is_judged_as_expected(name: str):
    (rows,) = imported([name]).values()

    assert [record(row) for row in rows] == expected("pupils", name)


def test_the_outcomes_of_every_sample_are_those_of_its_table():
    judged = imported(THPT) | {name: imported([name])[name] for name in [*PGD, OLD_FONT]}

    for name, rows in judged.items():
        told = counts(rows)
        assert (told.rows, *(told.outcomes[one] for one in Outcome)) == COUNTS[name]


def test_who_is_added_is_as_the_table_says():
    judged = imported(THPT) | {name: imported([name])[name] for name in [*PGD, OLD_FONT]}

    for name, row_of in judged.items():
        added = [row for row in row_of if row.outcome.added]
        policies = Counter(one for row in added for one in row.policy.split())
        assert ADDED[name] == (
            sum(row.sex == "M" for row in added),
            sum(row.sex == "F" for row in added),
            *(policies[one] for one in ("ngheo", "can_ngheo", "mo_coi", "khuyet_tat")),
            sum(row.no_device for row in added),
            sum(row.no_net for row in added),
        )


def test_a_list_imported_again_adds_nobody():
    schools = known_schools()
    for name in [*THPT, PGD[0], OLD_FONT]:
        first = judge_pupils(sample(name), None, known=NOBODY, schools=schools)
        base = KnownPupils.of(known(row) for row in first if row.outcome.added)

        again = judge_pupils(sample(name), None, known=base, schools=schools)

        assert counts(again).added == 0


def test_the_school_comes_from_the_choice_or_from_the_head_of_the_list():
    rows = [["Trường trung học phổ thông Sông Lô"], [], PUPIL_HEADINGS, a_pupil()]

    (from_head,) = judge_pupils([a_sheet(rows)], None, known=NOBODY, schools=[SONG_LO])
    (chosen,) = judge_pupils([a_sheet(rows)], SchoolFacts("1", "Khác"), known=NOBODY, schools=[SONG_LO])

    assert (from_head.school, chosen.school) == ("26253301", "1")


def test_a_list_from_nowhere_is_refused():
    with pytest.raises(WhichSchool):
        judge_pupils([a_sheet([PUPIL_HEADINGS, a_pupil()])], None, known=NOBODY, schools=[SONG_LO])


def test_a_list_without_names_is_refused():
    with pytest.raises(NoTable):
        judge_pupils([a_sheet([["Lớp", "Ngày sinh", "Địa chỉ"]])], SONG_LO, known=NOBODY, schools=[])


def test_a_wrong_school_in_a_row_is_not_replaced_by_the_chosen_one():
    rows = [[*PUPIL_HEADINGS, "Trường"], [*a_pupil(), "THPT Nowhere"], [*a_pupil(name="B"), ""]]

    wrong, empty = judge_pupils([a_sheet(rows)], SONG_LO, known=NOBODY, schools=[SONG_LO])

    assert (wrong.why, empty.school) == (("school_unknown",), "26253301")


def test_the_same_number_name_and_birthday_is_the_same_pupil_however_the_name_is_written():
    first, second = judge(
        a_pupil(name="Nguyễn Thúy Mỹ", number="026306942886"),
        a_pupil(name="NGUYEN  THUÝ MĨ", number="026 306 942886"),
    )

    assert first.outcome is Outcome.NEW
    assert (second.why, second.twin) == (("same_id",), Twin(sheet="10A1", line=2))


def test_one_number_on_two_names_is_a_question():
    rows = judge(a_pupil(number="026306942886"), a_pupil(name="Lê Thị Bích", number="026306942886"))

    assert rows[1].why == ("id_conflict",)


def test_namesakes_with_two_numbers_are_two_pupils():
    rows = judge(a_pupil(number="026306942886"), a_pupil(number="026306942887"))

    assert [row.outcome for row in rows] == [Outcome.NEW, Outcome.NEW]


@pytest.mark.parametrize("numbers", [("", "026306942886"), ("026306942886", ""), ("", "")])
def test_namesakes_of_whom_one_has_no_number_are_a_question(numbers: tuple[str, str]):
    first, second = judge(*(a_pupil(number=number) for number in numbers))

    assert first.outcome.added
    assert second.why[-1] == "maybe_same"


def test_a_number_of_another_school_is_a_question():
    there = KnownPupil("le thi anh", "2006-03-25", "026306942886", "26248301", ref="p7")

    (row,) = judge(a_pupil(number="026306942886"), base=KnownPupils.of([there]))

    assert (row.why, row.twin) == (("other_school",), Twin(code="p7"))


def test_a_pupil_known_without_a_number_is_not_added_again_with_one():
    there = KnownPupil("le thi anh", "2006-03-25", "", SONG_LO.code, ref="p7")

    (row,) = judge(a_pupil(number="026306942886"), base=KnownPupils.of([there]))

    assert (row.why, row.twin) == (("maybe_same",), Twin(code="p7"))


def test_a_refused_row_counts_for_nothing():
    rows = judge(
        a_pupil(born="31/02/2006", number="026306942886"),
        a_pupil(number="026306942886"),
    )

    assert [row.why for row in rows] == [("dob_bad",), ()]


def test_every_fault_of_a_refused_row_is_told():
    (row,) = judge(a_pupil(name="", born=""))

    assert row.why == ("no_name", "no_key")


@pytest.mark.parametrize(
    ("sheet", "cls"), [("10A1", "10A1"), ("Lớp 5B", "5B"), ("12 A2", "12 A2"), ("Sheet1", ""), ("", "")]
)
def test_a_sheet_named_after_a_class_says_the_class(sheet: str, cls: str):
    (row,) = judge(a_pupil(cls=""), name=sheet)

    assert row.cls == cls


@pytest.mark.parametrize(
    ("address", "commune"),
    [
        ("Xã Đức Bác", "08854"),
        ("Thôn 2, Xã Đức Bác", "08854"),
        ("Thôn 2;\nĐức Bác", "08854"),
        ("Thôn 2\nĐức Bác", "08854"),
        ("X. Đức Bác, Sông Lô, Vĩnh Phúc", "08854"),
        ("Phương Khoan", "08809"),
        ("phường Khoan", ""),
        ("TT Đại Đình, Tam Đảo", "08923"),
        ("Thị trấn Tam Đảo, Tam Đảo", "08908"),
        ("Thôn 9, Tam Sơn", "08824"),
        ("đâu đó", ""),
        ("", ""),
    ],
)
def test_the_commune_is_looked_for_within_the_district(address: str, commune: str):
    (row,) = judge(a_pupil(address=address))

    assert row.commune == commune


def test_a_township_of_the_districts_name_is_found_beside_a_column_for_the_district():
    lap_thach = SchoolFacts("2", "Trường TH A", "TH", "", "246")
    rows = [[*PUPIL_HEADINGS, "Huyện"], [*a_pupil(address="Thôn 9, Lập Thạch"), "Lập Thạch"]]

    (row,) = judge_pupils([a_sheet(rows)], lap_thach, known=NOBODY, schools=[])

    assert row.commune == "08761"


def test_after_the_districts_ended_a_commune_is_found_in_the_whole_province():
    (row,) = judge_pupils(
        [a_sheet([PUPIL_HEADINGS, a_pupil(address="Phường Vĩnh Yên")])],
        SchoolFacts("1", "A"),
        known=NOBODY,
        schools=[],
        on=date(2025, 9, 1),
    )

    assert row.commune == "08707"


def test_the_numbers_and_names_to_look_up_are_those_that_may_be_added():
    rows = understand_pupils(
        [a_sheet([PUPIL_HEADINGS, a_pupil(number="026306942886"), a_pupil(name="", number="026306942887")])],
        SONG_LO,
        schools=[],
    )

    asked = wanted(rows)

    assert (asked.ids, asked.names) == ({"026306942886"}, {("le thi anh", "2006-03-25")})


def test_the_birthday_is_a_day_or_a_year():
    day, year = judge(a_pupil(), a_pupil(born="2006"))

    assert (day.born, day.born_year, year.born, year.born_year) == (date(2006, 3, 25), 2006, None, 2006)


@given(st.permutations(range(len(PUPIL_HEADINGS))))
def test_the_order_of_columns_does_not_matter(order: list[int]):
    rows = [PUPIL_HEADINGS, a_pupil(number=26306942886, phone=301304469), a_pupil(name="B", born="1/2/06")]
    shuffled = [[row[at] for at in order] for row in rows]

    def judged(rows: list[list[Cell]]) -> list[PupilRow]:
        return judge_pupils([a_sheet(rows)], SONG_LO, known=NOBODY, schools=[])

    assert judged(shuffled) == judged(rows)


one_of_few = st.builds(
    a_pupil,
    name=st.sampled_from(["Lê Lý", "LÊ LÍ", "Vũ An", ""]),
    born=st.sampled_from(["25/3/2006", "25.03.06", "2006", "31/2/2006", ""]),
    number=st.sampled_from(["026306942886", "026306942887", 26306942886.0, "", "2,62E+10"]),
)


@given(
    st.lists(one_of_few, max_size=10).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_who_is_refused_does_not_depend_on_the_order(lists: tuple[list[list[Cell]], list[list[Cell]]]):
    one, other = (judge(*rows) for rows in lists)

    assert sorted(row.why for row in one if row.outcome is Outcome.BAD) == sorted(
        row.why for row in other if row.outcome is Outcome.BAD
    )


@given(st.lists(one_of_few, max_size=10))
def test_no_two_pupils_added_share_a_number_or_may_be_one(rows: list[list[Cell]]):
    added = [row for row in judge(*rows) if row.outcome.added]
    numbers = [row.id for row in added if row.id]
    keys = Counter((row.name_key, row.dob) for row in added if row.dob)

    assert len(numbers) == len(set(numbers))
    assert all(row.id for row in added if keys[row.name_key, row.dob] > 1)


any_cell = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.floats(allow_nan=True),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(["x", "2,62064E+10", "31/13/2006", "Nam", "Tổng cộng: 3", "Xã A, B, C"]),
)


@settings(max_examples=200)
@given(st.lists(st.lists(any_cell, max_size=9), max_size=8))
def test_no_cells_are_met_with_anything_but_an_outcome(rows: list[list[Cell]]):
    try:
        judged = judge(*rows)
    except Refused:
        return
    assert all(row.outcome in Outcome for row in judged)


def test_what_is_too_long_for_a_name_is_none_and_other_texts_are_cut():
    long = "Học sinh này đã chuyển đi " * 40
    rows = judge(a_pupil(name=long), a_pupil(cls=long, phone=long, address=long))

    assert rows[0].why == ("no_name",)
    assert (len(rows[1].cls), len(rows[1].phone)) == (16, 20)
