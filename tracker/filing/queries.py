"""Named reads of scans: files and trays of one's own organisation, or all; sheets of a record by the record."""

from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlalchemy.orm import Session

from tracker.filing.models import ScanFile, Sheet, SheetStep
from tracker.filing.rules import Kind, State
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.refused import Missing

FILE, SHEET, STEP = ScanFile.__table__, Sheet.__table__, SheetStep.__table__
PAGE = 30


def _scope(table: Any, to: Actor) -> ColumnElement[bool]:
    return true() if to.role.sees_everything else table.c.org_id == to.org


_FILES = (
    select(FILE, User.name.label("who"), Organisation.name.label("org"))
    .join(User, User.id == FILE.c.by)
    .join(Organisation, Organisation.id == FILE.c.org_id)
)


def files(session: Session, *, to: Actor, before: int | None = None) -> list[Row[Any]]:
    """Return one page of files and one more, the newest first; `filed`, `tray`: how many pages are there."""

    def count(state: State) -> Any:
        of = select(func.count()).where(SHEET.c.file_id == FILE.c.id, SHEET.c.state == state)
        return of.scalar_subquery().label(state)

    query = _FILES.add_columns(count(State.FILED), count(State.TRAY)).where(_scope(FILE, to))
    if before is not None:
        query = query.where(FILE.c.id < before)
    return list(session.execute(query.order_by(FILE.c.id.desc()).limit(PAGE + 1)))


def file(session: Session, file_id: int, *, to: Actor) -> Row[Any]:
    """Return a file.

    Raises:
        Missing: there is none, or it is of another organisation.
    """
    row = session.execute(_FILES.where(FILE.c.id == file_id, _scope(FILE, to))).first()
    if row is None:
        raise Missing
    return row


def file_of(session: Session, sha256: str, *, org: int) -> int | None:
    """Return the id of the file with this content, if the organisation has sent it before."""
    return session.scalar(select(FILE.c.id).where(FILE.c.sha256 == sha256, FILE.c.org_id == org))


def read_before(session: Session, sha256: str, *, org: int) -> int | None:
    """Return the id of the file with this content, if the organisation has sent it before and its pages were read."""
    query = select(FILE.c.id).where(FILE.c.sha256 == sha256, FILE.c.org_id == org, FILE.c.pages > 0)
    return session.scalar(query)


def sheets_of_file(session: Session, file_id: int) -> list[Row[Any]]:
    """Return the pages of a file in their order."""
    return list(session.execute(select(SHEET).where(SHEET.c.file_id == file_id).order_by(SHEET.c.n)))


def tray(session: Session, *, to: Actor, after: int = 0) -> list[Row[Any]]:
    """Return one page of the tray and one more, the oldest first, with the file each came in."""
    query = (
        select(SHEET, FILE.c.name.label("file"), FILE.c.pages.label("of"), FILE.c.at, User.name.label("who"))
        .join(FILE, FILE.c.id == SHEET.c.file_id)
        .join(User, User.id == FILE.c.by)
        .where(SHEET.c.state == State.TRAY, _scope(SHEET, to), SHEET.c.id > after)
    )
    return list(session.execute(query.order_by(SHEET.c.id).limit(PAGE + 1)))


def in_tray(session: Session, *, to: Actor) -> int:
    """Return how many pages wait in the tray."""
    query = select(func.count()).select_from(SHEET).where(SHEET.c.state == State.TRAY, _scope(SHEET, to))
    return session.scalar(query) or 0


def sheet(session: Session, sheet_id: int) -> Row[Any]:
    """Return a page, whoever may see it.

    Raises:
        Missing: there is none.
    """
    row = session.execute(select(SHEET).where(SHEET.c.id == sheet_id)).first()
    if row is None:
        raise Missing
    return row


def locked(session: Session, sheet_id: int, *, to: Actor) -> Row[Any]:
    """Return a page of one's own organisation, locked against other writers until the transaction ends.

    Raises:
        Missing: there is none, or it is of another organisation.
    """
    query = select(SHEET).where(SHEET.c.id == sheet_id, _scope(SHEET, to)).with_for_update()
    row = session.execute(query).first()
    if row is None:
        raise Missing
    return row


def steps_of_file(session: Session, file_id: int) -> dict[int, list[Row[Any]]]:
    """Return what was done with each page of a file, the first first, by page."""
    query = (
        select(STEP, User.name.label("who"))
        .join(User, User.id == STEP.c.by)
        .join(SHEET, SHEET.c.id == STEP.c.sheet_id)
        .where(SHEET.c.file_id == file_id)
        .order_by(STEP.c.id)
    )
    found: dict[int, list[Row[Any]]] = {}
    for step in session.execute(query):
        found.setdefault(step.sheet_id, []).append(step)
    return found


def pages_of(session: Session, kind: Kind, record_id: int) -> int | None:
    """Return how many pages a record has, if the code of one that has come back says so."""
    query = select(func.max(SHEET.c.pages)).where(SHEET.c.kind == kind, SHEET.c.record_id == record_id)
    pages: int | None = session.scalar(query)
    return pages


def filed(session: Session, kind: Kind, record_id: int) -> list[Row[Any]]:
    """Return the signed pages of a record: by page, the newest of each first."""
    query = (
        select(SHEET, FILE.c.at, User.name.label("who"))
        .join(FILE, FILE.c.id == SHEET.c.file_id)
        .join(User, User.id == FILE.c.by)
        .where(SHEET.c.kind == kind, SHEET.c.record_id == record_id)
    )
    return list(session.execute(query.order_by(SHEET.c.page, SHEET.c.id.desc())))
