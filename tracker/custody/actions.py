"""The verbs of custody: receive, make a move, and the facts that change no status.

Rooms build the fact a move must come with and call `make`; the heart checks the road, the custody
and the transit, and records. Everything takes the session, flushes, and leaves the commit to the view.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from tracker.custody import labels, ledger, queries, replay
from tracker.custody.facts import Fact, InspectionPassed, Received, Scanned, Shipment, TakenBy
from tracker.custody.ledger import Ask, Custody, Done, SomebodyWasFaster, custody_of
from tracker.custody.models import Device
from tracker.custody.road import MOVES, Move, Status, after
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.db import driver
from tracker.hot import Write, given
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import Words, _

#: What is undone by bringing back what was before. All else has a move of its own back, or touches more than the device.
UNDOABLE = frozenset({str(Move.INSPECT), str(Move.SEND_TO_REPAIR), str(Move.PASS), "place"})


class NotUndone(Refused):
    """This event stays; `out` says how to go on instead."""

    def __init__(self, sentence: Words) -> None:
        super().__init__(sentence, out=_("Open the device to see what is possible now."))


class Undone(NamedTuple):
    """The event that took another back, and the kind of the other; "" when it had been done before."""

    done: Done
    kind: str


#: What describes a device, as it is when nobody said.
UNDESCRIBED: dict[str, Any] = {
    **dict.fromkeys(("make", "model", "serial", "note", "search"), ""),
    **dict.fromkeys(("serial_norm", "imei1", "imei2"), None),
    **dict.fromkeys(("charger", "cable", "bag"), False),
}
_CREATE = Write(
    insert(Device).values(
        {
            name: given(name)
            for name in (
                *UNDESCRIBED,
                *"code category donation_id created_at status holder_org_id place_id changed_at since".split(),
            )
        }
        | {"dseq": 0, "dhash": b"", "grade": ""}
    ),
    returning="id",
)


def receive(
    session: Session,
    values: dict[str, Any],
    *,
    donation: int,
    category: str,
    code: str | None,
    by: Actor,
    ask: Ask,
    place: int | None = None,
) -> tuple[int, str]:
    """Register a device that has just come in and give it its label; return its id and code.

    `values` are columns of `Device` that describe it (make, model, serial …). Without a `code` one is
    minted. A form sent twice gives the first device again.

    Raises:
        NotYours: the role may not receive.
        UnknownCode, CodeTaken, RetiredCode: the label cannot be claimed.
        OtherContent: the event id was used for something else.
    """
    after(Move.RECEIVE, None, by.role)
    session.flush()
    asked = ledger.request_hash(
        0, Move.RECEIVE, {"donation": donation, "category": category, "code": code}, by
    )
    if first := ledger.answered(session, ask, asked):
        return first.device, queries.code_of(session, first.device)
    code = labels.claimable(session, code, by=by) if code else labels.mint_one(session, by=by, at=ask.at)
    fact = Received(donation, category, code)
    if unknown := values.keys() - UNDESCRIBED.keys():
        raise TypeError(f"no columns that describe a device: {', '.join(sorted(unknown))}")
    created = _CREATE.returned(
        driver(session),
        **UNDESCRIBED | values,
        code=code,
        category=str(category),
        donation_id=donation,
        created_at=ask.at,
        status=str(Status.RECEIVED),
        holder_org_id=by.org,
        place_id=place,
        changed_at=ask.at,
        since=ask.at,
    )
    labels.claim(session, code, device=created, at=ask.at)
    device = queries.locked(session, created)
    ledger.record(
        session,
        device,
        Move.RECEIVE,
        by=by,
        ask=ask,
        state=Status.RECEIVED,
        custody=Custody(by.org, place=place),
        data=fact.data(),
        asked=asked,
    )
    return created, code


def make(session: Session, device: int | Row[Any], move: Move, fact: Fact, *, by: Actor, ask: Ask) -> Done:
    """Make one move with a device.

    `device` is its id, or its whole row as this transaction has read it; a row that is out of date by now
    makes no move. `fact` must be of the type that `MOVES[move]` asks for.

    Raises:
        NotYours, WrongMoment: the road says no.
        NotHere, InTransit: the device is not with this person, or is on its way.
        SomebodyWasFaster, OtherContent: see `ledger`.
    """
    step = MOVES[move]
    if type(fact) is not step.needs:
        raise TypeError(f"{move} needs {step.needs.__name__}, not {type(fact).__name__}")
    data = fact.data()
    asked = ledger.request_hash(device if isinstance(device, int) else device.id, move, data, by)
    try:
        row = queries.locked(session, device) if isinstance(device, int) else device
        state = after(move, Status(row.status), by.role)
        must_hold(row, by, move=move, handover=getattr(fact, "handover", None))
        must_be_at_rest(row, by, move=move)
        now = _custody_after(row, move, fact, by)
        also = {"grade": fact.grade} if isinstance(fact, InspectionPassed) else None
        return ledger.record(
            session, row, move, by=by, ask=ask, state=state, custody=now, data=data, asked=asked, also=also
        )
    except Refused as no:
        return _first(session, ask, asked, no)


def note_fact(
    session: Session,
    device_id: int,
    kind: str,
    data: dict[str, Any],
    *,
    by: Actor,
    ask: Ask,
    custody: Callable[[Custody], Custody] = lambda now: now,
    in_transit: bool = False,
    **also: Any,
) -> Done:
    """Record something that leaves the status as it is: a label, a place, an erasure, a transfer.

    `custody` says what becomes of the present custody. Only `arrive` may happen `in_transit`.

    Raises:
        InTransit: the device is on its way.
        SomebodyWasFaster, OtherContent: see `ledger`.
    """
    asked = ledger.request_hash(device_id, kind, data, by)
    try:
        device = queries.locked(session, device_id)
        if not in_transit:
            must_be_at_rest(device, by)
        state, now = device.status, custody(custody_of(device))
        return ledger.record(
            session, device, kind, by=by, ask=ask, state=state, custody=now, data=data, asked=asked, also=also
        )
    except Refused as no:
        return _first(session, ask, asked, no)


def undo(session: Session, device_id: int, event_id: str, *, by: Actor, ask: Ask) -> Undone:
    """Take back a device's last event by another that brings back what was before; say what was taken back.

    What the event's own room keeps beside it (an inspection, say) is that room's to take back.

    Raises:
        NotUndone: it is not their own event, not the last, or of a kind that needs a move of its own.
        NotHere, InTransit: the device is not with this person, or is on its way.
        SomebodyWasFaster, OtherContent: see `ledger`.
    """
    data = {"of": event_id}
    asked = ledger.request_hash(device_id, "undo", data, by)
    row = queries.locked(session, device_id)
    if first := ledger.answered(session, ask, asked):
        return Undone(first, "")
    must_hold(row, by)
    must_be_at_rest(row, by)
    newest = queries.history(session, device_id, last=1)[0]
    if newest.event_id != event_id:
        raise NotUndone(_("Something else has happened to this device since."))
    if newest.actor != by.user:
        raise NotUndone(_("Only whoever did it can undo it."))
    if newest.kind not in UNDOABLE:
        raise NotUndone(_("This cannot be undone here."))
    before = replay.before_last(session, device_id)
    done = ledger.record(
        session,
        row,
        "undo",
        by=by,
        ask=ask,
        state=before.state,
        custody=Custody(**before.custody),
        data=data,
        asked=asked,
        also={"grade": before.grade} if before.grade != row.grade else None,
    )
    return Undone(done, newest.kind)


def _first(session: Session, ask: Ask, asked: bytes, no: Refused) -> Done:
    """Return what was done for this ask the first time; what it is refused for now is of no interest then.

    Asked only after a no, since nearly every ask is new; and not when the no came after our own event was
    written, which would be found and taken for the first.
    """
    if isinstance(no, SomebodyWasFaster) and no.written:
        raise no
    first = ledger.answered(session, ask, asked)
    if first is None:
        raise no
    return first


def _custody_after(device: Row[Any], move: Move, fact: Fact, by: Actor) -> Custody:
    now = custody_of(device)
    match fact:
        case Shipment(handover=handover, toward=toward):
            return now._replace(place=None, transit=handover, toward=toward)
        case Scanned():
            return Custody(by.org)
        case TakenBy(support=support):
            return now._replace(support=support, place=None)
    if move in {Move.LOSE, Move.TAKE_BACK, Move.FIND}:
        return Custody(now.org)
    return now
