"""Named reads of printers: those of one's own organisation, or all for those who see everything."""

from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.printers.models import Calibration, Printer
from tracker.printers.rules import NONE, Correction
from tracker.refused import Missing

PRINTER, CALIBRATION = Printer.__table__, Calibration.__table__
_PRINTERS = select(PRINTER, Organisation.name.label("org")).join(
    Organisation, Organisation.id == PRINTER.c.org_id
)


def printers(session: Session, *, to: Actor) -> list[Row[Any]]:
    """Return the open printers a person may see, by organisation and name."""
    query = _PRINTERS.where(PRINTER.c.closed_at.is_(None)).order_by(Organisation.name, PRINTER.c.name)
    if not to.role.sees_everything:
        query = query.where(PRINTER.c.org_id == to.org)
    return list(session.execute(query))


def printer(session: Session, printer_id: int, *, to: Actor) -> Row[Any]:
    """Return a printer, also one that is closed.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    query = _PRINTERS.where(PRINTER.c.id == printer_id)
    if not to.role.sees_everything:
        query = query.where(PRINTER.c.org_id == to.org)
    row = session.execute(query).first()
    if row is None:
        raise Missing
    return row


def ours(session: Session, printer_id: int, *, to: Actor) -> Row[Any]:
    """Return an open printer of one's own organisation.

    Raises:
        Missing: it is none of theirs, or is closed.
    """
    row = printer(session, printer_id, to=to)
    if row.org_id != to.org or row.closed_at is not None:
        raise Missing
    return row


def own(session: Session, *, to: Actor) -> list[Row[Any]]:
    """Return the open printers of one's own organisation by name."""
    query = _PRINTERS.where(PRINTER.c.closed_at.is_(None), PRINTER.c.org_id == to.org)
    return list(session.execute(query.order_by(PRINTER.c.name)))


def calibrations(session: Session, printer_id: int, stock: str | None = None) -> list[Row[Any]]:
    """Return the newest calibration of a printer on each paper, by paper; or all on one paper, the newest first."""
    query = (
        select(CALIBRATION, User.name.label("who"))
        .join(User, User.id == CALIBRATION.c.by)
        .where(CALIBRATION.c.printer_id == printer_id)
    )
    if stock is not None:
        return list(
            session.execute(query.where(CALIBRATION.c.stock == stock).order_by(CALIBRATION.c.id.desc()))
        )
    newest = (
        select(func.max(CALIBRATION.c.id))
        .where(CALIBRATION.c.printer_id == printer_id)
        .group_by(CALIBRATION.c.stock)
    )
    return list(session.execute(query.where(CALIBRATION.c.id.in_(newest)).order_by(CALIBRATION.c.stock)))


def calibration(session: Session, printer_id: int, stock: str, calibration_id: int) -> Correction:
    """Return one calibration of a printer on a paper.

    Raises:
        Missing: there is no such.
    """
    found = [row for row in calibrations(session, printer_id, stock) if row.id == calibration_id]
    if not found:
        raise Missing
    return correction(found[0])


def newest(session: Session, printer_id: int, stock: str) -> Correction:
    """Return how a printer is corrected on a paper now."""
    found = session.execute(
        select(CALIBRATION)
        .where(CALIBRATION.c.printer_id == printer_id, CALIBRATION.c.stock == stock)
        .order_by(CALIBRATION.c.id.desc())
        .limit(1)
    ).first()
    return NONE if found is None else correction(found)


def correction(row: Row[Any]) -> Correction:
    """Return the correction of a row that has one."""
    return Correction(row.dx, row.dy, row.scale_x, row.scale_y)
