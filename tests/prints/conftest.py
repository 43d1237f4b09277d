"""A storekeeper with devices whose labels are to be printed."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.intake.makers import Browser
from tests.makers import a_person, an_organisation
from tracker.db import db
from tracker.people.roles import Actor, OrgKind, Role


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context():
        yield db.session()


@pytest.fixture
def storekeeper(session: Session) -> Actor:
    shop = an_organisation(session, kind=OrgKind.WORKSHOP)
    return a_person(session, role=Role.STOREKEEPER, name="Phạm Thị Kho", org=shop)


@pytest.fixture
def browser(app: Flask, session: Session, storekeeper: Actor) -> Browser:
    return Browser(app.test_client(), session).sign_in(storekeeper)
