"""Label paper of one's own: kept, offered to those whose it is, closed; never changed."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, String, cast, insert, literal, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels.refusals import PaperRefused
from labels.stock import Stock, find
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, Role
from tracker.printers.measures import Measures
from tracker.printers.models import LabelStock
from tracker.refused import Missing, Refused
from tracker.words import Words, _

STOCK = LabelStock.__table__
PREFIX = "own-"
MOST = 60  # of one organisation at a time: more nobody finds again in a list


class NameTaken(Refused):
    """There is an open paper of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There is a paper “%(name)s” already.", name=name), out=_("Choose another name, or replace it.")
        )


class Gone(Refused):
    """The paper is not offered to this person, or not any more."""

    def __init__(self) -> None:
        super().__init__(
            _("This label paper is not offered any more."), out=_("Open the page again and choose another.")
        )


def key(stock_id: int) -> str:
    """Return what jobs and forms call a paper: own-12."""
    return f"{PREFIX}{stock_id}"


def is_key(name: str) -> bool:
    """Answer whether a job or a form means a paper of one's own."""
    return name.startswith(PREFIX)


def geometry(row: Row[Any], prefix: str = "") -> Stock:
    """Return the paper of a row, whose columns may stand behind a prefix."""
    values = {name: getattr(row, prefix + name) for name in Measures._fields}
    return Measures(**values).stock(getattr(row, f"{prefix}name"))


def columns() -> list[ColumnElement[Any]]:
    """Return the columns of a paper beside a job, each with `own_` before its name."""
    return [STOCK.c[name].label(f"own_{name}") for name in ("name", *Measures._fields)]


def is_kept_as(name: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that joins what keeps the key of a paper to that paper."""
    return name == literal(PREFIX) + cast(STOCK.c.id, String)


def _scope(to: Actor) -> ColumnElement[bool]:
    if to.role.sees_everything:
        return true()
    return or_(STOCK.c.org_id == to.org, STOCK.c.org_id.is_(None))


_STOCKS = (
    select(STOCK, User.name.label("who"), Organisation.name.label("org"))
    .join(User, User.id == STOCK.c.made_by)
    .outerjoin(Organisation, Organisation.id == STOCK.c.org_id)
)


def stock(session: Session, stock_id: int, *, to: Actor) -> Row[Any]:
    """Return a paper, also a closed one.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    row = session.execute(_STOCKS.where(STOCK.c.id == stock_id, _scope(to))).first()
    if row is None:
        raise Missing
    return row


def offered(session: Session, *, to: Actor) -> list[Row[Any]]:
    """Return the open papers that a person may print on, by name: their organisation's, and everybody's."""
    mine = or_(STOCK.c.org_id == to.org, STOCK.c.org_id.is_(None))
    query = _STOCKS.where(mine, STOCK.c.closed_at.is_(None)).order_by(STOCK.c.name, STOCK.c.id)
    return list(session.execute(query.limit(2 * MOST)))


def asked(session: Session, name: str, *, to: Actor) -> Stock:
    """Return the open paper that a form names.

    Raises:
        Gone: it is not offered to this person.
    """
    for row in offered(session, to=to):
        if key(row.id) == name:
            return geometry(row)
    raise Gone


class Chosen(NamedTuple):
    """A paper, and what jobs, calibrations and forms call it."""

    key: str
    stock: Stock


def chosen(session: Session, name: str, *, to: Actor) -> Chosen:
    """Return a paper by what it is called: one's own, also a closed one, or a published one.

    Raises:
        Missing: one's own of another organisation.
        Refused: there is no such paper.
    """
    if is_key(name):
        number = name.removeprefix(PREFIX)
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Missing
        row = stock(session, int(number), to=to)
        return Chosen(key(row.id), geometry(row))
    try:
        found = find(name)
    except PaperRefused as error:
        raise Refused(Words(error.sentence, **error.values), out=_("Choose another label paper.")) from error
    return Chosen(found.name, found)


def known(session: Session, name: str) -> Row[Any] | None:
    """Return the paper of this name, open or closed, whose ever it is; for commands."""
    return session.execute(_STOCKS.where(is_kept_as(literal(name)))).first()


def successor(session: Session, stock_id: int) -> int | None:
    """Return the paper that replaced this one."""
    return session.scalar(select(STOCK.c.id).where(STOCK.c.replaces_id == stock_id))


def may_change(row: Row[Any], by: Actor, *, roles: tuple[Role, ...]) -> bool:
    """Answer whether a person may close or replace a paper: everybody's is the coordinator's."""
    ours = row.org_id == by.org if row.org_id is not None else by.role is Role.COORDINATOR
    return ours and by.role in roles and row.closed_at is None


def add(
    session: Session, measures: Measures, name: str, *, by: Actor, at: datetime, replaces: int | None = None
) -> int:
    """Keep a paper and return its id: of the person's organisation, or a coordinator's for everybody.

    Raises:
        NameTaken: there is an open one of this name.
        Refused: there are too many.
    """
    org = None if by.role is Role.COORDINATOR else by.org
    mine = STOCK.c.org_id.is_(None) if org is None else STOCK.c.org_id == org
    open_ones = session.scalars(select(STOCK.c.id).where(mine, STOCK.c.closed_at.is_(None))).all()
    if len(open_ones) >= MOST:
        raise Refused(
            _("There are %(most)s papers of your own already.", most=MOST),
            out=_("Close those that are not bought any more."),
        )
    values = {"org_id": org, "name": name, "made_at": at, "made_by": by.user, "replaces_id": replaces}
    try:
        with session.begin_nested():
            return session.execute(
                insert(LabelStock).values(**values, **measures._asdict()).returning(LabelStock.id)
            ).scalar_one()
    except IntegrityError as error:
        raise NameTaken(name) from error


def close(session: Session, stock_id: int, *, by: Actor, at: datetime) -> None:
    """Close a paper: it is not offered any more, and what was printed on it can still be printed again.

    Raises:
        Gone: somebody was faster.
    """
    closed = session.execute(
        update(LabelStock)
        .where(LabelStock.id == stock_id, LabelStock.closed_at.is_(None))
        .values(closed_at=at, closed_by=by.user)
        .returning(LabelStock.id)
    ).first()
    if closed is None:
        raise Gone
