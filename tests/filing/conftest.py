"""A sent delivery whose record was printed, and what comes back of it."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.handover.makers import Way, a_delivery, with_key
from tests.intake.makers import Browser, send
from tests.makers import sign_in_as
from tracker.db import db


@pytest.fixture
def app(make_app, sqlite_url):
    """On one database; what needs both says so."""
    return make_app(sqlite_url)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with_key(app)
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:  # not the application's: a request under an open context would share it
        yield session


@pytest.fixture
def way(session: Session) -> Way:
    return a_delivery(session, count=22, printed=False)


@pytest.fixture
def record(app: Flask, session: Session, way: Way) -> bytes:
    """The printed record: what is signed on three pages and more."""
    return printed(app.test_client(), session, way)


def printed(client: FlaskClient, session: Session, way: Way) -> bytes:
    session.commit()
    sign_in_as(client, way.sender, session)
    answer = send(client, f"/handovers/{way.id}/print")
    assert answer.mimetype == "application/pdf", answer.get_data(as_text=True)
    return answer.get_data()


@pytest.fixture
def school(app: Flask, session: Session, way: Way) -> Browser:
    """The receiver of the delivery at their desk."""
    return Browser(app.test_client(), session).sign_in(way.receiver)


@pytest.fixture
def sent(school: Browser) -> Callable[..., Any]:
    """Send files as the school: contents, or (content, name)."""

    def send_files(*files: Any, by: Browser = school, **fields: Any) -> Any:
        named = [
            file if isinstance(file, tuple) else (file, f"quet-{at}.pdf") for at, file in enumerate(files)
        ]
        return send(by, "/filing", scans=[(io.BytesIO(data), name) for data, name in named], **fields)

    return send_files
