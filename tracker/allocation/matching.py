"""Named reads of the page that binds: who waits, which devices are ready."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session

from tracker.allocation.bindings import BINDING, PUPIL, SUPPORT
from tracker.allocation.queries import DEVICE, OPEN, SCHOOL, PupilLine, line_of, listed
from tracker.allocation.rules import weights
from tracker.custody.road import Status
from tracker.people.roles import Actor

#: Tiles on each side of the page: more than one binds in a sitting, few enough for a phone.
SHOWN = 25


class DeviceFilters(NamedTuple):
    """Which ready devices are offered."""

    category: str = ""
    grade: str = ""
    holder: int | None = None


def waiting_pupils(
    session: Session, school: int | None, *, to: Actor, most: int = SHOWN, without: Sequence[int] = ()
) -> list[PupilLine]:
    """Return who waits for a device, the first to be helped first.

    Those with the weightier policies come first (`rules.WEIGHTS`), then by class and name.
    """
    urgency = case(weights(), value=PUPIL.c.policy, else_=0)
    query = listed(to).where(PUPIL.c.no_device, BINDING.c.id.is_(None))
    if school:
        query = query.where(PUPIL.c.school_id == school)
    if without:
        query = query.where(PUPIL.c.id.not_in(list(without)))
    order = (urgency.desc(), PUPIL.c.school_id, PUPIL.c.cls, PUPIL.c.name_key, PUPIL.c.id)
    return [line_of(row) for row in session.execute(query.order_by(*order).limit(most))]


def waiting_count(session: Session, school: int | None) -> int:
    """Return how many pupils wait for a device."""
    bound = select(SUPPORT.c.pupil_id).join(BINDING, BINDING.c.support_id == SUPPORT.c.id).where(OPEN)
    query = select(func.count()).select_from(PUPIL).where(PUPIL.c.no_device, PUPIL.c.id.not_in(bound))
    return session.scalar(query.where(PUPIL.c.school_id == school) if school else query) or 0


def ready_devices(
    session: Session, filters: DeviceFilters, *, most: int = SHOWN, only: int | None = None
) -> list[Row[Any]]:
    """Return devices that are ready to be bound, the first received first, with their holder's name."""
    query = (
        select(
            *(DEVICE.c.id, DEVICE.c.code, DEVICE.c.category, DEVICE.c.make, DEVICE.c.model, DEVICE.c.grade),
            *(DEVICE.c.charger, SCHOOL.c.name.label("holder")),
        )
        .join(SCHOOL, SCHOOL.c.id == DEVICE.c.holder_org_id)
        .where(_fits(filters))
    )
    if only is not None:
        query = query.where(DEVICE.c.id == only)
    return list(session.execute(query.order_by(DEVICE.c.id).limit(most)))


def ready_count(session: Session, filters: DeviceFilters) -> int:
    """Return how many devices are ready to be bound."""
    return session.scalar(select(func.count()).select_from(DEVICE).where(_fits(filters))) or 0


def _fits(filters: DeviceFilters) -> ColumnElement[bool]:
    wanted = [DEVICE.c.status == Status.READY, DEVICE.c.transit_id.is_(None)]
    if filters.category:
        wanted.append(DEVICE.c.category == filters.category)
    if filters.grade:
        wanted.append(DEVICE.c.grade == filters.grade)
    if filters.holder:
        wanted.append(DEVICE.c.holder_org_id == filters.holder)
    return and_(*wanted)


def ready_choices(session: Session) -> tuple[list[str], list[tuple[int, str]]]:
    """Return the grades and the holders that ready devices have."""
    ready = DEVICE.c.status == Status.READY
    grades = session.execute(select(DEVICE.c.grade).where(ready).distinct().order_by(DEVICE.c.grade))
    holders = session.execute(
        select(SCHOOL.c.id, SCHOOL.c.name)
        .where(SCHOOL.c.id.in_(select(DEVICE.c.holder_org_id).where(ready)))
        .order_by(SCHOOL.c.name)
    )
    return [grade for (grade,) in grades if grade], [(row.id, row.name) for row in holders]
