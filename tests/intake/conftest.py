import pytest

from tests.makers import a_person
from tracker.db import db
from tracker.people.roles import Role


@pytest.fixture
def session(app):
    with app.app_context():
        yield db.session()


@pytest.fixture
def storekeeper(session):
    return a_person(session, role=Role.STOREKEEPER)
