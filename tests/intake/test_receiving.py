"""One device at the door: its label, its duplicates, and two people at once."""

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tests.intake.makers import IMEIS, a_device_form, devices
from tests.makers import AT, a_device, a_donation, a_person, ask
from tracker.custody import labels
from tracker.custody import queries as custody
from tracker.custody.codes import mint
from tracker.custody.labels import CodeTaken, RetiredCode, UnknownCode
from tracker.custody.models import Device, Event, Label
from tracker.custody.road import Status
from tracker.custody.rules import InTransit, NotHere
from tracker.db import engine_for
from tracker.intake import actions
from tracker.intake.forms import device_form
from tracker.intake.rules import HoldersOnly, MustReceive
from tracker.lists.fold import fold
from tracker.people.roles import Role
from tracker.refused import Missing, Refused


def receive(session, by, gift, *, code=None, different=False, this=None, **fields):
    form = device_form(a_device_form(**fields))
    return actions.receive(
        session, form, donation=gift, code=code, by=by, ask=this or ask(), different=different
    )


@pytest.fixture
def gift(session, storekeeper):
    return a_donation(session, by=storekeeper)


def test_a_received_device_has_a_new_label_and_is_found_by_its_words(session, storekeeper, gift):
    device, code = receive(session, storekeeper, gift, serial="PF3 BXY5W", charger="1")

    [row] = devices(session)
    assert (row.id, row.code, row.status, row.holder_org_id) == (
        device,
        code,
        Status.RECEIVED,
        storekeeper.org,
    )
    assert (row.serial, row.serial_norm, row.charger, row.cable) == ("PF3 BXY5W", "PF3BXY5W", True, False)
    assert row.search == fold(f"{code} Dell Latitude 5400 PF3 BXY5W Công ty TNHH Thử Nghiệm")
    assert [event.kind for event in custody.history(session, device)] == ["receive"]


def test_a_blank_label_is_claimed_once(session, storekeeper, gift):
    blank = labels.mint(session, 1, by=storekeeper, at=AT)[0]

    assert receive(session, storekeeper, gift, code=blank)[1] == blank
    with pytest.raises(CodeTaken):
        receive(session, storekeeper, gift, code=blank)


def test_a_label_that_was_never_printed_or_is_another_s_is_refused(session, storekeeper, gift):
    other = labels.mint(session, 1, by=a_person(session, role=Role.STOREKEEPER), at=AT)[0]

    for code in (mint(), other):
        with pytest.raises(UnknownCode):
            receive(session, storekeeper, gift, code=code)


def test_two_people_who_claim_one_label_at_once_get_one_device(session, storekeeper, gift, database_url):
    rolls = labels.mint(session, 12, by=None, at=AT)
    session.commit()
    engine = engine_for(database_url)
    gate, won, refused, broken = threading.Barrier(2), [], [], []

    def claim():
        for code in rolls:
            gate.wait()
            with Session(engine) as own:
                try:
                    receive(own, storekeeper, gift, code=code)
                    own.commit()
                    won.append(code)
                except CodeTaken:
                    refused.append(code)
                except (Refused, SQLAlchemyError) as error:
                    broken.append(error)

    threads = [threading.Thread(target=claim) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert broken == []
    assert sorted(won) == sorted(refused) == sorted(rolls)
    assert sorted(row.code for row in devices(session)) == sorted(rolls)


def test_one_serial_entered_by_two_people_at_once_is_asked_about(session, storekeeper, gift, database_url):
    session.commit()
    engine = engine_for(database_url)
    gate, asked, broken = threading.Barrier(2), [], []

    def enter():
        for n in range(8):
            gate.wait()
            with Session(engine) as own:
                try:
                    receive(own, storekeeper, gift, serial=f"SN-{n}")
                    own.commit()
                except actions.KnownAlready:
                    asked.append(n)
                except (Refused, SQLAlchemyError) as error:
                    broken.append(error)

    threads = [threading.Thread(target=enter) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert broken == []
    assert sorted(asked) == list(range(8))
    assert len(devices(session)) == 8


@pytest.mark.parametrize(
    "again",
    [
        {"serial": "pf3bxy5w", "make": "Lenovo", "model": "X1"},
        {"imei1": IMEIS[0]},
        {"imei2": IMEIS[0]},
        {"imei1": IMEIS[1]},
    ],
)
def test_the_same_serial_or_imei_is_asked_about_and_then_received(session, storekeeper, gift, again):
    _id, code = receive(session, storekeeper, gift, serial="PF3 BXY5W", imei1=IMEIS[0], imei2=IMEIS[1])

    with pytest.raises(actions.KnownAlready) as asked:
        receive(session, storekeeper, gift, **again)

    [like] = asked.value.alike
    assert (like.code, like.status, like.by_serial) == (code, Status.RECEIVED, "serial" in again)
    receive(session, storekeeper, gift, different=True, **again)
    assert len(devices(session)) == 2


def test_of_another_organisation_s_device_only_that_there_is_one_is_said(session, storekeeper, gift):
    a_device(session, serial="PF3BXY5W", serial_norm="PF3BXY5W")

    with pytest.raises(actions.KnownAlready) as asked:
        receive(session, storekeeper, gift, serial="PF3BXY5W")

    [like] = asked.value.alike
    assert (like.code, like.name, like.status, like.since) == ("", "", None, None)


@pytest.mark.parametrize("serial", ["To be filled by O.E.M.", "0123456789", "không có", ""])
def test_placeholders_are_no_duplicates_of_each_other(session, storekeeper, gift, serial):
    for _n in range(3):
        receive(session, storekeeper, gift, serial=serial)

    assert [(row.serial, row.serial_norm) for row in devices(session)] == [(serial, None)] * 3


def test_a_device_enters_a_donation_of_one_s_own_only(session, gift):
    with pytest.raises(Missing):
        receive(session, a_person(session, role=Role.STOREKEEPER), gift)
    with pytest.raises(MustReceive):
        receive(session, a_person(session, role=Role.COORDINATOR), gift)


# Labels


@pytest.fixture
def device(session, storekeeper, gift):
    return receive(session, storekeeper, gift, serial="PF3BXY5W")


def test_a_replaced_label_leads_to_the_same_device_and_the_old_one_says_so(session, storekeeper, device):
    device_id, old = device

    new = actions.replace_label(session, device_id, by=storekeeper, ask=ask())

    row = custody.device(session, new, to=storekeeper)
    assert row.id == device_id
    assert new.lower() in row.search
    assert old.lower() not in row.search
    assert custody.label(session, old) == (device_id, new, True)
    event = custody.history(session, device_id)[0]
    assert (event.kind, event.data) == ("label", {"old": old, "new": new})
    assert RetiredCode(old, new).out


def test_a_blank_label_may_be_the_new_one_and_an_old_one_may_not(session, storekeeper, gift, device):
    blank = labels.mint(session, 1, by=None, at=AT)[0]
    device_id, old = device
    other, _code = receive(session, storekeeper, gift)

    assert actions.replace_label(session, device_id, by=storekeeper, ask=ask(), code=blank) == blank
    for code in (old, blank):
        with pytest.raises(CodeTaken):
            actions.replace_label(session, other, by=storekeeper, ask=ask(), code=code)

    assert session.scalar(select(Label.code).where(Label.device_id == other, Label.retired_at.is_(None)))


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.STOREKEEPER, Role.SCHOOL])
def test_a_label_is_replaced_by_who_holds_the_device(session, role):
    device_id = a_device(session, status=Status.AT_SCHOOL if role is Role.SCHOOL else Status.RECEIVED)
    holder = session.scalar(select(Device.holder_org_id).where(Device.id == device_id))

    assert actions.replace_label(session, device_id, by=a_person(session, role=role, org=holder), ask=ask())
    with pytest.raises(NotHere):
        actions.replace_label(session, device_id, by=a_person(session, role=role), ask=ask())


def test_a_coordinator_has_no_device_in_hand(session, device):
    with pytest.raises(HoldersOnly):
        actions.replace_label(session, device[0], by=a_person(session, role=Role.COORDINATOR), ask=ask())


def test_nothing_happens_to_the_label_of_a_device_on_its_way(session):
    device_id = a_device(session, status=Status.ON_THE_WAY)
    holder = session.scalar(select(Device.holder_org_id).where(Device.id == device_id))
    events = session.scalars(select(Event.event_id).where(Event.device_id == device_id)).all()

    with pytest.raises(InTransit):
        actions.replace_label(
            session, device_id, by=a_person(session, role=Role.STOREKEEPER, org=holder), ask=ask()
        )

    assert session.scalars(select(Event.event_id).where(Event.device_id == device_id)).all() == events
