"""The verbs of intake: enter donors and donations, receive a device, replace a label."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import labels
from tracker.custody import queries as devices
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.intake import known, queries
from tracker.intake.forms import DeviceForm, DonationForm, DonorForm
from tracker.intake.known import Like
from tracker.intake.models import Donation, Donor
from tracker.intake.rules import (
    FormWrong,
    HoldersOnly,
    must_receive,
    search_text,
)
from tracker.lists.fold import fold
from tracker.people.roles import Actor, Role
from tracker.refused import Refused
from tracker.words import _

#: PostgreSQL: one donation is numbered at a time. Any fixed number of ours, with the year as second key.
NUMBERING = 7_161
DEVICE = Device.__table__


class KnownAlready(Refused):
    """There are devices with this serial or IMEI, and nobody has said that this is another one."""

    def __init__(self, alike: Sequence[Like]) -> None:
        self.alike = alike
        super().__init__(
            _("A device with this serial number or IMEI is there already."),
            out=_("Look at both. If this is another machine, say so and send the form again."),
        )


class DonorThere(Refused):
    """There is a donor of this name, and nobody has said that this is another one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There is a donor called “%(name)s” already.", name=name),
            out=_("Choose them for the donation. If this is another, say so and send the form again."),
        )


def add_donor(
    session: Session,
    form: DonorForm,
    *,
    by: Actor,
    at: datetime,
    another: bool = False,
    code: str | None = None,
) -> int:
    """Enter a donor and return the id. `another`: somebody has said that it is not the one of that name.

    Raises:
        MustReceive: not a person at the door.
        DonorThere: there is one of this name.
    """
    must_receive(by)
    if not another and queries.donor_by_name(session, form.name) is not None:
        raise DonorThere(form.name)
    return write_donor(session, form, at=at, code=code)


def write_donor(session: Session, form: DonorForm, *, at: datetime, code: str | None = None) -> int:
    """Write a donor's row and return its id."""
    values = {**asdict(form), "code": code, "search": fold(form.name), "created_at": at}
    return session.execute(insert(Donor).values(values).returning(Donor.id)).scalar_one()


def change_donor(session: Session, donor_id: int, form: DonorForm, *, by: Actor) -> None:
    """Correct a donor; devices are found by the new name.

    Raises:
        MustReceive: not a person at the door.
        Missing: not a donor this person deals with.
    """
    must_receive(by)
    before = queries.donor(session, donor_id, to=by)
    session.execute(
        update(Donor).where(Donor.id == donor_id).values({**asdict(form), "search": fold(form.name)})
    )
    if fold(before.name) == fold(form.name):
        return
    given = (
        select(DEVICE)
        .join(Donation, Donation.id == DEVICE.c.donation_id)
        .where(Donation.donor_id == donor_id)
    )
    for row in session.execute(given).all():
        found_by = search_text(code=row.code, donor=form.name, values=row._asdict())
        session.execute(update(Device).where(DEVICE.c.id == row.id).values(search=found_by))


def add_donation(
    session: Session, form: DonationForm, *, by: Actor, at: datetime, list_id: str | None = None
) -> int:
    """Enter a donation to the actor's organisation under the next number of its year; return the id.

    Raises:
        MustReceive: not a person at the door.
        FormWrong: there is no such donor.
    """
    must_receive(by)
    if session.scalar(select(Donor.id).where(Donor.id == form.donor)) is None:
        raise FormWrong({"donor": _("Choose the donor.")})
    year = form.received_on.year
    values = {**asdict(form), "donor_id": form.donor, "org_id": by.org, "list_id": list_id, "year": year}
    del values["donor"]
    return session.execute(
        insert(Donation)
        .values(**values, seq=_next_number(session, year), created_at=at, created_by=by.user)
        .returning(Donation.id)
    ).scalar_one()


def change_donation(session: Session, donation_id: int, form: DonationForm, *, by: Actor) -> None:
    """Correct a donation of the actor's organisation; its number stays.

    Raises:
        MustReceive: not a person at the door.
        Missing: not a donation to this organisation.
        FormWrong: the day lies in another year than the number, or there is no such donor.
    """
    must_receive(by)
    gift = queries.donation(session, donation_id, to=by, own=True)
    if form.received_on.year != gift.received_on.year:
        raise FormWrong(
            {
                "received_on": _(
                    "The number %(number)s belongs to its year: the day must lie in it.", number=gift.number
                )
            }
        )
    if form.donor != gift.donor_id:
        raise FormWrong({"donor": _("The donor of a donation stays. Enter a new donation instead.")})
    values = {**asdict(form), "donor_id": form.donor}
    del values["donor"]
    session.execute(update(Donation).where(Donation.id == donation_id).values(**values))


def _next_number(session: Session, year: int) -> int:
    """Return the number after the last of the year. Nobody else is given one until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key, :year)"), {"key": NUMBERING, "year": year})
    last = session.scalar(select(func.max(Donation.seq)).where(Donation.year == year))
    return (last or 0) + 1


def receive(
    session: Session,
    form: DeviceForm,
    *,
    donation: int,
    code: str | None,
    by: Actor,
    ask: Ask,
    different: bool = False,
) -> tuple[int, str]:
    """Receive one device into a donation; return its id and code.

    `code` claims a label that was minted before. `different`: a person has looked and said that it is
    not the device of the same serial or IMEI.

    Raises:
        MustReceive: not a person at the door.
        Missing: not a donation to this organisation.
        KnownAlready: there are devices with this serial or IMEI.
        UnknownCode, CodeTaken: the label cannot be claimed.
    """
    must_receive(by)
    gift = queries.donation(session, donation, to=by, own=True)
    _one_at_a_time(session, [name for name in (form.serial_norm, *form.imeis) if name])
    if not different and (alike := known.alike(session, form.serial_norm, form.imeis, to=by)):
        raise KnownAlready(alike)
    values = dict(form.values)
    device, live = custody.receive(
        session, values, donation=donation, category=form.category, code=code, by=by, ask=ask
    )
    found_by = search_text(code=live, donor=gift.donor, values=values)
    session.execute(update(Device).where(DEVICE.c.id == device).values(search=found_by))
    return device, live


def _one_at_a_time(session: Session, names: Sequence[str]) -> None:
    """Let nobody else ask about these serials and IMEIs until this transaction ends.

    On SQLite only one transaction writes at a time anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def replace_label(session: Session, device_id: int, *, by: Actor, ask: Ask, code: str | None = None) -> str:
    """Give a device a new label, retire the old one, and return the new code.

    `code` claims a label that was minted before; without one a new code is minted.

    Raises:
        HoldersOnly: the role has no devices in its hands.
        NotHere, InTransit: the device is elsewhere or on its way.
        UnknownCode, CodeTaken: the label cannot be claimed.
    """
    if by.role not in {Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL}:
        raise HoldersOnly
    row = devices.locked(session, device_id)
    must_hold(row, by)
    must_be_at_rest(row, by)
    new = labels.claimable(session, code, by=by) if code else labels.mint(session, 1, by=by, at=ask.at)[0]
    labels.retire(session, row.code, at=ask.at)
    labels.claim(session, new, device=device_id, at=ask.at)
    donor = queries.donor_of(session, row.donation_id)
    found_by = search_text(code=new, donor=donor, values=row._asdict())
    custody.note_fact(
        session, device_id, "label", {"old": row.code, "new": new}, by=by, ask=ask, code=new, search=found_by
    )
    return new
