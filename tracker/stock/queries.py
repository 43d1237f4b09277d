"""Named reads of stock: the list, the counts, the places. All within the reader's scope."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.custody.models import Device
from tracker.custody.queries import visible
from tracker.intake.models import Donation, Donor
from tracker.lists.fold import fold
from tracker.people.models import Organisation
from tracker.people.roles import Actor
from tracker.prints.models import PrintedLabel
from tracker.refused import Missing
from tracker.stock.models import Place
from tracker.stock.rules import search_words

DEVICE = Device.__table__
PAGE = 50


class Filters(NamedTuple):
    """What the list is narrowed to; empty means all."""

    q: str = ""
    status: str = ""
    category: str = ""
    org: int | None = None
    place: int | None = None
    donation: int | None = None
    unprinted: bool = False

    @property
    def active(self) -> int:
        return sum(1 for value in self if value)


def _found(session_or_connection: Any, filters: Filters) -> ColumnElement[bool]:
    wanted = search_words(fold(filters.q))
    conditions: list[ColumnElement[bool]] = []
    dialect = session_or_connection.dialect.name
    if wanted.fragments:
        if dialect == "sqlite":
            match = " AND ".join(f'"{word}"' for word in wanted.fragments)
            hits: Select[Any] = select(literal_column("rowid")).select_from(text("device_find"))
            conditions.append(
                DEVICE.c.id.in_(hits.where(text("device_find MATCH :match").bindparams(match=match)))
            )
        else:
            conditions += [DEVICE.c.search.contains(word, autoescape=True) for word in wanted.fragments]
    for word in wanted.short:
        conditions.append(
            or_(
                DEVICE.c.search.startswith(word, autoescape=True),
                DEVICE.c.search.contains(" " + word, autoescape=True),
            )
        )
    if filters.status:
        conditions.append(DEVICE.c.status == filters.status)
    if filters.category:
        conditions.append(DEVICE.c.category == filters.category)
    if filters.org:
        conditions.append(DEVICE.c.holder_org_id == filters.org)
    if filters.place:
        conditions.append(DEVICE.c.place_id == filters.place)
    if filters.donation:
        conditions.append(DEVICE.c.donation_id == filters.donation)
    if filters.unprinted:
        conditions.append(~select(PrintedLabel.n).where(PrintedLabel.code == DEVICE.c.code).exists())
    return and_(true(), *conditions)


def _listed(connection: Connection, filters: Filters) -> Select[Any]:
    return (
        select(
            DEVICE.c.id,
            DEVICE.c.code,
            DEVICE.c.category,
            DEVICE.c.make,
            DEVICE.c.model,
            DEVICE.c.serial,
            DEVICE.c.imei1,
            DEVICE.c.status,
            DEVICE.c.grade,
            DEVICE.c.changed_at,
            Organisation.name.label("holder"),
            Place.path.label("place"),
        )
        .join(Organisation, Organisation.id == DEVICE.c.holder_org_id)
        .outerjoin(Place, Place.id == DEVICE.c.place_id)
        .where(_found(connection, filters))
    )


def devices(
    connection: Connection, filters: Filters, *, to: Actor, before: int | None = None
) -> list[Row[Any]]:
    """Return one page of devices and one more, the newest first; `before` is the last id of the page before."""
    query = _listed(connection, filters).order_by(DEVICE.c.id.desc()).limit(PAGE + 1)
    if not to.role.sees_everything:
        # Each of the two reasons to see a device has its own index in this order; an OR of them has none.
        ours = [_newest(connection, filters, reason == to.org, before) for reason in _REASONS]
        query = query.where(DEVICE.c.id.in_(union_all(*ours)))
    elif before is not None:
        query = query.where(DEVICE.c.id < before)
    return list(connection.execute(query))


_REASONS = (DEVICE.c.holder_org_id, DEVICE.c.toward_org_id)


def _newest(
    connection: Connection, filters: Filters, ours: ColumnElement[bool], before: int | None
) -> Select[Any]:
    query = select(DEVICE.c.id).where(_found(connection, filters), ours)
    if before is not None:
        query = query.where(DEVICE.c.id < before)
    return query.order_by(DEVICE.c.id.desc()).limit(PAGE + 1).subquery().select()


def every_device(
    connection: Connection, filters: Filters, *, to: Actor, most: int | None = None
) -> Iterator[Row[Any]]:
    """Yield all devices of a filtered list, or the newest `most`, for an export or for their labels."""
    query = (
        _listed(connection, filters)
        .where(visible(to))
        .add_columns(
            DEVICE.c.imei2, DEVICE.c.created_at, Donor.name.label("donor"), Donation.year, Donation.seq
        )
        .join(Donation, Donation.id == DEVICE.c.donation_id)
        .join(Donor, Donor.id == Donation.donor_id)
        .order_by(DEVICE.c.id.desc())
        .limit(most)
        .execution_options(yield_per=2000)
    )
    yield from connection.execute(query)


class Count(NamedTuple):
    """How many devices of a category in a status stand somewhere."""

    org_id: int
    org: str
    place: str
    category: str
    status: str
    number: int


def counts(session: Session, *, to: Actor) -> list[Count]:
    """Return the counts by organisation, place, category and status."""
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.name,
            func.coalesce(Place.path, ""),
            DEVICE.c.category,
            DEVICE.c.status,
            func.count(),
        )
        .join(Organisation, Organisation.id == DEVICE.c.holder_org_id)
        .outerjoin(Place, Place.id == DEVICE.c.place_id)
        .where(visible(to))
        .group_by(Organisation.id, Organisation.name, Place.path, DEVICE.c.category, DEVICE.c.status)
        .order_by(Organisation.name, Organisation.id, Place.path)
    )
    return [Count(*row) for row in rows]


def places(session: Session, *, org: int, closed: bool = False) -> list[Place]:
    """Return the places of an organisation, each after the one it stands in."""
    query = select(Place).where(Place.org_id == org).order_by(Place.path)
    return list(session.scalars(query if closed else query.where(Place.closed_at.is_(None))))


def places_in(session: Session, inside: Place) -> list[Place]:
    """Return a place and the open ones that stand in it, at any depth, each after the one it stands in."""
    found = places(session, org=inside.org_id)
    within = {inside.id}
    for place in found:
        if place.parent_id in within:
            within.add(place.id)
    return [place for place in found if place.id in within]


def place(session: Session, place_id: int, *, to: Actor) -> Place:
    """Return a place of the actor's own organisation.

    Raises:
        Missing: there is none.
    """
    found = session.scalar(select(Place).where(Place.id == place_id, Place.org_id == to.org))
    if found is None:
        raise Missing
    return found


def open_place(session: Session, place_id: int, *, to: Actor) -> Place:
    """Return a place of the actor's own organisation in which things may be put.

    Raises:
        Missing: there is none, or it is closed.
    """
    found = place(session, place_id, to=to)
    if found.closed_at is not None:
        raise Missing
    return found


def organisations(session: Session, *, to: Actor) -> list[tuple[int, str]]:
    """Return the organisations whose devices the reader may filter by."""
    query = select(Organisation.id, Organisation.name).order_by(Organisation.name)
    if not to.role.sees_everything:
        query = query.where(Organisation.id == to.org)
    return [(row.id, row.name) for row in session.execute(query.limit(400))]
