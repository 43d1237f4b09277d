"""The pages of schools, pupils and binding: who sees whom, what is written down, what is refused and how."""

import re
import uuid

import pytest
from sqlalchemy import func, select

from tests.allocation.forms import send
from tests.makers import a_device, a_person, a_pupil, an_organisation, sign_in_as
from tracker.allocation import bindings
from tracker.allocation.models import Binding, Pupil
from tracker.custody import queries as devices
from tracker.custody.road import Status
from tracker.people.models import Access
from tracker.people.roles import OrgKind, Role


@pytest.fixture
def school(session):
    return an_organisation(session, kind=OrgKind.SCHOOL, name="Trường THPT Thử", level="THPT", district="246")


@pytest.fixture
def coordinator(session):
    return a_person(session, role=Role.COORDINATOR, name="Nguyễn Thị Điều Phối")


def asked(session, query):
    """Read with nothing left open: on SQLite a transaction left open stops everybody else."""
    session.rollback()
    found = session.scalars(query).all()
    session.rollback()
    return found


def page(client, where, status=200):
    answer = client.get(where)
    assert answer.status_code == status, where
    return answer.get_data(as_text=True)


PERSONAL = ("", "/edit")


# Who sees whom


def test_a_school_never_sees_the_pupils_of_another(client, session, school):
    own = a_pupil(session, school=school, name="Lê Thị Nhà")
    other = a_pupil(session, name="Phạm Văn Lạ", citizen_id="026310912345", parent="Phạm Văn Cha")
    other_school = session.scalar(select(Pupil.school_id).where(Pupil.id == other))
    sign_in_as(client, a_person(session, role=Role.SCHOOL, org=school), session)

    assert "Lê Thị Nhà" in page(client, f"/pupils/{own}")
    for path in PERSONAL:
        page(client, f"/pupils/{other}{path}", 404)
    page(client, f"/schools/{other_school}", 404)
    for where in ("/pupils", f"/pupils?school={other_school}", f"/pupils?after={other}"):
        assert "Phạm Văn Lạ" not in page(client, where)
    for q in ("Phạm Văn Lạ", "pham", "026310912345"):
        assert f"/pupils/{other}" not in send(client, "/pupils/search", q=q).get_data(as_text=True)
    assert send(client, f"/pupils/{other}/edit", name="Đã sửa", dob="01/01/2010").status_code == 404


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.STOREKEEPER, Role.ADMIN])
def test_who_has_nothing_to_do_with_pupils_sees_none(client, session, role):
    pupil = a_pupil(session)
    sign_in_as(client, a_person(session, role=role), session)

    for where in ("/pupils", f"/pupils/{pupil}", "/matching", "/pupils/lists"):
        page(client, where, 403)


def test_an_auditor_reads_and_does_not_write(client, session):
    pupil = a_pupil(session, name="Lê Thị Nhà")
    sign_in_as(client, a_person(session, role=Role.AUDITOR), session)

    assert "Lê Thị Nhà" in page(client, f"/pupils/{pupil}")
    for where in (f"/pupils/{pupil}/edit", "/pupils/new", "/pupils/import", "/matching"):
        page(client, where, 403)
    assert send(client, f"/pupils/{pupil}/edit", name="Đã sửa").status_code == 403


def test_every_page_with_a_pupil_on_it_writes_who_read_it(client, session, school, coordinator):
    pupil = a_pupil(session, school=school, name="Lê Thị Nhà")
    device = a_device(session, status=Status.READY)
    bound = a_device(session, status=Status.BOUND, school=school)
    code = devices.code_of(session, bound)
    sign_in_as(client, coordinator, session)

    for where in ("/pupils", f"/pupils/{pupil}", f"/pupils/{pupil}/edit", f"/matching?school={school}"):
        page(client, where)
    page(client, f"/matching/pairs?school={school}&n=1")
    page(client, f"/bindings/{code}/release")
    send(client, "/pupils/search", q="nha")
    send(client, "/matching/pairs", pair=f"{pupil}:{device}", school=school)

    read = asked(session, select(Access.page).where(Access.user_id == coordinator.user).order_by(Access.id))
    assert read == [
        *("allocation.pupils", "allocation.pupil", "allocation.edit_pupil", "allocation.matching"),
        *("allocation.pairs", "allocation.release", "allocation.find_pupils", "allocation.pairs"),
    ]
    named = asked(session, select(Access.pupils).where(Access.page != "allocation.release"))
    assert all(str(pupil) in row.split(",") for row in named)


def test_a_school_s_page_counts_and_names_nobody(client, session, school):
    a_pupil(session, school=school, name="Lê Thị Nhà")
    a_device(session, status=Status.GIVEN, school=school)
    a_device(session, status=Status.AT_SCHOOL, school=school)
    sign_in_as(client, a_person(session, role=Role.ADMIN), session)

    shown = page(client, f"/schools/{school}")

    assert re.findall(r'stat-value">(\d+)<', shown) == ["3", "1", "1", "1"]
    assert "Lê Thị Nhà" not in shown
    row = re.search(
        r"Trường THPT Thử</a>.*?</tr>", page(client, "/schools?q=thpt+thu&level=THPT&district=246"), re.S
    )[0]
    assert re.findall(r'class="num">(\d+)<', row) == ["3", "1", "1", "1"]
    assert "Không có trường nào phù hợp" in page(client, "/schools?q=khong-co")


def test_pupils_are_paged_by_class_and_key_without_a_gap(client, session, school):
    names = {a_pupil(session, school=school, cls=f"10A{n % 3}", name=f"Lê Thử {n}") for n in range(120)}
    sign_in_as(client, a_person(session, role=Role.SCHOOL, org=school), session)

    seen, where = [], "/pupils"
    while where:
        shown = page(client, where)
        seen += [int(number) for number in re.findall(r'href="/pupils/(\d+)"', shown)]
        more = re.search(r'href="([^"]+)" rel="next"', shown)
        where = more[1].replace("&amp;", "&") if more else None

    assert len(seen) == len(set(seen)) == 120
    assert set(seen) == names


# Adding and correcting


def form(**more):
    return {"name": "Đỗ Thị Mới", "cls": "10A1", "dob": "05/09/2006", "sex": "F", "need": "device", **more}


def test_a_pupil_is_added_by_hand_and_corrected(client, session, school):
    sign_in_as(client, a_person(session, role=Role.SCHOOL, org=school), session)

    where = send(client, "/pupils/new", **form(policy="ngheo", commune="Ngọc Mỹ")).location
    shown = page(client, where)
    assert all(
        said in shown for said in ("Đỗ Thị Mới", "05/09/2006", "Hộ nghèo", "Xã Ngọc Mỹ", "Chờ nhận máy")
    )

    assert send(client, where + "/edit", **form(name="Đỗ Thị Mười")).location == where
    (changed,) = asked(session, select(Pupil))
    assert (changed.name, changed.policy, changed.school_id) == ("Đỗ Thị Mười", "", school)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"dob": "31/02/2010"}, "dob"),
        ({"dob": ""}, "dob"),
        ({"number": "12345"}, "number"),
        ({"cls": "A" * 17}, "cls"),
        ({"commune": "Nơi Không Có"}, "commune"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client, session, school, wrong, field):
    sign_in_as(client, a_person(session, role=Role.SCHOOL, org=school), session)

    answer = send(client, "/pupils/new", **form(parent="Đỗ Văn Cha", **wrong))

    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in shown
    assert 'value="Đỗ Văn Cha"' in shown
    assert asked(session, select(Pupil)) == []


def test_a_namesake_of_the_same_day_is_added_only_by_whoever_has_compared(client, session, school):
    sign_in_as(client, a_person(session, role=Role.SCHOOL, org=school), session)
    send(client, "/pupils/new", **form())

    answer = send(client, "/pupils/new", **form())
    assert answer.status_code == 409
    assert "Tôi đã đối chiếu" in answer.get_data(as_text=True)
    assert send(client, "/pupils/new", sure="1", **form()).status_code == 303
    assert len(asked(session, select(Pupil.id))) == 2


def test_a_number_belongs_to_one_pupil_wherever(client, session, school):
    a_pupil(session, name="Người Khác", citizen_id="026306912345")
    sign_in_as(client, a_person(session, role=Role.SCHOOL, org=school), session)

    answer = send(client, "/pupils/new", sure="1", **form(number="026306912345"))

    assert answer.status_code == 409
    assert "Người Khác" not in answer.get_data(as_text=True)


# Binding


def test_a_pupil_and_a_device_are_chosen_and_bound(client, session, school, coordinator):
    pupil, device = a_pupil(session, school=school), a_device(session, status=Status.READY)
    sign_in_as(client, coordinator, session)
    shown = page(client, f"/matching?school={school}&pupil={pupil}&code={devices.code_of(session, device)}")
    session.rollback()
    assert re.search(rf'name="pupil" value="{pupil}" checked', shown)
    assert re.search(rf'name="device" value="{device}" checked', shown)

    answer = send(client, "/bindings", pupil=pupil, device=device, school=school)

    assert answer.location == f"/matching?school={school}"
    assert asked(session, select(Binding.device_id)) == [device]
    assert "Đã gán máy" in page(client, f"/pupils/{pupil}")


def test_who_is_second_reads_who_was_first(client, session, school, coordinator):
    pupil = a_pupil(session, school=school)
    first, second = (a_device(session, status=Status.READY) for _ in range(2))
    sign_in_as(client, coordinator, session)
    send(client, "/bindings", pupil=pupil, device=first)

    answer = send(client, "/bindings", pupil=pupil, device=second)

    assert answer.status_code == 409
    assert "Đã có người gán trước: Nguyễn Thị Điều Phối" in answer.get_data(as_text=True)
    assert asked(session, select(func.count()).select_from(Binding)) == [1]


def test_pairs_are_shown_before_they_are_bound_and_each_has_an_outcome(client, session, school, coordinator):
    pupils = [a_pupil(session, school=school, name=f"Lê Thử {n}") for n in range(3)]
    ready = [a_device(session, status=Status.READY, category="tablet") for _ in range(2)]
    sign_in_as(client, coordinator, session)

    shown = page(client, f"/matching/pairs?school={school}&category=tablet&n=3")
    pairs = re.findall(r'name="pair" value="([\d:]+)"', shown)
    assert pairs == [f"{pupils[0]}:{ready[0]}", f"{pupils[1]}:{ready[1]}"]
    assert "Chỉ ghép được 2 cặp" in shown
    assert asked(session, select(Binding.id)) == []

    event = uuid.uuid4().hex
    answers = [
        send(client, "/matching/pairs", event_id=event, pair=pairs, school=school).get_data(as_text=True)
        for _ in range(2)
    ]
    assert all("Đã gán 2 trên 2 cặp" in answer for answer in answers)
    assert len(asked(session, select(Binding.id))) == 2


def test_a_release_asks_why(client, session, school, coordinator):
    device = a_device(session, status=Status.BOUND, school=school, pupil=a_pupil(session, school=school))
    code, bound = devices.code_of(session, device), bindings.open_binding(session, device)
    sign_in_as(client, coordinator, session)

    assert send(client, f"/bindings/{code}/release").status_code == 409
    assert send(client, f"/bindings/{code}/release", reason="no-need").location == f"/pupils/{bound.pupil_id}"
    assert "Chờ nhận máy" in page(client, f"/pupils/{bound.pupil_id}")


def test_no_name_and_no_number_stands_in_an_address(client, session, school, coordinator):
    pupil = a_pupil(session, school=school, name="Lê Thị Nhà", citizen_id="026310912345")
    sign_in_as(client, coordinator, session)

    shown = send(client, "/pupils/search", q="Lê Thị Nhà").get_data(as_text=True)
    shown += page(client, f"/pupils/{pupil}") + page(client, "/matching")

    assert not [
        url for url in re.findall(r'(?:href|action)="([^"]+)"', shown) if "nh" in url.lower() and "Nh" in url
    ]
    assert not [url for url in re.findall(r'(?:href|action)="([^"]+)"', shown) if "026310912345" in url]
