from tests.lists.samples import a_sheet, district_of, sample
from tracker.lists.organisations import OrganisationRow, judge_organisations
from tracker.lists.outcomes import counts
from tracker.lists.schools import SchoolFacts, SchoolNames, SchoolRow, judge_schools
from tracker.lists.verdicts import Outcome, Twin
from tracker.people import places

SCHOOL_HEADINGS = ["ma_truong", "ten", "cap", "ma_xa", "ma_huyen"]
A_SCHOOL = ["26253301", "Trường THPT Sông Lô", "THPT", "08848", "253"]
DISTRICTS = frozenset(one.code for one in places.districts(on=places.FIRST_DAY))


def schools(*rows: list[str], known: dict[str, str] | None = None) -> list[SchoolRow]:
    return judge_schools([a_sheet([SCHOOL_HEADINGS, *rows])], known or {}, district_of=district_of)


def organisations(*rows: list[str], known: dict[str, str] | None = None) -> list[OrganisationRow]:
    sheet = a_sheet([["ma", "ten", "loai", "ma_huyen"], *rows])
    return judge_organisations([sheet], known or {}, districts=DISTRICTS)


def test_all_schools_of_the_sample_are_new():
    rows = judge_schools(sample("truong_hoc.csv"), {}, district_of=district_of)

    assert counts(rows).outcomes[Outcome.NEW] == len(rows) == 43
    assert rows[0].facts == SchoolFacts("26253301", "Trường THPT Sông Lô", "THPT", "08848", "253")


def test_all_organisations_of_the_sample_are_new_and_have_a_role():
    rows = judge_organisations(sample("to_chuc.csv"), {}, districts=DISTRICTS)

    assert counts(rows).outcomes[Outcome.NEW] == len(rows) == 22
    assert [sum(row.role == role for row in rows) for role in ("donor", "warehouse", "workshop")] == [8, 2, 3]
    assert [row.donor_kind for row in rows[:8]].count("person") == 2


def test_a_school_sent_again_is_a_duplicate_however_its_name_is_shortened():
    (row,) = schools(A_SCHOOL, known={"26253301": "THPT Sông Lô"})

    assert (row.why, row.twin) == (("same_code",), Twin(code="26253301"))


def test_a_code_with_another_name_is_a_question():
    rows = schools(A_SCHOOL, ["26253301", "Trường THPT Tam Đảo", "THPT", "08848", "253"])

    assert (rows[1].outcome, rows[1].why) == (Outcome.ASK, ("code_conflict",))


def test_a_school_without_code_name_or_level_is_refused():
    rows = schools(
        ["", "A", "TH", "08848", "253"], ["1", "", "TH", "08848", "253"], ["1", "A", "?", "08848", "253"]
    )

    assert [row.why for row in rows] == [("code_missing",), ("name_missing",), ("level_unknown",)]


def test_a_place_that_does_not_fit_is_remarked_and_a_lost_zero_is_put_back():
    fits, unknown, elsewhere = schools(
        ["1", "A", "TH", "8848", ""], ["2", "B", "TH", "99999", ""], ["3", "C", "TH", "08848", "246"]
    )

    assert (fits.commune, fits.district, fits.why) == ("08848", "253", ())
    assert unknown.why == elsewhere.why == ("place_unknown",)


def test_an_organisation_is_refused_if_nobody_knows_what_it_is():
    rows = organisations(
        ["1", "A", "kho", "253"], ["2", "B", "??", ""], ["", "C", "kho", ""], ["3", "", "kho", ""]
    )

    assert [row.why for row in rows] == [(), ("role_unknown",), ("code_missing",), ("name_missing",)]


def test_an_organisation_sent_again_is_a_duplicate_and_another_under_its_code_a_question():
    rows = organisations(
        ["1", "Kho A", "kho", ""],
        ["1", "KHO a", "kho", ""],
        ["1", "Kho B", "kho", "999"],
        known={"1": "Kho A"},
    )

    assert [row.why for row in rows] == [("same_code",), ("same_code",), ("place_unknown", "code_conflict")]


def test_a_school_is_found_by_its_name_in_full_or_shortened_or_by_its_code():
    one = SchoolFacts("1", "Trường Tiểu học Hợp Lý")
    names = SchoolNames(
        [one, SchoolFacts("2", "Trường THCS Hợp Lý"), SchoolFacts("3", "Trường TH&THCS Hợp Lý")]
    )

    for text in ("Trường TH Hợp Lý", "TH Hợp Lí", "tiểu học hợp lý", "TRƯỜNG TIỂU HỌC HỢP LÝ", "1"):
        assert names.find(text) is one
    assert names.find("Hợp Lý") is None
    assert names.find("") is None


def test_a_name_that_two_schools_have_finds_neither():
    names = SchoolNames([SchoolFacts("1", "Trường TH Xuân Hòa"), SchoolFacts("2", "Trường TH Xuân Hoà")])

    assert names.find("TH Xuân Hòa") is None
