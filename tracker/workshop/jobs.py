"""Repairs: who does them, what they wait for, what they use and cost."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, case, insert, select, update
from sqlalchemy.orm import Session

from labels.text import tidy
from tracker.custody.ledger import Ask
from tracker.custody.road import Status
from tracker.db import driver
from tracker.hot import Write, given
from tracker.people.models import User
from tracker.people.roles import Actor, Role
from tracker.refused import Missing, Refused
from tracker.spares import actions as spares
from tracker.spares.queries import built_in
from tracker.spares.rules import whole
from tracker.words import Words, _
from tracker.workshop.blocking import NOTE, clear_blocker, set_blocker, worked_on
from tracker.workshop.kinds import Wait
from tracker.workshop.models import Inspection, JobWait, RepairJob

#: Minutes and đồng that no repair of these devices takes.
LONGEST, DEAREST = 60 * 24 * 30, 100_000_000
#: A warranty on a repair is shorter than this.
WARRANTY = timedelta(days=366 * 5)

_OPEN = Write(
    insert(RepairJob).values(
        {name: given(name) for name in "device_id org_id inspection_id opened_at opened_by".split()}
        | {"minutes": 0, "cost": 0, "warranty_of": "", "result": ""}
    ),
    if_new=True,
)

_END = Write(
    update(RepairJob)
    .where(RepairJob.device_id == given("device"), RepairJob.closed_at.is_(None))
    .values({name: given(name) for name in ("closed_at", "closed_by", "result")})
)
#: A wait never ends before it begins, whatever a clock says.
_END_WAITS = Write(
    update(JobWait)
    .where(
        JobWait.until.is_(None),
        JobWait.job_id.in_(select(RepairJob.id).where(RepairJob.device_id == given("device"))),
    )
    .values(
        until=case((JobWait.since > given("until"), JobWait.since), else_=given("until")),
        until_by=given("until_by"),
    )
)


class NoJob(Refused):
    """Nothing is being repaired on the device."""

    def __init__(self) -> None:
        super().__init__(_("This device is not being repaired."), out=_("Send it to repair first."))


class StillWaiting(Refused):
    """A repair is not finished while it waits for something."""

    def __init__(self, waits: list[JobWait]) -> None:
        super().__init__(
            _("The repair still waits: %(what)s.", what=", ".join(str(Wait(w.kind).label) for w in waits)),
            out=_("Say that it goes on, then finish."),
        )


def begin(session: Session, device: int, inspection: int, *, by: Actor, at: datetime) -> None:
    """Open the job of a device that was sent to repair."""
    _OPEN.rows(
        driver(session),
        device_id=device,
        org_id=by.org,
        inspection_id=inspection,
        opened_at=at,
        opened_by=by.user,
    )


def end(session: Session, device: int, result: str, *, by: Actor, at: datetime) -> None:
    """Close the job of a device, if one is open, and its waits."""
    session.flush()
    on = driver(session)
    if not _END.rows(on, device=device, closed_at=at, closed_by=by.user, result=result):
        return
    _END_WAITS.rows(on, device=device, until=at, until_by=by.user)
    session.expire_all()


def leave(session: Session, device: Row[Any], *, by: Actor, ask: Ask) -> None:
    """Close the job that was open on a device when it was lost, and what it waited for."""
    job = current(session, device.id)
    if job is None:
        return
    waited = [Wait(each.kind) for each in open_waits(session, job.id)]
    end(session, device.id, "left", by=by, at=ask.at)
    for each in waited:
        clear_blocker(session, device, each.blocker, by=by, ask=ask.of(each))


def current(session: Session, device: int) -> RepairJob | None:
    """Return the job that is open on a device, if any."""
    return session.scalar(
        select(RepairJob).where(RepairJob.device_id == device, RepairJob.closed_at.is_(None))
    )


def jobs(session: Session, device: int) -> list[RepairJob]:
    """Return the jobs of a device, the newest first."""
    return list(
        session.scalars(select(RepairJob).where(RepairJob.device_id == device).order_by(RepairJob.id.desc()))
    )


def waits(session: Session, job: int) -> list[JobWait]:
    """Return what a job waited for, the newest first."""
    return list(session.scalars(select(JobWait).where(JobWait.job_id == job).order_by(JobWait.id.desc())))


def open_waits(session: Session, job: int) -> list[JobWait]:
    """Return what a job waits for now, the oldest first."""
    query = select(JobWait).where(JobWait.job_id == job, JobWait.until.is_(None)).order_by(JobWait.id)
    return list(session.scalars(query))


def must_not_wait(session: Session, device: int) -> None:
    """Check that the repair of a device waits for nothing.

    Raises:
        StillWaiting: it does.
    """
    job = current(session, device)
    if job is not None and (still := open_waits(session, job.id)):
        raise StillWaiting(still)


def _working(session: Session, device: Row[Any], by: Actor) -> RepairJob:
    """Lock a device that is being repaired; who does something in a job that nobody has is its technician."""
    if worked_on(session, device, by) is not Status.REPAIRING:
        raise NoJob
    job = current(session, device.id)
    if job is None:
        raise NoJob
    if job.technician_id is None and by.role is Role.TECHNICIAN:
        job.technician_id = by.user
    return job


def assign(session: Session, device: Row[Any], technician: int, *, by: Actor) -> None:
    """Say who works on a device: on its repair, else on its inspection.

    Raises:
        NoJob: nothing is going on with it.
        Missing: no technician of the workshop has this id.
    """
    status = worked_on(session, device, by)
    if technician not in dict(technicians(session, org=by.org)):
        raise Missing
    table = RepairJob if status is Status.REPAIRING else Inspection
    ended = RepairJob.closed_at if status is Status.REPAIRING else Inspection.ended_at
    done = session.execute(
        update(table).where(table.device_id == device.id, ended.is_(None)).values(technician_id=technician)
    )
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE
        raise NoJob
    session.expire_all()


def technicians(session: Session, *, org: int) -> list[tuple[int, str]]:
    """Return the technicians of a workshop, by name."""
    rows = session.execute(
        select(User.id, User.name)
        .where(User.org_id == org, User.role == Role.TECHNICIAN, User.disabled_at.is_(None))
        .order_by(User.name, User.id)
    )
    return [(row.id, row.name) for row in rows]


def wait(session: Session, device: Row[Any], kind: Wait, note: str, *, by: Actor, ask: Ask) -> None:
    """Let a repair wait, which blocks the device; the same wait twice counts once.

    Raises:
        NoJob: it is not being repaired.
        Refused: nobody said what for.
    """
    job = _working(session, device, by)
    if not note.strip():
        raise Refused(_("Say what it waits for."), out=_("Write it in the note."))
    if any(each.kind == kind for each in open_waits(session, job.id)):
        return
    session.add(JobWait(job_id=job.id, kind=kind, note=note.strip()[:NOTE], since=ask.at, since_by=by.user))
    set_blocker(session, device, kind.blocker, note, by=by, ask=ask)
    session.flush()


def go_on(session: Session, device: Row[Any], kind: Wait, *, by: Actor, ask: Ask) -> None:
    """End a wait; nothing happens when there was none.

    Raises:
        NoJob: it is not being repaired.
    """
    job = _working(session, device, by)
    for each in open_waits(session, job.id):
        if each.kind == kind:
            each.until, each.until_by = max(ask.at, each.since), by.user
            clear_blocker(session, device, kind.blocker, by=by, ask=ask)
    session.flush()


def use(session: Session, device: Row[Any], spare: int, quantity: int, *, by: Actor, ask: Ask) -> None:
    """Build parts of the stock into a device that is being repaired.

    Raises:
        NoJob: it is not.
        Missing, NotEnough: see `spares.actions.build_in`.
    """
    job = _working(session, device, by)
    session.flush()
    spares.build_in(session, spare, quantity, device=device.id, job=job.id, by=by, ask=ask)


def give_back(session: Session, device: Row[Any], move: int, *, by: Actor, ask: Ask) -> None:
    """Put back what was built in during the repair that is going on.

    Raises:
        NoJob: it is not being repaired.
        Missing: that was not built in during this repair.
        Refused: it was put back before.
    """
    job = _working(session, device, by)
    session.flush()
    if not any(row.id == move and row.job_id == job.id for row in built_in(session, device.id)):
        raise Refused(
            _("This was not built in during this repair, or was put back."), out=_("Open the page again.")
        )
    spares.put_back(session, move, device=device.id, by=by, ask=ask)


class Told(NamedTuple):
    """What a person says of a repair: minutes of labour, đồng paid to others, the warranties."""

    minutes: int
    cost: int
    warranty_of: str
    warranty_until: date | None


def told(form: Mapping[str, str], *, today: date) -> tuple[Told | None, dict[str, Words]]:
    """Return what a form says of a repair, or None, and what is wrong with it, by field."""
    wrong: dict[str, Words] = {}
    minutes = whole(form.get("minutes", "").strip() or "0", LONGEST)
    if minutes is None:
        wrong["minutes"] = _("Write whole minutes.")
    cost = whole(form.get("cost", "").strip().replace(".", "").replace(" ", "") or "0", DEAREST)
    if cost is None:
        wrong["cost"] = _("Write the price in dong, without decimals.")
    of, until, written = tidy(form.get("warranty_of", "")), None, form.get("warranty_until", "").strip()
    if len(of) > 80:
        wrong["warranty_of"] = _("At most %(most)s characters.", most=80)
    if written:
        try:
            until = date.fromisoformat(written)
        except ValueError:
            wrong["warranty_until"] = _("This is no date.")
        else:
            if not today <= until <= today + WARRANTY:
                wrong["warranty_until"] = _("A warranty ends between today and five years from now.")
    if wrong or minutes is None or cost is None:
        return None, wrong
    return Told(minutes, cost, of, until), wrong


def tell(session: Session, device: Row[Any], said: Told, *, by: Actor) -> None:
    """Write down labour, cost and warranties of the repair that is going on.

    Raises:
        NoJob: the device is not being repaired.
    """
    job = _working(session, device, by)
    job.minutes, job.cost = said.minutes, said.cost
    job.warranty_of, job.warranty_until = said.warranty_of, said.warranty_until
    session.flush()
