"""Lists of pupils and schools: every row has an outcome, and a list is taken in once, whole or not at all."""

import csv
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.allocation.forms import a_list, send, send_list
from tests.makers import AT, a_person, a_pupil, an_organisation, email_of, sign_in_as
from tracker.allocation import files, imports, questions
from tracker.allocation.commands import import_
from tracker.allocation.models import Pupil
from tracker.allocation.questions import Decided, Decision
from tracker.allocation.rules import AnotherSchool, NotForASchool, Overtaken, TakenIn
from tracker.lists.models import ImportedList, ListQuestion
from tracker.lists.verdicts import Outcome
from tracker.people.models import Access, Organisation, User
from tracker.people.roles import OrgKind, Role
from tracker.refused import Missing

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "samples"

LAN = "Nguyễn Thị Lan;05/09/2010;Nữ;6A;026310912345;Trường THCS Thử;Hộ nghèo;x;Nguyễn Văn Cha;0300000001"
MINH = "Trần Văn Minh;01/02/2010;Nam;6A;026210954321;Trường THCS Thử;;x;;"
MINH_AGAIN = "Trần Văn Minh;01/02/2010;Nam;6B;;Trường THCS Thử;;x;;"
NOBODY = ";01/02/2010;Nam;6B;;Trường THCS Thử;;x;;"


@pytest.fixture
def school(session):
    return an_organisation(
        session, kind=OrgKind.SCHOOL, name="Trường THCS Thử", code="26246901", district="246"
    )


@pytest.fixture
def coordinator(session):
    return a_person(session, role=Role.COORDINATOR)


@pytest.fixture
def teacher(session, school):
    return a_person(session, role=Role.SCHOOL, org=school, name="Trần Thị Giáo")


def taken_in(session, data, by, school_id=None, code=""):
    rows = imports.judged_pupils(session, data, name="danh sách.csv", school=code, by=by)
    list_id, _again = imports.upload(
        session, data, kind="pupils", name="danh sách.csv", school_id=school_id, by=by, at=AT
    )
    imports.take_in_pupils(session, list_id, rows, by=by, at=AT)
    return list_id


def how_many(session, of=Pupil):
    return session.scalar(select(func.count()).select_from(of))


def count_apart(session, of=Pupil):
    """Count, and let go of the database: on SQLite a transaction left open stops everybody else."""
    session.rollback()
    found = how_many(session, of)
    session.rollback()
    return found


# Taking in


def test_new_rows_become_pupils_and_open_rows_become_questions(session, school, coordinator):
    list_id = taken_in(session, a_list(LAN, MINH, MINH_AGAIN, NOBODY), coordinator)

    lan = session.scalar(select(Pupil).where(Pupil.name == "Nguyễn Thị Lan"))
    assert (lan.cls, lan.sex, lan.policy, lan.no_device, lan.citizen_id, lan.school_id, lan.list_id) == (
        *("6A", "F", "ngheo", True, "026310912345", school, list_id),
    )
    assert how_many(session) == 2
    assert imports.counts_of(session.scalar(select(ImportedList.counts))) == {
        Outcome.NEW: 2,
        Outcome.WARN: 0,
        Outcome.ASK: 1,
        Outcome.DUP: 0,
        Outcome.BAD: 1,
    }
    question = questions.questions(session, list_id, "pupils", to=coordinator)[0]
    assert (question.row.name, question.row.twin.line, question.twin_id) == ("Trần Văn Minh", 3, None)


def test_the_same_file_again_does_nothing(session, school, coordinator):
    taken_in(session, a_list(LAN, MINH), coordinator)

    rows = imports.judged_pupils(session, a_list(LAN, MINH), name="khác.csv", school="", by=coordinator)

    assert [row.outcome for row in rows] == [Outcome.DUP, Outcome.DUP]
    assert imports.upload(
        session, a_list(LAN, MINH), kind="pupils", name="khác.csv", school_id=None, by=coordinator, at=AT
    )[1]
    assert how_many(session) == 2


def test_a_list_is_taken_in_once(session, school, coordinator):
    list_id = taken_in(session, a_list(LAN), coordinator)

    with pytest.raises(TakenIn, match="15/11/2021 09:00"):
        imports.take_in_pupils(session, list_id, [], by=coordinator, at=AT)


def test_two_uploads_of_one_file_are_taken_in_once(session, school, coordinator):
    data = a_list(LAN)
    rows = imports.judged_pupils(session, data, name="a.csv", school="", by=coordinator)
    ids = [
        imports.upload(session, data, kind="pupils", name="a.csv", school_id=None, by=coordinator, at=AT)[0]
        for _ in range(2)
    ]
    imports.take_in_pupils(session, ids[0], rows, by=coordinator, at=AT)

    with pytest.raises(TakenIn):
        imports.take_in_pupils(session, ids[1], rows, by=coordinator, at=AT)
    assert how_many(session) == 1


def test_a_list_that_somebody_overtook_is_not_taken_in_at_all(session, school, coordinator):
    rows = imports.judged_pupils(session, a_list(MINH, LAN), name="a.csv", school="", by=coordinator)
    list_id, _ = imports.upload(
        session, a_list(MINH, LAN), kind="pupils", name="a.csv", school_id=None, by=coordinator, at=AT
    )
    a_pupil(session, school=school, citizen_id="026310912345")
    session.commit()

    with pytest.raises(Overtaken):
        imports.take_in_pupils(session, list_id, rows, by=coordinator, at=AT)
    session.rollback()
    assert how_many(session) == 1
    assert session.scalar(select(ImportedList.applied_at).where(ImportedList.id == list_id)) is None


# Schools send their own


def test_a_school_sends_its_own_pupils_only(session, school, teacher):
    an_organisation(session, kind=OrgKind.SCHOOL, name="Trường THCS Khác")
    data = a_list(LAN, MINH.replace("THCS Thử", "THCS Khác"))

    rows = imports.judged_pupils(session, data, name="a.csv", school="26246901", by=teacher)

    assert [row.outcome for row in rows] == [Outcome.NEW, Outcome.BAD]
    assert rows[1].why == ("school_unknown",)


def test_a_list_headed_by_another_school_is_refused(session, school, teacher):
    an_organisation(session, kind=OrgKind.SCHOOL, name="Trường THCS Khác")
    data = "Trường THCS Khác;;\r\nHọ và tên;Ngày sinh;Lớp\r\nLê Thử;01/02/2010;6A\r\n".encode()

    with pytest.raises(AnotherSchool, match="Trường THCS Khác"):
        imports.judged_pupils(session, data, name="a.csv", school="26246901", by=teacher)


def test_another_school_s_list_is_not_there(session, school, teacher, coordinator):
    list_id = taken_in(session, a_list(LAN), teacher, school, "26246901")

    with pytest.raises(Missing):
        questions.found(session, list_id, to=a_person(session, role=Role.SCHOOL))
    assert questions.lists(session, to=a_person(session, role=Role.SCHOOL)) == []
    assert questions.found(session, list_id, to=coordinator).id == list_id
    with pytest.raises(TakenIn, match="Trần Thị Giáo"):
        imports.upload(
            *(session, a_list(LAN)),
            kind="pupils",
            name="b.csv",
            school_id=None,
            at=AT,
            by=a_person(session, role=Role.SCHOOL),
        )


# Questions


def test_a_person_adds_a_row_or_leaves_it_out_once(session, school, coordinator):
    list_id = taken_in(session, a_list(MINH, MINH_AGAIN, MINH_AGAIN.replace("6B", "6C")), coordinator)
    first, second = (one.id for one in questions.questions(session, list_id, "pupils", to=coordinator))

    questions.decide(session, list_id, first, Decision.ADDED, by=coordinator, at=AT)
    questions.decide(session, list_id, second, Decision.LEFT_OUT, by=coordinator, at=AT)

    assert session.scalars(select(Pupil.cls).order_by(Pupil.id)).all() == ["6A", "6B"]
    with pytest.raises(Decided):
        questions.decide(session, list_id, first, Decision.LEFT_OUT, by=coordinator, at=AT)


def test_a_number_of_another_pupil_is_not_taken_with_the_row(session, school, coordinator):
    list_id = taken_in(session, a_list(LAN, LAN.replace("Lan", "Huệ")), coordinator)
    asked = questions.questions(session, list_id, "pupils", to=coordinator)[0]
    assert asked.row.why == ("id_conflict",)

    questions.decide(session, list_id, asked.id, Decision.ADDED, by=coordinator, at=AT)

    assert session.scalar(select(Pupil.citizen_id).where(Pupil.name == "Nguyễn Thị Huệ")) is None


def test_what_touches_another_school_is_decided_by_the_department(session, school, teacher, coordinator):
    a_pupil(session, name="Trần Văn Minh", dob=datetime(2010, 2, 1, tzinfo=UTC).date())
    list_id = taken_in(session, a_list(MINH_AGAIN), teacher, school, "26246901")
    asked = questions.questions(session, list_id, "pupils", to=teacher)[0]

    assert (asked.twin_id, asked.twin_elsewhere) == (None, True)
    with pytest.raises(NotForASchool):
        questions.decide(session, list_id, asked.id, Decision.ADDED, by=teacher, at=AT)
    questions.decide(session, list_id, asked.id, Decision.ADDED, by=coordinator, at=AT)
    assert how_many(session) == 2


# The pages


def test_a_list_is_sent_looked_at_and_taken_in(app, client, session, school, teacher):
    sign_in_as(client, teacher, session)

    answer = send_list(client, a_list(LAN, MINH, MINH_AGAIN, NOBODY))
    where = answer.location
    page = client.get(where).get_data(as_text=True)

    assert answer.status_code == 303
    assert count_apart(session) == 0
    for said in (
        "2 dòng của danh sách này sẽ được thêm",
        "Nguyễn Thị Lan",
        "Thiếu họ tên học sinh",
        "Chờ quyết định",
    ):
        assert said in page
    kept = list((app.config["TRACKER"].home / "lists").iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    only_bad = client.get(where + "?outcome=bad").get_data(as_text=True)
    assert "Nguyễn Thị Lan" not in only_bad
    outcomes = client.get(where + "/outcomes.csv").get_data().decode("utf-8-sig")
    assert [row["outcome"] for row in csv.DictReader(io.StringIO(outcomes))] == ["new", "new", "ask", "bad"]

    assert send(client, where + "/take-in").location == where
    assert count_apart(session) == 2
    assert not list((app.config["TRACKER"].home / "lists").iterdir())
    page = client.get(where).get_data(as_text=True)
    assert "Các dòng chờ quyết định" in page
    question = session.scalar(select(ListQuestion.id))
    session.rollback()
    assert send(client, f"{where}/questions/{question}", decision="added").status_code == 303
    assert count_apart(session) == 3


def test_the_same_file_sent_again_leads_to_the_list_that_was_taken_in(client, session, school, teacher):
    sign_in_as(client, teacher, session)
    where = send_list(client, a_list(LAN)).location
    send(client, where + "/take-in")

    answer = send_list(client, a_list(LAN))

    assert answer.location == where
    assert "đã được nhập trước đây" in client.get(where).get_data(as_text=True)
    assert count_apart(session) == 1


def test_a_file_that_cannot_be_read_says_why_and_what_to_do(client, session, school, teacher):
    sign_in_as(client, teacher, session)

    for data in (b"%PDF-1.7 not a list", b"", "Tên;Tuổi\r\nA;1\r\n".encode()):
        answer = send_list(client, data)

        assert answer.status_code == 422
        assert 'class="refusal"' in answer.get_data(as_text=True)
    assert count_apart(session, ImportedList) == 0


def test_a_list_that_waited_too_long_is_gone_and_says_so(app, client, session, school, teacher):
    sign_in_as(client, teacher, session)
    where = send_list(client, a_list(LAN)).location
    home = app.config["TRACKER"].home
    (kept,) = (home / "lists").iterdir()
    old = (datetime.now(UTC) - timedelta(days=8)).timestamp()
    os.utime(kept, (old, old))

    files.forget_old(home, at=datetime.now(UTC))

    assert not kept.exists()
    assert "không còn được lưu" in client.get(where).get_data(as_text=True)
    assert send(client, where + "/take-in").status_code == 409


def test_who_looks_at_a_list_that_names_pupils_is_written_down(client, session, school, teacher):
    taken_in(session, a_list(MINH), teacher, school, "26246901")
    sign_in_as(client, teacher, session)
    where = send_list(client, a_list(MINH_AGAIN)).location

    client.get(where)

    session.rollback()
    pupil = session.scalar(select(Pupil.id))
    assert session.execute(select(Access.page, Access.pupils, Access.user_id)).all() == [
        ("allocation.list", str(pupil), teacher.user)
    ]


def test_schools_come_in_by_a_list_too(client, session, coordinator):
    sign_in_as(client, coordinator, session)
    data = (
        "ma_truong,ten,cap,ma_xa,ma_huyen\r\n26253301,Trường THPT Sông Lô,THPT,08848,253\r\n"
        "26246101,Trường Tiểu học Lập Thạch,TH,08761,246\r\n"
    ).encode()

    where = send_list(client, data, kind="schools", name="truong.csv").location
    send(client, where + "/take-in")

    session.rollback()
    found = session.execute(
        select(Organisation.code, Organisation.superior)
        .where(Organisation.kind == "school")
        .order_by(Organisation.code)
    ).all()
    assert found == [
        ("26246101", "Phòng Giáo dục và Đào tạo Huyện Lập Thạch"),
        ("26253301", "Sở Giáo dục và Đào tạo"),
    ]


# The command


def run(app, *args):
    with app.app_context():
        return CliRunner().invoke(import_, [str(arg) for arg in args], catch_exceptions=False)


def test_the_command_says_what_would_happen_and_then_does_it(app, session, school, coordinator, tmp_path):
    email = email_of(session, coordinator)
    session.commit()
    file, out = tmp_path / "lop 6.csv", tmp_path / "out.csv"
    file.write_bytes(a_list(LAN, MINH, MINH_AGAIN, NOBODY))

    dry = run(app, "pupils", file, "--dry-run", "--outcomes", out)
    assert "4 rows, 2 added (new 2, warn 0, ask 1, dup 0, bad 1)" in dry.output
    assert count_apart(session) == 0
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
    assert [(row["line"], row["outcome"]) for row in rows] == [
        ("2", "new"),
        ("3", "new"),
        ("4", "ask"),
        ("5", "bad"),
    ]

    assert run(app, "pupils", file, "--as", email).exit_code == 0
    assert count_apart(session) == 2
    again = run(app, "pupils", file)
    assert "taken in already" in again.output
    assert count_apart(session) == 2


def test_the_command_acts_as_the_person_named_or_as_the_installation(app, session, school, tmp_path):
    session.commit()
    file = tmp_path / "a.csv"
    file.write_bytes(a_list(LAN))

    assert "nobody@example.vn" in run(app, "pupils", file, "--as", "nobody@example.vn").output
    assert count_apart(session) == 0
    assert run(app, "pupils", file).exit_code == 0
    assert count_apart(session) == 1
    account = session.scalars(select(User)).one()
    assert (account.password_hash, account.disabled_at is None) == ("", False)


def test_the_samples_come_in_with_the_counts_their_readme_gives(app, session, coordinator):
    if not SAMPLES.is_dir():
        pytest.skip("The sample lists are not on this machine: they are looked for beside the project.")
    session.commit()
    assert run(app, "schools", SAMPLES / "truong_hoc.csv").exit_code == 0
    expected = {
        "hoc_sinh_PGD_tong_hop.csv": 1918,
        "hoc_sinh_THPT_Song_Lo.xlsx": 85,
        "hoc_sinh_THPT_Tam_Dao.xlsx": 126,
        "hoc_sinh_THPT_Xuan_Hoa.xlsx": 60,
    }

    for name, added in expected.items():
        before = count_apart(session)
        result = run(app, "pupils", SAMPLES / name)
        session.rollback()
        assert count_apart(session) - before == added, result.output
