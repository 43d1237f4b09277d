"""Makers of handovers: drafted, sent, printed, received."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.makers import AT, a_device, a_person, a_pupil, an_organisation
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.handover import actions, receipt
from tracker.handover.models import Handover, HandoverLine
from tracker.handover.rules import Said
from tracker.handover.signing import Signature
from tracker.people.roles import Actor, OrgKind, Role

HOSTS = {"127.0.0.1:5000"}
SIGNED = Signature("Lê Thị Mẫu", "[[1,2,3,4]]")
LATER = AT + timedelta(days=1)


def ask(at: datetime = AT, note: str = "") -> Ask:
    return Ask(uuid.uuid4().hex, at, note=note)


@dataclass
class Way:
    """A sent handover, both its ends, and its devices."""

    id: int
    sender: Actor
    receiver: Actor
    devices: list[int]
    codes: list[str]
    secret: str = ""


def an_address(session: Session, kind: OrgKind, **more: str) -> int:
    """Return an organisation that has all a paper asks for."""
    values = {
        "superior": "Sở Giáo dục và Đào tạo",
        "address": "Số 1 đường Thử",
        "commune": "08707",
        "district": "243",
        "representative": "Phạm Văn Đại",
        "position": "Trưởng kho" if kind is not OrgKind.SCHOOL else "Hiệu trưởng",
        "phone": "0211 000 000",
        **more,
    }
    return an_organisation(session, kind=kind, **values)


def a_delivery(session: Session, *, count: int = 2, sent: bool = True, printed: bool = True) -> Way:
    """Make a handover of bound devices from a warehouse to the pupils' school."""
    store = an_address(session, OrgKind.WORKSHOP)
    school = an_address(session, OrgKind.SCHOOL)
    sender = a_person(session, role=Role.STOREKEEPER, org=store)
    receiver = a_person(session, role=Role.SCHOOL, org=school)
    devices = [
        a_device(session, status=Status.BOUND, holder=store, pupil=a_pupil(session, school=school))
        for _one in range(count)
    ]
    return _made(session, sender, receiver, devices, sent=sent, printed=printed)


def a_transfer(session: Session, *, count: int = 2, sent: bool = True) -> Way:
    """Make a handover of received devices from one workshop to another."""
    sender = a_person(session, role=Role.TECHNICIAN, org=an_address(session, OrgKind.WORKSHOP))
    receiver = a_person(session, role=Role.TECHNICIAN, org=an_address(session, OrgKind.WORKSHOP))
    devices = [a_device(session, holder=sender.org) for _one in range(count)]
    return _made(session, sender, receiver, devices, sent=sent, printed=False)


def _made(
    session: Session, sender: Actor, receiver: Actor, devices: list[int], *, sent: bool, printed: bool
) -> Way:
    codes = [session.execute(select(Device.code).where(Device.id == d)).scalar_one() for d in devices]
    handover = actions.draft(session, to=receiver.org, note="", by=sender, at=AT)
    outcomes = actions.add(session, handover, codes, by=sender, hosts=HOSTS)
    assert all(outcome.ok for outcome in outcomes), outcomes
    way = Way(handover, sender, receiver, devices, codes)
    if sent:
        actions.send(session, handover, by=sender, ask=ask())
        if printed:
            way.secret = actions.new_print(session, handover, by=sender, at=AT)
    session.flush()
    return way


def received(
    session: Session,
    way: Way,
    texts: list[str] | None = None,
    *,
    said: dict[int, Said] | None = None,
    secret: str | None = None,
    by: Actor | None = None,
    at: datetime = LATER,
) -> receipt.Receipt:
    """Confirm a handover as its receiver, with every device scanned unless told otherwise."""
    return receipt.receive(
        session,
        way.id,
        code=way.secret if secret is None else secret,
        texts=way.codes if texts is None else texts,
        said=said or {},
        signature=SIGNED,
        by=by or way.receiver,
        ask=ask(at),
        hosts=HOSTS,
    )


def states(session: Session, handover: int) -> dict[int, str]:
    """Return the state of each line, by device."""
    rows = session.execute(
        select(HandoverLine.device_id, HandoverLine.state).where(HandoverLine.handover_id == handover)
    )
    return {row.device_id: row.state for row in rows}


def line_of(session: Session, handover: int, device: int) -> int:
    """Return the id of a device's line."""
    return session.execute(
        select(HandoverLine.id).where(HandoverLine.handover_id == handover, HandoverLine.device_id == device)
    ).scalar_one()


def stage(session: Session, handover: int) -> str:
    return session.execute(select(Handover.status).where(Handover.id == handover)).scalar_one()


def status(session: Session, device: int) -> str:
    return session.execute(select(Device.status).where(Device.id == device)).scalar_one()


def everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of what a handover may touch, to see that a refusal wrote nothing."""
    tables = (Device, Handover, HandoverLine)
    return {
        model.__tablename__: sorted(tuple(row) for row in session.execute(select(*model.__table__.c)))
        for model in tables
    }


def with_key(app: Flask) -> Flask:
    """Give an application the key that signs its ledger."""
    from tracker.custody import seal

    seal.make_key(app.config["TRACKER"].home, app.config["TRACKER"].origin)
    return app


def send(client: FlaskClient, where: str, **values: str) -> TestResponse:
    """Send a form as the page would, with its token and an id of its own."""
    page = client.get("/handovers").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(where, data={"csrf_token": token, "event_id": uuid.uuid4().hex, **values})


def sent_today(session: Session, *, count: int = 2) -> Way:
    """Make a delivery whose secret is good today, for pages, which take the time from the clock."""
    at = datetime.now(UTC)
    way = a_delivery(session, count=count, printed=False)
    way.secret = actions.new_print(session, way.id, by=way.sender, at=at)
    session.commit()
    return way
