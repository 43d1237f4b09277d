"""Sending labels to a label printer: asked for in a request, done outside of it, told by its row.

A row is made by whoever asks (waiting), taken by exactly one sender (sending), and ended by it. Only one is open for a
printer, which the database keeps. A sender says every second that it lives; one that was silent for a minute went down
with its server, and is called interrupted by whoever looks or asks next: nobody knows which labels came out, so
nothing is ever sent again by itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, case, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels.job import Label
from labels.proof import proved
from labels.refusals import PaperRefused
from labels.thermal import bitmaps
from tracker.people.models import User
from tracker.people.roles import Actor, Role
from tracker.printers import queries as printers
from tracker.printers.models import Printer
from tracker.printers.paper import lengths
from tracker.printers.rules import Kind, Told
from tracker.prints import actions, queries
from tracker.prints.printer_models import Sending
from tracker.refused import Missing, Refused
from tracker.words import _

SENDING = Sending.__table__
OPEN = ("waiting", "sending")
SILENT = timedelta(seconds=60)

STATES = {
    "waiting": _("Waiting"),
    "sending": _("Being sent"),
    "sent": _("Sent"),
    "failed": _("Failed"),
    "interrupted": _("Interrupted"),
}


class Busy(Refused):
    """Labels are on their way to this printer."""

    def __init__(self, printer: str) -> None:
        super().__init__(
            _("Labels are being sent to “%(printer)s” just now.", printer=printer),
            out=_("Wait until they are through, then send these."),
        )


def ask(
    session: Session, job: Row[Any], printer_id: int, *, first: int, last: int, by: Actor, at: datetime
) -> int:
    """Note that labels `first` to `last` of a job are to be sent to a printer; return the id of this.

    Raises:
        Missing: the printer is none of theirs, or is closed.
        Refused: the job has no such labels, or is on sheets, or the printer takes none over the network.
        Busy: labels are on their way to it.
    """
    printer = printers.ours(session, printer_id, to=by)
    if not Kind(printer.kind).thermal:
        raise Refused(
            _("This printer prints PDF from a computer."),
            out=_("Open the labels to print, and print them there."),
        )
    if not queries.paper_of(job).sheet.roll:
        raise Refused(
            _("This job is on sheets, and a label printer takes rolls."),
            out=_("Print the labels again on a roll."),
        )
    actions.must_have(job, first, last)
    _give_up_silent(session, printer_id, at=at)
    values = {"job_id": job.id, "printer_id": printer_id, "first": first, "last": last, "labels_sent": 0}
    try:
        return session.execute(
            insert(Sending)
            .values(**values, state="waiting", at=at, by=by.user, alive_at=at)
            .returning(Sending.id)
        ).scalar_one()
    except IntegrityError as error:
        raise Busy(printer.name) from error


def ask_by_command(
    session: Session, job_id: int, printer_id: int, *, first: int, last: int | None, at: datetime
) -> int:
    """Do as `ask` for whoever runs the system, in the name of whoever printed the job."""
    job = session.execute(queries.any_job(job_id)).first()
    if job is None:
        raise Missing
    by = Actor(job.by, job.org_id, Role.STOREKEEPER)
    return ask(session, job, printer_id, first=first, last=job.labels if last is None else last, by=by, at=at)


def _give_up_silent(session: Session, printer_id: int, *, at: datetime) -> None:
    session.execute(
        update(Sending)
        .where(Sending.printer_id == printer_id, Sending.state.in_(OPEN), Sending.alive_at < at - SILENT)
        .values(state="interrupted", ended_at=at)
    )


def take(session: Session, sending_id: int, *, at: datetime) -> bool:
    """Answer whether this sender is the one: a row is taken once."""
    taken: Any = session.execute(
        update(Sending)
        .where(Sending.id == sending_id, Sending.state == "waiting")
        .values(state="sending", alive_at=at)
    )
    return bool(taken.rowcount == 1)


class GivenUp(Refused):
    """Its sender was silent for so long that others were let to the printer."""

    def __init__(self) -> None:
        super().__init__(
            _("These labels took too long on their way, and the printer was given to others."),
            out=_("See which labels came out, and send only the others."),
        )


def alive(session: Session, sending_id: int, labels: int, *, at: datetime) -> None:
    """Say that the sender lives, and how many labels the printer has taken.

    Raises:
        GivenUp: it was silent for too long. It must send nothing more, as others may have sent the same.
    """
    still: Any = session.execute(
        update(Sending)
        .where(Sending.id == sending_id, Sending.state == "sending")
        .values(labels_sent=labels, alive_at=at)
    )
    if still.rowcount != 1:
        raise GivenUp


def end(
    session: Session, sending_id: int, state: str, labels: int, *, told: Told | None, at: datetime
) -> None:
    """Say what became of it, also where it was taken for silent meanwhile: the sender knows."""
    session.execute(
        update(Sending)
        .where(Sending.id == sending_id, Sending.state.in_(("sending", "interrupted")))
        .values(state=state, labels_sent=labels, error=told and told.kept(), alive_at=at, ended_at=at)
    )


def program(
    job: Row[Any], labels: Sequence[Label], printer: Row[Any], session: Session
) -> tuple[bytes, list[int]]:
    """Return what a printer is sent for these labels, at its own dots and corrected as it is now; and where each ends.

    They are read back from that paper first, as its dots may be others than the job's.

    Raises:
        Refused: it cannot be made, or does not read back.
    """
    corrected = printers.newest(session, printer.id, job.stock)
    paper = queries.paper_of(job, skip=0, corrected=corrected)._replace(dpi=printer.dpi, by_column=False)
    laid = actions.laid(labels, paper)
    try:
        pdf, _proof = proved(laid)
        painted = bitmaps(pdf, dpi=printer.dpi)
        return lengths(painted, laid.stock, kind=Kind(printer.kind), dpi=printer.dpi)
    except PaperRefused as error:
        raise actions.unprintable(error) from error


# Reads


def _sendings(at: datetime) -> Select[Any]:
    silent = SENDING.c.state.in_(OPEN) & (SENDING.c.alive_at < at - SILENT)
    columns = [column for column in SENDING.c if column.name != "state"]
    return (
        select(
            *columns,
            case((silent, literal("interrupted")), else_=SENDING.c.state).label("state"),
            User.name.label("who"),
            Printer.name.label("printer"),
        )
        .join(User, User.id == SENDING.c.by)
        .join(Printer, Printer.id == SENDING.c.printer_id)
    )


def of_job(session: Session, job_id: int, *, at: datetime) -> list[Row[Any]]:
    """Return what was sent of a job, the last first; a silent sender's as interrupted."""
    query = _sendings(at).where(SENDING.c.job_id == job_id).order_by(SENDING.c.id.desc()).limit(20)
    return list(session.execute(query))


def one(session: Session, job_id: int, sending_id: int, *, at: datetime) -> Row[Any]:
    """Return one sending of a job.

    Raises:
        Missing: there is no such.
    """
    row = session.execute(_sendings(at).where(SENDING.c.job_id == job_id, SENDING.c.id == sending_id)).first()
    if row is None:
        raise Missing
    return row


def whole(session: Session, sending_id: int) -> tuple[Row[Any], Row[Any], list[Label]]:
    """Return the job, the printer and the labels of a sending, for its sender."""
    sending = session.execute(select(SENDING).where(SENDING.c.id == sending_id)).one()
    job = session.execute(queries.any_job(sending.job_id)).one()
    printer = session.execute(select(Printer.__table__).where(Printer.id == sending.printer_id)).one()
    return job, printer, queries.labels(session, job.id, first=sending.first, last=sending.last)


def interrupted() -> Told:
    """Return what to tell of labels whose sender fell silent."""
    return Told(
        False,
        _("The system was stopped while it sent these labels."),
        _("See which labels came out, and send only the others."),
    )


def broken(reference: str) -> Told:
    """Return what to tell where a mistake of ours ended it."""
    return Told(
        False,
        _("Something went wrong in the system (%(reference)s).", reference=reference),
        _("See which labels came out. If it happens again, tell whoever runs the system."),
    )
