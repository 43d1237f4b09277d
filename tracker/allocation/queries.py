"""Named reads of schools and pupils. Whoever has a role in a school sees that school's pupils only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from tracker.allocation.bindings import BINDING, PUPIL, SUPPORT
from tracker.allocation.rules import PupilState, policies, state_of
from tracker.custody.models import Device, Event
from tracker.custody.road import Move, Status
from tracker.lists.fold import fold, same_name
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.refused import Missing

SCHOOL = Organisation.__table__
DEVICE = Device.__table__
PAGE = 50

OPEN = BINDING.c.closed_event.is_(None)


def visible(to: Actor) -> ColumnElement[bool]:
    """Return the condition on `Pupil` for what a person may see: all, their own school's, or none."""
    if to.role.sees_everything:
        return true()
    return PUPIL.c.school_id == (to.org if to.role is Role.SCHOOL else -1)


def lost_one() -> ColumnElement[bool]:
    """Return the condition that a support's earlier device was lost, taken back or retired."""
    earlier = BINDING.alias()
    released = exists().where(
        Event.event_id == earlier.c.closed_event,
        Event.kind == Move.RELEASE,
        Event.device_id == earlier.c.device_id,
    )
    return exists().where(
        earlier.c.support_id == SUPPORT.c.id, earlier.c.closed_event.is_not(None), ~released
    )


class Filters(NamedTuple):
    """What the list of schools is narrowed to."""

    q: str = ""
    level: str = ""
    district: str = ""

    @property
    def active(self) -> int:
        return sum(1 for value in self if value)


class Counts(NamedTuple):
    """How many pupils of a school stand where."""

    pupils: int = 0
    waiting: int = 0
    bound: int = 0
    given: int = 0


def schools(session: Session, filters: Filters, *, after: int | None = None) -> list[Row[Any]]:
    """Return one page of schools by name, and one more; `after` is the last id of the page before."""
    query = select(SCHOOL).where(SCHOOL.c.kind == OrgKind.SCHOOL, SCHOOL.c.disabled_at.is_(None))
    for word in fold(filters.q).split()[:6]:
        query = query.where(SCHOOL.c.search.contains(word, autoescape=True))
    if filters.level:
        query = query.where(SCHOOL.c.level == filters.level)
    if filters.district:
        query = query.where(SCHOOL.c.district == filters.district)
    if after is not None:
        last = select(SCHOOL.c.search, SCHOOL.c.id).where(SCHOOL.c.id == after).subquery()
        query = query.where(
            tuple_(SCHOOL.c.search, SCHOOL.c.id) > select(last.c.search, last.c.id).scalar_subquery()
        )
    return list(session.execute(query.order_by(SCHOOL.c.search, SCHOOL.c.id).limit(PAGE + 1)))


def counts(session: Session, schools: Iterable[int]) -> dict[int, Counts]:
    """Return the counts of some schools; waiting are those who lack a device and have none bound."""
    bound = DEVICE.c.status.in_([Status.BOUND, Status.ON_THE_WAY, Status.AT_SCHOOL])
    rows = session.execute(
        select(
            PUPIL.c.school_id,
            func.count(),
            func.sum(case((PUPIL.c.no_device & DEVICE.c.id.is_(None), 1), else_=0)),
            func.sum(case((bound, 1), else_=0)),
            func.sum(case((DEVICE.c.status == Status.GIVEN, 1), else_=0)),
        )
        .select_from(PUPIL)
        .outerjoin(SUPPORT, SUPPORT.c.pupil_id == PUPIL.c.id)
        .outerjoin(BINDING, (BINDING.c.support_id == SUPPORT.c.id) & OPEN)
        .outerjoin(DEVICE, DEVICE.c.id == BINDING.c.device_id)
        .where(PUPIL.c.school_id.in_(list(schools)))
        .group_by(PUPIL.c.school_id)
    )
    return {row[0]: Counts(*(int(n) for n in row[1:])) for row in rows}


def school(session: Session, school_id: int, *, to: Actor) -> Row[Any]:
    """Return a school's row; school staff see their own only.

    Raises:
        Missing: there is none, or not for this person.
    """
    row = session.execute(
        select(SCHOOL).where(SCHOOL.c.id == school_id, SCHOOL.c.kind == OrgKind.SCHOOL)
    ).first()
    if row is None or not (to.role.sees_everything or to.org == school_id):
        raise Missing
    return row


def school_choices(session: Session, *, to: Actor) -> list[tuple[int, str]]:
    """Return the schools a person may choose from, by name."""
    query = select(SCHOOL.c.id, SCHOOL.c.name).where(
        SCHOOL.c.kind == OrgKind.SCHOOL, SCHOOL.c.disabled_at.is_(None)
    )
    if not to.role.sees_everything:
        query = query.where(SCHOOL.c.id == to.org)
    return [(row.id, row.name) for row in session.execute(query.order_by(SCHOOL.c.search))]


class PupilLine(NamedTuple):
    """One pupil as lists show them. Personal."""

    id: int
    school_id: int
    school: str
    cls: str
    name: str
    policy: str
    no_device: bool
    no_net: bool
    state: PupilState
    code: str | None

    @property
    def policies(self) -> str:
        return ", ".join(str(one.label) for one in policies(self.policy))


def listed(to: Actor) -> Select[Any]:
    """Return the select of pupils as lists show them, within the reader's scope."""
    return (
        select(
            *(PUPIL.c.id, PUPIL.c.school_id, SCHOOL.c.name.label("school"), PUPIL.c.cls, PUPIL.c.name),
            *(PUPIL.c.policy, PUPIL.c.no_device, PUPIL.c.no_net),
            *(DEVICE.c.status, DEVICE.c.code, lost_one().label("lost_one")),
        )
        .select_from(PUPIL)
        .join(SCHOOL, SCHOOL.c.id == PUPIL.c.school_id)
        .outerjoin(SUPPORT, SUPPORT.c.pupil_id == PUPIL.c.id)
        .outerjoin(BINDING, (BINDING.c.support_id == SUPPORT.c.id) & OPEN)
        .outerjoin(DEVICE, DEVICE.c.id == BINDING.c.device_id)
        .where(visible(to))
    )


def line_of(row: Row[Any]) -> PupilLine:
    """Return a row of `listed` with its state."""
    state = state_of(
        no_device=row.no_device, no_net=row.no_net, bound=row.status, lost_one=bool(row.lost_one)
    )
    return PupilLine(
        *(row.id, row.school_id, row.school, row.cls, row.name, row.policy),
        *(row.no_device, row.no_net, state, row.code),
    )


_IN_STATE = {
    PupilState.WAITING: PUPIL.c.no_device & DEVICE.c.id.is_(None) & ~lost_one(),
    PupilState.REPLACEMENT: PUPIL.c.no_device & DEVICE.c.id.is_(None) & lost_one(),
    PupilState.BOUND: DEVICE.c.status == Status.BOUND,
    PupilState.ON_THE_WAY: DEVICE.c.status == Status.ON_THE_WAY,
    PupilState.AT_SCHOOL: DEVICE.c.status == Status.AT_SCHOOL,
    PupilState.GIVEN: DEVICE.c.status == Status.GIVEN,
    PupilState.CONNECTION: ~PUPIL.c.no_device & PUPIL.c.no_net & DEVICE.c.id.is_(None),
    PupilState.NO_NEED: ~PUPIL.c.no_device & ~PUPIL.c.no_net & DEVICE.c.id.is_(None),
}


class PupilFilters(NamedTuple):
    """What the list of pupils is narrowed to. Names are asked for apart: never in an address."""

    school: int | None = None
    cls: str = ""
    state: str = ""

    @property
    def active(self) -> int:
        return sum(1 for value in self if value)


def pupils(
    session: Session, filters: PupilFilters, *, to: Actor, after: int | None = None
) -> list[PupilLine]:
    """Return one page of pupils and one more: a school's by class, all schools' as they came in."""
    query = listed(to)
    if filters.school:
        query = query.where(PUPIL.c.school_id == filters.school)
    if filters.cls:
        query = query.where(PUPIL.c.cls == filters.cls)
    if filters.state:
        query = query.where(_IN_STATE[PupilState(filters.state)])
    if filters.school or not to.role.sees_everything:
        if after is not None:
            last = select(PUPIL.c.cls).where(PUPIL.c.id == after, visible(to)).scalar_subquery()
            query = query.where(or_(PUPIL.c.cls > last, (PUPIL.c.cls == last) & (PUPIL.c.id > after)))
        query = query.order_by(PUPIL.c.cls, PUPIL.c.id)
    else:
        if after is not None:
            query = query.where(PUPIL.c.id > after)
        query = query.order_by(PUPIL.c.id)
    return [line_of(row) for row in session.execute(query.limit(PAGE + 1))]


def found_pupils(session: Session, q: str, *, to: Actor) -> list[PupilLine]:
    """Return the first page of the pupils with these words in their name, or with this citizen number."""
    query = listed(to)
    if q.isascii() and q.isdigit():
        query = query.where(PUPIL.c.citizen_id == q)
    for word in same_name(q).split()[:6] if not q.isdigit() else ():
        query = query.where(PUPIL.c.name_key.contains(word, autoescape=True))
    return [line_of(row) for row in session.execute(query.order_by(PUPIL.c.id).limit(PAGE + 1))]


def classes(session: Session, school_id: int, *, to: Actor) -> list[str]:
    """Return the classes of a school that have pupils on a list."""
    query = select(PUPIL.c.cls).where(PUPIL.c.school_id == school_id, visible(to)).distinct()
    return [cls for (cls,) in session.execute(query.order_by(PUPIL.c.cls)) if cls]


def pupil(session: Session, pupil_id: int, *, to: Actor) -> Row[Any]:
    """Return all of a pupil's row, with the school's name. The caller notes the reading.

    Raises:
        Missing: there is none, or not for this person.
    """
    row = session.execute(
        select(PUPIL, SCHOOL.c.name.label("school"), SCHOOL.c.code.label("school_code"))
        .join(SCHOOL, SCHOOL.c.id == PUPIL.c.school_id)
        .where(PUPIL.c.id == pupil_id, visible(to))
    ).first()
    if row is None:
        raise Missing
    return row


def line(session: Session, pupil_id: int, *, to: Actor) -> PupilLine:
    """Return a pupil as lists show them.

    Raises:
        Missing: there is none, or not for this person.
    """
    row = session.execute(listed(to).where(PUPIL.c.id == pupil_id)).first()
    if row is None:
        raise Missing
    return line_of(row)


class Bound(NamedTuple):
    """One device that was bound to a pupil, and what ended it."""

    device_id: int
    code: str
    device: str
    category: str
    status: Status
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    ended_by: str | None
    """The kind of the event that closed the binding."""


def bindings_of(session: Session, pupil_id: int) -> list[Bound]:
    """Return the devices of a pupil, the newest first. The caller has checked who asks."""
    rows = session.execute(
        select(
            *(DEVICE.c.id, DEVICE.c.code, DEVICE.c.make, DEVICE.c.model, DEVICE.c.category, DEVICE.c.status),
            *(BINDING.c.opened_at, User.name, BINDING.c.closed_at, Event.kind),
        )
        .select_from(BINDING)
        .join(SUPPORT, SUPPORT.c.id == BINDING.c.support_id)
        .join(DEVICE, DEVICE.c.id == BINDING.c.device_id)
        .join(User, User.id == BINDING.c.opened_by)
        .outerjoin(Event, Event.event_id == BINDING.c.closed_event)
        .where(SUPPORT.c.pupil_id == pupil_id)
        .order_by(BINDING.c.id.desc())
    )
    return [
        Bound(
            *(row.id, row.code, f"{row.make} {row.model}".strip(), row.category, Status(row.status)),
            *(row.opened_at, row.name, row.closed_at, row.kind),
        )
        for row in rows
    ]
