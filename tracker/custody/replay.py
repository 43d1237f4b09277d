"""Replay: every copy of the ledger's facts is made again from the ledger, and compared."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.custody.ledger import moment
from tracker.custody.merkle import leaf_hash
from tracker.custody.models import Device, Event, Label

EVENT, DEVICE = Event.__table__, Device.__table__

#: How columns stand in the ledger that are something else in the table.
AS_WRITTEN: dict[str, Callable[[Any], str]] = {"dhash": lambda hash_: bytes(hash_).hex(), "since": moment}

#: Moves that end a binding.
ENDS_BINDING = frozenset({"release", "take-back", "lose", "retire"})


class Difference(NamedTuple):
    """Something the tables say otherwise than the ledger."""

    device: int
    what: str
    ledger: object
    table: object

    def __str__(self) -> str:
        return f"device {self.device}: {self.what} is {self.table!r}, by the ledger {self.ledger!r}"


class Standing(NamedTuple):
    """Where the ledger leaves a device."""

    dseq: int
    dhash: str
    state: str
    custody: dict[str, Any]
    code: str
    grade: str
    support: str | None
    labels: tuple[str, ...]
    """Codes it has carried, the live one last."""
    since: str = ""
    """When it came into its status, as the ledger writes it."""


def differences(session: Session) -> Iterator[Difference]:
    """Yield every difference between the ledger and the copies of it in other tables.

    Compared: each event's columns with its body and leaf; of each device its status, holder, place,
    transit, grade, code and ledger head; its labels; its open binding.
    """
    standings: dict[int, Standing] = {}
    before: dict[int, Standing] = {}
    events = select(EVENT).order_by(EVENT.c.device_id, EVENT.c.dseq).execution_options(yield_per=5000)
    for row in session.execute(events):
        body = json.loads(bytes(row.body))
        yield from _columns(row, body)
        now = standings.get(row.device_id)
        back = before.get(row.device_id) if body["kind"] == "undo" else None
        standing = _follow(back or now, body, bytes(row.leaf).hex())
        since = now.since if now is not None and now.state == standing.state else body["at"]
        standings[row.device_id] = standing._replace(since=since)
        if now is not None:
            before[row.device_id] = now
    yield from _devices(session, standings)
    yield from _labels(session, standings)
    yield from _bindings(session, standings)


def before_last(session: Session, device_id: int) -> Standing:
    """Return where a device stood before its last event.

    Raises:
        LookupError: it has no more than one.
    """
    rows = session.execute(
        select(EVENT.c.body, EVENT.c.leaf).where(EVENT.c.device_id == device_id).order_by(EVENT.c.dseq)
    ).all()
    stood: list[Standing] = []
    for row in rows[:-1]:
        body = json.loads(bytes(row.body))
        back = stood[-2] if body["kind"] == "undo" else stood[-1] if stood else None
        stood.append(_follow(back, body, bytes(row.leaf).hex()))
    if not stood:
        raise LookupError("nothing stands before the first event")
    return stood[-1]


def _columns(row: Any, body: dict[str, Any]) -> Iterator[Difference]:
    if leaf_hash(bytes(row.body)) != bytes(row.leaf):
        yield Difference(row.device_id, f"leaf of event {row.n}", leaf_hash(bytes(row.body)).hex(), "another")
    pairs = {"event_id": "id", "device_id": "dev", "dseq": "dseq", "kind": "kind"}
    for column, field in pairs.items():
        if getattr(row, column) != body[field]:
            yield Difference(row.device_id, f"{column} of event {row.n}", body[field], getattr(row, column))


def _follow(before: Standing | None, body: dict[str, Any], leaf: str) -> Standing:
    data, kind = body["data"], body["kind"]
    now = before or Standing(0, "", "", {}, "", "", None, ())
    code, grade, support, labels = now.code, now.grade, now.support, now.labels
    if kind == "receive":
        code, labels = data["code"], (data["code"],)
    elif kind == "label":
        code, labels = data["new"], (*labels, data["new"])
    elif kind == "pass":
        grade = data["grade"]
    elif kind == "bind":
        support = data["support"]
    elif kind in ENDS_BINDING:
        support = None
    return Standing(body["dseq"], leaf, body["state"], body["cust"], code, grade, support, labels)


def _devices(session: Session, standings: dict[int, Standing]) -> Iterator[Difference]:
    seen = set()
    for row in session.execute(select(DEVICE).execution_options(yield_per=5000)):
        seen.add(row.id)
        standing = standings.get(row.id)
        if standing is None:
            yield Difference(row.id, "the device", "unknown", row.code)
            continue
        cust = standing.custody
        told = {
            "status": standing.state,
            "since": standing.since,
            "dseq": standing.dseq,
            "dhash": standing.dhash,
            "code": standing.code,
            "grade": standing.grade,
            "holder_org_id": cust["org"],
            "holder_support": cust["support"],
            "place_id": cust["place"],
            "transit_id": cust["transit"],
            "toward_org_id": cust["toward"],
        }
        for column, value in told.items():
            kept = getattr(row, column)
            if column in AS_WRITTEN:
                kept = AS_WRITTEN[column](kept)
            if kept != value:
                yield Difference(row.id, column, value, kept)
    for device in standings.keys() - seen:
        yield Difference(device, "the device", "known", None)


def _labels(session: Session, standings: dict[int, Standing]) -> Iterator[Difference]:
    told = {code: device for device, standing in standings.items() for code in standing.labels}
    live = {standing.code for standing in standings.values()}
    rows = session.execute(
        select(Label.code, Label.device_id, Label.retired_at).where(Label.device_id.is_not(None))
    )
    for row in rows:
        if told.pop(row.code, None) != row.device_id:
            yield Difference(row.device_id, f"label {row.code}", "not on it", "on it")
        elif (row.code in live) != (row.retired_at is None):
            yield Difference(
                row.device_id, f"label {row.code}", "live" if row.code in live else "retired", "not so"
            )
    for code, device in told.items():
        yield Difference(device, f"label {code}", "on it", "not on it")


def _bindings(session: Session, standings: dict[int, Standing]) -> Iterator[Difference]:
    told = {device: standing.support for device, standing in standings.items() if standing.support}
    # The table belongs to a room below this one, so it is named and not imported.
    binding = Device.metadata.tables["binding"]
    rows = session.execute(
        select(binding.c.device_id, binding.c.support_id).where(binding.c.closed_event.is_(None))
    )
    for row in rows:
        support = told.pop(row.device_id, None)
        if support != row.support_id:
            yield Difference(row.device_id, "its open binding", support, row.support_id)
    for device, support in told.items():
        yield Difference(device, "its open binding", support, None)
