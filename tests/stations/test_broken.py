"""What fresh eyes broke at the stations: each was wrong once."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.handover.makers import a_delivery
from tests.makers import a_device, a_person, ask
from tests.people.browsers import token
from tests.stations.makers import NOW, a_scan, sent, told, undo_of
from tests.stations.test_requests import Station, devices, station, technician  # noqa: F401
from tests.stations.test_settling import a_shelf, code
from tracker.db import db
from tracker.intake.actions import replace_label
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.stations import actions, queries
from tracker.stations.models import Scan


@pytest.fixture
def session(app: Flask):
    with app.test_request_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def keeper(session) -> Actor:
    return a_person(session)


# Counts


def a_count(session, by: Actor) -> tuple[int, int, Any]:
    """Return a shelf, the one device on it, and the scan by which it was counted there."""
    shelf, device = a_shelf(session, by), a_device(session, holder=by.org)
    told(session, a_scan("move", code(session, device), place=shelf, run="moving-01"), by)
    scan = a_scan("count", code(session, device), place=shelf)
    assert told(session, scan, by)["mark"] == "here"
    return shelf, device, scan


def test_a_finished_count_stays_as_it_was(session, keeper):
    _shelf, device, scan = a_count(session, keeper)
    actions.finish(session, scan.run, scans=1, by=keeper, at=NOW)
    session.commit()

    answers = [told(session, undo_of(scan, run=run), keeper) for run in (scan.run, "run-count-0002")]

    assert [one["verdict"] for one in answers] == ["blocked", "blocked"]
    assert queries.counted(session, scan.run) == {device: "here"}


def test_what_was_counted_elsewhere_is_not_of_this_count(session, keeper):
    _shelf, device, scan = a_count(session, keeper)
    other = a_shelf(session, keeper, "Kệ B")
    stray = a_device(session, holder=keeper.org)
    told(session, a_scan("move", code(session, stray), place=other, run="moving-01"), keeper)

    answer = told(session, a_scan("count", code(session, stray), place=other), keeper)

    assert answer["verdict"] == "blocked"
    assert queries.counted(session, scan.run) == {device: "here"}


def test_who_works_elsewhere_now_takes_nothing_back_here(session, keeper):
    _shelf, device, scan = a_count(session, keeper)
    elsewhere = a_person(session)
    session.execute(update(User).where(User.id == keeper.user).values(org_id=elsewhere.org))
    session.commit()

    answer = told(session, undo_of(scan, run="run-count-0002"), replace(keeper, org=elsewhere.org))

    assert answer["verdict"] != "done"
    assert queries.counted(session, scan.run) == {device: "here"}


# Secrets


@pytest.mark.parametrize(
    "text",
    [
        "HTTP://127.0.0.1:5000/H/{id}#{secret}",
        "HTTPÖ--127.0.0.1Ö5000-H-{id}§{secret}",  # through a German keyboard
        "HTTPS://OLD.EXAMPLE/H/{id}#{secret}",  # a paper from before the address changed
        "http://127.0.0.1:5000/h/{id}/#{secret}",
    ],
)
@pytest.mark.parametrize("ended", [False, True])
def test_no_scan_keeps_the_secret_of_a_record(session, text: str, ended: bool):
    way = a_delivery(session)
    told(session, a_scan("confirm", way.codes[0], handover=way.id), way.receiver)
    if ended:
        actions.finish(session, "run-confirm-0001", scans=1, by=way.receiver, at=NOW)
    scanned = text.format(id=way.id, secret=way.secret)

    told(session, a_scan("confirm", scanned, handover=way.id), way.receiver)
    told(session, a_scan("look", scanned, undoes="never-made"), way.receiver)

    kept = "".join(row.text + row.told for row in session.execute(select(Scan.text, Scan.told)))
    assert way.secret not in kept


# Clocks


@pytest.mark.parametrize("at", [253402300799000, -62135596800000, 253402300800000, 0, -1])
def test_no_clock_of_a_phone_closes_the_log(app, station, technician, at: int):  # noqa: F811
    line = sent("inspect", devices(app, technician.org, 1)[0], at=at, queued=True, offset=0)

    station.settle(line)

    assert station.client.get("/stations/log").status_code == 200
    assert station.client.get(f"/T/{line['text']}").status_code == 200


# Sittings of others


def test_nobody_takes_the_sitting_of_another(app, station, technician):  # noqa: F811
    with app.app_context():
        other = a_person(db.session())
        db.session.commit()
    rival = Station(app, other)
    run = f"look-{technician.user}-{datetime.now(UTC):%Y%m%d}"
    code = devices(app, technician.org, 1)[0]
    rival.settle(sent("look", "x", run=run))

    station.client.post(
        "/stations/look", data={"csrf_token": token(station.client), "event_id": uuid.uuid4().hex, "q": code}
    )

    with app.app_context():
        verdict = db.session.scalar(select(Scan.verdict).where(Scan.user_id == technician.user))
    assert verdict == "done"


def test_scans_of_others_do_not_stand_in_for_those_that_have_not_arrived(session, keeper):
    _shelf, _device, scan = a_count(session, keeper)
    rival = a_person(session)
    told(session, a_scan("look", "x", run=scan.run), rival)

    with pytest.raises(actions.NotAllHere):
        actions.finish(session, scan.run, scans=2, by=keeper, at=NOW)
    session.rollback()
    assert queries.tally(session, scan.run) == {"done": 1}


# What the log tells


def test_the_log_does_not_tell_others_the_new_code_of_a_replaced_label(app, station, technician):  # noqa: F811
    with app.app_context():
        session = db.session()
        owner = a_person(session)
        device = a_device(session, holder=owner.org)
        old = code(session, device)
        session.commit()
    assert station.settle(sent("inspect", old))[0]["verdict"] == "not-yours"
    with app.app_context():
        new = replace_label(db.session(), device, by=owner, ask=ask())
        db.session.commit()
    head = Station(app, owner)
    head.settle(sent("inspect", new))

    page = station.client.get("/stations/log").get_data(as_text=True)

    assert old in page
    assert new not in page
    assert new in head.client.get("/stations/log").get_data(as_text=True)


# Somebody else on the same phone


def test_scans_are_settled_for_whoever_made_them_or_not_at_all(app, station, technician):  # noqa: F811
    line = sent("inspect", devices(app, technician.org, 1)[0])

    refused = station.post({"scans": [line], "user": technician.user + 1})
    finished = station.post({"run": line["run"], "scans": 0, "user": technician.user + 1}, "finish")
    accepted = station.post({"scans": [line], "user": technician.user})

    assert [refused.status_code, finished.status_code, accepted.status_code] == [401, 401, 200]
    assert accepted.get_json()["told"][0]["verdict"] == "done"
    assert "again" not in accepted.get_json()["told"][0]


# Hostile bodies


@pytest.mark.parametrize(
    "giving",
    [
        {"taken_by": "\ud800", "name": "a", "strokes": "[[1,2,3,4]]"},
        {"taken_by": "dean", "name": "a", "strokes": "[[1,2,3,4]]"},
        {"taken_by": "pupil", "name": "\ud800\0", "strokes": "\ud800"},
        {"taken_by": "pupil", "name": "a", "strokes": "[" * 100_000},
        {"taken_by": "pupil", "name": "a", "strokes": "[[NaN,1e400]]"},
        {"taken_by": "pupil", "name": "a", "strokes": "null", "declared": True},
    ],
)
def test_a_hostile_signature_gives_nothing_and_holds_up_no_other(app, giving):
    from tests.makers import a_pupil, an_organisation
    from tracker.custody.road import Status
    from tracker.people.roles import OrgKind, Role

    with app.app_context():
        session = db.session()
        school = an_organisation(session, kind=OrgKind.SCHOOL)
        teacher = a_person(session, role=Role.SCHOOL, org=school)
        text = code(
            session, a_device(session, status=Status.AT_SCHOOL, pupil=a_pupil(session, school=school))
        )
        session.commit()
    at_gate = Station(app, teacher)

    verdicts = [
        one["verdict"] for one in at_gate.settle(sent("give", text, giving=giving), sent("look", text))
    ]

    assert verdicts == ["blocked", "done"]


def test_bodies_no_station_sends_are_refused(station):  # noqa: F811
    nested = b'{"scans":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    headers = {"X-CSRFToken": station.state["token"]}

    answers = [
        station.client.post(
            "/stations/settle", data=nested, content_type="application/json", headers=headers
        ).status_code,
        station.post({"run": "a\0b", "scans": 1}, "finish").status_code,
        station.post({"run": "\ud800", "scans": 1}, "finish").status_code,
        station.client.get("/stations/sittings/a%00b").status_code,
        station.client.get("/stations/log?run=a%00b").status_code,
        station.client.get(f"/stations/log?before={10**30}").status_code,
        station.client.get(f"/stations/badge/{10**30}").status_code,
        station.client.get(f"/stations/expected?action=move&place={10**30}").status_code,
        station.client.get(f"/stations/expected?action=load&handover={10**30}").status_code,
    ]

    assert [status for status in answers if status >= 500] == []
