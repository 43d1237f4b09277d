"""The ledger: one function appends, and nothing else writes an event or a device's custody.

The order inside the transaction is per device only: `(device, dseq)` is unique, so two people who
move one device at once ask for the same place and the second is told who was faster. The global
order is given afterwards, by `tracker.custody.seal`.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, case, insert, select, update
from sqlalchemy.orm import Session

from tracker.connections import Driver
from tracker.custody.canonical import NotCanonical, canonical
from tracker.custody.models import Device, Event, EventNote
from tracker.db import driver
from tracker.hot import Hot, Write, broken, given
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import _

DEVICE = Device.__table__
EVENT = Event.__table__


_ANSWERED = Hot(
    select(EVENT.c.device_id, EVENT.c.dseq, EVENT.c.req_hash).where(EVENT.c.event_id == given("id"))
)
_APPEND = Write(
    insert(Event).values(
        {name: given(name) for name in "event_id req_hash device_id dseq kind at body leaf".split()}
    ),
    if_new=True,  # on PostgreSQL an error would end the transaction, and with it the question who was faster
)
_COPIES = (
    "status holder_org_id holder_support place_id transit_id toward_org_id dseq dhash changed_at".split()
)
#: A device is in its status since the event that brought it there, whatever else happens to it.
_SINCE = {"since": case((DEVICE.c.status == given("status"), DEVICE.c.since), else_=given("changed_at"))}
_COPY = Write(
    update(Device)
    .where(Device.id == given("device"), Device.dseq == given("before"))
    .values({name: given(name) for name in _COPIES} | _SINCE)
)


#: A move that leaves the custody as it is touches no index of it.
_COPY_STATUS = Write(
    update(Device)
    .where(Device.id == given("device"), Device.dseq == given("before"))
    .values({name: given(name) for name in ("status", "dseq", "dhash", "changed_at")} | _SINCE)
)


#: As `verify.py` wants it.
EVENT_ID = re.compile(r"[!-~]{1,64}")


class SomebodyWasFaster(Refused):
    """Another session moved this device between our reading and our writing.

    `written` if our event stands in this transaction already, which must then be undone.
    """

    def __init__(self, *, written: bool = False) -> None:
        self.written = written
        super().__init__(
            _("Somebody else changed this device a moment ago."),
            out=_("Scan it again: the page will show who did what."),
        )


class OtherContent(Refused):
    """This event id was used before, for something else."""

    def __init__(self) -> None:
        super().__init__(
            _("This form was already sent, with other content."),
            out=_("Open the page again and repeat what is missing."),
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """What the client sent beside the content: its own id of the event, and when."""

    event_id: str
    at: datetime
    """Server time."""
    client_at: datetime | None = None
    """The phone's own time, if it was offline."""
    batch: str | None = None
    """What joins the events of one act, such as a handover."""
    note: str = ""
    """Free text of a person; kept outside the ledger."""

    def of(self, part: int | str) -> "Ask":
        """Return the ask for one part of a batch: the same content always gets the same id."""
        digest = hashlib.sha256(f"{self.event_id}:{part}".encode()).hexdigest()[:32]
        return Ask(digest, self.at, self.client_at, self.batch or self.event_id, self.note)


class Custody(NamedTuple):
    """Who has the device, and where: what an event leaves behind."""

    org: int
    support: str | None = None
    place: int | None = None
    transit: int | None = None
    toward: int | None = None


class Done(NamedTuple):
    """An event that stands in the ledger; `again` if this id had been answered before."""

    event_id: str
    device: int
    dseq: int
    again: bool = False


def custody_of(device: Row[Any]) -> Custody:
    """Return the custody that the device's row shows."""
    return Custody(
        device.holder_org_id, device.holder_support, device.place_id, device.transit_id, device.toward_org_id
    )


def moment(at: datetime) -> str:
    """Return an instant as the ledger writes it: 2026-11-22T16:12:00.123Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def request_hash(device: int, kind: str, data: dict[str, Any], by: Actor) -> bytes:
    """Return the digest by which a repeated request is known to be the same."""
    return hashlib.sha256(canonical([device, kind, data, by.user])).digest()


def answered(session: Session, ask: Ask, asked: bytes) -> Done | None:
    """Return the first answer if this event id stands in the ledger already.

    Raises:
        OtherContent: it does, with other content.
    """
    row = _ANSWERED.first(driver(session), id=ask.event_id)
    if row is None:
        return None
    if bytes(row.req_hash) != asked:
        raise OtherContent
    return Done(ask.event_id, row.device_id, row.dseq, again=True)


def record(
    session: Session,
    device: Row[Any],
    kind: str,
    *,
    by: Actor,
    ask: Ask,
    state: str,
    custody: Custody,
    data: dict[str, Any],
    asked: bytes | None = None,
    also: dict[str, Any] | None = None,
) -> Done:
    """Append one event about `device` and copy its outcome to the device's row.

    `device` is the row as `queries.locked` read it in this transaction. `also` are further columns of
    the device that this event changes (its label code, its grade).

    Raises:
        SomebodyWasFaster: another transaction wrote this device's next event first.
    """
    if not EVENT_ID.fullmatch(ask.event_id):
        raise NotCanonical("an event id that no verifier would take")
    dseq = device.dseq + 1
    body = _body(device, kind, by=by, ask=ask, state=state, custody=custody, data=data)
    leaf = hashlib.sha256(b"\0" + body).digest()
    on = driver(session)
    try:
        appended = _APPEND.rows(
            on,
            event_id=ask.event_id,
            req_hash=asked or request_hash(device.id, kind, data, by),
            device_id=device.id,
            dseq=dseq,
            kind=str(kind),
            at=ask.at,
            body=body,
            leaf=leaf,
        )
    except broken(on) as error:
        raise SomebodyWasFaster from error
    if not appended:
        raise SomebodyWasFaster
    _copy(on, device, custody, {"status": str(state), "dseq": dseq, "dhash": leaf, "changed_at": ask.at})
    if also:
        session.execute(update(Device).where(Device.id == device.id).values(**also))
    if ask.note:
        session.execute(insert(EventNote), {"event_id": ask.event_id, "text": ask.note[:2000]})
    return Done(ask.event_id, device.id, dseq)


def _body(
    device: Row[Any], kind: str, *, by: Actor, ask: Ask, state: str, custody: Custody, data: dict[str, Any]
) -> bytes:
    """Return the event as it is hashed."""
    return canonical(
        {
            "v": 1,
            "id": ask.event_id,
            "dev": device.id,
            "dseq": device.dseq + 1,
            "prev": bytes(device.dhash).hex(),
            "kind": kind,
            "batch": ask.batch,
            "actor": by.user,
            "role": str(by.role),
            "org": by.org,
            "at": moment(ask.at),
            "client_at": moment(ask.client_at) if ask.client_at else None,
            "salt": secrets.token_hex(16),
            "data": data,
            "state": str(state),
            "cust": custody._asdict(),
        }
    )


def _copy(on: Driver, device: Row[Any], custody: Custody, outcome: dict[str, Any]) -> None:
    """Copy what the event says to the device's row, if nobody else has meanwhile."""
    if custody == custody_of(device):
        changed = _COPY_STATUS.rows(on, device=device.id, before=device.dseq, **outcome)
    else:
        changed = _COPY.rows(
            on,
            device=device.id,
            before=device.dseq,
            holder_org_id=custody.org,
            holder_support=custody.support,
            place_id=custody.place,
            transit_id=custody.transit,
            toward_org_id=custody.toward,
            **outcome,
        )
    if changed != 1:
        raise SomebodyWasFaster(written=True)
