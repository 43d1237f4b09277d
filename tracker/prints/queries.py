"""Named reads of print jobs, within the reader's scope: one's own organisation's, or all."""

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, true
from sqlalchemy.orm import Session

from labels.job import Label
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.printers import own
from tracker.printers.models import Printer
from tracker.printers.queries import correction
from tracker.printers.rules import NONE, Correction
from tracker.prints.models import PrintedAgain, PrintedLabel, PrintJob
from tracker.prints.printer_models import PrintedOn
from tracker.prints.rules import Paper
from tracker.refused import Missing

JOB, AGAIN, ON = PrintJob.__table__, PrintedAgain.__table__, PrintedOn.__table__
PAGE = 50


def _scope(to: Actor) -> ColumnElement[bool]:
    return true() if to.role.sees_everything else JOB.c.org_id == to.org


_JOBS = (
    select(
        JOB,
        User.name.label("who"),
        Organisation.name.label("org"),
        Printer.name.label("printer"),
        *(ON.c[name] for name in ("printer_id", *Correction._fields)),
    )
    .join(User, User.id == JOB.c.by)
    .join(Organisation, Organisation.id == JOB.c.org_id)
    .outerjoin(ON, (ON.c.job_id == JOB.c.id) & ON.c.again_id.is_(None))
    .outerjoin(Printer, Printer.id == ON.c.printer_id)
)

#: With the paper of one's own that a job is on.
_WHOLE = _JOBS.add_columns(*own.columns()).outerjoin(own.STOCK, own.is_kept_as(JOB.c.stock))


def jobs(session: Session, *, to: Actor, before: int | None = None) -> list[Row[Any]]:
    """Return one page of jobs and one more, the newest first; `again` counts how often each was printed since."""
    times = select(func.count()).where(AGAIN.c.job_id == JOB.c.id).scalar_subquery().label("again")
    query = _JOBS.add_columns(times).where(_scope(to)).order_by(JOB.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(JOB.c.id < before)
    return list(session.execute(query))


def job(session: Session, job_id: int, *, to: Actor) -> Row[Any]:
    """Return a job.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    row = session.execute(_WHOLE.where(JOB.c.id == job_id, _scope(to))).first()
    if row is None:
        raise Missing
    return row


def any_job(job_id: int) -> Select[Any]:
    """Return the query of a job, whoever's it is: for whoever sends it, after somebody who may has asked."""
    return _WHOLE.where(JOB.c.id == job_id)


def again(session: Session, job_id: int, again_id: int | None = None) -> list[Row[Any]]:
    """Return the times a job was printed again, the last first; or that one."""
    query = (
        select(AGAIN, User.name.label("who"))
        .join(User, User.id == AGAIN.c.by)
        .where(AGAIN.c.job_id == job_id)
    )
    if again_id is not None:
        query = query.where(AGAIN.c.id == again_id)
    return list(session.execute(query.order_by(AGAIN.c.id.desc())))


def labels(session: Session, job_id: int, *, first: int = 1, last: int | None = None) -> list[Label]:
    """Return the labels of a job, or those from `first` to `last`, in their order."""
    query = select(PrintedLabel.says).where(PrintedLabel.job_id == job_id, PrintedLabel.n >= first)
    if last is not None:
        query = query.where(PrintedLabel.n <= last)
    return [Label(**says) for says in session.scalars(query.order_by(PrintedLabel.n))]


def codes(session: Session, job_id: int, *, most: int) -> list[str]:
    """Return the first codes of a job."""
    query = select(PrintedLabel.code).where(PrintedLabel.job_id == job_id)
    return list(session.scalars(query.order_by(PrintedLabel.n).limit(most)))


def paper_of(job: Row[Any], *, skip: int | None = None, corrected: Correction | None = None) -> Paper:
    """Return the paper of a job; with other places left empty, and another correction, if it is printed again."""
    if corrected is None:
        corrected = NONE if job.printer_id is None else correction(job)
    return Paper(
        job.stock,
        job.dpi,
        job.skip if skip is None else skip,
        job.by_column,
        job.design,
        job.printer_id,
        corrected,
        own=own.geometry(job, "own_") if own.is_key(job.stock) else None,
        shows=None if job.shows is None else tuple(filter(None, job.shows.split(","))),
    )
