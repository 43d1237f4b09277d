import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.handover.makers import with_key
from tracker.db import db


class Browser(FlaskClient):
    """A client that ends what the test was reading, so that a page never waits for the test."""

    reading: Session

    def open(self, *args, **kwargs):
        self.reading.rollback()
        return super().open(*args, **kwargs)


@pytest.fixture
def session(app):
    with_key(app)
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:  # not the application's: a request under an open context would share it
        yield session


@pytest.fixture
def client(app, session):
    app.test_client_class = Browser
    client = app.test_client()
    client.reading = session
    return client
