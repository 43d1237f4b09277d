import threading

import pytest
from sqlalchemy import select, update

from tests.handover.makers import (
    AT,
    HOSTS,
    a_delivery,
    a_transfer,
    an_address,
    ask,
    line_of,
    stage,
    states,
    status,
)
from tests.makers import a_device, a_person, a_pupil
from tracker.custody import actions as custody
from tracker.custody.facts import Nothing
from tracker.custody.models import Device, Event
from tracker.custody.road import Move, NotYours, Status
from tracker.custody.rules import InTransit
from tracker.handover import actions, giving, queries
from tracker.handover.models import Handover
from tracker.handover.reasons import LoseReason
from tracker.handover.rules import CannotGo, NoWay
from tracker.people.roles import Actor, OrgKind, Role
from tracker.refused import Missing


def code_of(session, device):
    return session.scalar(select(Device.code).where(Device.id == device))


def number(session, handover):
    return session.execute(select(Handover.year, Handover.seq).where(Handover.id == handover)).one()


def test_all_devices_of_a_handover_leave_together(session):
    way = a_delivery(session, count=3)

    assert {status(session, device) for device in way.devices} == {"on-the-way"}
    assert set(states(session, way.id).values()) == {"sent"}
    batches = session.scalars(select(Event.body).where(Event.kind == "send")).all()
    assert len({body.split(b'"batch":"')[1][:32] for body in batches}) == 1


def test_nothing_leaves_when_one_device_cannot(session):
    way = a_delivery(session, count=3, sent=False)
    session.execute(update(Device).where(Device.id == way.devices[2]).values(status="missing"))
    session.commit()

    with pytest.raises(CannotGo):
        actions.send(session, way.id, by=way.sender, ask=ask())
    session.rollback()

    assert stage(session, way.id) == "draft"
    assert status(session, way.devices[0]) == "bound"


def test_every_line_of_a_list_of_codes_gets_its_outcome(session):
    way = a_delivery(session, count=1, sent=False)
    elsewhere, strange = a_delivery(session, count=1, sent=False), a_device(session)
    unbound = a_device(session, status=Status.READY, holder=way.sender.org)
    other_school = a_device(
        session,
        status=Status.BOUND,
        holder=way.sender.org,
        pupil=a_pupil(session, school=an_address(session, OrgKind.SCHOOL)),
    )
    fresh = a_device(
        session, status=Status.BOUND, holder=way.sender.org, pupil=a_pupil(session, school=way.receiver.org)
    )
    texts = [
        code_of(session, fresh).lower(),
        code_of(session, fresh),
        way.codes[0],
        code_of(session, unbound),
        code_of(session, other_school),
        code_of(session, strange),
        elsewhere.codes[0],
        "không phải mã",
    ]

    outcomes = actions.add(session, way.id, texts, by=way.sender, hosts=HOSTS)

    assert [outcome.ok for outcome in outcomes] == [True, True, True, False, False, False, False, False]
    assert states(session, way.id) == {way.devices[0]: "listed", fresh: "listed"}


def test_a_device_is_on_one_list_at_a_time_and_free_after_its_draft_is_cancelled(session):
    way = a_transfer(session, count=1, sent=False)
    second = actions.draft(session, to=way.receiver.org, note="", by=way.sender, at=AT)

    assert not actions.add(session, second, way.codes, by=way.sender, hosts=HOSTS)[0].ok
    actions.cancel(session, way.id, by=way.sender, at=AT)
    assert actions.add(session, second, way.codes, by=way.sender, hosts=HOSTS)[0].ok


def test_a_device_taken_off_can_be_put_back(session):
    way = a_transfer(session, count=1, sent=False)
    actions.remove(session, way.id, line_of(session, way.id, way.devices[0]), by=way.sender, at=AT)
    assert list(states(session, way.id).values()) == ["removed"]

    assert actions.add(session, way.id, way.codes, by=way.sender, hosts=HOSTS)[0].ok
    assert list(states(session, way.id).values()) == ["listed"]


def test_numbers_have_no_gap_although_drafts_are_cancelled(session):
    first = a_transfer(session, count=1)
    cancelled = a_transfer(session, count=1, sent=False)
    actions.cancel(session, cancelled.id, by=cancelled.sender, at=AT)
    second = a_transfer(session, count=1)

    assert number(session, second.id) == (2021, number(session, first.id).seq + 1)
    assert number(session, cancelled.id) == (None, None)


def test_senders_at_the_same_moment_get_different_numbers_without_a_gap(app):
    from tracker.db import db

    with app.app_context():
        ways = [a_transfer(db.session(), count=1, sent=False) for _one in range(6)]
        db.session.commit()
    barrier, got = threading.Barrier(len(ways)), []

    def send(way):
        with app.app_context():
            barrier.wait()
            got.append(actions.send(db.session(), way.id, by=way.sender, ask=ask()))
            db.session.commit()

    threads = [threading.Thread(target=send, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == [f"{n:02d}/2021" for n in range(1, 7)]


def test_nothing_else_happens_to_a_device_on_its_way(session):
    way = a_transfer(session, count=1)

    with pytest.raises(InTransit):
        custody.make(session, way.devices[0], Move.INSPECT, Nothing(), by=way.sender, ask=ask())


def test_only_a_storekeeper_sends_to_a_school(session):
    way = a_delivery(session, sent=False)
    technician = a_person(session, role=Role.TECHNICIAN, org=way.sender.org)

    with pytest.raises((NoWay, NotYours)):
        actions.send(session, way.id, by=technician, ask=ask())
    with pytest.raises(NoWay):
        actions.draft(session, to=way.receiver.org, note="", by=technician, at=AT)


def test_a_draft_is_nobody_elses(session):
    way = a_delivery(session, sent=False)
    for stranger in (way.receiver, a_person(session, role=Role.STOREKEEPER)):
        with pytest.raises(Missing):
            actions.send(session, way.id, by=stranger, ask=ask())
        with pytest.raises(Missing):
            queries.handover(session, way.id, to=stranger)


def test_a_school_sends_back_only_what_was_taken_back(session):
    way = a_delivery(session, count=2)
    school = Actor(way.receiver.user, way.receiver.org, Role.SCHOOL)
    at_school = a_device(session, status=Status.AT_SCHOOL, pupil=a_pupil(session, school=school.org))
    back = a_device(session, status=Status.AT_SCHOOL, pupil=a_pupil(session, school=school.org))
    from tracker.handover.reasons import TakeBackReason

    giving.take_back(session, back, reason=TakeBackReason.BROKEN, by=school, ask=ask())
    handover = actions.draft(session, to=way.sender.org, note="", by=school, at=AT)

    outcomes = actions.add(
        session, handover, [code_of(session, at_school), code_of(session, back)], by=school, hosts=HOSTS
    )

    assert [outcome.ok for outcome in outcomes] == [False, True]
    actions.send(session, handover, by=school, ask=ask())
    row = session.execute(select(Device.__table__).where(Device.id == back)).one()
    assert (row.status, row.toward_org_id, row.transit_id) == ("returned", way.sender.org, handover)


def test_a_device_reported_missing_on_its_way_settles_its_line(session):
    way = a_delivery(session, count=2)

    giving.lose(session, way.devices[0], reason=LoseReason.STOLEN, by=way.sender, ask=ask(note="xe bị trộm"))

    assert states(session, way.id) == {way.devices[0]: "missing", way.devices[1]: "sent"}
    giving.lose(session, way.devices[1], reason=LoseReason.STOLEN, by=way.sender, ask=ask())
    assert stage(session, way.id) == "closed"


def test_a_device_reported_missing_leaves_the_draft_it_is_on(session):
    way = a_delivery(session, count=2, sent=False)

    giving.lose(session, way.devices[0], reason=LoseReason.NOT_FOUND, by=way.sender, ask=ask())

    assert states(session, way.id)[way.devices[0]] == "removed"
    actions.send(session, way.id, by=way.sender, ask=ask())
    assert status(session, way.devices[1]) == "on-the-way"
