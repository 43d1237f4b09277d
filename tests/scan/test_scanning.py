"""Where each form of a scanned text leads."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.makers import AT, a_device, a_person, ask, sign_in_as
from tracker.custody import labels
from tracker.custody.codes import check_symbol
from tracker.custody.queries import code_of
from tracker.db import db
from tracker.intake.actions import replace_label
from tracker.people.roles import Role

HOST = "127.0.0.1:5000"


@pytest.fixture
def code(app: Flask, client: FlaskClient) -> str:
    """Sign the client in as a technician and return the code of a device of theirs."""
    with app.app_context():
        session = db.session()
        me = a_person(session)
        code = code_of(session, a_device(session, holder=me.org))
        sign_in_as(client, me, session)
        return code


def scan(client: FlaskClient, text: str):
    return client.get("/scan", query_string={"q": text})


FORMS = (
    "{code}",
    "{lower}",
    "{code:.4} {rest}",
    "{code:.4}-{rest}",
    " {lower}\n",
    "HTTP://{host}/T/{code}",
    "http://{host}/t/{lower}",
    "http://{host}/T/{code}/",
    "HTTPS://{host}/T/{code}",
    "http:--127.0.0.1;5000-T-{code}",  # a scanner that types through a wrong keyboard layout
)


@pytest.mark.parametrize("form", FORMS)
def test_a_device_is_understood_in_every_form(client: FlaskClient, code: str, form: str):
    text = form.format(code=code, lower=code.lower(), rest=code[4:], host=HOST)

    answer = scan(client, text)

    assert (answer.status_code, answer.location) == (303, f"/T/{code}")


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("HTTP://{host}/H/12#ABCD-1234", "/h/12#ABCD-1234"),
        ("http://{host}/h/12#abcd", "/h/12#abcd"),
        ("http://{host}/H/12", "/h/12"),
        ("PF1ABC23", "/devices?q=PF1ABC23"),
        ("5CD9-0142XY", "/devices?q=5CD9-0142XY"),
        ("351823086763117", "/devices?q=351823086763117"),
    ],
)
def test_records_and_makers_barcodes_lead_on(client: FlaskClient, code: str, text: str, leads_to: str):
    answer = scan(client, text.format(host=HOST))

    assert (answer.status_code, answer.location) == (303, leads_to)


LOOKALIKES = (
    "https://evil.example/T/{code}",
    "http://127.0.0.1.evil.example/T/{code}",
    "http://127.0.0.1:5000@evil.example/T/{code}",
    "http://evil.example#http://127.0.0.1:5000/T/{code}",
    "http://evil.example/http://127.0.0.1:5000/T/{code}",
    "http://127.0.0.1:5001/T/{code}",
    "http://127.0.0.1/T/{code}",
    "//evil.example/T/{code}",
    "evil.example/T/{code}",
    "ftp://127.0.0.1:5000/X/{code}",
    "javascript:alert('{code}')",
    "http://127.0.0.1:5000/T/{code}/../../sign-out",
    "http://127.0.0.1:5000/sign-out",
    "http://evil.example/H/12#secret",
    "http://[/T/{code}",
    "",
    "x",
    "không có mã",
    "x" * 5000,
)


@pytest.mark.parametrize("text", LOOKALIKES)
def test_what_is_not_ours_leads_nowhere(client: FlaskClient, code: str, text: str):
    answer = scan(client, text.format(code=code))

    assert answer.status_code == (422 if text else 200)
    assert "data-scan" in answer.get_data(as_text=True)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=60)
    | st.from_regex(r"https?://127\.0\.0\.1:5000/[TtHh]/[0-9A-Za-z#/ -]{0,12}", fullmatch=True)
)
def test_no_scan_breaks_the_page(sqlite_scanner: FlaskClient, text: str):
    assert scan(sqlite_scanner, text).status_code in {200, 303, 400, 404, 422}


@pytest.fixture
def sqlite_scanner(make_app, sqlite_url: str) -> FlaskClient:
    app = make_app(sqlite_url)
    client = app.test_client()
    with app.app_context():
        sign_in_as(client, a_person(db.session()), db.session())
    return client


def test_a_mistyped_code_and_one_never_printed_are_said_to_be_so(client: FlaskClient, code: str):
    wrong = code[:7] + next(symbol for symbol in "23456789" if symbol != code[7])
    mistyped, unknown = scan(client, wrong), scan(client, "2222222" + check_symbol("2222222"))

    assert mistyped.status_code == 422
    assert "bị sai ký tự" in mistyped.get_data(as_text=True)
    assert unknown.status_code == 404
    assert 'role="alert"' in unknown.get_data(as_text=True)


def test_a_serial_that_looks_like_a_mistyped_code_is_found(app: Flask, client: FlaskClient):
    serial = "2222222" + next(symbol for symbol in "23" if symbol != check_symbol("2222222"))
    with app.app_context():
        session = db.session()
        me = a_person(session)
        a_device(session, holder=me.org, serial=serial)
        sign_in_as(client, me, session)

    assert scan(client, serial).location == f"/devices?q={serial}"


# A label that was replaced


def relabelled(app: Flask, holder_client: FlaskClient) -> tuple[str, str]:
    with app.app_context():
        session = db.session()
        me = a_person(session)
        device = a_device(session, holder=me.org)
        old = code_of(session, device)
        new = replace_label(session, device, by=me, ask=ask())
        sign_in_as(holder_client, me, session)
        return old, new


def test_a_replaced_label_says_so_to_its_holder_and_names_the_new_one(app: Flask, client: FlaskClient):
    old, new = relabelled(app, client)

    for answer in (scan(client, old), client.get(f"/T/{old}"), client.get(f"/t/{old.lower()}")):
        page = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert f"{new[:4]} {new[4:]}" in page
        assert f'href="/T/{new}"' in page


def test_a_replaced_label_tells_others_nothing_of_the_new_one(app: Flask, client: FlaskClient):
    old, new = relabelled(app, app.test_client())
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.SCHOOL), db.session())

    for visitor in (client, app.test_client()):
        page = visitor.get(f"/T/{old}").get_data(as_text=True)
        assert new not in page
        assert new[:4] not in page
    assert scan(client, old).location == f"/T/{old}"


# A label on no device yet


def test_a_blank_label_tells_those_who_receive_where_to_use_it(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        me = a_person(session, role=Role.STOREKEEPER)
        blank = labels.mint(session, 1, by=me, at=AT)[0]
        sign_in_as(client, me, session)
    page = client.get(scan(client, blank).location).get_data(as_text=True)
    assert f"{blank[:4]} {blank[4:]}" in page
    assert 'href="/donations"' in page

    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.SCHOOL), db.session())
    assert 'href="/donations"' not in client.get(f"/T/{blank}").get_data(as_text=True)
