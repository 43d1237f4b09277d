"""What the station asks the server for: who is here, what is expected, scans by the hundred, twice, and at once."""

import json
import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.handover.makers import sent_today, states, with_key
from tests.makers import a_device, a_person, a_pupil, an_organisation, sign_in_as
from tests.people.browsers import token
from tests.stations.makers import sent
from tests.stations.test_settling import a_shelf
from tracker.custody import queries, replay
from tracker.custody.models import Device, Event
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.models import Access
from tracker.people.roles import Actor, OrgKind, Role
from tracker.stations import actions, views
from tracker.stations.models import Scan
from tracker.stations.rules import MOST_SCANS


class Station:
    """A browser at a station, without its page."""

    def __init__(self, app: Flask, actor: Actor) -> None:
        self.client: FlaskClient = app.test_client()
        with app.app_context():
            sign_in_as(self.client, actor, db.session())
        self.state = self.client.get("/stations/state").get_json()

    def post(self, body: Any, path: str = "settle", **headers: str):
        return self.client.post(
            f"/stations/{path}", json=body, headers={"X-CSRFToken": self.state.get("token", ""), **headers}
        )

    def settle(self, *scans: Any) -> list[dict[str, Any]]:
        answer = self.post({"scans": list(scans)})
        assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
        return answer.get_json()["told"]


@pytest.fixture
def technician(app: Flask) -> Actor:
    with app.app_context():
        actor = a_person(db.session())
        db.session.commit()
        return actor


@pytest.fixture
def station(app: Flask, technician: Actor) -> Station:
    return Station(app, technician)


def devices(app: Flask, org: int, count: int) -> list[str]:
    with app.app_context():
        session = db.session()
        codes = [queries.code_of(session, a_device(session, holder=org)) for _n in range(count)]
        session.commit()
        return codes


def test_forty_scans_give_forty_outcomes_and_a_bad_one_holds_up_no_other(app, station, technician):
    codes = devices(app, technician.org, 3)
    lines = [sent("inspect", codes[n % 3] if n % 4 else "nothing") for n in range(40)]
    lines[7] = {"id": 7}
    lines[8] = "no scan"
    lines[9] = {**sent("inspect", codes[0]), "action": "fly"}

    told = station.settle(*lines)

    assert len(told) == 40
    assert [one["verdict"] for one in told].count("done") == 3
    assert [bool(one.get("lost")) for one in told] == [n in {7, 8, 9} for n in range(40)]


def test_a_replay_of_last_weeks_outbox_changes_nothing_and_says_the_same(app, station, technician):
    lines = [sent("inspect", code) for code in devices(app, technician.org, 5)]
    first = station.settle(*lines)
    with app.app_context():
        events = db.session.scalar(select(func.count()).select_from(Event))

    again = station.settle(*[{**line, "queued": True} for line in reversed(lines)])

    assert again == [{**one, "again": True} for one in reversed(first)]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Event)) == events
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 5


def test_an_id_used_for_something_else_is_refused_and_changes_nothing(app, station, technician):
    one, other = devices(app, technician.org, 2)
    line = sent("inspect", one)
    station.settle(line)

    told = station.settle({**line, "text": other})

    assert told[0]["lost"] is True
    with app.app_context():
        assert db.session.scalar(select(Device.status).where(Device.code == other)) == Status.RECEIVED


def test_a_scan_of_somebody_else_cannot_be_sent_as_ones_own(app, station, technician):
    line = sent("inspect", devices(app, technician.org, 1)[0])
    station.settle(line)
    with app.app_context():
        other = a_person(db.session(), org=technician.org)
        db.session.commit()

    assert Station(app, other).settle(line)[0].get("lost") is True


@pytest.mark.parametrize(
    "body",
    [None, [], "x", {}, {"scans": None}, {"scans": {}}, {"scans": [{}] * (MOST_SCANS + 1)}],
)
def test_what_is_no_list_of_scans_is_no_request(station, body):
    assert station.post(body).status_code == 400


def test_hostile_scans_are_kept_as_text_or_said_to_be_none(app, station):
    texts = [
        "<b>x</b>",
        "a\0b",
        "\ud800",
        "\u202edesrever",
        "x" * 10_000,
        "'; DROP TABLE scan --",
        "https://evil.example/T/2222222X",
    ]
    odd = [
        {**sent("inspect", "x"), "at": 10**30},
        {**sent("inspect", "x"), "at": "now"},
        {**sent("inspect", "x"), "offset": 10**30},
        {**sent("inspect", "x"), "place": 10**12, "handover": -1, "operator": "1"},
        {**sent("give", "x"), "giving": [1, 2]},
        {**sent("inspect", "x"), "id": "x" * 65},
        {**sent("inspect", "x"), "id": "chữ-có-dấu"},
        {**sent("inspect", "x"), "run": ""},
    ]

    told = station.settle(*[sent("inspect", text) for text in texts], *odd)

    assert [one["verdict"] for one in told[: len(texts)]] == ["unknown"] * len(texts)
    assert [bool(one.get("lost")) for one in told[len(texts) :]] == [False] * 5 + [True] * 3
    with app.app_context():
        kept = db.session.scalars(select(Scan.text).order_by(Scan.n)).all()
    assert kept[0] == "<b>x</b>"
    assert kept[1] == "a b"
    assert len(kept[4]) == 200


def test_nobody_sends_without_the_token_of_the_session_or_from_another_site(station):
    body = {"scans": [sent("inspect", "x")]}

    assert station.post(body, **{"X-CSRFToken": ""}).status_code == 400
    assert station.post(body, **{"X-CSRFToken": "forged"}).status_code == 400
    assert station.post(body, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_stranger_learns_nothing_and_an_office_has_no_station(app):
    stranger = app.test_client()
    with app.app_context():
        office = a_person(db.session(), role=Role.COORDINATOR)
        db.session.commit()
    coordinator = Station(app, office)

    assert stranger.get("/stations/state").status_code == 401
    assert stranger.get("/stations/state").get_json().keys() == {"signed_in", "wipe", "now"}
    assert stranger.post("/stations/settle", json={"scans": []}).status_code in {400, 401}
    assert stranger.get("/stations/expected?action=inspect").status_code == 303
    assert coordinator.client.get("/stations/").status_code == 403
    assert coordinator.client.get("/stations/expected?action=inspect").status_code == 403


def test_what_is_kept_on_a_phone_names_nobody(app):
    with app.app_context():
        session = db.session()
        school = an_organisation(session, kind=OrgKind.SCHOOL)
        teacher = a_person(session, role=Role.SCHOOL, org=school, name="Phạm Thị Giáo Viên")
        pupil = a_pupil(session, school=school, name="Ngô Văn Học Sinh")
        device = a_device(session, status=Status.AT_SCHOOL, pupil=pupil)
        code = queries.code_of(session, device)
        session.commit()
    station = Station(app, teacher)

    kept = [
        station.client.get(path).get_data(as_text=True)
        for path in (
            "/stations/",
            "/stations/state",
            "/stations/expected?action=give",
            "/stations/sw.js",
            "/stations/manifest.webmanifest",
        )
    ]
    kept.append(json.dumps(station.settle(sent("give", code))))

    assert code in kept[2]
    assert not [one for one in kept if "Học Sinh" in one or "Giáo Viên" in one]


def test_whom_a_device_is_for_is_told_to_its_school_alone_and_noted(app):
    with app.app_context():
        session = db.session()
        school = an_organisation(session, kind=OrgKind.SCHOOL)
        teacher, other = a_person(session, role=Role.SCHOOL, org=school), a_person(session, role=Role.SCHOOL)
        pupil = a_pupil(session, school=school, name="Ngô Văn Học Sinh")
        code = queries.code_of(session, a_device(session, status=Status.AT_SCHOOL, pupil=pupil))
        session.commit()

    assert (
        Station(app, teacher).client.get(f"/stations/taker/{code}").get_json()["pupil"] == "Ngô Văn Học Sinh"
    )
    assert Station(app, other).client.get(f"/stations/taker/{code}").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Access.pupils)).all() == [str(pupil)]


def test_what_is_scanned_on_the_scan_page_is_kept_too(app, station, technician):
    code = devices(app, technician.org, 1)[0]
    csrf = token(station.client)
    for text, leads_to in ((code, f"/T/{code}"), ("PF1ABC23", "/devices?q=PF1ABC23")):
        answer = station.client.post(
            "/stations/look", data={"csrf_token": csrf, "event_id": uuid.uuid4().hex, "q": text}
        )
        assert (answer.status_code, answer.location) == (303, leads_to)

    with app.app_context():
        rows = db.session.execute(select(Scan.text, Scan.verdict, Scan.action).order_by(Scan.n)).all()
    assert [tuple(row) for row in rows] == [(code, "done", "look"), ("PF1ABC23", "unknown", "look")]


# At once


def at_once(*runs):
    barrier = threading.Barrier(len(runs), timeout=60)

    def one(run):
        barrier.wait()
        return run()

    with ThreadPoolExecutor(len(runs)) as pool:
        return [done.result() for done in [pool.submit(one, run) for run in runs]]


def test_the_same_scans_sent_by_two_tabs_at_once_count_once(app, technician):
    lines = [sent("inspect", code) for code in devices(app, technician.org, 12)]
    tabs = [Station(app, technician), Station(app, technician)]

    answers = at_once(*[lambda tab=tab: tab.settle(*lines) for tab in tabs])

    assert [{**one, "again": True} for one in answers[0]] == [{**one, "again": True} for one in answers[1]]
    assert {one["verdict"] for one in answers[0]} == {"done"}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 12
        assert list(replay.differences(db.session())) == []


def test_two_people_with_the_same_devices_at_once_do_each_thing_once(app, technician):
    codes = devices(app, technician.org, 12)
    with app.app_context():
        colleague = a_person(db.session(), org=technician.org)
        db.session.commit()
    stations = [Station(app, technician), Station(app, colleague)]
    lines = [[sent("inspect", code, run=f"sitting-{n}") for code in codes] for n in range(2)]

    answers = at_once(*[lambda n=n: stations[n].settle(*lines[n]) for n in range(2)])

    for mine, theirs in zip(*answers, strict=True):
        assert sorted([mine["verdict"], theirs["verdict"]]) in (["already", "done"], ["blocked", "done"])
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Event.kind == "inspect")) == 12
        assert list(replay.differences(db.session())) == []


def test_the_race_is_one_that_can_be_lost(app, technician, monkeypatch):
    """The control: without the look for the first answer and without the unique id, a scan counts twice."""
    shelf_lines = [sent("look", code) for code in devices(app, technician.org, 12)]
    tabs = [Station(app, technician), Station(app, technician)]

    def unguarded(scan, context):
        told = actions.settle(db.session(), views.scan_of({**scan, "id": uuid.uuid4().hex}), context)
        db.session.commit()
        return told

    monkeypatch.setattr(views, "_one", unguarded)
    at_once(*[lambda tab=tab: tab.settle(*shelf_lines) for tab in tabs])

    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 24


# What stations tick off, and what becomes of it


def test_two_people_tick_off_and_a_third_signs_for_just_that(app):
    with_key(app)
    with app.app_context():
        session = db.session()
        way = sent_today(session, count=3)
        stray = queries.code_of(session, a_device(session))
        colleague, head = (a_person(session, role=Role.SCHOOL, org=way.receiver.org) for _n in range(2))
        session.commit()
    for actor, codes in ((way.receiver, [way.codes[0], stray]), (colleague, [way.codes[1], way.codes[0]])):
        Station(app, actor).settle(
            *[sent("confirm", code, handover=way.id, run=f"ticks-of-{actor.user}") for code in codes]
        )
    office = Station(app, head).client
    page = office.get(f"/h/{way.id}").get_data(as_text=True)

    filled = unescape(re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)[1]).split()
    form = {
        "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],
        "event_id": uuid.uuid4().hex,
        "codes": "\n".join(filled),
        "secret": way.secret,
        "name": "Lê Thị Hiệu Trưởng",
        "signature": "[[1,2,3,4]]",
    }
    answer = office.post(f"/h/{way.id}", data=form)

    assert filled == [way.codes[0], stray, way.codes[1]]
    assert answer.status_code == 303
    with app.app_context():
        lines = states(db.session(), way.id)
        assert [lines[device] for device in way.devices] == ["received", "received", "sent"]
        assert "unexpected" in lines.values()


def test_the_ledger_of_a_device_shows_what_was_taken_back(app, station, technician):
    code = devices(app, technician.org, 1)[0]
    line = sent("inspect", code)
    station.settle(line)
    station.settle({**sent("inspect", code), "run": line["run"], "undoes": line["id"]})

    page = station.client.get(f"/T/{code}").get_data(as_text=True)

    assert page.count('class="undone"') == 1
    assert "/papers/new?kind=inspection" not in page


def test_what_is_scanned_into_the_lists_of_forms_is_kept_too(app, station, technician):
    one, other = devices(app, technician.org, 2)
    with app.app_context():
        shelf = a_shelf(db.session(), technician)
        db.session.commit()
    csrf = token(station.client)
    form = {
        "csrf_token": csrf,
        "event_id": uuid.uuid4().hex,
        "place": shelf,
        "codes": f"{one}\nnothing\n{one}\n{other}",
    }
    for _turn in range(2):  # a form sent twice is kept once
        station.client.post("/stock/move", data=form)

    with app.app_context():
        rows = db.session.execute(select(Scan.text, Scan.verdict, Scan.place_id).order_by(Scan.n)).all()
        assert [(row.text, row.verdict) for row in rows] == [
            (one, "done"),
            ("nothing", "blocked"),
            (one, "already"),
            (other, "done"),
        ]
        assert {row.place_id for row in rows} == {shelf}
    assert "nothing" in station.client.get("/stations/log").get_data(as_text=True)
