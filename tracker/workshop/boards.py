"""What waits where, since when, and what a workshop brings about: the board and its figures."""

import json
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, func, select, true
from sqlalchemy.orm import Session, aliased

from tracker.custody.facts import Category
from tracker.custody.models import Device, Event
from tracker.custody.road import Status
from tracker.db import driver
from tracker.hot import Hot, given
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.workshop.kinds import TOO_LONG
from tracker.workshop.models import Inspection, JobWait, RepairJob
from tracker.workshop.worklists import WHO

DEVICE = Device.__table__

#: The columns of the board, in the order of the road.
COLUMNS = (
    Status.RECEIVED,
    Status.INSPECTING,
    Status.REPAIRING,
    Status.READY,
    Status.BOUND,
    Status.ON_THE_WAY,
    Status.AT_SCHOOL,
    Status.RETURNED,
)
#: What is older than this stands in a bucket of its own.
OLD = timedelta(days=30)

_NEWEST = Hot(select(func.max(Event.n).label("n")))


def newest(session: Session) -> int:
    """Return the number of the newest event: no device has changed while it is the same."""
    row = _NEWEST.first(driver(session))
    return (row and row.n) or 0


#: What more events than this have touched is counted whole.
MOST_EVENTS = 100

_LATER, _BEFORE = Event.__table__.alias("later"), Event.__table__.alias("before")
_TOUCHED = Hot(
    select(_LATER.c.body.label("after"), _BEFORE.c.body.label("before"))
    .join(
        _BEFORE,
        and_(_BEFORE.c.device_id == _LATER.c.device_id, _BEFORE.c.dseq == _LATER.c.dseq - 1),
        isouter=True,
    )
    .where(_LATER.c.n > given("n"))
    .order_by(_LATER.c.n)
    .limit(MOST_EVENTS + 1)
)


def touched(session: Session, after: int) -> frozenset[Status]:
    """Return the statuses of the board that events later than number `after` have moved devices to or from."""
    rows = _TOUCHED.all(driver(session), n=after)
    if len(rows) > MOST_EVENTS:
        return frozenset(COLUMNS)
    found: set[str] = set()
    for row in rows:
        stands = [_stands(body) for body in (row.after, row.before) if body is not None]
        if len(set(stands)) > 1 or len(stands) == 1:
            found |= {state for state, _holder in stands}
    return frozenset(COLUMNS) & found


def _stands(body: bytes) -> tuple[str, int]:
    said = json.loads(bytes(body))
    return said["state"], said["cust"]["org"]


class Column(NamedTuple):
    """One status of the board."""

    status: Status
    devices: int
    late: int
    """How many of them are there longer than `TOO_LONG`."""
    old: int
    """How many of them are there longer than `OLD`."""
    oldest: datetime | None
    """Since when the first of them is there."""


def board(
    session: Session,
    *,
    org: int | None,
    category: Category | None,
    now: datetime,
    statuses: Collection[Status] = COLUMNS,
) -> list[Column]:
    """Return the columns of some statuses for one organisation, or for all, of one category or of all."""
    values = {name: value for name, value in (("org", org), ("category", category)) if value is not None}
    columns = []
    for status in COLUMNS:
        if status in statuses:
            old, late, others, oldest = _column(status, frozenset(values)).all(
                driver(session), old=now - OLD, late=now - TOO_LONG[status], **values
            )[0]
            columns.append(Column(status, old + late + others, old + late, old, oldest))
    return columns


@cache
def _column(status: Status, by: frozenset[str]) -> Hot:
    # Three stretches of one index, so that every entry is counted once; to group the rows costs the database five
    # times as much.
    here = and_(
        DEVICE.c.status == status,
        *(DEVICE.c[_BY[name]] == given(name) for name in sorted(by)),
    )
    since = DEVICE.c.since
    counts = select(func.count()).select_from(DEVICE).where(here)
    stretches = {
        "n_old": since < given("old"),
        "n_late": and_(since >= given("old"), since < given("late")),
        "n_others": since >= given("late"),
    }
    return Hot(
        select(
            *(counts.where(stretch).scalar_subquery().label(name) for name, stretch in stretches.items()),
            select(func.min(since)).where(here).scalar_subquery().label("oldest"),
        )
    )


_BY = {"org": "holder_org_id", "category": "category"}


class Doing(NamedTuple):
    """A device that somebody works on."""

    code: str
    name: str
    status: Status
    since: datetime
    who: str
    waits: bool


def being_done(session: Session, *, to: Actor) -> list[Doing]:
    """Return what is being worked on, by whom, the longest first; at most 200."""
    on = driver(session)
    rows = _DOING.all(on) if to.role.sees_everything else _DOING_HERE.all(on, org=to.org)
    return [
        Doing(
            row.code,
            f"{row.make} {row.model}".strip(),
            Status(row.status),
            row.since,
            row.who,
            row.waits,
        )
        for row in rows
    ]


def _doing() -> Select[Any]:
    # From the inspections that are open, of which there are few, never from all the devices.
    repairing = and_(RepairJob.device_id == Inspection.device_id, RepairJob.closed_at.is_(None))
    waiting = select(JobWait.id).where(JobWait.job_id == RepairJob.id, JobWait.until.is_(None)).exists()
    return (
        select(DEVICE.c.code, DEVICE.c.make, DEVICE.c.model, DEVICE.c.status, DEVICE.c.since,
               User.name.label("who"), waiting.label("waits"))
        .select_from(Inspection)
        .join(DEVICE, DEVICE.c.id == Inspection.device_id)
        .join(RepairJob, repairing, isouter=True)
        .join(User, User.id == WHO)
        .where(Inspection.ended_at.is_(None), DEVICE.c.transit_id.is_(None),
               DEVICE.c.holder_org_id == Inspection.org_id)
        .order_by(Inspection.started_at, Inspection.id)
        .limit(200)
    )  # fmt: skip


_DOING, _DOING_HERE = Hot(_doing()), Hot(_doing().where(Inspection.org_id == given("org")))


class Figures(NamedTuple):
    """What became of the devices whose first inspection began in a time."""

    name: str
    received: int
    passed: int
    repaired: int
    turnaround: timedelta | None
    """From the first inspection to the pass: the median of those that passed."""

    @property
    def part(self) -> float | None:
        """The yield: passed of received, from 0 to 1."""
        return self.passed / self.received if self.received else None


def figures(session: Session, *, since: datetime, until: datetime, by: str, to: Actor) -> list[Figures]:
    """Return throughput, yield and turnaround, `by` workshop, category or model; the most received first."""
    first, last = Inspection.__table__.alias("first"), aliased(Inspection)
    passed = (
        select(func.min(last.ended_at))
        .where(last.device_id == first.c.device_id, last.id >= first.c.id, last.result == "passed")
        .scalar_subquery()
    )
    repaired = (
        select(RepairJob.id)
        .where(RepairJob.device_id == first.c.device_id, RepairJob.opened_at >= first.c.started_at)
        .exists()
    )
    rows = session.execute(
        select(Organisation.name.label("workshop"), DEVICE.c.category, DEVICE.c.make, DEVICE.c.model,
               first.c.started_at, passed.label("passed_at"), repaired.label("repaired"))
        .join(DEVICE, DEVICE.c.id == first.c.device_id)
        .join(Organisation, Organisation.id == first.c.org_id)
        .where(first.c.follows_id.is_(None), first.c.started_at >= since, first.c.started_at < until,
               true() if to.role.sees_everything else first.c.org_id == to.org)
    )  # fmt: skip
    groups: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[_group(row, by)].append(row)
    found = [_figures(name, of) for name, of in groups.items()]
    return sorted(found, key=lambda each: (-each.received, each.name))


def _group(row: Row[Any], by: str) -> str:
    if by == "category":
        return str(Category(row.category).label)
    return row.workshop if by == "workshop" else f"{row.make} {row.model}".strip() or "–"


def _figures(name: str, rows: Sequence[Row[Any]]) -> Figures:
    times = [row.passed_at - row.started_at for row in rows if row.passed_at]
    return Figures(name, len(rows), len(times), sum(bool(row.repaired) for row in rows), _median(times))


def _median(times: Iterable[timedelta]) -> timedelta | None:
    seconds = [time.total_seconds() for time in times]
    return timedelta(seconds=statistics.median(seconds)) if seconds else None
