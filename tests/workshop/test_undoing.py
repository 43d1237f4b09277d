"""What is taken back at a station leaves nothing behind that the bench has found or done meanwhile."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.makers import a_device, a_person
from tests.stations.makers import NOW, a_scan, told, undo_of
from tests.workshop.makers import ask
from tracker.custody import queries as devices
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.roles import Role
from tracker.workshop import actions, queries
from tracker.workshop.kinds import FaultKind, Outcome, Result
from tracker.workshop.models import Inspection, RepairJob


@pytest.fixture
def session(app: Flask):
    with app.test_request_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def by(session):
    return a_person(session, role=Role.TECHNICIAN)


def row(session, device):
    return devices.locked(session, device)


def at_the_station(session, by, action, device, **more):
    scan = a_scan(action, devices.code_of(session, device), **more)
    assert told(session, scan, by)["verdict"] == "done"
    return scan


@pytest.mark.parametrize(
    ("outcome", "verdict"), [(None, "done"), (Outcome.FIXED, "blocked"), (Outcome.NO_FAULT, "blocked")]
)
def test_a_repair_in_which_something_was_settled_is_not_taken_back(session, by, outcome, verdict):
    device = a_device(session, holder=by.org)
    at_the_station(session, by, "inspect", device)
    scan = at_the_station(session, by, "send-to-repair", device, fault="screen")
    (fault,) = queries.open_faults(session, device)
    if outcome:
        said = {fault.id: actions.Settled(outcome)}
        actions.settle_faults(session, row(session, device), said, by=by, at=NOW)
        session.commit()

    answer = told(session, undo_of(scan), by)

    assert answer["verdict"] == verdict
    assert row(session, device).status == (Status.REPAIRING if outcome else Status.INSPECTING)
    result = session.scalar(select(RepairJob.result).where(RepairJob.device_id == device))
    assert result == ("" if outcome else "undone")


@pytest.mark.parametrize("what", ["fault", "answer", "nothing"])
def test_an_inspection_that_found_something_is_not_taken_back(session, by, what):
    device = a_device(session, status=Status.READY, holder=by.org)
    scan = at_the_station(session, by, "inspect", device)
    if what == "fault":
        actions.report_fault(session, row(session, device), FaultKind.SCREEN, "", by=by, at=NOW)
    elif what == "answer":
        said = {"screen": actions.Answered(Result.FAIL)}
        actions.answer(session, row(session, device), said, by=by, ask=ask(NOW))
    session.commit()

    answer = told(session, undo_of(scan), by)

    found = what != "nothing"
    assert answer["verdict"] == ("blocked" if found else "done")
    assert row(session, device).status == (Status.INSPECTING if found else Status.READY)
    results = session.scalars(select(Inspection.result).where(Inspection.device_id == device)).all()
    assert results[-1] == ("" if found else "left")
