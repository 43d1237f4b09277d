"""Papers as the clumsy and the hostile ask for them."""

import pytest

from tests.papers.makers import (
    CERTIFIED,
    GUARDED,
    INSPECTED,
    RETURNED,
    a_desk,
    a_laptop,
    at_school,
    erased,
    given,
    inspected,
    passed,
    pdf_of,
    taken_back,
    text_of,
    words,
)
from tests.papers.test_pages import papers
from tracker.people.roles import Role


@pytest.fixture
def desk(app):
    return a_desk(app, Role.TECHNICIAN)


def shelved(desk):
    code = a_laptop(desk.app, desk.actor.org)
    passed(desk, code)
    return code


@pytest.mark.parametrize(
    ("replaces", "told"), [("abc", 404), ("1 ", 404), ("-1", 404), ("9" * 5_000, 404), ("999", 404)]
)
def test_what_replaces_nothing_that_there_is_issues_nothing(desk, app, replaces, told):
    code = shelved(desk)

    answer = desk.issue("inspection", code, replaces=replaces, **INSPECTED)

    assert answer.status_code == told
    assert papers(app) == 0


def test_what_did_not_come_back_is_still_missing_when_its_paper_is_replaced(app):
    desk = a_desk(app, Role.SCHOOL)
    code = at_school(app, desk.actor.org)
    given(desk, code)
    taken_back(desk, code)
    form = RETURNED | {f"condition-{code}": "Vỡ kính", f"lacks-{code}-1": "1"}
    old = desk.issued("return", code, **form).rsplit("/", 1)[1]

    page = desk.client.get(f"/papers/new?replaces={old}").get_data(as_text=True)

    ticked = [line for line in page.split("<input") if f'name="lacks-{code}-' in line and " checked" in line]
    assert [f"lacks-{code}-1" in line for line in ticked] == [True]


def test_drives_of_one_device_that_two_people_verified_are_not_said_to_be_one_persons(desk, app):
    code = a_laptop(app, desk.actor.org)
    inspected(desk, code)
    erased(desk, code)
    erased(desk, code, verified_by="Lý Thị Khác", verified_position="Tổ phó", drive_serial="S2")

    answer = desk.issue("erasure", code, **CERTIFIED)

    assert answer.status_code == 422
    assert "Lý Thị Khác" in words(answer)
    assert papers(app) == 0


def test_a_character_that_paper_does_not_have_is_told_beside_what_was_typed(desk, app):
    code = shelved(desk)

    answer = desk.issue("inspection", code, **INSPECTED | {"basis": "Kế hoạch \U0001f600 số 3"})

    assert answer.status_code == 422
    assert "U+1F600" in words(answer)
    assert 'value="Trần Văn Thợ"' in answer.get_data(as_text=True)
    assert papers(app) == 0


@pytest.mark.parametrize("kind", ["", "x" * 10_000, "\u202e", "INSPECTION"])
def test_a_kind_of_paper_that_is_none_is_not_there(desk, kind):
    assert desk.issue(kind, "7K3M9QX2").status_code == 404
    assert desk.client.get("/papers/new", query_string={"kind": kind or "-"}).status_code == 404


@pytest.mark.parametrize("until", ["2021-02-30", "1900-01-01", "mai", "9" * 10_000, "2090-13-01", "\u202e"])
def test_a_day_that_is_none_or_gone_is_refused(app, until):
    desk = a_desk(app, Role.SCHOOL)
    code = at_school(app, desk.actor.org)
    given(desk, code)

    answer = desk.issue("pupil", code, **GUARDED, until=until)

    assert answer.status_code == (303 if until == "\u202e" else 422)  # nothing is left of that one


@pytest.mark.parametrize("count", [0, 1, 300, 301, 5_000])
def test_any_number_of_lines_is_answered(desk, app, count):
    answer = desk.issue("inspection", *["7K3M 9QX2"] * count, **INSPECTED)

    assert answer.status_code == (409 if count > 300 else 422)
    assert papers(app) == 0


def test_a_drive_that_was_erased_again_is_one_drive_and_its_last_erasure_counts(desk, app):
    code = a_laptop(app, desk.actor.org)
    inspected(desk, code)
    desk.does(f"/workshop/{code}/erasures", method="clear", tool="nwipe", result="failed")
    erased(desk, code, verified_by="Lý Thị Khác", verified_position="Tổ phó")
    erased(desk, code)

    text = text_of(pdf_of(desk, desk.issued("erasure", code, **CERTIFIED)))

    assert "Tổng cộng: 1 ổ lưu trữ" in text
    assert "1 đạt, 0 không đạt" in text
    assert "Lý Thị Khác" not in text
