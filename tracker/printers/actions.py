"""The verbs of printers: add, change, close, calibrate, and note what a test said."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels.text import tidy
from tracker.people.roles import Actor
from tracker.printers import queries
from tracker.printers.models import Calibration, Printer
from tracker.printers.own import chosen
from tracker.printers.rules import Correction, Kind, Told, bounded
from tracker.refused import Refused
from tracker.words import _

LONGEST_NAME = 80


class Described(NamedTuple):
    """A printer as a form says it: `host` and `port` are of no matter where it prints PDF."""

    name: str
    kind: Kind
    dpi: int
    host: str = ""
    port: int = 9100

    def values(self) -> dict[str, object]:
        kept = self if self.kind.thermal else self._replace(host="", port=9100)
        return {**kept._asdict(), "name": tidy(self.name)[:LONGEST_NAME].rstrip()}


class NameTaken(Refused):
    """There is an open printer of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There is a printer “%(name)s” already.", name=name), out=_("Choose another name.")
        )


def add(session: Session, printer: Described, *, by: Actor, at: datetime) -> int:
    """Add a printer to the actor's organisation and return its id.

    Raises:
        NameTaken: there is one of this name.
    """
    values = printer.values()
    try:
        return session.execute(
            insert(Printer)
            .values(**values, org_id=by.org, created_at=at, created_by=by.user)
            .returning(Printer.id)
        ).scalar_one()
    except IntegrityError as error:
        raise NameTaken(str(values["name"])) from error


def change(session: Session, printer_id: int, printer: Described, *, by: Actor) -> None:
    """Change a printer; its calibrations stay.

    Raises:
        Missing: it is none of theirs, or is closed.
        NameTaken: there is another of this name.
    """
    queries.ours(session, printer_id, to=by)
    values = printer.values()
    try:
        session.execute(
            update(Printer).where(Printer.id == printer_id).values(**values, tested_at=None, test=None)
        )
    except IntegrityError as error:
        raise NameTaken(str(values["name"])) from error


def close(session: Session, printer_id: int, *, by: Actor, at: datetime) -> None:
    """Close a printer: nothing more is printed on it, and its jobs stay.

    Raises:
        Missing: it is none of theirs, or is closed already.
    """
    queries.ours(session, printer_id, to=by)
    session.execute(update(Printer).where(Printer.id == printer_id).values(closed_at=at))


def calibrate(
    session: Session, printer_id: int, correction: Correction, *, stock: str, by: Actor, at: datetime
) -> Correction:
    """Keep how a printer is corrected on a paper from now on, and return that.

    Raises:
        Missing: the printer is none of theirs, or is closed.
        Refused: no such paper, or more than 5 mm or 3 %.
    """
    queries.ours(session, printer_id, to=by)
    name, kept = chosen(session, stock, to=by).key, bounded(correction)
    session.execute(
        insert(Calibration).values(printer_id=printer_id, stock=name, at=at, by=by.user, **kept._asdict())
    )
    return kept


def begin_test(session: Session, printer_id: int, *, by: Actor, at: datetime) -> None:
    """Note that a test label is on its way.

    Raises:
        Missing: the printer is none of theirs, or is closed.
    """
    queries.ours(session, printer_id, to=by)
    session.execute(update(Printer).where(Printer.id == printer_id).values(tested_at=at, test=None))


def end_test(session: Session, printer_id: int, told: Told, *, at: datetime) -> None:
    """Note what became of a test label, unless another was sent meanwhile."""
    session.execute(
        update(Printer).where(Printer.id == printer_id, Printer.tested_at == at).values(test=told.kept())
    )
