"""Named reads of handovers: the list, one record and its lines, what waits. All within the reader's scope."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from tracker.allocation.models import Binding, Pupil, Support
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.handover.models import Handover, HandoverLine
from tracker.handover.rules import OUTSIDE, TRANSFERABLE, Line, Stage, receivers
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.refused import Missing

HANDOVER = Handover.__table__
LINE = HandoverLine.__table__
DEVICE = Device.__table__
FROM = Organisation.__table__.alias("sender")
TO = Organisation.__table__.alias("receiver")
BY = User.__table__.alias("signer")
PAGE = 50
#: Devices offered for a draft to choose from; the rest is added by scanning.
OFFERED = 200


def visible(to: Actor) -> ColumnElement[bool]:
    """Return the condition for what a person may see: their own records, and what was sent to them."""
    if to.role.sees_everything:
        return true()
    return or_(
        HANDOVER.c.from_org_id == to.org,
        and_(HANDOVER.c.to_org_id == to.org, HANDOVER.c.status.in_(OUTSIDE)),
    )


def handover(session: Session, handover_id: int, *, to: Actor) -> Row[Any]:
    """Return one record with the names of both parties.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    row = session.execute(
        select(
            HANDOVER,
            FROM.c.name.label("from_name"),
            FROM.c.kind.label("from_kind"),
            TO.c.name.label("to_name"),
            TO.c.kind.label("to_kind"),
            BY.c.name.label("signer"),
        )
        .join(FROM, FROM.c.id == HANDOVER.c.from_org_id)
        .join(TO, TO.c.id == HANDOVER.c.to_org_id)
        .outerjoin(BY, BY.c.id == HANDOVER.c.signed_by)
        .where(HANDOVER.c.id == handover_id, visible(to))
    ).first()
    if row is None:
        raise Missing
    return row


def locked(session: Session, handover_id: int, *, to: Actor) -> Row[Any]:
    """Return the row of a handover, locked against other writers until the transaction ends.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    row = session.execute(
        select(HANDOVER).where(HANDOVER.c.id == handover_id, visible(to)).with_for_update()
    ).first()
    if row is None:
        raise Missing
    return row


def kind_of(session: Session, org: int) -> OrgKind:
    """Return the kind of an organisation."""
    return OrgKind(session.execute(select(TO.c.kind).where(TO.c.id == org)).scalar_one())


def lines(session: Session, handover_id: int, *states: Line) -> list[Row[Any]]:
    """Return the lines of a handover with their devices, in the order they were put on it."""
    query = (
        select(
            *(LINE.c.id, LINE.c.device_id, LINE.c.support_id, LINE.c.state, LINE.c.note),
            *(LINE.c.settled_at, LINE.c.settled_by),
            *(DEVICE.c.code, DEVICE.c.category, DEVICE.c.make, DEVICE.c.model, DEVICE.c.serial),
            *(
                DEVICE.c.imei1,
                DEVICE.c.grade,
                DEVICE.c.charger,
                DEVICE.c.cable,
                DEVICE.c.bag,
                DEVICE.c.status,
            ),
        )
        .join(DEVICE, DEVICE.c.id == LINE.c.device_id)
        .where(LINE.c.handover_id == handover_id)
        .order_by(LINE.c.id)
    )
    if states:
        query = query.where(LINE.c.state.in_(states))
    return list(session.execute(query))


def open_line(session: Session, device_id: int) -> Row[Any] | None:
    """Return the line on which a device is listed or travelling, or None."""
    return session.execute(
        select(LINE).where(LINE.c.device_id == device_id, LINE.c.state.in_((Line.LISTED, Line.SENT)))
    ).first()


class Filters(NamedTuple):
    """Which records a list shows."""

    side: str = ""
    """`in`, `out`, or empty for both."""
    stage: str = ""


def _listed(filters: Filters, to: Actor) -> Select[Any]:
    of_this = select(func.count()).select_from(LINE).where(LINE.c.handover_id == HANDOVER.c.id)
    real = LINE.c.state.not_in((Line.REMOVED, Line.UNEXPECTED))
    query = (
        select(
            *(HANDOVER.c.id, HANDOVER.c.year, HANDOVER.c.seq, HANDOVER.c.status),
            *(HANDOVER.c.created_at, HANDOVER.c.sent_at, HANDOVER.c.received_at, HANDOVER.c.closed_at),
            *(HANDOVER.c.from_org_id, HANDOVER.c.to_org_id, HANDOVER.c.printed),
            FROM.c.name.label("from_name"),
            TO.c.name.label("to_name"),
            TO.c.kind.label("to_kind"),
            of_this.where(real).scalar_subquery().label("total"),
            of_this.where(LINE.c.state == Line.SENT).scalar_subquery().label("open"),
        )
        .join(FROM, FROM.c.id == HANDOVER.c.from_org_id)
        .join(TO, TO.c.id == HANDOVER.c.to_org_id)
        .where(visible(to))
    )
    if filters.side == "in":
        query = query.where(HANDOVER.c.to_org_id == to.org)
    elif filters.side == "out":
        query = query.where(HANDOVER.c.from_org_id == to.org)
    if filters.stage:
        query = query.where(HANDOVER.c.status == filters.stage)
    return query


def handovers(session: Session, filters: Filters, *, to: Actor, before: int | None = None) -> list[Row[Any]]:
    """Return one page of records and one more, the newest first; `before` is the last id of the page before."""
    query = _listed(filters, to).order_by(HANDOVER.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(HANDOVER.c.id < before)
    return list(session.execute(query))


def incoming(session: Session, *, to: Actor) -> list[Row[Any]]:
    """Return what was sent to the person's organisation and has lines open, the oldest first."""
    query = _listed(Filters("in"), to).where(HANDOVER.c.status.in_((Stage.SENT, Stage.RECEIVED)))
    return list(session.execute(query.order_by(HANDOVER.c.id).limit(PAGE)))


def possible_receivers(session: Session, *, by: Actor) -> list[Row[Any]]:
    """Return the organisations a person may send to: id, name, kind, by kind and name."""
    kinds = receivers(kind_of(session, by.org), by.role)
    return list(
        session.execute(
            select(TO.c.id, TO.c.name, TO.c.kind)
            .where(TO.c.kind.in_(kinds), TO.c.id != by.org, TO.c.disabled_at.is_(None))
            .order_by(TO.c.kind.desc(), TO.c.name)
        )
    )


def offered(session: Session, row: Row[Any]) -> list[Row[Any]]:
    """Return the sender's devices that fit a draft and are on no other: at most `OFFERED`, the oldest first.

    For a school, those bound to its pupils; from a school, those taken back; else whatever may travel.
    """
    query = (
        select(DEVICE.c.id, DEVICE.c.code, DEVICE.c.category, DEVICE.c.make, DEVICE.c.model, DEVICE.c.serial)
        .outerjoin(LINE, and_(LINE.c.device_id == DEVICE.c.id, LINE.c.state.in_((Line.LISTED, Line.SENT))))
        .where(DEVICE.c.holder_org_id == row.from_org_id, DEVICE.c.transit_id.is_(None), LINE.c.id.is_(None))
        .order_by(DEVICE.c.id)
        .limit(OFFERED)
    )
    if row.to_kind == OrgKind.SCHOOL:
        query = (
            query.join(Binding, and_(Binding.device_id == DEVICE.c.id, Binding.closed_event.is_(None)))
            .join(Support, Support.id == Binding.support_id)
            .join(Pupil, Pupil.id == Support.pupil_id)
            .where(DEVICE.c.status == Status.BOUND, Pupil.school_id == row.to_org_id)
        )
    elif row.from_kind == OrgKind.SCHOOL:
        query = query.where(DEVICE.c.status == Status.RETURNED)
    else:
        query = query.where(DEVICE.c.status.in_(TRANSFERABLE))
    return list(session.execute(query))


def to_be_given(session: Session, *, school: int, after: int | None = None) -> list[Row[Any]]:
    """Return the devices at a school that wait for their pupils, by device id, one page and one more."""
    query = (
        select(
            *(DEVICE.c.id, DEVICE.c.code, DEVICE.c.category, DEVICE.c.make, DEVICE.c.model),
            *(DEVICE.c.since, Pupil.id.label("pupil_id"), Pupil.name, Pupil.cls),
        )
        .join(Binding, and_(Binding.device_id == DEVICE.c.id, Binding.closed_event.is_(None)))
        .join(Support, Support.id == Binding.support_id)
        .join(Pupil, Pupil.id == Support.pupil_id)
        .where(DEVICE.c.holder_org_id == school, DEVICE.c.status == Status.AT_SCHOOL)
        .order_by(DEVICE.c.id)
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(DEVICE.c.id > after)
    return list(session.execute(query))


def may_sign(row: Row[Any], by: Actor) -> bool:
    """Return whether a person may confirm the receipt of a record now."""
    return bool(
        row.to_org_id == by.org
        and row.status == Stage.SENT
        and by.role in {Role.SCHOOL, Role.STOREKEEPER, Role.TECHNICIAN}
        and by.user != row.sent_by
    )
