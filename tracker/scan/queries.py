"""Reads of the device's page. A scanned page is the busiest there is, so each read is one statement."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select

from tracker.custody.models import Device, Event, EventNote
from tracker.custody.queries import visible
from tracker.custody.road import Status
from tracker.intake.models import Donation, Donor
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.scan.kinds import label_of
from tracker.stock.models import Place
from tracker.words import Words
from tracker.workshop.models import Blocker

DEVICE, EVENT = Device.__table__, Event.__table__
HOLDER, TOWARD = Organisation.__table__.alias("holder"), Organisation.__table__.alias("toward")

_DEVICE = (
    select(
        DEVICE,
        HOLDER.c.name.label("holder_name"),
        TOWARD.c.name.label("toward_name"),
        Place.path.label("place_path"),
        Donation.year.label("donation_year"),
        Donation.seq.label("donation_seq"),
        Donation.received_on,
        Donor.name.label("donor_name"),
    )
    .join(HOLDER, HOLDER.c.id == DEVICE.c.holder_org_id)
    .outerjoin(TOWARD, TOWARD.c.id == DEVICE.c.toward_org_id)
    .outerjoin(Place, Place.id == DEVICE.c.place_id)
    .join(Donation, Donation.id == DEVICE.c.donation_id)
    .join(Donor, Donor.id == Donation.donor_id)
    .where(DEVICE.c.code == bindparam("code"))
)

_EVENTS = (
    select(EVENT.c.kind, EVENT.c.at, EVENT.c.body, EVENT.c.leaf_index, EventNote.text)
    .outerjoin(EventNote, EventNote.event_id == EVENT.c.event_id)
    .where(EVENT.c.device_id == bindparam("device"))
    .order_by(EVENT.c.dseq.desc())
    .limit(100)
)

_BLOCKERS = select(Blocker.kind, Blocker.note).where(
    Blocker.device_id == bindparam("device"), Blocker.cleared_at.is_(None)
)


class Shown(NamedTuple):
    """One event as the page's ledger shows it."""

    at: datetime
    what: Words
    who: str
    org: str
    start: Status | None
    end: Status | None
    note: str | None
    sealed: bool
    holder: int
    support: str | None


def device(connection: Connection, code: str, *, to: Actor) -> Row[Any] | None:
    """Return a device with the names its page shows, or None when it is not this person's to see."""
    return connection.execute(_DEVICE.where(visible(to)), {"code": code}).first()


def blockers(connection: Connection, device_id: int) -> list[Row[Any]]:
    """Return the open blockers of a device."""
    return list(connection.execute(_BLOCKERS, {"device": device_id}))


def ledger(connection: Connection, device_id: int) -> list[Shown]:
    """Return the newest 100 events of a device, newest first."""
    bodies = [
        (row, json.loads(bytes(row.body))) for row in connection.execute(_EVENTS, {"device": device_id}).all()
    ]
    users = _names(connection, User, {body["actor"] for _row, body in bodies})
    orgs = _names(connection, Organisation, {body["org"] for _row, body in bodies})
    shown = []
    for i, (row, body) in enumerate(bodies):
        before = bodies[i + 1][1]["state"] if i + 1 < len(bodies) else None
        moved = body["state"] != before
        shown.append(
            Shown(
                at=row.at,
                what=label_of(row.kind),
                who=users.get(body["actor"], ""),
                org=orgs.get(body["org"], ""),
                start=Status(before) if moved and before else None,
                end=Status(body["state"]) if moved else None,
                note=row.text,
                sealed=row.leaf_index is not None,
                holder=body["cust"]["org"],
                support=body["cust"]["support"],
            )
        )
    return shown


def custody(connection: Connection, device: Row[Any], events: list[Shown]) -> list[tuple[str, datetime | None]]:
    """Return who has had the device, from the donor on, each with the time from when."""
    legs: list[tuple[int, str | None, datetime]] = []
    for event in reversed(events):
        if not legs or legs[-1][:2] != (event.holder, event.support):
            legs.append((event.holder, event.support, event.at))
    names = _names(connection, Organisation, {leg[0] for leg in legs})
    return [(device.donor_name, None)] + [
        (str(label_of("pupil")) if support else names.get(org, ""), at) for org, support, at in legs
    ]


def _names(connection: Connection, model: type[User] | type[Organisation], ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = connection.execute(select(model.id, model.name).where(model.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}


