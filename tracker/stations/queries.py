"""Named reads of stations: what was scanned already, what is expected, what a count found, the log."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from tracker.custody.models import Device, Event
from tracker.custody.road import MOVES, Move, Status
from tracker.handover import queries as records
from tracker.handover.rules import Line, Stage, number
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.refused import Missing
from tracker.stations.models import Scan, StationRun
from tracker.stations.rules import Last, Verdict
from tracker.stock.models import Place
from tracker.stock.queries import open_place

SCAN, RUN = Scan.__table__, StationRun.__table__
DEVICE, EVENT = Device.__table__, Event.__table__
UNDO = SCAN.alias("undo")
OPERATOR = User.__table__.alias("operator")

#: Codes that a station keeps for the time without a network: no place holds more, and all of them are 60 kB.
MOST_CODES = 8_000
PAGE = 50

#: A scan that nobody has taken back.
STANDS = ~select(UNDO.c.n).where(UNDO.c.undoes == SCAN.c.id, UNDO.c.verdict == Verdict.DONE).exists()

#: A scan by the person whose sitting it says it is of; others' are kept with it, and refused.
OF_ITS_OWNER = SCAN.c.user_id == select(RUN.c.user_id).where(RUN.c.id == SCAN.c.run_id).scalar_subquery()


def kept(session: Session, scan_id: str) -> Row[Any] | None:
    """Return a scan by its client's id, or None."""
    return session.execute(select(SCAN).where(SCAN.c.id == scan_id)).first()


def run(session: Session, run_id: str) -> Row[Any] | None:
    """Return a sitting by its client's id, or None."""
    return session.execute(select(RUN).where(RUN.c.id == run_id)).first()


def own_run(session: Session, run_id: str, *, to: Actor) -> Row[Any]:
    """Return a sitting of the reader's organisation, or any for who sees everything.

    Raises:
        Missing: there is none.
    """
    row = run(session, run_id)
    if row is None or not (to.role.sees_everything or row.org_id == to.org):
        raise Missing
    return row


def marked(
    session: Session, device: int, *, run: str = "", handover: int | None = None, org: int | None = None
) -> bool:
    """Return whether a device was counted in a sitting, or ticked off for a receipt, and that stands."""
    where = SCAN.c.run_id == run if run else and_(SCAN.c.handover_id == handover, SCAN.c.org_id == org)
    return bool(
        session.scalar(
            select(SCAN.c.n).where(SCAN.c.device_id == device, SCAN.c.mark != "", where, STANDS).limit(1)
        )
    )


def ticked(session: Session, handover: int, *, org: int) -> list[str]:
    """Return the codes that stations ticked off for a receipt, in the order they were scanned."""
    rows = session.execute(
        select(DEVICE.c.code, func.min(SCAN.c.n).label("first"))
        .join(DEVICE, DEVICE.c.id == SCAN.c.device_id)
        .where(SCAN.c.handover_id == handover, SCAN.c.org_id == org, SCAN.c.mark != "", STANDS)
        .where(SCAN.c.action == "confirm")
        .group_by(DEVICE.c.code)
        .order_by(func.min(SCAN.c.n))
    )
    return [row.code for row in rows]


def last(session: Session, device: Row[Any]) -> Last:
    """Return the last event of a device that was read in this transaction."""
    body = json.loads(
        bytes(
            session.execute(
                select(EVENT.c.body).where(EVENT.c.device_id == device.id, EVENT.c.dseq == device.dseq)
            ).scalar_one()
        )
    )
    at, client_at = body["at"], body["client_at"]
    return Last(
        body["actor"],
        datetime.fromisoformat(at),
        datetime.fromisoformat(client_at) if client_at else None,
    )


# What is expected


def _statuses(*moves: Move) -> ColumnElement[bool]:
    return DEVICE.c.status.in_(sorted({status for move in moves for status in MOVES[move].start}))


_AT: dict[str, ColumnElement[bool]] = {
    "inspect": _statuses(Move.INSPECT),
    "send-to-repair": _statuses(Move.SEND_TO_REPAIR),
    "ready": _statuses(Move.PASS),
    "move": DEVICE.c.status.not_in((Status.GIVEN, Status.MISSING, Status.RETIRED)),
    "give": _statuses(Move.GIVE),
    "look": true(),
}


def expected(
    session: Session, action: str, *, place: int | None, handover: int | None, to: Actor
) -> list[str]:
    """Return the codes of the devices that a station may meet, no names with them; at most `MOST_CODES`.

    Raises:
        Missing: the place or the record is not theirs.
    """
    if action in {"load", "confirm"}:
        return _of_record(session, action, handover, to)
    query = select(DEVICE.c.code).where(DEVICE.c.holder_org_id == to.org, DEVICE.c.transit_id.is_(None))
    if action == "count":
        query = query.where(DEVICE.c.place_id == (open_place(session, place, to=to).id if place else 0))
    else:
        query = query.where(_AT[action])
    return list(session.scalars(query.order_by(DEVICE.c.id).limit(MOST_CODES)))


def _of_record(session: Session, action: str, handover: int | None, to: Actor) -> list[str]:
    if handover is None:
        return []
    row = records.handover(session, handover, to=to)
    if action == "load":
        return [each.code for each in records.offered(session, row)] if row.from_org_id == to.org else []
    if row.to_org_id != to.org:
        raise Missing
    return [each.code for each in records.lines(session, row.id, Line.SENT)]


class Choice(NamedTuple):
    """A place or a record that a station can be set to."""

    id: int
    name: str


def places(session: Session, *, to: Actor) -> list[Choice]:
    """Return the open places of the reader's organisation."""
    rows = session.execute(
        select(Place.id, Place.path)
        .where(Place.org_id == to.org, Place.closed_at.is_(None))
        .order_by(Place.path)
        .limit(500)
    )
    return [Choice(*row) for row in rows]


def drafts(session: Session, *, to: Actor) -> list[Choice]:
    """Return the drafts that can be loaded, by their receiver."""
    rows = records.handovers(session, records.Filters("out", Stage.DRAFT), to=to)
    return [Choice(row.id, row.to_name) for row in rows if row.from_org_id == to.org]


def incoming(session: Session, *, to: Actor) -> list[Choice]:
    """Return the records whose receipt can be confirmed, by number and sender."""
    return [
        Choice(row.id, f"{number(row.seq, row.year)} · {row.from_name}")
        for row in records.incoming(session, to=to)
    ]


# What a sitting found


def counted(session: Session, run_id: str) -> dict[int, str]:
    """Return what a count found: for each device whether it stood here or elsewhere by the list."""
    rows = session.execute(
        select(SCAN.c.device_id, SCAN.c.mark)
        .where(SCAN.c.run_id == run_id, SCAN.c.mark != "", STANDS)
        .order_by(SCAN.c.n)
    )
    return {row[0]: row[1] for row in rows}


def standing(session: Session, place: int, *, org: int) -> set[int]:
    """Return the devices that stand in a place by the list."""
    return set(
        session.scalars(select(DEVICE.c.id).where(DEVICE.c.holder_org_id == org, DEVICE.c.place_id == place))
    )


def tally(session: Session, run_id: str) -> dict[str, int]:
    """Return how many scans of a sitting came to what, those that were taken back left out."""
    rows = session.execute(
        select(SCAN.c.verdict, func.count())
        .where(SCAN.c.run_id == run_id, OF_ITS_OWNER, SCAN.c.undoes.is_(None), STANDS)
        .group_by(SCAN.c.verdict)
    )
    return {row[0]: row[1] for row in rows}


def scans_of(session: Session, run_id: str) -> int:
    """Return how many scans of a sitting have reached the server, taken back or not."""
    return session.scalar(select(func.count()).where(SCAN.c.run_id == run_id, OF_ITS_OWNER)) or 0


def devices(session: Session, ids: Iterable[int], *, to: Actor) -> list[Row[Any]]:
    """Return devices by id, within what the reader may see."""
    return list(
        session.execute(
            select(DEVICE, Place.path.label("place"))
            .outerjoin(Place, Place.id == DEVICE.c.place_id)
            .where(DEVICE.c.id.in_(sorted(ids)[:2000]), _seen(to))
            .order_by(DEVICE.c.code)
        )
    )


def _seen(to: Actor) -> ColumnElement[bool]:
    # Of a device of others, not even the code it has now is told.
    if to.role.sees_everything:
        return true()
    return or_(DEVICE.c.holder_org_id == to.org, DEVICE.c.toward_org_id == to.org)


# The log


class Filters(NamedTuple):
    """Which scans the log shows."""

    verdict: str = ""
    action: str = ""
    run: str = ""
    device: int | None = None


def log(session: Session, filters: Filters, *, to: Actor, before: int | None = None) -> list[Row[Any]]:
    """Return one page of scans and one more, the newest first; `before` is the last number of the page before."""
    query = (
        select(
            SCAN,
            User.name.label("who"),
            Organisation.name.label("org"),
            Place.path.label("place"),
            case((_seen(to), DEVICE.c.code)).label("code"),
            OPERATOR.c.name.label("operator"),
            (~STANDS).label("undone"),
        )
        .join(User, User.id == SCAN.c.user_id)
        .join(Organisation, Organisation.id == SCAN.c.org_id)
        .outerjoin(Place, Place.id == SCAN.c.place_id)
        .outerjoin(DEVICE, DEVICE.c.id == SCAN.c.device_id)
        .outerjoin(OPERATOR, OPERATOR.c.id == SCAN.c.operator_id)
        .order_by(SCAN.c.n.desc())
        .limit(PAGE + 1)
    )
    if not to.role.sees_everything:
        query = query.where(SCAN.c.org_id == to.org)
    if filters.verdict:
        query = query.where(SCAN.c.verdict == filters.verdict)
    if filters.action:
        query = query.where(SCAN.c.action == filters.action)
    if filters.run:
        query = query.where(SCAN.c.run_id == filters.run)
    if filters.device is not None:
        query = query.where(SCAN.c.device_id == filters.device)
    if before is not None:
        query = query.where(SCAN.c.n < before)
    return list(session.execute(query))


def place_of(session: Session, place: int | None) -> str:
    """Return the name of a place, "" for none."""
    return session.scalar(select(Place.path).where(Place.id == place)) or ""


def record_of(session: Session, handover: int) -> Any:
    """Return the number and the receiver of a record, for who may see the sitting it was scanned in."""
    record, to = records.HANDOVER, records.TO
    found: Any = session.execute(
        select(record.c.seq, record.c.year, to.c.name.label("to_name"))
        .join(to, to.c.id == record.c.to_org_id)
        .where(record.c.id == handover)
    ).one()
    return found
