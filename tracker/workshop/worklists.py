"""The work lists of the bench: by status, and what is mine, nobody’s, waiting, too long or blocked."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import Session

from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.words import Words, _
from tracker.workshop.kinds import BENCH, TOO_LONG
from tracker.workshop.models import Blocker, Inspection, JobWait, RepairJob

DEVICE = Device.__table__
PAGE = 50


def _at(to: Actor) -> ColumnElement[bool]:
    if to.role.sees_everything:
        return true()
    return (DEVICE.c.holder_org_id == to.org) & DEVICE.c.transit_id.is_(None)


_BLOCKED = select(Blocker.id).where(Blocker.device_id == DEVICE.c.id, Blocker.cleared_at.is_(None)).exists()
_INSPECTION = (Inspection.device_id == DEVICE.c.id) & Inspection.ended_at.is_(None)
_JOB = (RepairJob.device_id == DEVICE.c.id) & RepairJob.closed_at.is_(None)
_WAITS = select(JobWait.id).where(JobWait.job_id == RepairJob.id, JobWait.until.is_(None)).exists()
#: Who works on a device: on its repair, else on its inspection.
WHO = case(
    (DEVICE.c.status == Status.REPAIRING, RepairJob.technician_id),
    (DEVICE.c.status == Status.INSPECTING, Inspection.technician_id),
)


class List(StrEnum):
    """A work list of the bench."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    TOO_LONG = "too-long"
    BLOCKED = "blocked"

    @property
    def label(self) -> Words:
        return LIST_LABELS[self]


LIST_LABELS = {
    List.MINE: _("Mine"),
    List.UNASSIGNED: _("Nobody’s"),
    List.WAITING: _("Waiting"),
    List.TOO_LONG: _("Too long"),
    List.BLOCKED: _("Blocked"),
}


def _on(chosen: List, *, to: Actor, now: datetime) -> ColumnElement[bool]:
    match chosen:
        case List.MINE:
            return literal(to.user) == WHO
        case List.UNASSIGNED:
            return WHO.is_(None)
        case List.WAITING:
            return _WAITS
        case List.TOO_LONG:
            late = [
                and_(DEVICE.c.status == status, DEVICE.c.since < now - TOO_LONG[status]) for status in BENCH
            ]
            return or_(*late)
        case List.BLOCKED:
            return _BLOCKED


def bench(
    session: Session,
    *,
    to: Actor,
    now: datetime,
    status: Status | None = None,
    chosen: List | None = None,
    after: int = 0,
) -> Sequence[Row[Any]]:
    """Return a page (and one more) of the devices with work waiting, in the order they came in.

    Those at the actor's workshop; for who sees everything, those of all.
    """
    found = (
        select(
            DEVICE.c.id,
            DEVICE.c.code,
            DEVICE.c.category,
            DEVICE.c.make,
            DEVICE.c.model,
            DEVICE.c.status,
            DEVICE.c.since,
            Organisation.name.label("holder"),
            User.name.label("who"),
            _BLOCKED.label("blocked"),
        )
        .join(Organisation, Organisation.id == DEVICE.c.holder_org_id)
        .join(Inspection, _INSPECTION, isouter=True)
        .join(RepairJob, _JOB, isouter=True)
        .join(User, User.id == WHO, isouter=True)
        .where(_at(to), DEVICE.c.status.in_([status] if status else BENCH), DEVICE.c.id > after)
        .order_by(DEVICE.c.id)
        .limit(PAGE + 1)
    )
    return session.execute(found.where(_on(chosen, to=to, now=now)) if chosen else found).all()


def waiting(session: Session, *, to: Actor, now: datetime) -> dict[str, int]:
    """Return how many devices are in each status of the bench and on each work list."""
    where = (_at(to), DEVICE.c.status.in_(BENCH))
    rows = session.execute(select(DEVICE.c.status, func.count()).where(*where).group_by(DEVICE.c.status))
    lists = session.execute(
        select(*(func.count(case((_on(each, to=to, now=now), 1))).label(each) for each in List))
        .select_from(DEVICE)
        .join(Inspection, _INSPECTION, isouter=True)
        .join(RepairJob, _JOB, isouter=True)
        .where(*where)
    ).one()
    return {**{row[0]: row[1] for row in rows}, **lists._asdict()}
