"""The printer of a job, and the correction in its paper: noted when the job is kept, never changed."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tracker.people.roles import Actor
from tracker.printers.queries import correction
from tracker.printers.rules import NONE, Correction
from tracker.prints.models import PrintJob
from tracker.prints.printer_models import PrintedOn

ON, JOB = PrintedOn.__table__, PrintJob.__table__


def note(
    session: Session, job: int, printer: int | None, corrected: Correction, *, again: int | None = None
) -> None:
    """Note the printer of a job, or of one time that it is printed again; nothing for no particular printer."""
    if printer is not None:
        session.execute(
            insert(PrintedOn).values(job_id=job, again_id=again, printer_id=printer, **corrected._asdict())
        )


def of_again(session: Session, again: int) -> Correction:
    """Return how a job was corrected that time it was printed again."""
    row = session.execute(select(ON).where(ON.c.again_id == again)).first()
    return NONE if row is None else correction(row)


def last_of(session: Session, by: Actor) -> int | None:
    """Return the printer this person printed for last; nothing if that was none in particular."""
    return session.execute(
        select(ON.c.printer_id)
        .select_from(JOB.outerjoin(ON, (ON.c.job_id == JOB.c.id) & ON.c.again_id.is_(None)))
        .where(JOB.c.org_id == by.org, JOB.c.by == by.user)
        .order_by(JOB.c.id.desc())
        .limit(1)
    ).scalar()
