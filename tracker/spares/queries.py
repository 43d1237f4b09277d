"""Named reads of the parts' stock."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, select, true
from sqlalchemy.orm import Session, aliased

from tracker.custody.models import Device
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.refused import Missing
from tracker.spares.models import Spare, SpareMove
from tracker.spares.rules import Why

SPARE, MOVE = Spare.__table__, SpareMove.__table__
DEVICE = Device.__table__
BACK = aliased(MOVE)
PAGE = 50


def _theirs(to: Actor) -> ColumnElement[bool]:
    return true() if to.role.sees_everything else SPARE.c.org_id == to.org


def stock(
    session: Session, *, to: Actor, kind: str = "", there: bool = True, after: int = 0
) -> Sequence[Row[Any]]:
    """Return a page (and one more) of a workshop's parts; those that are `there`, or also what is used up."""
    query = (
        select(SPARE, Organisation.name.label("org_name"), DEVICE.c.code.label("from_code"))
        .join(Organisation, Organisation.id == SPARE.c.org_id)
        .join(DEVICE, DEVICE.c.id == SPARE.c.from_device_id, isouter=True)
        .where(_theirs(to), SPARE.c.id > after)
        .order_by(SPARE.c.id)
        .limit(PAGE + 1)
    )
    if kind:
        query = query.where(SPARE.c.kind == kind)
    if there:
        query = query.where(SPARE.c.quantity > 0)
    return session.execute(query).all()


def usable(session: Session, *, org: int) -> Sequence[Row[Any]]:
    """Return the parts that a workshop can build in now, at most 300, by kind and name."""
    return session.execute(
        select(SPARE)
        .where(SPARE.c.org_id == org, SPARE.c.quantity > 0)
        .order_by(SPARE.c.kind, SPARE.c.name, SPARE.c.id)
        .limit(300)
    ).all()


def spare(session: Session, spare_id: int, *, to: Actor) -> Row[Any]:
    """Return parts of one sort.

    Raises:
        Missing: there are none, or not for this reader.
    """
    row = session.execute(
        select(SPARE, Organisation.name.label("org_name"), DEVICE.c.code.label("from_code"))
        .join(Organisation, Organisation.id == SPARE.c.org_id)
        .join(DEVICE, DEVICE.c.id == SPARE.c.from_device_id, isouter=True)
        .where(SPARE.c.id == spare_id, _theirs(to))
    ).first()
    if row is None:
        raise Missing
    return row


def moves(session: Session, spare_id: int) -> Sequence[Row[Any]]:
    """Return what came in and went out, the newest first."""
    return session.execute(
        select(MOVE, User.name.label("by_name"), DEVICE.c.code)
        .join(User, User.id == MOVE.c.by)
        .join(DEVICE, DEVICE.c.id == MOVE.c.device_id, isouter=True)
        .where(MOVE.c.spare_id == spare_id)
        .order_by(MOVE.c.id.desc())
        .limit(500)
    ).all()


def built_in(session: Session, device: int) -> list[Row[Any]]:
    """Return the parts that were built into a device and not put back, the newest first."""
    found: Any = session.execute(
        select(MOVE.c.id, MOVE.c.job_id, MOVE.c.quantity, MOVE.c.at, SPARE.c.kind, SPARE.c.name, SPARE.c.unit_cost,
               SPARE.c.id.label("spare_id"), SPARE.c.origin)
        .join(SPARE, SPARE.c.id == MOVE.c.spare_id)
        .join(BACK, BACK.c.of_id == MOVE.c.id, isouter=True)
        .where(MOVE.c.device_id == device, MOVE.c.why == Why.USED, BACK.c.id.is_(None))
        .order_by(MOVE.c.id.desc())
    ).all()  # fmt: skip
    return list(found)


def harvested(session: Session, device: int) -> Sequence[Row[Any]]:
    """Return what was taken out of a retired device."""
    return session.execute(select(SPARE).where(SPARE.c.from_device_id == device).order_by(SPARE.c.id)).all()


def taken_out(session: Session, device: int) -> Sequence[Row[Any]]:
    """Return how many pieces came out of a retired device, as they came."""
    return session.execute(
        select(MOVE.c.quantity)
        .join(SPARE, SPARE.c.id == MOVE.c.spare_id)
        .where(SPARE.c.from_device_id == device, MOVE.c.why == Why.IN)
    ).all()
