from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.handover.makers import (
    AT,
    HOSTS,
    LATER,
    SIGNED,
    a_delivery,
    a_transfer,
    ask,
    everything,
    line_of,
    received,
    stage,
    states,
    status,
)
from tests.makers import a_device, a_person
from tracker.allocation.models import Binding
from tracker.custody import labels
from tracker.custody.models import Device, Event
from tracker.handover import actions, receipt, secret
from tracker.handover.models import Handover
from tracker.handover.rules import NotSettled, Said
from tracker.people.models import User
from tracker.people.roles import Role
from tracker.refused import Missing, Refused


def custody_of(session, device):
    row = session.execute(select(Device).where(Device.id == device)).scalar_one()
    session.refresh(row)
    return row.holder_org_id, row.toward_org_id, row.transit_id


def test_a_school_that_scans_everything_closes_the_handover(session):
    way = a_delivery(session, count=3)

    done = received(session, way)

    assert done == receipt.Receipt(settled=3, open=0, unexpected=0)
    assert stage(session, way.id) == "closed"
    assert {status(session, device) for device in way.devices} == {"at-school"}
    assert custody_of(session, way.devices[0]) == (way.receiver.org, None, None)


def test_what_was_not_scanned_stays_on_its_way_and_is_settled_later_without_the_paper(session):
    way = a_delivery(session, count=3)

    received(session, way, way.codes[:1])

    assert stage(session, way.id) == "received"
    assert states(session, way.id) == dict(zip(way.devices, ["received", "sent", "sent"], strict=True))
    later = receipt.settle_later(
        session, way.id, texts=way.codes[1:2], said={}, by=way.receiver, ask=ask(), hosts=HOSTS
    )
    assert later.open == 1
    receipt.settle_later(
        session,
        way.id,
        texts=[],
        said={line_of(session, way.id, way.devices[2]): Said("missing", "không có trong thùng")},
        by=way.sender,
        ask=ask(),
        hosts=HOSTS,
    )
    assert stage(session, way.id) == "closed"
    assert status(session, way.devices[2]) == "missing"
    bindings = session.scalars(select(Binding.closed_event).where(Binding.device_id == way.devices[2])).all()
    assert all(bindings)


def test_damaged_and_missing_are_said_line_by_line(session):
    way = a_delivery(session, count=3)
    damaged, missing = (line_of(session, way.id, device) for device in way.devices[1:])

    received(
        session, way, way.codes[:2], said={damaged: Said("damaged", "vỡ màn hình"), missing: Said("missing")}
    )

    assert list(states(session, way.id).values()) == ["received", "damaged", "missing"]
    assert [status(session, device) for device in way.devices] == ["at-school", "at-school", "missing"]


def test_a_device_that_is_not_on_the_record_is_told_and_its_custody_stays(session):
    way = a_delivery(session)
    stray = a_device(session)
    before = custody_of(session, stray)
    code = session.scalar(select(Device.code).where(Device.id == stray))

    done = received(session, way, [*way.codes, code])

    assert done.unexpected == 1
    assert states(session, way.id)[stray] == "unexpected"
    assert custody_of(session, stray) == before
    assert stage(session, way.id) == "closed"


def test_stores_settle_a_transfer_without_a_secret(session):
    way = a_transfer(session)
    assert custody_of(session, way.devices[0]) == (way.sender.org, way.receiver.org, way.id)

    received(session, way, secret="")

    assert custody_of(session, way.devices[0]) == (way.receiver.org, None, None)
    assert status(session, way.devices[0]) == "received"
    assert stage(session, way.id) == "closed"


def test_the_sender_cannot_say_that_something_arrived(session):
    way = a_delivery(session)

    with pytest.raises(NotSettled):
        receipt.settle_later(session, way.id, texts=way.codes, said={}, by=way.sender, ask=ask(), hosts=HOSTS)


# The abuse tests of the threat model: each is refused, and nothing is written.


def refused(session, way, *, kind=Refused, **given):
    session.commit()
    before = everything(session)
    events = len(session.scalars(select(Event.n)).all())
    with pytest.raises(kind):
        received(session, way, **given)
    session.rollback()
    assert everything(session) == before
    assert len(session.scalars(select(Event.n)).all()) == events


def test_a1_the_sender_does_not_confirm(session):
    way = a_delivery(session)
    refused(session, way, by=way.sender, kind=Missing)


def test_a1_nor_after_changing_to_the_school(session):
    way = a_delivery(session)
    session.execute(
        update(User).where(User.id == way.sender.user).values(org_id=way.receiver.org, role="school")
    )
    moved = type(way.sender)(way.sender.user, way.receiver.org, Role.SCHOOL)
    refused(session, way, by=moved, kind=receipt.OwnDispatch)


def test_a2_another_school_does_not_confirm(session):
    refused(session, a_delivery(session), by=a_person(session, role=Role.SCHOOL), kind=Missing)


def test_a4_a_secret_works_once(session):
    way = a_delivery(session)
    received(session, way, way.codes[:1])
    refused(session, way, kind=receipt.AlreadySigned)


def test_a5_a_secret_runs_out(session):
    way = a_delivery(session)
    refused(session, way, at=AT + timedelta(days=14), kind=secret.Expired)


def test_a7_a_label_is_no_secret(session):
    way = a_delivery(session)
    refused(session, way, secret=way.codes[0], kind=secret.WrongSecret)


def test_a9_an_old_label_proves_nothing(session):
    way = a_delivery(session)
    by = a_person(session, role=Role.TECHNICIAN, org=way.sender.org)
    old = way.codes[0]
    new = labels.mint(session, 1, by=by, at=AT)[0]
    labels.retire(session, old, at=AT)
    labels.claim(session, new, device=way.devices[0], at=AT)
    session.execute(update(Device).where(Device.id == way.devices[0]).values(code=new))
    refused(session, way, kind=NotSettled)


def test_a10_nobody_confirms_twice_for_two(session):
    way = a_delivery(session)
    received(session, way)
    refused(
        session, way, by=a_person(session, role=Role.SCHOOL, org=way.receiver.org), kind=receipt.AlreadySigned
    )


def test_a11_another_schools_secret_opens_nothing(session):
    mine, theirs = a_delivery(session), a_delivery(session)
    refused(session, mine, secret=theirs.secret, kind=secret.WrongSecret)


def test_a12_a_reprint_takes_the_power_of_the_paper_before(session):
    way = a_delivery(session)
    actions.new_print(session, way.id, by=way.sender, at=AT)
    refused(session, way, kind=secret.WrongSecret)


def test_a12_a_cancelled_handover_is_not_there_for_the_school(session):
    way = a_delivery(session, sent=False)
    actions.cancel(session, way.id, by=way.sender, at=AT)
    refused(session, way, kind=Missing)


def test_an_unprinted_record_cannot_be_confirmed(session):
    refused(session, a_delivery(session, printed=False), kind=secret.NoSecret)


def test_five_wrong_secrets_lock_the_record_until_it_is_printed_anew(session):
    way = a_delivery(session)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(secret.WrongSecret) as wrong:
            received(session, way, secret="X" * 28)
        assert wrong.value.left == left

    with pytest.raises(secret.Locked):
        received(session, way)

    way.secret = actions.new_print(session, way.id, by=way.sender, at=LATER)
    assert received(session, way, at=LATER).open == 0


def test_a_typed_secret_may_have_gaps_and_small_letters(session):
    way = a_delivery(session)

    assert received(session, way, secret=secret.grouped(way.secret).lower()).open == 0


@pytest.mark.parametrize(
    ("scan", "said"),
    [
        (True, Said("missing")),
        (False, Said("damaged", "vỡ")),
        (True, Said("damaged", " ")),
    ],
)
def test_a_line_that_contradicts_its_scan_is_refused(session, scan, said):
    way = a_delivery(session, count=1)
    line = line_of(session, way.id, way.devices[0])
    refused(session, way, texts=way.codes if scan else [], said={line: said}, kind=NotSettled)


@pytest.mark.parametrize("text", ["khong phai ma", "22222222", "7K3M 9QX3"])
def test_a_text_that_names_no_device_is_refused_and_nothing_is_half_written(session, text):
    way = a_delivery(session, count=1)
    refused(session, way, texts=[*way.codes, text], kind=NotSettled)


def test_the_secret_is_kept_as_a_digest_only(session):
    way = a_delivery(session)

    row = session.execute(select(Handover.__table__).where(Handover.id == way.id)).one()

    assert way.secret not in str(row)
    assert len(way.secret) == 28
    assert row.secret_until == AT + timedelta(days=14)
    assert SIGNED.name not in str(session.scalars(select(Event.body)).all())
