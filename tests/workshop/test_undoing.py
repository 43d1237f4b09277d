"""What was begun at the bench and does not end there: taken back at a station, or the device lost meanwhile."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.makers import a_device, a_person
from tests.stations.makers import NOW, a_scan, told, undo_of
from tests.workshop.makers import ask
from tracker.custody import queries as devices
from tracker.custody import replay
from tracker.custody.facts import Category
from tracker.custody.road import Status
from tracker.db import db
from tracker.handover import giving
from tracker.handover.reasons import FindReason, LoseReason
from tracker.people.roles import Role
from tracker.workshop import actions, blocking, jobs, queries, versions
from tracker.workshop.kinds import BlockerKind, FaultKind, Outcome, Result, Wait
from tracker.workshop.models import Inspection, RepairJob
from tracker.workshop.refusals import SameHands


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


def repairing(session, by, *, settled=False):
    device = a_device(session, holder=by.org)
    actions.start(session, row(session, device), by=by, ask=ask(NOW))
    actions.report_fault(session, row(session, device), FaultKind.SCREEN, "", by=by, at=NOW)
    actions.send_to_repair(session, row(session, device), by=by, ask=ask(NOW))
    if settled:
        said = {fault.id: actions.Settled(Outcome.FIXED) for fault in queries.open_faults(session, device)}
        actions.settle_faults(session, row(session, device), said, by=by, at=NOW)
    return device


def lost_and_found(session, by, device):
    giving.lose(session, device, reason=LoseReason.NOT_FOUND, by=by, ask=ask(NOW))
    giving.find(session, device, reason=FindReason.COUNTED, by=by, ask=ask(NOW))


def test_what_a_repair_waited_for_when_the_device_was_lost_does_not_block_it_for_ever(session, by):
    device = repairing(session, by)
    for kind in Wait:
        jobs.wait(session, row(session, device), kind, "lâu", by=by, ask=ask(NOW))
    blocking.block(session, row(session, device), BlockerKind.MDM, "", by=by, ask=ask(NOW))
    lost_and_found(session, by, device)

    actions.start(session, row(session, device), by=by, ask=ask(NOW))

    assert [each.kind for each in queries.blockers(session, device)] == [BlockerKind.MDM]
    assert session.scalar(select(RepairJob.result)) == "left"
    assert list(replay.differences(session)) == []


@pytest.mark.parametrize("way", ["lost", "left fault"])
def test_who_repaired_it_is_known_also_when_the_device_was_lost_meanwhile(session, by, way):
    coordinator = a_person(session, role=Role.COORDINATOR)
    valid = versions.current(session, Category.LAPTOP)
    new = valid._replace(other_person=True)
    versions.change(session, valid.name, new, category=Category.LAPTOP, why="thử", by=coordinator, at=NOW)
    device = repairing(session, by, settled=way == "lost")
    lost_and_found(session, by, device)
    actions.start(session, row(session, device), by=by, ask=ask(NOW))
    if way == "left fault":  # found in the inspection before, mended in the repair after this one
        actions.send_to_repair(session, row(session, device), by=by, ask=ask(NOW))
        said = {fault.id: actions.Settled(Outcome.FIXED) for fault in queries.open_faults(session, device)}
        actions.settle_faults(session, row(session, device), said, by=by, at=NOW)
        actions.finish_repair(session, row(session, device), by=by, ask=ask(NOW))
    said = {"screen": actions.Answered(Result.PASS)}

    with pytest.raises(SameHands):
        actions.answer(session, row(session, device), said, by=by, ask=ask(NOW))

    # What the machine says itself is nobody's judgement.
    assert actions.answer(session, row(session, device), said, by=by, ask=ask(NOW), by_evidence=True) == 1
    assert queries.work(session, row(session, device)).examined.inspected_by == set()
    colleague = a_person(session, role=Role.TECHNICIAN, org=by.org)
    said = {"screen": actions.Answered(Result.FAIL)}
    assert actions.answer(session, row(session, device), said, by=colleague, ask=ask(NOW)) == 1
