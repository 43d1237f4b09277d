"""What a person sees when something is not possible, not there, not theirs, or broken."""

import logging
import threading
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.makers import a_person, an_organisation, sign_in_as
from tests.people.browsers import token
from tracker.db import db
from tracker.people.models import Organisation
from tracker.people.permissions import public
from tracker.people.roles import Role
from tracker.refused import Missing, Refused
from tracker.web.headers import HEADERS
from tracker.words import _


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    made = make_app(database_url)

    def half() -> str:
        an_organisation(db.session(), code="HALF")
        raise Refused(_("A place needs a name."))

    def missing() -> str:
        raise Missing

    def bug() -> str:
        raise ZeroDivisionError("the secret of the house")

    for name, view in {"half": half, "missing": missing, "bug": bug}.items():
        made.add_url_rule(f"/try/{name}", name, public(view), methods=["GET", "POST"])
    return made


def test_a_refusal_says_why_and_what_to_do_and_nothing_is_half_written(app: Flask, client: FlaskClient):
    data = {"csrf_token": token(client)}
    answer = client.post(
        "/try/half", data=data, headers={"Referer": "http://localhost/sign-in?to=%2Fdevices"}
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Vị trí phải có tên." in page
    assert 'href="/sign-in?to=%2Fdevices"' in page
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Organisation.code == "HALF")) == 0


@pytest.mark.parametrize(
    "referrer", ["http://[", "javascript:alert(1)", "https://evil.example/x", "http://localhost/try/nothing"]
)
def test_a_refusal_never_leads_to_where_it_should_not(app: Flask, client: FlaskClient, referrer: str):
    data = {"csrf_token": token(client)}
    page = client.post("/try/half", data=data, headers={"Referer": referrer}).get_data(as_text=True)

    assert "evil" not in page
    assert "javascript:" not in page
    assert "/try/nothing" not in page


def test_what_is_missing_and_what_never_was_look_the_same(client: FlaskClient):
    pages = [client.get(where) for where in ("/try/missing", "/no/such/page")]

    assert [page.status_code for page in pages] == [404, 404]
    bodies = [page.get_data(as_text=True).replace(token(client), "") for page in pages]
    assert bodies[0].split("<main")[1] == bodies[1].split("<main")[1]


def test_a_bug_tells_a_reference_and_nothing_of_the_inside(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.ERROR, "tracker.web.errors"):
        answer = client.get("/try/bug")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret of the house" not in page
    assert "ZeroDivision" not in page
    assert "Traceback" not in page
    reference = caplog.records[0].args[0]
    assert reference in page
    assert caplog.records[0].exc_info


def test_a_page_that_takes_only_forms_says_so(client: FlaskClient):
    answer = client.get("/sign-out")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "<h1>" in answer.get_data(as_text=True)


def test_a_form_without_its_token_is_refused_with_words(client: FlaskClient):
    answer = client.post("/sign-in", data={"email": "a@b.vn", "password": "x"})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.get_data(as_text=True)


def test_a_form_of_somebody_signed_out_leads_to_the_sign_in(client: FlaskClient):
    answer = client.post("/places", data={"csrf_token": token(client)})

    assert answer.status_code == 401
    assert 'href="/sign-in"' in answer.get_data(as_text=True)


def test_a_form_that_is_too_large_is_refused(client: FlaskClient):
    answer = client.post(
        "/sign-in", data=b"x" * (11 * 1024 * 1024), content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("where", ["/sign-in?to=%00", "/devices?q=a%00b", "/T/%00"])
def test_a_text_no_database_takes_is_refused(client: FlaskClient, where: str):
    assert client.get(where).status_code == 400


def test_a_field_no_database_takes_is_refused(client: FlaskClient):
    data = {"csrf_token": token(client), "email": "a\0@b.vn", "password": "x"}

    assert client.post("/sign-in", data=data).status_code == 400


@pytest.mark.parametrize(
    "where", ["/", "/try/bug", "/try/missing", "/no/such/page", "/sign-out", "/T/ZZZZZZZZ", "/devices"]
)
def test_every_answer_is_guarded_and_kept_by_nobody(client: FlaskClient, where: str):
    answer = client.get(where)

    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["Cache-Control"] == "no-store"
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in answer.headers["Content-Security-Policy"]


def test_files_that_never_change_may_be_kept(client: FlaskClient):
    with client.get("/static/theme.css") as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_over_https_the_cookie_is_for_this_host_only(make_app: Callable[..., Flask], sqlite_url: str):
    app = make_app(sqlite_url, public_url="https://smt.example.vn")
    client = app.test_client()
    client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"
    answer = client.get("/sign-in", base_url="https://smt.example.vn")
    cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith("__Host-tracker=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert "Expires" not in cookie
    assert answer.headers["Strict-Transport-Security"]


def test_a_forwarded_address_counts_only_behind_our_own_proxy(
    make_app: Callable[..., Flask], sqlite_url: str
):
    app = make_app(sqlite_url)
    client = app.test_client()
    codes = [
        client.get("/T/ZZZZZZZZ", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(31)
    ]

    assert codes == [404] * 30 + [429]


def test_a_forged_host_reaches_no_link(app: Flask, client: FlaskClient):
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.ADMIN), db.session())
    for where in ("/", "/people", "/devices", "/try/missing"):
        assert "evil.example" not in client.get(where, base_url="http://evil.example").get_data(as_text=True)


# A form sent twice


def test_a_form_sent_twice_is_done_once_and_other_content_is_refused(app: Flask, client: FlaskClient):
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.ADMIN), db.session())
    form = {
        "csrf_token": token(client),
        "event_id": uuid.uuid4().hex,
        "code": "S1",
        "kind": "school",
        "name": "Trường A",
    }

    first, again = (client.post("/organisations/new", data=form) for _time in range(2))
    other = client.post("/organisations/new", data=form | {"name": "Trường B"})

    assert (first.status_code, first.location) == (again.status_code, again.location)
    assert other.status_code == 409
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Organisation.code == "S1")) == 1


def test_a_refused_form_may_be_sent_again(app: Flask, client: FlaskClient):
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.ADMIN), db.session())
    form = {
        "csrf_token": token(client),
        "event_id": uuid.uuid4().hex,
        "code": "S1",
        "kind": "school",
        "name": "",
    }

    assert client.post("/organisations/new", data=form).status_code == 409
    assert client.post("/organisations/new", data=form | {"name": "Trường A"}).status_code == 303


@pytest.mark.parametrize("where", ["/t/%00", "/sign-in?to=%00", "/sign-in"])
def test_no_question_waits_for_who_is_writing(make_app: Callable[..., Flask], sqlite_url: str, where: str):
    app = make_app(sqlite_url)
    asking = app.test_client()
    with app.app_context():
        an_organisation(db.session(), code="SLOW")
        db.session.flush()  # somebody writes, and is not done yet
        found: list[int] = []
        asks = threading.Thread(target=lambda: found.append(asking.get(where).status_code))
        asks.start()
        asks.join(timeout=10)

        assert found == [200 if where == "/sign-in" else 400]
        db.session.rollback()
