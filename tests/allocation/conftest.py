"""A session of the test's own, and a client that never waits for it."""

import pytest
from sqlalchemy.orm import Session

from tracker.db import db


@pytest.fixture
def session(app):
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


@pytest.fixture
def client(app, session):
    """Give a client before whose requests the test's transaction ends: on SQLite it would stop everybody else."""
    client = app.test_client()
    ask = client.open

    def open_alone(*args, **kwargs):
        session.rollback()
        return ask(*args, **kwargs)

    client.open = open_alone
    return client
