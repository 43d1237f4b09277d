"""An invitation lets one person choose a password: once, for a week, and only the newest."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from tests.makers import a_person, email_of
from tests.people.browsers import PASSWORD, enter, token
from tracker.db import db
from tracker.people import actions, passwords, rules
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def an_invitation(app: Flask, actor: Actor | None = None) -> tuple[Actor, str, str]:
    with app.app_context():
        session = db.session()
        actor = actor or a_person(session)
        secret = actions.invite(session, actor.user, at=datetime.now(UTC))
        session.commit()
        return actor, email_of(session, actor), f"/invitation/{secret}"


def choose(client: FlaskClient, link: str, password: str = PASSWORD):
    return client.post(link, data={"csrf_token": token(client), "password": password})


def gone(client: FlaskClient, link: str) -> bool:
    return client.get(link).status_code == 409 and choose(client, link).status_code == 409


def test_the_invited_choose_a_password_and_are_signed_in(app: Flask, client: FlaskClient):
    _actor, email, link = an_invitation(app)
    assert email in client.get(link).get_data(as_text=True)

    answer = choose(client, link)

    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/devices").status_code == 200
    assert enter(app.test_client(), email).status_code == 303


def test_it_works_once(app: Flask, client: FlaskClient):
    link = an_invitation(app)[2]
    choose(client, link)

    assert gone(app.test_client(), link)


def test_looking_at_it_does_not_use_it_up(app: Flask, client: FlaskClient):
    link = an_invitation(app)[2]
    for _preview in range(3):  # as messengers do
        assert app.test_client().get(link).status_code == 200

    assert choose(client, link).status_code == 303


def test_it_lasts_seven_days(app: Flask, client: FlaskClient):
    with time_machine.travel(NOW, tick=False) as clock:
        link = an_invitation(app)[2]
        clock.shift(timedelta(days=6, hours=23))
        assert client.get(link).status_code == 200
        clock.shift(timedelta(hours=1))
        assert gone(client, link)


def test_a_new_one_replaces_the_old_one(app: Flask, client: FlaskClient):
    actor, _email, old = an_invitation(app)
    new = an_invitation(app, actor)[2]

    assert gone(client, old)
    assert choose(client, new).status_code == 303


def test_it_is_void_once_its_person_was_disabled(app: Flask, client: FlaskClient):
    actor, _email, link = an_invitation(app)
    with app.app_context():
        actions.disable(db.session(), actor.user, at=datetime.now(UTC))
        db.session.commit()
    assert gone(client, link)

    with app.app_context():
        actions.enable(db.session(), actor.user)
        db.session.commit()
    assert gone(client, link)


def test_it_is_void_while_the_organisation_is_closed(app: Flask, client: FlaskClient):
    actor, _email, link = an_invitation(app)
    with app.app_context():
        closed = update(Organisation).where(Organisation.id == actor.org)
        db.session.execute(closed.values(disabled_at=datetime.now(UTC)))
        db.session.commit()

    assert gone(client, link)


def test_an_invented_one_is_none(client: FlaskClient):
    assert gone(client, "/invitation/abcdefgh")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "ngan qua",
        "elevenchars",
        "111111111111",
        "maytinhchoem",
        "Matkhau12345",
        "abababababab",
        "x" * 201,
    ],
)
def test_a_weak_password_is_refused_beside_the_field_and_keeps_the_invitation(
    app: Flask, client: FlaskClient, password: str
):
    link = an_invitation(app)[2]

    answer = choose(client, link, password)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="e-password"' in page
    assert 'aria-invalid="true"' in page
    assert not password or password not in page
    assert choose(client, link).status_code == 303


def test_one_s_own_name_is_a_weak_password(app: Flask, client: FlaskClient):
    actor, _email, link = an_invitation(app)
    with app.app_context():
        db.session.execute(update(User).where(User.id == actor.user).values(email="nguyenthithuy@example.vn"))
        db.session.commit()

    assert choose(client, link, "NguyenThiThuy").status_code == 422


@given(password=st.text(min_size=rules.SHORTEST, max_size=rules.LONGEST))
def test_every_long_password_of_five_different_signs_may_be_chosen(password: str):
    plain = password.casefold()
    weak = rules.too_weak(password, "ai@example.vn")

    assert (weak is None) == (len(set(plain)) >= 5 and plain not in rules.COMMON)


@pytest.mark.parametrize(
    "password", ["  có dấu cách ở hai đầu  ", "x" * 195 + "12345", "mật khẩu 👩🏽‍🏫 dài"]
)
def test_a_chosen_password_fits_as_it_was_typed_and_no_other(password: str):
    kept = passwords.hashed(password, email="ai@example.vn")

    assert passwords.fits(kept, password)
    assert not passwords.fits(kept, password.strip() + "x")
    assert not passwords.fits("", password)
    assert "argon2id" in kept
