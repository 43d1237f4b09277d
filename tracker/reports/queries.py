"""What waits for whom, counted."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.allocation.models import Binding, Pupil, Support
from tracker.custody.models import Device
from tracker.custody.queries import visible
from tracker.custody.road import Status
from tracker.handover.models import Handover
from tracker.people.roles import Actor

DEVICE = Device.__table__

#: A device that has stood still this long is overdue.
LATE = timedelta(days=7)


class Waiting(NamedTuple):
    """How many devices are in a status, and how many of them for too long."""

    number: int
    late: int


def by_status(session: Session, *, to: Actor, at: datetime) -> dict[Status, Waiting]:
    """Return the devices a person sees, counted by status."""
    rows = session.execute(
        select(DEVICE.c.status, func.count()).where(visible(to)).group_by(DEVICE.c.status)
    ).all()
    standing = session.execute(
        select(DEVICE.c.status, func.count())
        .where(visible(to), DEVICE.c.changed_at < at - LATE)
        .group_by(DEVICE.c.status)
    )
    overdue: dict[str, int] = {str(row[0]): int(row[1]) for row in standing}
    return {Status(status): Waiting(count, overdue.get(status, 0)) for status, count in rows}


def incoming(session: Session, *, to: Actor) -> int:
    """Return how many handovers are on their way to the person's organisation."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Handover)
            .where(Handover.to_org_id == to.org, Handover.status == "sent")
        )
        or 0
    )


def waiting_pupils(session: Session) -> int:
    """Return how many pupils who lack a device have none bound."""
    bound = (
        select(Support.pupil_id)
        .join(Binding, Binding.support_id == Support.id)
        .where(Binding.closed_event.is_(None))
    )
    return (
        session.scalar(
            select(func.count()).select_from(Pupil).where(Pupil.no_device.is_(True), Pupil.id.not_in(bound))
        )
        or 0
    )
