"""Named reads of devices and their history, always through the reader's scope."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, select, true
from sqlalchemy.orm import Session

from tracker.custody.models import Device, Event, EventNote, Label
from tracker.db import driver
from tracker.hot import Hot, given
from tracker.people.roles import Actor
from tracker.refused import Missing

DEVICE = Device.__table__
EVENT = Event.__table__


_BY_CODE = select(DEVICE).where(DEVICE.c.code == given("code"))
_IN_SCOPE = _BY_CODE.where(
    (DEVICE.c.holder_org_id == given("org")) | (DEVICE.c.toward_org_id == given("org"))
)
_ANY, _ANY_LOCKED = Hot(_BY_CODE), Hot(_BY_CODE.with_for_update())
_OWN, _OWN_LOCKED = Hot(_IN_SCOPE), Hot(_IN_SCOPE.with_for_update())
_LOCKED = Hot(select(DEVICE).where(DEVICE.c.id == given("id")).with_for_update())


def visible(to: Actor) -> ColumnElement[bool]:
    """Return the condition on `Device` for what a person may see.

    Their organisation holds it or it is on its way to them; coordinators, auditors and
    administrators see all.
    """
    if to.role.sees_everything:
        return true()
    return (DEVICE.c.holder_org_id == to.org) | (DEVICE.c.toward_org_id == to.org)


def device(session: Session, code: str, *, to: Actor, lock: bool = False) -> Row[Any]:
    """Return the row of the device with this live code; with `lock`, for who is going to write it.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    row: Any
    if to.role.sees_everything:
        row = (_ANY_LOCKED if lock else _ANY).first(driver(session), code=code)
    else:
        row = (_OWN_LOCKED if lock else _OWN).first(driver(session), code=code, org=to.org)
    if row is None:
        raise Missing
    found: Row[Any] = row
    return found


def device_by_id(session: Session, device_id: int, *, to: Actor) -> Row[Any]:
    """Return the row of a device by id, in the scope of the reader.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    row = session.execute(select(DEVICE).where(DEVICE.c.id == device_id, visible(to))).first()
    if row is None:
        raise Missing
    return row


def locked(session: Session, device_id: int) -> Row[Any]:
    """Return the row of a device, locked against other writers until the transaction ends.

    For actions, whose callers have found the device within the scope before.
    """
    session.flush()
    row: Row[Any] = _LOCKED.all(driver(session), id=device_id)[0]
    return row


def code_of(session: Session, device_id: int) -> str:
    """Return the live code of a device."""
    return str(session.execute(select(DEVICE.c.code).where(DEVICE.c.id == device_id)).scalar_one())


class Named(NamedTuple):
    """What a code names: a device with its live code, or a label nobody has claimed."""

    device: int | None
    live: str | None
    retired: bool


def label(session: Session, code: str) -> Named | None:
    """Return what a minted code names, or None when it was never minted."""
    row = session.execute(
        select(Label.device_id, Label.retired_at, DEVICE.c.code)
        .outerjoin(DEVICE, DEVICE.c.id == Label.device_id)
        .where(Label.code == code)
    ).first()
    return None if row is None else Named(row.device_id, row.code, row.retired_at is not None)


class Line(NamedTuple):
    """One event of a device, as pages show it."""

    event_id: str
    n: int
    dseq: int
    kind: str
    at: datetime
    actor: int
    org: int
    role: str
    state: str
    data: dict[str, Any]
    custody: dict[str, Any]
    sealed: bool
    note: str | None


def history(session: Session, device_id: int, *, last: int = 200) -> list[Line]:
    """Return the newest `last` events of a device, newest first, read from their bodies."""
    rows = session.execute(
        select(
            EVENT.c.n,
            EVENT.c.dseq,
            EVENT.c.kind,
            EVENT.c.at,
            EVENT.c.body,
            EVENT.c.leaf_index,
            EventNote.text,
        )
        .outerjoin(EventNote, EventNote.event_id == EVENT.c.event_id)
        .where(EVENT.c.device_id == device_id)
        .order_by(EVENT.c.dseq.desc())
        .limit(last)
    )
    return [_line(row) for row in rows]


def _line(row: Row[Any]) -> Line:
    body = json.loads(bytes(row.body))
    return Line(
        event_id=body["id"],
        n=row.n,
        dseq=row.dseq,
        kind=row.kind,
        at=row.at,
        actor=body["actor"],
        org=body["org"],
        role=body["role"],
        state=body["state"],
        data=body["data"],
        custody=body["cust"],
        sealed=row.leaf_index is not None,
        note=row.text,
    )


def status_of(session: Session, device_id: int) -> str:
    """Return the status of a device, for whoever may know no more than a coarse state."""
    return str(session.execute(select(DEVICE.c.status).where(DEVICE.c.id == device_id)).scalar_one())
