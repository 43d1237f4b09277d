"""Named reads of intake: donors, donations and their devices, and what is known of a serial already."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.intake.models import Donation, Donor
from tracker.intake.rules import number, number_asked
from tracker.lists.fold import fold
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.refused import Missing

DEVICE = Device.__table__
PAGE = 50


def _words(text: str, column: Any) -> ColumnElement[bool]:
    return and_(true(), *(column.contains(word, autoescape=True) for word in fold(text).split()[:8]))


def near(to: Actor) -> ColumnElement[bool]:
    """Return the condition on `Donor` for whose particulars a person may see and correct.

    Donors who have given to the person's organisation, and those who have given to nobody yet. All
    organisations find all donors by name, so that nobody is entered twice.
    """
    if to.role.sees_everything:
        return true()
    gave = select(Donation.id).where(Donation.donor_id == Donor.id)
    return exists(gave.where(Donation.org_id == to.org)) | ~exists(gave)


def donors(session: Session, q: str, *, to: Actor, after: tuple[str, int] | None = None) -> list[Row[Any]]:
    """Return one page of donors by name and one more; `after` is the last of the page before.

    A row has the donor's columns, how many donations the reader may see, and `near`: whether the
    particulars are the reader's to see.
    """
    given = (
        select(func.count(Donation.id))
        .where(Donation.donor_id == Donor.id, _of(to))
        .correlate(Donor)
        .scalar_subquery()
    )
    query = (
        select(*Donor.__table__.columns, given.label("donations"), near(to).label("near"))
        .where(_words(q, Donor.search))
        .order_by(Donor.search, Donor.id)
        .limit(PAGE + 1)
    )
    if after:
        name, last = after
        query = query.where(or_(Donor.search > name, and_(Donor.search == name, Donor.id > last)))
    return list(session.execute(query))


def donor(session: Session, donor_id: int, *, to: Actor) -> Row[Any]:
    """Return a donor with the particulars.

    Raises:
        Missing: there is none, or only other organisations deal with them.
    """
    row = session.execute(select(Donor.__table__).where(Donor.id == donor_id, near(to))).first()
    if row is None:
        raise Missing
    return row


def donor_choices(session: Session, q: str = "") -> list[tuple[int, str]]:
    """Return donors to choose from, by name; at most 1,000."""
    rows = session.execute(
        select(Donor.id, Donor.name)
        .where(_words(q, Donor.search))
        .order_by(Donor.search, Donor.id)
        .limit(1000)
    )
    return [(row.id, row.name) for row in rows]


def donor_by_name(session: Session, name: str) -> int | None:
    """Return the first donor whose name is the same without tones and capitals."""
    return session.scalar(select(Donor.id).where(Donor.search == fold(name)).order_by(Donor.id).limit(1))


def _of(to: Actor) -> ColumnElement[bool]:
    return true() if to.role.sees_everything else Donation.org_id == to.org


class Gift(NamedTuple):
    """A donation as lists show it."""

    id: int
    number: str
    donor_id: int
    donor: str
    org_id: int
    org: str
    kind: str
    amount: int | None
    received_on: date
    expected: int | None
    received: int
    note: str
    list_id: str | None


def _gifts(to: Actor) -> Any:
    received = select(func.count(DEVICE.c.id)).where(DEVICE.c.donation_id == Donation.id).scalar_subquery()
    return (
        select(
            Donation.id,
            Donation.year,
            Donation.seq,
            Donation.donor_id,
            Donor.name.label("donor"),
            Donation.org_id,
            Organisation.name.label("org"),
            Donation.kind,
            Donation.amount,
            Donation.received_on,
            Donation.expected,
            received.label("received"),
            Donation.note,
            Donation.list_id,
        )
        .join(Donor, Donor.id == Donation.donor_id)
        .join(Organisation, Organisation.id == Donation.org_id)
        .where(_of(to))
    )


def _gift(row: Row[Any]) -> Gift:
    values = row._asdict()
    return Gift(number=number(values.pop("year"), values.pop("seq")), **values)


def donations(
    session: Session, q: str = "", *, to: Actor, donor_id: int | None = None, before: int | None = None
) -> list[Gift]:
    """Return one page of donations and one more, the newest first; `q` is a number or words of a donor."""
    query = _gifts(to).order_by(Donation.id.desc()).limit(PAGE + 1)
    if asked := number_asked(q):
        query = query.where(Donation.seq == asked[0], Donation.year == asked[1])
    elif q:
        query = query.where(_words(q, Donor.search))
    if donor_id is not None:
        query = query.where(Donation.donor_id == donor_id)
    if before is not None:
        query = query.where(Donation.id < before)
    return [_gift(row) for row in session.execute(query)]


def donation(session: Session, donation_id: int, *, to: Actor, own: bool = False) -> Gift:
    """Return a donation in the scope of the reader; `own`: only of their organisation, to write to it.

    Raises:
        Missing: there is none there.
    """
    query = _gifts(to).where(Donation.id == donation_id)
    row = session.execute(query.where(Donation.org_id == to.org) if own else query).first()
    if row is None:
        raise Missing
    return _gift(row)


def donations_of_list(session: Session, list_id: str, *, to: Actor) -> list[Gift]:
    """Return the donations that came in with a list, in the order of their numbers."""
    rows = session.execute(_gifts(to).where(Donation.list_id == list_id).order_by(Donation.id))
    return [_gift(row) for row in rows]


def devices_of(
    session: Session, donation_ids: Collection[int], *, after: int = 0, most: int | None = None
) -> list[Row[Any]]:
    """Return the devices of donations in the order in which they were received.

    The receiving organisation sees what became of its donation also after a device has left it:
    what the receipt says and the status, not where the device is.
    """
    query = (
        select(
            DEVICE.c.id,
            DEVICE.c.code,
            DEVICE.c.category,
            DEVICE.c.make,
            DEVICE.c.model,
            DEVICE.c.serial,
            DEVICE.c.imei1,
            DEVICE.c.imei2,
            *(DEVICE.c.charger, DEVICE.c.cable, DEVICE.c.bag, DEVICE.c.status, DEVICE.c.donation_id),
        )
        .where(DEVICE.c.donation_id.in_(donation_ids), DEVICE.c.id > after)
        .order_by(DEVICE.c.id)
    )
    return list(session.execute(query.limit(most) if most else query))


def by_status(session: Session, donation_id: int) -> list[tuple[Status, int]]:
    """Return how many devices of a donation have which status, in the order of the road."""
    rows = session.execute(
        select(DEVICE.c.status, func.count())
        .where(DEVICE.c.donation_id == donation_id)
        .group_by(DEVICE.c.status)
    )
    found = {row[0]: row[1] for row in rows}
    return [(status, found[status]) for status in Status if status in found]


def donor_of(session: Session, donation_id: int) -> str:
    """Return the name of the donor of a donation."""
    query = select(Donor.name).join(Donation, Donation.donor_id == Donor.id).where(Donation.id == donation_id)
    return session.execute(query).scalar_one()


class Parties(NamedTuple):
    """Who stands on a receipt: the donor's and the receiving organisation's rows, and who entered it."""

    donor: Row[Any]
    org: Row[Any]
    entered_by: str


def parties(session: Session, donation_id: int) -> Parties:
    """Return the two parties of a donation; the caller has found it within the scope."""
    gift = session.execute(
        select(Donation.donor_id, Donation.org_id, User.name)
        .join(User, User.id == Donation.created_by)
        .where(Donation.id == donation_id)
    ).one()
    return Parties(
        session.execute(select(Donor.__table__).where(Donor.id == gift.donor_id)).one(),
        session.execute(select(Organisation.__table__).where(Organisation.id == gift.org_id)).one(),
        gift.name,
    )


def number_of(session: Session, donation_id: int) -> str:
    """Return the number of a donation, for the label of one of its devices."""
    return number(
        *session.execute(select(Donation.year, Donation.seq).where(Donation.id == donation_id)).one()
    )
