"""Print jobs through their pages: kept with who, when, which codes; the same to the letter when printed again."""

import re
import threading
import uuid

import pypdfium2
import pytest
from sqlalchemy import func, insert, select, update

from labels.job import Label
from tests.intake.makers import read_back, send, text, words_of
from tests.makers import AT, a_device, a_person, an_organisation, sign_in_as
from tests.printers.makers import SQLITE_ALONE
from tracker.custody.models import Device
from tracker.custody.models import Label as CodeRow
from tracker.custody.queries import code_of
from tracker.custody.road import Status
from tracker.db import db, engine_for
from tracker.people.roles import OrgKind, Role
from tracker.prints import actions
from tracker.prints.models import PrintedAgain, PrintedLabel, PrintJob
from tracker.prints.rules import Paper


@pytest.fixture
def code(session, storekeeper):
    return code_of(session, a_device(session, status=Status.RECEIVED, holder=storekeeper.org))


def printed(browser, code, **asked):
    answer = send(browser, f"/devices/{code}/print", **{"stock": "50x30"} | asked)
    assert answer.status_code == 303, text(answer)
    return answer.location


def rows(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_a_job_is_kept_with_who_when_and_which_codes(browser, session, storekeeper, code):
    where = printed(browser, code, design="device-full", dpi="300")

    page, all_jobs = text(browser.get(where)), text(browser.get("/prints"))
    assert "Đã đọc lại được cả 1 tem" in page
    for told in (
        f'href="/t/{code}"',
        "Phạm Thị Kho",
        "50x30",
        "300 dpi",
        "Tem thiết bị có số sê-ri và loại máy",
    ):
        assert told in page
    assert f'href="{where}"' in all_jobs
    job = session.scalars(select(PrintJob)).one()
    assert (job.org_id, job.by, job.labels, job.read, job.sheets) == (
        storekeeper.org,
        storekeeper.user,
        1,
        1,
        1,
    )
    assert session.scalars(select(PrintedLabel.code)).all() == [code]


def test_its_paper_is_the_same_to_the_byte_whatever_became_of_the_device(browser, session, code):
    where = printed(browser, code)
    first = browser.get(f"{where}/labels.pdf").data
    session.commit()
    session.query(Device).update({"make": "Khác", "model": "Hẳn"})

    again = browser.get(f"{where}/labels.pdf")

    assert again.data == first
    assert again.mimetype == "application/pdf"
    assert "Khác" not in words_of(first)


def test_some_labels_are_printed_again_from_another_place(browser, session, storekeeper):
    answer = send(browser, "/prints/blank", count="30", stock="L7160", dpi="600", design="blank", skip="3")
    where = answer.location.partition("?")[0]
    codes = session.scalars(select(PrintedLabel.code).order_by(PrintedLabel.n)).all()

    again = send(browser, f"{where}/again", first="22", last="24", skip="20")
    page = text(browser.get(again.location))
    paper = browser.get(re.search(rf"{where}/labels\.pdf\?again=\d+", page)[0]).data

    assert len(pypdfium2.PdfDocument(paper)) == 2
    assert {found[-8:] for found in read_back(paper)} == {codes[21]}
    assert all(f"{code[:4]} {code[4:]}" in words_of(paper) for code in codes[21:24])
    assert "22–24" in page
    assert rows(session, PrintedAgain) == 1


@SQLITE_ALONE
@pytest.mark.parametrize(
    ("first", "last"), [("0", "1"), ("2", "1"), ("1", "2"), ("-1", "1"), ("x", "1"), ("1", ""), ("1", "1e0")]
)
def test_labels_that_a_job_does_not_have_are_refused(browser, session, code, first, last):
    where = printed(browser, code)

    answer = send(browser, f"{where}/again", first=first, last=last)

    assert answer.status_code == 422
    assert "từ 1 đến 1" in text(answer)
    assert f'value="{last}"' in text(answer)
    assert rows(session, PrintedAgain) == 0


@SQLITE_ALONE
@pytest.mark.parametrize("skip", ["21", "-1", "x", "", "1_0", "9" * 30])
def test_a_place_that_the_sheet_does_not_have_is_refused_again_too(browser, session, code, skip):
    where = printed(browser, code, stock="L7160")

    assert send(browser, f"{where}/again", first="1", last="1", skip=skip).status_code == 422
    assert rows(session, PrintedAgain) == 0


@SQLITE_ALONE
@pytest.mark.parametrize("design", ["box", "mode", "unheard of"])
def test_a_label_of_something_else_is_not_printed_for_a_device(browser, session, code, design):
    answer = send(browser, f"/devices/{code}/print", stock="50x30", design=design)

    assert answer.status_code == 400
    assert rows(session, PrintJob) == 0


def test_a_form_sent_twice_is_one_job(browser, session, code):
    this = uuid.uuid4().hex

    answers = [send(browser, f"/devices/{code}/print", event_id=this, stock="50x30") for _time in range(2)]

    assert answers[0].location == answers[1].location
    assert rows(session, PrintJob) == 1


@SQLITE_ALONE
@pytest.mark.parametrize(
    "asked",
    [
        {"stock": "L4730"},
        {"stock": "L9999"},
        {"stock": "L4732"},
    ],
)
def test_what_cannot_be_printed_is_no_job(browser, session, code, asked):
    answer = send(browser, f"/devices/{code}/print", **{"stock": "50x30"} | asked)

    assert answer.status_code == 409
    assert "Hãy chọn" in text(answer)
    assert rows(session, PrintJob) == 0


def test_blank_labels_are_minted_for_whoever_prints_them(browser, session, storekeeper):
    answer = send(browser, "/prints/blank", count="5", stock="50x30", design="blank")

    codes = session.scalars(select(PrintedLabel.code)).all()
    kept = session.execute(select(CodeRow.org_id, CodeRow.device_id).where(CodeRow.code.in_(codes))).all()
    assert kept == [(storekeeper.org, None)] * 5
    assert len(pypdfium2.PdfDocument(browser.get(f"{answer.location}/labels.pdf").data)) == 5
    assert "Tem trắng" in text(browser.get("/prints"))


@SQLITE_ALONE
@pytest.mark.parametrize("count", ["0", "", "2101", "x", "-3"])
def test_no_blank_labels_or_too_many_are_asked_again(browser, session, count):
    answer = send(browser, "/prints/blank", count=count, stock="50x30", design="blank")

    assert answer.status_code == 422
    assert "từ 1 đến 2100" in text(answer)
    assert rows(session, CodeRow) == rows(session, PrintJob) == 0


def test_blank_labels_that_paper_refuses_are_not_minted(browser, session):
    assert send(browser, "/prints/blank", count="3", stock="L4730", design="blank").status_code == 409
    assert rows(session, CodeRow) == 0


@pytest.mark.parametrize("also_holds", [False, True], ids=["as it is", "control: a write before the paper"])
def test_others_write_while_blank_labels_are_made(app, browser, session, monkeypatch, also_holds):
    make, wrote = actions.proved_paper, []

    def others_write():
        engine = engine_for(app.config["TRACKER"].database_url)
        with engine.begin() as other:
            other.execute(insert(CodeRow).values(code="2222222H", minted_at=AT))
        wrote.append(True)
        engine.dispose()

    def made(labels, paper):
        if also_holds:
            db.session.execute(update(CodeRow).values(org_id=None))
        other = threading.Thread(target=others_write)
        other.start()
        other.join(0.5)
        waited.append(other)
        in_time.append(bool(wrote))
        return make(labels, paper)

    waited, in_time = [], []
    monkeypatch.setattr(actions, "proved_paper", made)
    send(browser, "/prints/blank", count="3", stock="50x30", design="blank")

    one_writer = db.engine.dialect.name == "sqlite"
    assert in_time == [not (also_holds and one_writer)]
    waited[0].join()
    assert wrote


@pytest.fixture
def job(session, storekeeper, code):
    """The address of a job that somebody printed before."""
    labels = [Label(url=f"HTTPS://TB.EXAMPLE/T/{code}", code=code)]
    paper = Paper("50x30")
    proof = actions.proved_paper(labels, paper)[1]
    made = actions.keep(session, labels, paper, proof, subject="Máy", by=storekeeper, at=AT)
    return f"/prints/{made}"


def test_jobs_of_others_are_not_there(browser, session, job):
    other = browser.sign_in(a_person(session, role=Role.STOREKEEPER))

    assert [other.get(job + part).status_code for part in ("", "/labels.pdf")] == [404, 404]
    assert job not in text(other.get("/prints"))
    assert send(other, f"{job}/again", first="1", last="1").status_code == 404


def test_an_auditor_sees_all_jobs_and_prints_none(browser, session, job):
    auditor = browser.sign_in(a_person(session, role=Role.AUDITOR))

    assert auditor.get(job).status_code == 200
    assert job in text(auditor.get("/prints"))
    assert "/again" not in text(auditor.get(job))
    assert send(auditor, f"{job}/again", first="1", last="1").status_code == 403


def test_a_time_of_another_job_gives_no_paper(browser, session, code):
    one, two = printed(browser, code), printed(browser, code)
    again = send(browser, f"{one}/again", first="1", last="1").location
    number = re.search(r"again=(\d+)", again)[1]

    assert browser.get(f"{one}/labels.pdf?again={number}").status_code == 200
    assert browser.get(f"{two}/labels.pdf?again={number}").status_code == 404


def test_the_page_of_papers_says_which_cannot_carry_a_code_and_why(browser):
    page = text(browser.get("/prints/paper"))

    assert "quá nhỏ" in page
    assert re.search(r"<strong>L4730</strong>: Ở 203, 300, 600 dpi, .* giấy nhỏ nhất dùng được là \w+", page)
    assert page.count('scope="row"') >= 30


def test_many_jobs_come_page_by_page(browser, session, code, monkeypatch):
    monkeypatch.setattr("tracker.prints.views.PAGE", 2)
    monkeypatch.setattr("tracker.prints.queries.PAGE", 2)
    wheres = [printed(browser, code) for _job in range(3)]

    first = text(browser.get("/prints"))
    more = re.search(r'href="(/prints\?before=\d+)"', first)[1]

    assert wheres[2] in first
    assert f'"{wheres[0]}"' not in first
    assert f'"{wheres[0]}"' in text(browser.get(more))


def test_devices_without_a_label_are_found_and_printed_at_once(browser, session, storekeeper, code):
    others = [
        code_of(session, a_device(session, status=Status.RECEIVED, holder=storekeeper.org)) for _n in range(3)
    ]
    foreign = code_of(session, a_device(session, status=Status.RECEIVED))
    printed(browser, code)
    page = text(browser.get("/devices?unprinted=1"))
    assert all(f"/t/{other}" in page for other in others)
    assert f"/t/{code}" not in page

    sent = send(browser, "/devices/print", unprinted="1", status="received", stock="L7160")

    kept = session.scalars(
        select(PrintedLabel.code).where(PrintedLabel.job_id == int(sent.location.split("/")[-1]))
    )
    assert set(kept) == set(others)
    assert foreign not in text(browser.get(sent.location))
    assert "/t/" not in text(browser.get("/devices?unprinted=1")).partition("<main")[2]
    again = send(browser, "/devices/print", unprinted="1", stock="L7160")
    assert again.status_code == 409
    assert "Mọi thiết bị trong danh sách này đã có tem." in text(again)


def test_a_replaced_label_is_one_not_printed_yet(browser, session, code):
    printed(browser, code)
    send(browser, f"/devices/{code}/label")

    page = text(browser.get("/devices?unprinted=1"))

    assert page.count('href="/t/') == 1
    assert f"/t/{code}" not in page


def test_others_write_while_the_paper_is_made(make_app, sqlite_url, monkeypatch):
    app = make_app(sqlite_url)
    with app.app_context():
        shop = an_organisation(db.session(), kind=OrgKind.WORKSHOP)
        keeper = a_person(db.session(), role=Role.STOREKEEPER, org=shop)
        code = code_of(db.session(), a_device(db.session(), status=Status.RECEIVED, holder=shop))
        client = app.test_client()
        sign_in_as(client, keeper, db.session())
        db.session.commit()
    wrote, real = [], actions.proved_paper

    def slow(*args):
        def write():
            with app.app_context():
                an_organisation(db.session(), code="MEANWHILE")
                db.session.commit()
                wrote.append(True)

        other = threading.Thread(target=write)
        other.start()
        other.join(timeout=10)
        return real(*args)

    monkeypatch.setattr(actions, "proved_paper", slow)

    assert send(client, f"/devices/{code}/print", stock="50x30").status_code == 303
    assert wrote == [True]
