"""The first page tells what waits for whom; the menu holds what a role may open; the ledger's page seals."""

import re
import uuid
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.handover.makers import a_delivery
from tests.makers import AT, a_device, a_person, a_pupil, an_organisation, sign_in_as
from tests.people.browsers import token
from tracker.custody import seal
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.roles import Actor, OrgKind, Role
from tracker.reports import queries
from tracker.reports.views import TO_DO


def waiting(page: str) -> dict[str, int]:
    """Return the numbers of the worklist, by where they lead."""
    found = re.findall(r'<li><a href="([^"]+)">.*?<strong>([\d.]+)</strong>', page, re.DOTALL)
    return {url.replace("&amp;", "&"): int(number.replace(".", "")) for url, number in found}


def test_each_number_is_that_of_the_list_it_leads_to(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        me, other = a_person(session), a_person(session)
        for status, number in {Status.RECEIVED: 3, Status.INSPECTING: 2, Status.READY: 1}.items():
            for _one in range(number):
                a_device(session, status=status, holder=me.org)
        a_device(session, holder=other.org)
        sign_in_as(client, me, session)

    found = waiting(client.get("/").get_data(as_text=True))

    assert found == {
        "/devices?status=received": 3,
        "/devices?status=inspecting": 2,
        "/devices?status=ready": 1,
    }
    for url, number in found.items():
        assert client.get(url).get_data(as_text=True).count('<th scope="row"') == number


def test_a_school_reads_how_many_handovers_to_confirm(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        way = a_delivery(session, count=2)
        sign_in_as(client, way.receiver, session)

    found = waiting(client.get("/").get_data(as_text=True))

    assert found == {"/handovers?direction=in": 1, "/devices?status=on-the-way": 2}


def test_a_coordinator_reads_how_many_pupils_wait(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        school = an_organisation(session, kind=OrgKind.SCHOOL)
        for _waits in range(3):
            a_pupil(session, school=school)
        a_pupil(session, school=school, no_device=False)
        a_device(session, status=Status.BOUND, pupil=a_pupil(session, school=school))
        sign_in_as(client, a_person(session, role=Role.COORDINATOR), session)

    found = waiting(client.get("/").get_data(as_text=True))

    assert found["/matching"] == 3
    assert found["/devices?status=bound"] == 1


def test_what_stood_still_for_a_week_is_overdue(app: Flask):
    with app.app_context():
        session = db.session()
        me = a_person(session)
        a_device(session, holder=me.org)
        for days, late in ((6, 0), (7, 0), (8, 1)):
            at = datetime(2021, 11, 15 + days, 2, 0, tzinfo=UTC)
            assert queries.by_status(session, to=me, at=at) == {Status.RECEIVED: queries.Waiting(1, late)}
        assert queries.by_status(session, to=Actor(0, 0, Role.TECHNICIAN), at=AT) == {}


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_first_page_and_may_open_all_of_its_menu(make_app, sqlite_url: str, role: Role):
    app = make_app(sqlite_url)
    client = app.test_client()
    with app.app_context():
        seal.make_key(app.config["TRACKER"].home, app.config["TRACKER"].origin)
        sign_in_as(client, a_person(db.session(), role=role), db.session())
    page = client.get("/").get_data(as_text=True)
    menu = re.findall(r'<a href="([^"]+)"', page.split('class="tabs-row')[1].split("</nav>")[0])

    assert TO_DO[role]
    assert menu[0] == "/"
    assert {url: client.get(url).status_code for url in menu} == dict.fromkeys(menu, 200)


def test_the_page_of_the_ledger_seals_what_is_pending(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        seal.make_key(app.config["TRACKER"].home, app.config["TRACKER"].origin)
        a_device(session, status=Status.READY)
        sign_in_as(client, a_person(session, role=Role.COORDINATOR), session)
    assert "note-warn" in client.get("/ledger").get_data(as_text=True)

    data = {"csrf_token": token(client), "event_id": uuid.uuid4().hex}
    assert client.post("/ledger/seal", data=data).location == "/ledger"

    page = client.get("/ledger").get_data(as_text=True)
    assert "note-ok" in page
    assert "so-cai.127.0.0.1:5000/thiet-bi/1" in page


def test_an_installation_without_a_key_says_what_to_do(app: Flask, client: FlaskClient):
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.AUDITOR), db.session())

    answer = client.get("/ledger")
    assert answer.status_code == 409
    assert "tracker init" in answer.get_data(as_text=True)
