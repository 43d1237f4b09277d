"""Who sees and issues which paper, what it may not lack, and what becomes of a wrong one."""

import uuid

import pytest
from sqlalchemy import func, select, update

from tests.makers import a_pupil, sign_in_as
from tests.papers.makers import (
    GUARDED,
    INSPECTED,
    a_desk,
    a_laptop,
    at_school,
    erased,
    given,
    passed,
    pdf_of,
    text_of,
    words,
)
from tests.workshop.makers import session_of
from tracker.papers.models import Paper
from tracker.people.models import Access, Organisation
from tracker.people.roles import Role


@pytest.fixture
def desk(app):
    return a_desk(app, Role.TECHNICIAN)


def shelved(desk):
    code = a_laptop(desk.app, desk.actor.org)
    passed(desk, code)
    return code


def papers(app):
    with session_of(app) as session:
        return session.scalar(select(func.count()).select_from(Paper))


def pupils_paper(app):
    """Return a school and the address of a paper it gave to a pupil."""
    school = a_desk(app, Role.SCHOOL)
    code = at_school(app, school.actor.org)
    given(school, code)
    return school, code, school.issued("pupil", code, **GUARDED)


# Whose


def test_a_paper_is_there_for_its_organisation_and_those_who_see_all(desk, app):
    where = desk.issued("inspection", shelved(desk), **INSPECTED)
    colleague = a_desk(app, Role.STOREKEEPER, org=desk.actor.org)
    stranger, auditor = a_desk(app, Role.TECHNICIAN), a_desk(app, Role.AUDITOR)

    for who, status in ((colleague, 200), (auditor, 200), (stranger, 404)):
        assert who.client.get(where).status_code == status
        assert who.client.get(f"{where}/record.pdf").status_code == status
    assert "01/BB-" in auditor.read("/papers")
    assert "01/BB-" in colleague.read("/papers?kind=inspection")
    assert "01/BB-" not in colleague.read("/papers?kind=repair")
    assert "01/BB-" not in stranger.read("/papers")


def test_what_a_paper_says_of_a_pupil_is_for_the_school_and_the_coordinator_and_each_reading_is_logged(app):
    school, code, where = pupils_paper(app)
    coordinator, auditor = a_desk(app, Role.COORDINATOR), a_desk(app, Role.AUDITOR)

    assert "Nguyễn Thị Huệ" in school.read(where)
    assert "Nguyễn Thị Huệ" in coordinator.read(where)
    assert "Nguyễn Thị Huệ" in text_of(pdf_of(coordinator, where))
    seen = auditor.read(where)
    assert "01/BB-" in seen
    assert "Nguyễn Thị Huệ" not in seen
    assert auditor.client.get(f"{where}/record.pdf").status_code == 403
    for page in ("/papers", f"/T/{code}"):
        assert "Huệ" not in auditor.read(page)
    with session_of(app) as session:
        log = session.execute(
            select(Access.page, Access.user_id).where(Access.page.startswith("papers"))
        ).all()
    by = school.actor.user, coordinator.actor.user
    assert ("papers.paper", by[0]) in log
    assert ("papers.paper", by[1]) in log
    assert ("papers.pdf", by[1]) in log
    assert auditor.actor.user not in {user for _page, user in log}


def test_another_organisations_devices_and_roles_without_the_right_are_refused(desk, app):
    code = shelved(desk)
    stranger, school, auditor = (a_desk(app, role) for role in (Role.TECHNICIAN, Role.SCHOOL, Role.AUDITOR))

    answer = stranger.issue("inspection", code, **INSPECTED)
    assert answer.status_code == 422
    assert "Không phải máy của đơn vị bạn" in words(answer)
    assert school.issue("inspection", code, **INSPECTED).status_code == 403
    assert auditor.issue("inspection", code, **INSPECTED).status_code == 403
    assert desk.issue("letter", code, **INSPECTED).status_code == 404
    where = desk.issued("inspection", code, **INSPECTED)
    assert (
        stranger.issue("inspection", code, replaces=where.rsplit("/", 1)[1], **INSPECTED).status_code == 404
    )
    assert papers(app) == 1


def test_each_code_is_told_what_became_of_it(desk, app):
    good, raw = shelved(desk), a_laptop(app, desk.actor.org)
    foreign = a_laptop(app, a_desk(app, Role.TECHNICIAN).actor.org)

    answer = desk.send("/papers", kind="inspection", codes=f"{good}\n{good}\n{raw}\n{foreign}\nXYZ", look="1")

    page = words(answer)
    assert answer.status_code == 200
    for told in (
        "Có trong biên bản",
        "tính một lần",
        "chưa được kiểm tra",
        "Không phải máy",
        "không phải là mã",
    ):
        assert told in page, told
    assert desk.issue("inspection", good, raw, **INSPECTED).status_code == 422
    assert papers(app) == 0


def test_the_coordinator_issues_in_the_name_of_who_did_it(desk, app):
    coordinator = a_desk(app, Role.COORDINATOR)

    where = coordinator.issued("inspection", shelved(desk), **INSPECTED)

    assert desk.client.get(where).status_code == 200


def test_devices_of_two_pupils_do_not_stand_on_one_paper(app):
    school = a_desk(app, Role.SCHOOL)
    codes = [at_school(app, school.actor.org, name=name) for name in ("Lê Văn Một", "Lê Văn Hai")]
    for code in codes:
        given(school, code)

    answer = school.issue("pupil", *codes, **GUARDED)

    assert answer.status_code == 422
    assert "học sinh khác với thiết bị đầu tiên" in words(answer)


# What may not be missing


@pytest.mark.parametrize("lacks", ["guardian_name", "relation", "guardian_address"])
@pytest.mark.parametrize("blank", ["", "  ", "\u202e\u200f\x07"])
def test_what_is_missing_is_refused_by_name(app, lacks, blank):
    school = a_desk(app, Role.SCHOOL)
    code = at_school(app, school.actor.org)
    given(school, code)

    answer = school.issue("pupil", code, **GUARDED | {lacks: blank})

    assert answer.status_code == 422
    assert "Biên bản ký không được để trống" in words(answer)
    assert f'href="#f-{lacks}"' in answer.get_data(as_text=True)
    assert papers(app) == 0


def test_people_need_both_a_name_and_a_position_and_there_must_be_one(desk):
    code = shelved(desk)

    for form in ({}, {"member-1": "Trần Văn Thợ"}, {"position-2": "Kế toán"}):
        answer = desk.issue("inspection", code, **form)
        assert answer.status_code == 422, form
        assert "Còn thiếu" in words(answer)


def test_what_is_missing_of_one_device_is_said_with_its_code(app):
    desk, shop = a_desk(app, Role.COORDINATOR), a_desk(app, Role.TECHNICIAN)
    one, two = codes = [a_laptop(app, shop.actor.org) for _one in range(2)]
    for code in codes:
        erased(shop, code, method="destroy")
        desk.does(f"/devices/{code}/retire", reason="recycled", fate="destroyed", note="")

    answer = desk.issue("retirement", *codes, **INSPECTED, **{f"condition-{one}": "Gãy đôi"})

    assert answer.status_code == 422
    assert f"{two[:4]} {two[4:]} còn thiếu: Tình trạng" in words(answer)
    assert f"{one[:4]} {one[4:]} còn thiếu" not in words(answer)


@pytest.mark.parametrize("field", ["representative", "position", "address"])
def test_an_organisation_that_lacks_what_is_signed_is_named(desk, app, field):
    code = shelved(desk)
    empty = {field: ""} | ({"commune": "", "district": ""} if field == "address" else {})
    with session_of(app) as session:
        session.execute(update(Organisation).where(Organisation.id == desk.actor.org).values(empty))

    answer = desk.issue("inspection", code, **INSPECTED)

    assert answer.status_code == 409
    assert "Chưa in được biên bản" in words(answer)
    assert "trang của đơn vị" in words(answer)
    assert papers(app) == 0


# What people type


def test_hostile_text_is_text_on_paper(desk):
    code = shelved(desk)
    name = '<script src="http://127.0.0.1:9/x"></script>{{ 7*7 }}<style>*{display:none}</style>'
    form = {"member-1": name, "position-1": "Thợ\u202e\x07 chính", "basis": "url(file:///etc/passwd)"}

    where = desk.issued("inspection", code, **form)

    text = text_of(pdf_of(desk, where))
    assert "<script" in text
    assert "{{ 7*7 }}" in text
    assert "Thợ chính" in text
    assert "root:" not in text
    assert name not in desk.client.get(where).get_data(as_text=True)


@pytest.mark.parametrize("field", ["member-1", "position-1", "basis"])
def test_ten_thousand_characters_are_refused_and_nothing_is_cut(desk, app, field):
    code = shelved(desk)

    answer = desk.issue("inspection", code, **INSPECTED | {field: "N" * 10_000})

    assert answer.status_code == 422
    assert "Nhiều nhất 300 ký tự" in words(answer)
    assert papers(app) == 0


# A wrong one


def test_a_wrong_paper_is_replaced_says_by_which_and_still_prints_as_it_was(desk, app):
    code = shelved(desk)
    first = desk.issued("inspection", code, **INSPECTED)
    before = pdf_of(desk, first)
    old = first.rsplit("/", 1)[1]
    page = desk.client.get(f"/papers/new?replaces={old}").get_data(as_text=True)
    assert 'value="Kế hoạch số 03/KH-UBND"' in page

    second = desk.issued("inspection", code, replaces=old, **INSPECTED | {"basis": "Kế hoạch số 04/KH-UBND"})

    assert "Biên bản này đã được thay bằng biên bản số 02/BB-" in desk.read(first)
    assert "Thay thế biên bản số 01/BB-" in desk.read(second)
    assert pdf_of(desk, first) == before
    assert desk.issue("inspection", code, replaces=old, **INSPECTED).status_code == 409
    assert desk.issue("repair", code, replaces=second.rsplit("/", 1)[1], **INSPECTED).status_code in {
        409,
        422,
    }
    assert papers(app) == 2


def test_a_form_sent_twice_issues_one_paper(desk, app):
    code = shelved(desk)
    form = {"event_id": uuid.uuid4().hex, **INSPECTED}

    answers = [desk.issue("inspection", code, **form) for _time in range(2)]

    assert {answer.status_code for answer in answers} == {303}
    assert answers[0].location == answers[1].location
    assert papers(app) == 1


def test_the_next_paper_takes_over_people_and_positions_but_nothing_of_the_last_pupil(app):
    school, _code, _where = pupils_paper(app)
    with session_of(app) as session:
        other = a_pupil(session, school=school.actor.org, name="Lê Văn Hai", parent="Lê Văn Cha")
    code = at_school(app, school.actor.org, pupil=other)
    school.does(
        f"/devices/{code}/give", name="Lê Văn Hai", taken_by="pupil", signature_typed="1", signature=""
    )

    page = school.client.get(f"/papers/new?kind=pupil&code={code}").get_data(as_text=True)

    assert 'value="Lê Văn Cha"' in page
    assert GUARDED["guardian_address"] not in page
    assert GUARDED["guardian_name"] not in page


def test_a_device_offers_the_papers_that_make_sense_and_no_second_one(desk, app):
    code = shelved(desk)
    offered = f"/papers/new?kind=inspection&amp;code={code}"

    assert offered in desk.client.get(f"/T/{code}").get_data(as_text=True)
    where = desk.issued("inspection", code, **INSPECTED)
    page = desk.client.get(f"/T/{code}").get_data(as_text=True)
    assert offered not in page
    assert f'href="{where}"' in page
    assert f"/papers/new?kind=erasure&amp;code={code}" in page
    with session_of(app) as session:
        sign_in_as(desk.client, a_desk(app, Role.AUDITOR).actor, session)
    assert "/papers/new" not in desk.client.get(f"/T/{code}").get_data(as_text=True)
