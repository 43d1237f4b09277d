"""A browser's side of signing in."""

import re
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.makers import a_person, email_of
from tracker.db import db
from tracker.people import passwords
from tracker.people.models import User
from tracker.people.roles import Actor, Role

PASSWORD = "con trâu đi trước cái cày"
PASSWORD_HASH = passwords.hashed(PASSWORD, email="")


@cache
def hash_of(password: str) -> str:
    return passwords.hashed(password, email="")


def somebody(
    app: Flask, role: Role, *, org: int | None = None, password: str = PASSWORD
) -> tuple[Actor, str]:
    """Return a person who has this password, and their e-mail."""
    with app.app_context():
        session = db.session()
        actor = a_person(session, role=role, org=org)
        session.execute(update(User).where(User.id == actor.user).values(password_hash=hash_of(password)))
        session.commit()
        return actor, email_of(session, actor)


def token(client: FlaskClient, page: str = "/help/ledger") -> str:
    """Return the token that this browser's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).get_data(as_text=True))
    assert found is not None
    return found[1]


def enter(client: FlaskClient, email: str, password: str = PASSWORD, *, to: str = "/") -> TestResponse:
    """Send the sign-in form."""
    data = {"csrf_token": token(client), "email": email, "password": password, "to": to}
    return client.post("/sign-in", data=data)


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("tracker")
    assert cookie is not None
    return str(cookie.value)
