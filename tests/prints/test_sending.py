"""Labels sent to a label printer: outside of the request, once, one job at a time, and told as it went."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from sqlalchemy import func, select

from tests.intake.makers import send, text
from tests.labels.makers import codes
from tests.labels.printer import tspl as printed_by_tspl
from tests.makers import AT, a_person
from tests.printers.makers import LOOPBACK, SQLITE_ALONE, a_printer, listening, signed_in
from tests.prints.makers import a_job, code_of, ended
from tracker.db import db
from tracker.people.roles import Role
from tracker.printers.rules import Kind
from tracker.prints import queries, sender, sending
from tracker.prints.printer_models import Sending


@pytest.fixture
def app(make_app, database_url):
    return make_app(database_url, printer_networks=LOOPBACK)


def test_a_job_reaches_the_printer_label_by_label(app, browser, session, storekeeper):
    with listening() as machine:
        job = a_job(session, storekeeper)
        printer = a_printer(session, storekeeper, host=machine.host)
        assert "Gửi tới máy in" in text(browser.get(f"/prints/{job}"))

        where = send(
            browser, f"/prints/{job}/send", printer=str(printer), send_first="2", send_last="3"
        ).location
        row = ended(session, where)

    (program,) = machine.jobs
    urls = [f"HTTPS://TB.EXAMPLE/T/{code_of(n)}" for n in (1, 2)]
    found = [codes(label.image) for label in printed_by_tspl(program, dpi=203)]
    assert [one["QR", url] for one, url in zip(found, urls, strict=True)] == [1, 1]
    assert (row.state, row.labels_sent) == ("sent", 2)
    page = text(browser.get(where))
    assert "Máy in đã nhận đủ 2 tem." in page
    assert 'http-equiv="refresh"' not in page
    assert f'href="{where}"' in text(browser.get(f"/prints/{job}"))


def test_a_doubled_form_sends_once(app, browser, session, storekeeper):
    with listening() as machine:
        job, printer = a_job(session, storekeeper), a_printer(session, storekeeper, host=machine.host)
        this = uuid.uuid4().hex
        wheres = {
            send(browser, f"/prints/{job}/send", event_id=this, printer=str(printer)).location
            for _time in range(3)
        }
        ended(session, *wheres)

    assert len(machine.jobs) == 1


def test_while_one_is_sent_a_second_is_refused_and_the_page_shows_how_far(app, browser, session, storekeeper):
    def wait(printer, connection):
        printer.go.wait(10)
        connection.recv(1_000_000)

    with listening(wait) as machine:
        job, printer = a_job(session, storekeeper), a_printer(session, storekeeper, host=machine.host)
        where = send(browser, f"/prints/{job}/send", printer=str(printer)).location
        second = send(browser, f"/prints/{job}/send", printer=str(printer))
        page = text(browser.get(where))

        assert second.status_code == 409
        assert "đang nhận một lệnh in khác" in text(second)
        assert 'http-equiv="refresh"' in page
        assert "Xem lại" in page
        machine.go.set()
        ended(session, where)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Sending)) == 1


def test_a_printer_that_is_off_is_told_in_words(app, browser, session, storekeeper):
    with listening() as machine:
        host = machine.host
    job, printer = a_job(session, storekeeper), a_printer(session, storekeeper, host=host)

    where = send(browser, f"/prints/{job}/send", printer=str(printer)).location
    row = ended(session, where)

    assert (row.state, row.labels_sent) == ("failed", 0)
    assert f"Máy in {host} không nhận kết nối" in text(browser.get(where))


def test_a_printer_that_dies_in_the_middle_is_told_with_what_it_took(
    app, browser, session, storekeeper, monkeypatch
):
    def die(printer, connection):
        connection.recv(200)
        sleep(0.2)

    with listening(die) as machine:
        job, printer = (
            a_job(session, storekeeper, count=60),
            a_printer(session, storekeeper, host=machine.host),
        )
        where = send(browser, f"/prints/{job}/send", printer=str(printer)).location
        row = ended(session, where)

    assert row.state == "failed"
    assert 0 <= row.labels_sent <= 60
    page = text(browser.get(where))
    assert "ngắt kết nối" in page


def test_a_printer_that_hangs_is_left_and_free_for_the_next(app, browser, session, storekeeper, monkeypatch):
    monkeypatch.setattr(sender, "PATIENCE", 0.5)
    monkeypatch.setattr(sender, "LONGEST", 1.0)
    monkeypatch.setattr(sender, "EACH", 0.0)

    def hang(printer, connection):
        printer.go.wait(10)

    with listening(hang) as machine:
        job, printer = (
            a_job(session, storekeeper, count=3),
            a_printer(session, storekeeper, host=machine.host),
        )
        enough = b"x" * 20_000_000
        monkeypatch.setattr(sending, "program", lambda *_args: (enough, [100, 200, len(enough)]))
        where = send(browser, f"/prints/{job}/send", printer=str(printer)).location
        row = ended(session, where)

    assert (row.state, row.labels_sent) == ("failed", 2)
    assert send(browser, f"/prints/{job}/send", printer=str(printer)).status_code == 303
    ended(session, where.replace(f"/{row.id}", f"/{row.id + 1}"))


def test_an_interrupted_server_leaves_it_interrupted_and_nothing_is_sent_again(
    app, browser, session, storekeeper
):
    with listening() as machine:
        job, printer = a_job(session, storekeeper), a_printer(session, storekeeper, host=machine.host)
        row = session.execute(queries.any_job(job)).one()
        long_ago = datetime.now(UTC) - sending.SILENT - timedelta(seconds=1)
        old = sending.ask(session, row, printer, first=1, last=3, by=storekeeper, at=long_ago)
        sending.take(session, old, at=long_ago)

        page = text(browser.get(f"/prints/{job}/sendings/{old}"))
        assert "Hệ thống bị dừng" in page
        assert "chỉ gửi các tem còn lại" in page
        where = send(browser, f"/prints/{job}/send", printer=str(printer), send_first="3").location
        assert ended(session, where).state == "sent"
        with app.app_context():
            sender.run(old)  # its thread, come too late

    assert len(machine.jobs) == 1
    session.rollback()
    assert session.scalar(select(Sending.state).where(Sending.id == old)) == "interrupted"


@SQLITE_ALONE
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"send_first": "0"}, 422),
        ({"send_last": "4"}, 422),
        ({"send_first": "3", "send_last": "2"}, 409),
        ({"send_first": "x"}, 422),
        ({"send_last": ""}, 422),
        ({"printer": "x"}, 422),
    ],
)
def test_labels_that_the_job_does_not_have_are_not_sent(browser, session, storekeeper, fields, status):
    job, printer = a_job(session, storekeeper), a_printer(session, storekeeper)

    assert send(browser, f"/prints/{job}/send", **{"printer": str(printer)} | fields).status_code == status
    assert session.scalar(select(func.count()).select_from(Sending)) == 0


@SQLITE_ALONE
def test_sheets_and_printers_of_pdf_are_refused_in_words(browser, session, storekeeper):
    sheets, roll = a_job(session, storekeeper, stock="L7160"), a_job(session, storekeeper)
    label = a_printer(session, storekeeper)
    office = a_printer(session, storekeeper, name="HP", kind=Kind.PDF, host="")

    assert "cuộn" in text(send(browser, f"/prints/{sheets}/send", printer=str(label)))
    assert send(browser, f"/prints/{roll}/send", printer=str(office)).status_code == 409
    assert "send" not in re.findall(r'id="(send)"', text(browser.get(f"/prints/{sheets}")))


def test_others_send_nothing_and_see_nothing(app):
    with app.app_context():
        session = db.session()
        keeper, stranger = (a_person(session, role=Role.STOREKEEPER) for _one in range(2))
        auditor = a_person(session, role=Role.AUDITOR)
        job, printer, theirs = (
            a_job(session, keeper),
            a_printer(session, keeper),
            a_printer(session, stranger),
        )
        row = session.execute(queries.any_job(job)).one()
        number = sending.ask(session, row, printer, first=1, last=1, by=keeper, at=AT)
        session.commit()

    other, watching = signed_in(app, stranger), signed_in(app, auditor)
    assert other.get(f"/prints/{job}/sendings/{number}").status_code == 404
    assert send(other, f"/prints/{job}/send", printer=str(theirs)).status_code == 404
    assert watching.get(f"/prints/{job}/sendings/{number}").status_code == 200
    assert send(watching, f"/prints/{job}/send", printer=str(printer)).status_code == 403


def test_nothing_is_sent_to_the_printers_of_others(browser, session, storekeeper):
    job, theirs = a_job(session, storekeeper), a_printer(session, a_person(session, role=Role.STOREKEEPER))

    assert send(browser, f"/prints/{job}/send", printer=str(theirs)).status_code == 404
