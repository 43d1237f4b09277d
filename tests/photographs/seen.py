"""What is seen of photographs in the database, the ledger and the store, and the form that hides one."""

import uuid

import pytest
from sqlalchemy import select

from tests.makers import a_person
from tests.workshop.makers import Bench, session_of
from tracker.custody import queries
from tracker.photographs.models import Photograph

BOTH = pytest.mark.parametrize("app", ["sqlite_url", "postgres_url"], indirect=True)


def kept(app):
    with session_of(app) as session:
        return session.execute(select(Photograph.__table__).order_by(Photograph.id)).all()


def events(app, device):
    with session_of(app) as session:
        return [line for line in reversed(queries.history(session, device)) if line.kind == "photograph"]


def in_store(app):
    home = app.config["TRACKER"].home
    return {path.parent.name + path.name for path in (home / "photographs").rglob("*") if path.is_file()}


def as_somebody(app, bench, role, org=None):
    """The device's page in the browser of somebody else."""
    with session_of(app) as session:
        other = a_person(session, role=role, org=org)
    return Bench(app, app.test_client(), other, bench.device, bench.code).sign_in(other)


def hide(desk, photograph, why="lộ mặt người"):
    data = {"csrf_token": desk.token, "event_id": uuid.uuid4().hex, "why": why}
    return desk.client.post(f"/photographs/{photograph}/hide", data=data)
