"""Signing in and out: what is answered, what is counted, what a cookie is worth afterwards."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from tests.makers import a_person, email_of
from tests.people.browsers import PASSWORD, PASSWORD_HASH, cookie_of, enter, somebody, token
from tracker.db import db
from tracker.people import actions
from tracker.people.models import Organisation, SignIn, SignInAttempt, User
from tracker.people.roles import Actor, Role
from tracker.people.rules import TRIES, TRIES_FROM


def knows(client: FlaskClient) -> bool:
    return client.get("/devices").status_code == 200


def test_the_right_password_opens_the_first_page(app: Flask, client: FlaskClient):
    email = somebody(app, Role.STOREKEEPER)[1]

    answer = enter(client, email)

    assert (answer.status_code, answer.location) == (303, "/")
    assert knows(client)


def test_e_mails_are_taken_in_any_case_and_with_blanks(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL)[1]

    assert enter(client, f"  {email.upper()} ").status_code == 303


def test_wrong_password_and_unknown_e_mail_get_the_same_answer(app: Flask):
    email = somebody(app, Role.SCHOOL)[1]
    pages = []
    for who, password in ((email, "not the password"), ("nobody@example.vn", PASSWORD)):
        client = app.test_client()
        answer = enter(client, who, password)
        said = answer.get_data(as_text=True).replace(token(client), "").replace(who, "")
        pages.append((answer.status_code, said.split("<main")[1]))
        assert not knows(client)

    assert pages[0] == pages[1]
    assert pages[0][0] == 422


def test_an_unknown_e_mail_takes_as_long_as_a_wrong_password(make_app, sqlite_url: str):
    app = make_app(sqlite_url)
    with app.app_context():
        session = db.session()
        took: dict[str, list[float]] = {"known": [], "unknown": [], "invited": []}
        for n in range(7):
            emails = {"known": a_known(session), "invited": email_of(session, a_person(session))}
            emails["unknown"] = f"nobody{n}@example.vn"
            for kind, email in emails.items():
                knocked = actions.knock(session, email, address=f"10.0.0.{n}", at=datetime.now(UTC))
                start = time.process_time()
                with pytest.raises(actions.WrongPassword):
                    actions.let_in(session, knocked, "not the password", at=datetime.now(UTC))
                took[kind].append(time.process_time() - start)

    quickest, slowest = (f(statistics.median(times) for times in took.values()) for f in (min, max))
    assert quickest > 0.005  # argon2 ran in each case
    assert slowest < 2 * quickest


def a_known(session) -> str:
    actor = a_person(session)
    session.execute(update(User).where(User.id == actor.user).values(password_hash=PASSWORD_HASH))
    return email_of(session, actor)


def test_after_ten_wrong_passwords_even_the_right_one_waits(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL)[1]
    with time_machine.travel(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), tick=False) as clock:
        codes = [enter(client, email, "wrong password").status_code for _try in range(TRIES)]
        assert codes == [422] * TRIES

        refused = enter(client, email)
        assert refused.status_code == 429
        assert "năm phút" in refused.get_data(as_text=True)

        clock.shift(timedelta(minutes=5, seconds=1))
        assert enter(client, email).status_code == 303


def test_wrong_passwords_count_across_servers(make_app, database_url: str):
    one, two = make_app(database_url), make_app(database_url)
    email = somebody(one, Role.SCHOOL)[1]
    clients = [one.test_client(), two.test_client()]
    for n in range(TRIES):
        enter(clients[n % 2], email, "wrong password")

    assert [enter(client, email).status_code for client in clients] == [429, 429]


def test_one_address_may_not_try_many_accounts(make_app, sqlite_url: str):
    app = make_app(sqlite_url)
    email = somebody(app, Role.SCHOOL)[1]
    with app.app_context():
        for n in range(TRIES_FROM):
            actions.knock(db.session(), f"guess{n}@example.vn", address="127.0.0.1", at=datetime.now(UTC))
        db.session.commit()

    here, elsewhere = app.test_client(), app.test_client()
    assert enter(here, email).status_code == 429
    elsewhere.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert enter(elsewhere, email).status_code == 303


def test_a_right_password_is_not_counted(app: Flask):
    email = somebody(app, Role.SCHOOL)[1]
    for _time in range(TRIES + 2):
        assert enter(app.test_client(), email).status_code == 303

    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


def test_a_try_is_counted_before_it_is_answered(app: Flask):
    email = somebody(app, Role.SCHOOL)[1]
    with app.app_context():
        for _at_once in range(TRIES):
            actions.knock(db.session(), email, address="10.0.0.1", at=datetime.now(UTC))
        db.session.commit()  # none of them has been answered yet

    assert enter(app.test_client(), email).status_code == 429


def test_a_password_may_be_typed_composed_or_decomposed(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL, password="Tr\u01b0\u1eddng em \u1edf \u0111\u1ed3i ch\u00e8")[1]

    decomposed = "Tru\u031bo\u031b\u0300ng em o\u031b\u0309 \u0111o\u0302\u0300i che\u0300"
    assert enter(client, email, decomposed).status_code == 303


# What a cookie is worth


def test_signing_in_makes_a_new_session(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL)[1]
    client.post("/language", data={"csrf_token": token(client), "locale": "en"})
    before, old_token = cookie_of(client), token(client)
    enter(client, email)

    with client.session_transaction() as kept:
        assert kept["locale"] == "en"
    assert cookie_of(client) != before
    assert token(client) != old_token  # what was planted before is worth nothing now
    first = secret_of(client)
    enter(client, email)
    assert secret_of(client) != first


def secret_of(client: FlaskClient) -> str:
    with client.session_transaction() as kept:
        return kept["_user_id"]


def test_the_database_keeps_only_a_digest_of_the_cookie_s_secret(app: Flask, client: FlaskClient):
    enter(client, somebody(app, Role.SCHOOL)[1])

    with app.app_context():
        kept = db.session.scalars(select(SignIn.id)).all()
    assert len(kept) == 1
    assert secret_of(client) not in kept[0]


def test_the_old_cookie_is_useless_after_signing_out(app: Flask, client: FlaskClient):
    enter(client, somebody(app, Role.SCHOOL)[1])
    stolen = cookie_of(client)
    answer = client.post("/sign-out", data={"csrf_token": token(client)})
    assert answer.location == "/sign-in"
    assert not knows(client)

    thief = app.test_client()
    thief.set_cookie("tracker", stolen)
    assert not knows(thief)


def close_organisation(actor: Actor) -> None:
    closed = update(Organisation).where(Organisation.id == actor.org)
    db.session.execute(closed.values(disabled_at=datetime.now(UTC)))


def disable(actor: Actor) -> None:
    actions.disable(db.session(), actor.user, at=datetime.now(UTC))


def choose_a_new_password(actor: Actor) -> None:
    secret = actions.invite(db.session(), actor.user, at=datetime.now(UTC))
    actions.accept(db.session(), secret, "bốn chữ khác hẳn nhau", at=datetime.now(UTC))


@pytest.mark.parametrize("event", [disable, close_organisation, choose_a_new_password])
def test_everybody_is_signed_out_at_once(app: Flask, client: FlaskClient, event):
    actor, email = somebody(app, Role.STOREKEEPER)
    enter(client, email)
    assert knows(client)

    with app.app_context():
        event(actor)
        db.session.commit()

    assert not knows(client)
    assert client.post("/places", data={"csrf_token": token(client)}).status_code == 401
    assert enter(app.test_client(), email).status_code == 422


def test_an_hour_without_a_request_signs_out(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL)[1]
    with time_machine.travel(datetime(2026, 11, 20, 1, 0, tzinfo=UTC), tick=False) as clock:
        enter(client, email)
        for _each in range(5):
            clock.shift(timedelta(minutes=59))
            assert knows(client)
        clock.shift(timedelta(minutes=61))
        assert not knows(client)


def test_nobody_stays_signed_in_for_more_than_twelve_hours(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL)[1]
    with time_machine.travel(datetime(2026, 11, 20, 1, 0, tzinfo=UTC), tick=False) as clock:
        enter(client, email)
        for _each in range(24):
            clock.shift(timedelta(minutes=30))
            assert knows(client)
        clock.shift(timedelta(minutes=1))
        assert not knows(client)


# Where it leads

OUTSIDE = (
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http:evil.example",
    "//[",
    "https://[::1",
    "/x\r\nLocation: https://evil.example",
    "evil.example",
    "",
    "@evil.example",
    "//evil.example/%2f..",
    "/\u2028/evil.example",
    "／／evil.example",
)


@pytest.mark.parametrize("to", OUTSIDE)
def test_signing_in_leads_only_to_our_own_pages(make_app, sqlite_url: str, to: str):
    app = make_app(sqlite_url)
    client = app.test_client()
    email = somebody(app, Role.SCHOOL)[1]

    assert enter(client, email, to=to).location == "/"
    assert client.get("/sign-in", query_string={"to": to}).location == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL)[1]
    asked = client.get("/devices?q=latitude")
    assert asked.status_code == 303
    page = client.get(asked.location).get_data(as_text=True)
    assert 'name="to" value="/devices?q=latitude"' in page

    assert enter(client, email, to="/devices?q=latitude").location == "/devices?q=latitude"


def test_the_language_is_chosen_where_one_stands_and_goes_with_the_person(app: Flask, client: FlaskClient):
    email = somebody(app, Role.SCHOOL)[1]
    enter(client, email)
    assert '<html lang="vi">' in client.get("/devices").get_data(as_text=True)

    answer = client.post(
        "/language",
        data={"csrf_token": token(client), "locale": "en"},
        headers={"Referer": "http://localhost/devices?status=ready"},
    )
    assert answer.location == "/devices?status=ready"
    assert '<html lang="en">' in client.get("/devices").get_data(as_text=True)

    elsewhere = app.test_client()
    enter(elsewhere, email)
    assert '<html lang="en">' in elsewhere.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    "referrer", ["http://[", "https://evil.example//evil.example", "http://localhost/sign-out", ""]
)
def test_a_strange_referrer_leads_to_the_first_page(app: Flask, client: FlaskClient, referrer: str):
    data = {"csrf_token": token(client), "locale": "xx"}
    answer = client.post("/language", data=data, headers={"Referer": referrer})

    assert (answer.status_code, answer.location) == (303, "/")
