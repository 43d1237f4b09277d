"""Two who send to one printer at the same moment; the sender, and the command."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from tests.intake.makers import send, text
from tests.makers import AT, a_person, an_organisation
from tests.printers.makers import LOOPBACK, a_printer, listening
from tests.prints.makers import a_job, ended
from tracker.__main__ import main
from tracker.db import db
from tracker.people.roles import OrgKind, Role
from tracker.prints import queries, sender, sending
from tracker.prints.printer_models import Sending
from tracker.refused import Missing, Refused


@pytest.fixture
def app(make_app, database_url):
    return make_app(database_url, printer_networks=LOOPBACK)


# Two at once


def race(app, ask, rounds=5, runners=4):
    """Let runners ask for one printer at the same moment; return how many got it, each round."""
    with app.app_context():
        keeper = a_person(
            db.session(), role=Role.STOREKEEPER, org=an_organisation(db.session(), kind=OrgKind.WORKSHOP)
        )
        job = a_job(db.session(), keeper, count=1)
        printers = [a_printer(db.session(), keeper, name=f"Máy {n}") for n in range(rounds)]
        db.session.commit()
    wins, barrier = dict.fromkeys(printers, 0), threading.Barrier(runners)
    lock = threading.Lock()

    def run():
        for printer in printers:
            barrier.wait(timeout=30)
            with app.app_context():
                row = db.session.execute(queries.any_job(job)).one()
                db.session.rollback()
                try:
                    ask(db.session(), row, printer, first=1, last=1, by=keeper, at=datetime.now(UTC))
                    db.session.commit()
                except Refused:
                    db.session.rollback()
                    continue
            with lock:
                wins[printer] += 1

    with ThreadPoolExecutor(runners) as pool:
        for done in [pool.submit(run) for _runner in range(runners)]:
            done.result()
    return list(wins.values())


def test_of_four_who_start_at_once_one_gets_the_printer(app):
    assert set(race(app, sending.ask)) == {1}


def test_control_without_the_index_more_than_one_would(app):
    def unguarded(session, job, printer, *, first, last, by, at):
        values = {"job_id": job.id, "printer_id": printer, "first": first, "last": last, "labels_sent": 0}
        session.execute(insert(Sending).values(**values, state="sent", at=at, by=by.user, alive_at=at))

    assert set(race(app, unguarded)) == {4}


def test_one_row_is_taken_by_one_sender(app, session, storekeeper):
    with listening() as machine:
        job, printer = a_job(session, storekeeper), a_printer(session, storekeeper, host=machine.host)
        row = session.execute(queries.any_job(job)).one()
        number = sending.ask(session, row, printer, first=1, last=3, by=storekeeper, at=datetime.now(UTC))
        session.commit()

        def run():
            with app.app_context():
                sender.run(number)

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(run) for _runner in range(4)]:
                done.result()

    assert len(machine.jobs) == 1


def held_up(monkeypatch, app, then):
    """Let the next sending be silent for too long while its labels are made; `then` others come."""
    make = sending.program

    def slow(job, labels, printer, session):
        monkeypatch.setattr(sending, "program", make)
        found = make(job, labels, printer, session)
        session.rollback()
        long_ago = datetime.now(UTC) - sending.SILENT - timedelta(seconds=1)
        session.execute(update(Sending).where(Sending.state == "sending").values(alive_at=long_ago))
        session.commit()
        with app.app_context():
            then(db.session())
        return found

    monkeypatch.setattr(sending, "program", slow)


@pytest.mark.parametrize("others", [True, False])
def test_labels_that_took_long_to_make_are_not_sent_where_others_sent_them_meanwhile(
    app, session, storekeeper, monkeypatch, others
):
    with listening() as machine:
        job, printer = a_job(session, storekeeper), a_printer(session, storekeeper, host=machine.host)
        row = session.execute(queries.any_job(job)).one()

        def ask(session):
            number = sending.ask(session, row, printer, first=1, last=3, by=storekeeper, at=datetime.now(UTC))
            session.commit()
            return number

        def send_too(session):
            if others:
                sender.run(ask(session))

        first = ask(session)
        held_up(monkeypatch, app, send_too)
        with app.app_context():
            sender.run(first)

    assert len(machine.jobs) == 1
    session.rollback()
    told = sending.one(session, job, first, at=datetime.now(UTC))
    assert told.state == ("failed" if others else "sent")
    assert not others or "given to others" in told.error["sentence"][0]


# The command


def test_the_command_sends_and_says_so(app, session, storekeeper):
    with listening() as machine:
        job, printer = a_job(session, storekeeper), a_printer(session, storekeeper, host=machine.host)
        session.commit()
        with app.app_context():
            number = sending.ask_by_command(db.session(), job, printer, first=1, last=2, at=datetime.now(UTC))
            db.session.commit()
            sender.run(number)

    assert len(machine.jobs) == 1
    assert "send" in main.commands["prints"].commands


def test_the_command_knows_no_printer_of_others(session, storekeeper):
    job = a_job(session, storekeeper)
    theirs = a_printer(session, a_person(session, role=Role.STOREKEEPER))

    for wrong in ((job, theirs), (job, 2_000_000), (2_000_000, theirs)):
        with pytest.raises(Missing):
            sending.ask_by_command(session, *wrong, first=1, last=1, at=AT)


def test_a_mistake_of_ours_is_told_and_frees_the_printer(
    app, browser, session, storekeeper, monkeypatch, caplog
):
    def broken(*_args):
        raise ZeroDivisionError

    monkeypatch.setattr(sending, "program", broken)
    job, printer = a_job(session, storekeeper), a_printer(session, storekeeper)

    where = send(browser, f"/prints/{job}/send", printer=str(printer)).location
    row = ended(session, where)

    assert row.state == "failed"
    assert "Hệ thống gặp lỗi" in text(browser.get(where))
    assert "ZeroDivisionError" in caplog.text


def test_the_sender_says_that_it_lives(session, storekeeper):
    job, printer = a_job(session, storekeeper), a_printer(session, storekeeper)
    row = session.execute(queries.any_job(job)).one()
    number = sending.ask(session, row, printer, first=1, last=3, by=storekeeper, at=AT)
    assert sending.take(session, number, at=AT)
    sending.alive(session, number, 2, at=AT + timedelta(minutes=5))

    assert sending.one(session, job, number, at=AT + timedelta(minutes=5, seconds=59)).state == "sending"
    assert sending.one(session, job, number, at=AT + timedelta(minutes=6, seconds=1)).state == "interrupted"
    session.execute(update(Sending).values(state="sent"))
