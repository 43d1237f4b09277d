"""Scans as the clumsy and the hostile send them, and numbers as people type them."""

import pytest
from sqlalchemy import select, update

from labels import scanned
from tests.filing.test_filing import _picture, a_paper, as_photograph, reasons, sheets
from tests.intake.makers import Browser, send, text
from tests.labels.papers import an_inspection
from tests.makers import a_person
from tracker.filing.models import ScanFile, Sheet
from tracker.handover.models import Handover
from tracker.papers.models import Paper
from tracker.people.models import Organisation, User
from tracker.people.roles import Role


@pytest.mark.parametrize(
    ("code", "typed"),
    [("SGDĐT", "3/BB-SGDĐT"), ("THCS Bồ Lý", "03 / bb - thcs bồ lý"), ("ĐẠO", "3/BB-đa\u0323o")],
)
def test_a_paper_is_found_by_its_number_whatever_its_organisation_is_called(
    app, session, way, sent, code, typed
):
    session.execute(update(Organisation).where(Organisation.id == way.sender.org).values(code=code))
    paper = a_paper(session, way.sender, kind="inspection", record=an_inspection(2, link=""))
    session.commit()
    keeper = Browser(app.test_client(), session).sign_in(way.sender)
    sent((_picture(None), "mo.png"), by=keeper)
    sheet = session.scalar(select(Sheet.id))

    answer = send(keeper, f"/filing/sheets/{sheet}/file", kind="paper", number=typed, page="1")

    assert answer.status_code == 303
    assert [one[2] for one in sheets(session)] == [paper]


@pytest.mark.parametrize("name", ["bien ban\u202egpj.pdf", "a\tb\x07.pdf", "x" * 5000 + ".pdf", "\u202e"])
def test_the_name_of_a_file_is_shown_as_it_reads(session, school, sent, name):
    answer = sent((_picture(None), name))

    kept = session.scalar(select(ScanFile.name))
    assert kept.isprintable()
    assert 1 <= len(kept) <= 200
    page = school.get(answer.location).get_data(as_text=True)
    assert "\u202e" not in page


def test_why_a_page_is_discarded_is_kept_as_it_reads(session, school, sent):
    sent((_picture(None), "mo.png"))
    sheet = session.scalar(select(Sheet.id))

    assert send(school, f"/filing/sheets/{sheet}/discard", reason="\u202e\x07\u200f.").status_code == 409
    assert send(school, f"/filing/sheets/{sheet}/discard", reason="x" * 10000).status_code == 409
    assert send(school, f"/filing/sheets/{sheet}/discard", reason="mặt\u202e sau\x07 <b>").status_code == 303
    assert reasons(session) == ["mặt sau <b>"]


def test_what_took_too_long_once_may_be_sent_again(session, way, school, sent, record, monkeypatch):
    scan = as_photograph(record)
    monkeypatch.setattr(scanned, "WAIT", 0.01)
    answer = sent(scan)
    assert "quá nhiều thời gian" in text(school.get(answer.location))
    monkeypatch.undo()

    sent(scan)

    assert [one[:3] for one in sheets(session)] == [("filed", "handover", way.id)]


def test_a_page_beyond_those_a_record_has_is_refused(session, way, school, sent, record):
    sent(as_photograph(record))
    sent((_picture(None), "mo.png"))
    sheet = session.scalar(select(Sheet.id).order_by(Sheet.id.desc()))
    answer = send(
        school,
        f"/filing/sheets/{sheet}/file",
        kind="handover",
        number=f"http://127.0.0.1:5000/h/{way.id}",
        page="900",
    )
    assert answer.status_code == 409
    missing = text(school.get(f"/handovers/{way.id}"))
    assert "900" not in missing
    assert "899" not in missing


def test_a_code_read_into_the_form_says_which_page_it_is(session, way, school, sent):
    sent((_picture(None), "mo.png"))
    sheet = session.scalar(select(Sheet.id))

    code = f"http://127.0.0.1:5000/h/{way.id}?p=2-3"
    send(school, f"/filing/sheets/{sheet}/file", kind="handover", number=code, page="1")

    assert sheets(session) == [("filed", "handover", way.id, 2, 3)]


def test_whoever_moved_a_page_is_named_with_where_it_was(app, session, way, record, school, sent):
    sent((_picture(None), "mo.png"))
    sheet = session.scalar(select(Sheet.id))
    wrong = f"http://127.0.0.1:5000/h/{way.id}"
    send(school, f"/filing/sheets/{sheet}/file", kind="handover", number=wrong, page="2")
    send(school, f"/filing/sheets/{sheet}/back")
    send(school, f"/filing/sheets/{sheet}/discard", reason="ảnh quá mờ")
    auditor = Browser(app.test_client(), session).sign_in(a_person(session, role=Role.AUDITOR))

    shown = text(auditor.get("/filing/1"))

    number = session.scalars(select(Handover).where(Handover.id == way.id)).one()
    assert f"{number.seq:02d}/{number.year}" in shown
    assert "Đã bỏ: ảnh quá mờ" in shown
    assert shown.count(session.get(User, way.receiver.user).name) >= 4


def test_a_page_of_a_replaced_paper_is_filed_to_it_and_said_to_be_replaced(app, session, way, sent):
    old, new = (
        a_paper(session, way.sender, kind="inspection", record=an_inspection(1, link=""), seq=seq)
        for seq in (3, 4)
    )
    session.execute(update(Paper).where(Paper.id == old).values(replaced_by=new))
    session.commit()
    keeper = Browser(app.test_client(), session).sign_in(way.sender)

    for paper, told in ((old, True), (new, False)):
        answer = sent((_picture(f"http://127.0.0.1:5000/b/{paper}"), "b.png"), by=keeper)
        assert ("Đã thay" in text(keeper.get(answer.location))) == told
    assert [sheet[2] for sheet in sheets(session)] == [old, new]


def test_a_pdf_keeps_its_kind_whatever_its_printer_wrote_before_it(school, sent, record):
    sent(b"\r\n@PJL\r\n" + record)

    given = school.get("/filing/1/original")

    assert given.headers["Content-Disposition"] == 'attachment; filename="ban-ky-1.pdf"'


def test_where_personal_data_were_deleted_the_signed_sheet_is_shown_no_more(app, session, way, sent):
    paper = a_paper(session, way.sender, kind="inspection", record=an_inspection(1, link=""))
    session.commit()
    keeper = Browser(app.test_client(), session).sign_in(way.sender)
    sent((_picture(f"http://127.0.0.1:5000/b/{paper}"), "b.png"), by=keeper)
    sheet = session.scalar(select(Sheet.id))
    assert keeper.get(f"/filing/sheets/{sheet}.jpg").status_code == 200

    session.execute(update(Paper).where(Paper.id == paper).values(says={}))
    session.commit()

    for url in (f"/filing/sheets/{sheet}.jpg", "/filing/1/original"):
        assert keeper.get(url).status_code == 404
    for url in ("/filing/1", f"/b/{paper}"):
        assert ".jpg" not in text(keeper.get(url))
