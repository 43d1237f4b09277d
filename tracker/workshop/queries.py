"""Named reads of the workshop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from tracker.custody.models import Device, Event
from tracker.custody.road import Status
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.workshop.models import Blocker, CheckResult, Erasure, Fault, Inspection

DEVICE = Device.__table__

#: Moves by which a device comes in, so that an erasure before them proves nothing.
COMES_IN = ("receive", "take-back", "find")

BENCH = (Status.INSPECTING, Status.REPAIRING, Status.RETURNED, Status.RECEIVED)
PAGE = 50


def open_inspection(session: Session, device_id: int) -> Inspection | None:
    """Return the inspection that is going on, if any."""
    return session.scalar(select(Inspection).where(Inspection.device_id == device_id, Inspection.ended_at.is_(None)))


def results(session: Session, inspection_id: int) -> dict[str, CheckResult]:
    """Return the last answer to each check of an inspection."""
    rows = session.scalars(
        select(CheckResult).where(CheckResult.inspection_id == inspection_id).order_by(CheckResult.id)
    )
    return {row.check: row for row in rows}


def faults(session: Session, device_id: int) -> Sequence[Row[Any]]:
    """Return the faults of a device with who found them, the open ones first."""
    return session.execute(
        select(Fault, User.name)
        .join(User, User.id == Fault.found_by)
        .where(Fault.device_id == device_id)
        .order_by(Fault.settled_at.is_not(None), Fault.id.desc())
    ).all()


def open_faults(session: Session, device_id: int) -> list[Fault]:
    """Return the faults without an outcome."""
    return list(session.scalars(select(Fault).where(Fault.device_id == device_id, Fault.settled_at.is_(None))))


def erasures(session: Session, device_id: int) -> Sequence[Row[Any]]:
    """Return the erasures of a device with who did them, the newest first."""
    return session.execute(
        select(Erasure, User.name)
        .join(User, User.id == Erasure.by)
        .where(Erasure.device_id == device_id)
        .order_by(Erasure.id.desc())
    ).all()


def came_in(session: Session, device_id: int) -> datetime | None:
    """Return when the device last came in from outside the workshops."""
    return session.scalar(
        select(func.max(Event.at)).where(Event.device_id == device_id, Event.kind.in_(COMES_IN))
    )


def valid_erasure(session: Session, device_id: int) -> int | None:
    """Return the id of the newest erasure since the device last came in, if it succeeded."""
    since = came_in(session, device_id)
    newest = session.execute(
        select(Erasure.id, Erasure.result, Erasure.at)
        .where(Erasure.device_id == device_id)
        .order_by(Erasure.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.result != "ok" or (since is not None and newest.at < since):
        return None
    return int(newest.id)


def blockers(session: Session, device_id: int) -> list[Blocker]:
    """Return the open blockers of a device."""
    return list(
        session.scalars(
            select(Blocker).where(Blocker.device_id == device_id, Blocker.cleared_at.is_(None)).order_by(Blocker.id)
        )
    )


def bench(session: Session, *, to: Actor, status: str = "", after: int = 0) -> Sequence[Row[Any]]:
    """Return a page (and one more) of the devices at the actor's workshop that have work waiting, oldest first."""
    blocked = (
        select(func.count()).where(Blocker.device_id == DEVICE.c.id, Blocker.cleared_at.is_(None)).scalar_subquery()
    )
    wanted = [status] if status else [str(each) for each in BENCH]
    return session.execute(
        select(
            DEVICE.c.id,
            DEVICE.c.code,
            DEVICE.c.category,
            DEVICE.c.make,
            DEVICE.c.model,
            DEVICE.c.status,
            DEVICE.c.changed_at,
            blocked.label("blocked"),
        )
        .where(
            DEVICE.c.holder_org_id == to.org,
            DEVICE.c.transit_id.is_(None),
            DEVICE.c.status.in_(wanted),
            DEVICE.c.id > after,
        )
        .order_by(DEVICE.c.id)
        .limit(PAGE + 1)
    ).all()


def waiting(session: Session, *, to: Actor) -> dict[str, int]:
    """Return how many devices of the actor's workshop are in each status of the bench."""
    rows = session.execute(
        select(DEVICE.c.status, func.count())
        .where(
            DEVICE.c.holder_org_id == to.org,
            DEVICE.c.transit_id.is_(None),
            DEVICE.c.status.in_([str(each) for each in BENCH]),
        )
        .group_by(DEVICE.c.status)
    )
    return {row[0]: row[1] for row in rows}
