"""Reads of the device's page. A scanned page is the busiest there is, so it is one statement."""

import json
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import Integer, String, Text, cast, func, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tracker.connections import Driver
from tracker.custody.models import Device, Event, EventNote
from tracker.custody.road import Status
from tracker.hot import Hot, given
from tracker.intake.models import Donation, Donor
from tracker.papers.models import Paper, PaperDevice
from tracker.papers.rules import Issued, Kind, number
from tracker.people import names
from tracker.people.models import Organisation
from tracker.people.roles import Actor
from tracker.scan.kinds import label_of
from tracker.stock.models import Place
from tracker.words import Words
from tracker.workshop.models import Blocker

DEVICE, EVENT, NOTE = Device.__table__, Event.__table__, EventNote.__table__
HOLDER, TOWARD = Organisation.__table__.alias("holder"), Organisation.__table__.alias("toward")
PAPER, ON, ISSUER = Paper.__table__, PaperDevice.__table__, Organisation.__table__.alias("issuer")

#: The page shows this many events, the newest.
MOST_EVENTS = 100


class JsonRows(FunctionElement[str]):
    """All rows as one JSON text: a list of [event, note], in any order.

    The page's second question, what happened to the device, then costs no statement of its own.
    """

    type = Text()
    inherit_cache = True


@compiles(JsonRows, "sqlite")
def _on_sqlite(rows: JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    body, note = (compiler.process(each, **options) for each in rows.clauses)
    return f"json_group_array(json_array(json(CAST({body} AS TEXT)), {note}))"


@compiles(JsonRows, "postgresql")
def _on_postgresql(rows: JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    body, note = (compiler.process(each, **options) for each in rows.clauses)
    return f"CAST(json_agg(json_build_array(CAST(convert_from({body}, 'UTF8') AS json), {note})) AS text)"


#: What the page shows of a device; whether something came with it is only asked, not counted.
_SHOWN = (
    *(
        DEVICE.c[name]
        for name in "id code category make model serial imei1 imei2 note status grade".split()
        + "holder_org_id holder_support toward_org_id transit_id".split()
    ),
    *(type_coerce(DEVICE.c[name], Integer).label(name) for name in ("charger", "cable", "bag")),
)

#: A paper the device is on, in words; the issuer's code last, since people chose it. (SQLite has `concat_ws`
#: from 3.44 on only.)
_PAPER = (
    reduce(
        lambda said, column: said + cast(column, String) + " ",
        (PAPER.c.kind, PAPER.c.org_id, PAPER.c.seq, ON.c.dseq, func.coalesce(PAPER.c.replaced_by, 0)),
        cast(PAPER.c.id, String) + " ",
    )
    + ISSUER.c.code
)

_DEVICE = (
    select(
        *_SHOWN,
        HOLDER.c.name.label("holder_name"),
        TOWARD.c.name.label("toward_name"),
        Place.path.label("place_path"),
        Donation.year.label("donation_year"),
        Donation.seq.label("donation_seq"),
        Donor.name.label("donor_name"),
        select(func.aggregate_strings(Blocker.kind, " "))
        .where(Blocker.device_id == DEVICE.c.id, Blocker.cleared_at.is_(None))
        .scalar_subquery()
        .label("blockers"),
        select(func.aggregate_strings(_PAPER, "\n"))
        .select_from(ON.join(PAPER, PAPER.c.id == ON.c.paper_id).join(ISSUER, ISSUER.c.id == PAPER.c.org_id))
        .where(ON.c.device_id == DEVICE.c.id)
        .correlate(DEVICE)
        .scalar_subquery()
        .label("papers"),
        select(JsonRows(EVENT.c.body, NOTE.c.text))
        .select_from(EVENT.outerjoin(NOTE, NOTE.c.event_id == EVENT.c.event_id))
        .where(EVENT.c.device_id == DEVICE.c.id, EVENT.c.dseq > DEVICE.c.dseq - MOST_EVENTS)
        .correlate(DEVICE)
        .scalar_subquery()
        .label("events"),
    )
    .join(HOLDER, HOLDER.c.id == DEVICE.c.holder_org_id)
    .outerjoin(TOWARD, TOWARD.c.id == DEVICE.c.toward_org_id)
    .outerjoin(Place, Place.id == DEVICE.c.place_id)
    .join(Donation, Donation.id == DEVICE.c.donation_id)
    .join(Donor, Donor.id == Donation.donor_id)
    .where(DEVICE.c.code == given("code"))
)

#: For those who see everything, and for those who see what is theirs.
_ALL = Hot(_DEVICE)
_OWN = Hot(_DEVICE.where((DEVICE.c.holder_org_id == given("org")) | (DEVICE.c.toward_org_id == given("org"))))

_decode = json.JSONDecoder().decode


def _place(event: list[Any]) -> int:
    place: int = event[0]["dseq"]
    return place


class Shown(NamedTuple):
    """One event as the page's ledger shows it."""

    at: datetime
    what: Words
    who: str
    org: str
    start: Status | None
    end: Status | None
    note: str | None
    holder: str
    support: str | None
    kind: str
    dseq: int
    undone: bool = False
    """Whether a later event took it back."""


def device(connection: Driver, code: str, *, to: Actor) -> Any | None:
    """Return a device with the names its page shows, or None when it is not this person's to see."""
    if to.role.sees_everything:
        return _ALL.first(connection, code=code)
    return _OWN.first(connection, code=code, org=to.org)


def ledger(device: Any) -> list[Shown]:
    """Return the newest 100 events of a device that `device` found, newest first."""
    events = sorted(_decode(device.events or "[]"), key=_place)
    users = names.users.of({body["actor"] for body, _note in events})
    orgs = names.organisations.of(
        {body["org"] for body, _note in events} | {body["cust"]["org"] for body, _note in events}
    )
    undone = {body["data"]["of"] for body, _note in events if body["kind"] == "undo"}
    shown = []
    before = None
    for body, note in events:
        state, kept = body["state"], body["cust"]
        moved = state != before
        shown.append(
            Shown(
                datetime.fromisoformat(body["at"]),
                label_of(body["kind"]),
                users.get(body["actor"], ""),
                orgs.get(body["org"], ""),
                Status(before) if moved and before else None,
                Status(state) if moved else None,
                note,
                orgs.get(kept["org"], ""),
                kept["support"],
                body["kind"],
                body["dseq"],
                body["id"] in undone,
            )
        )
        before = state
    shown.reverse()
    return shown


def custody(device: Any, events: list[Shown]) -> list[tuple[str, datetime | None]]:
    """Return who has had the device, from the donor on, each with the time from when."""
    legs: list[tuple[str, str | None, datetime]] = []
    for event in reversed(events):
        if not legs or legs[-1][:2] != (event.holder, event.support):
            legs.append((event.holder, event.support, event.at))
    return [(device.donor_name, None)] + [
        (str(label_of("pupil")) if support else holder, at) for holder, support, at in legs
    ]


def papers(device: Any, *, to: Actor) -> list[Issued]:
    """Return the papers a device is on that a person may open, the newest first."""
    found = []
    for line in (device.papers or "").splitlines():
        paper_id, kind, org, seq, dseq, replaced, code = line.split(" ", 6)
        if to.role.sees_everything or int(org) == to.org:
            of = Kind(kind)
            found.append(Issued(int(paper_id), of, number(of, int(seq), code), replaced != "0", int(dseq)))
    return sorted(found, reverse=True)
