"""Reads of the device's page. A scanned page is the busiest there is, so each read is one statement."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from tracker.custody.models import Device, Event, EventNote
from tracker.custody.road import Status
from tracker.db import Reader
from tracker.hot import Hot, given
from tracker.intake.models import Donation, Donor
from tracker.people import names
from tracker.people.models import Organisation
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
        select(func.aggregate_strings(Blocker.kind, " "))
        .where(Blocker.device_id == DEVICE.c.id, Blocker.cleared_at.is_(None))
        .scalar_subquery()
        .label("blockers"),
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

_EVENTS = Hot(
    select(EVENT.c.kind, EVENT.c.at, EVENT.c.body, EVENT.c.leaf_index, EventNote.text)
    .outerjoin(EventNote, EventNote.event_id == EVENT.c.event_id)
    .where(EVENT.c.device_id == given("device"))
    .order_by(EVENT.c.dseq.desc())
    .limit(100)
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


def device(connection: Connection | Reader, code: str, *, to: Actor) -> Any | None:
    """Return a device with the names its page shows, or None when it is not this person's to see."""
    if to.role.sees_everything:
        return _ALL.first(connection, code=code)
    return _OWN.first(connection, code=code, org=to.org)


def ledger(connection: Connection | Reader, device_id: int) -> list[Shown]:
    """Return the newest 100 events of a device, newest first."""
    bodies = [(row, json.loads(row.body)) for row in _EVENTS.all(connection, device=device_id)]
    users = names.users.of({body["actor"] for _row, body in bodies})
    orgs = names.organisations.of({body["org"] for _row, body in bodies})
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


def custody(device: Any, events: list[Shown]) -> list[tuple[str, datetime | None]]:
    """Return who has had the device, from the donor on, each with the time from when."""
    legs: list[tuple[int, str | None, datetime]] = []
    for event in reversed(events):
        if not legs or legs[-1][:2] != (event.holder, event.support):
            legs.append((event.holder, event.support, event.at))
    holders = names.organisations.of({leg[0] for leg in legs})
    return [(device.donor_name, None)] + [
        (str(label_of("pupil")) if support else holders.get(org, ""), at) for org, support, at in legs
    ]
