"""What a scanned text names, for the person who scanned it: a device, a thing to work with, or why not."""

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.custody import queries as devices
from tracker.custody.codes import Kind, Mistyped, NotACode, Scan, grouped, understand
from tracker.custody.labels import RetiredCode, UnknownCode
from tracker.handover import queries as handovers
from tracker.handover.rules import number
from tracker.intake import known
from tracker.intake.barcodes import names
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.prints.modes import MODES
from tracker.refused import Missing, Refused
from tracker.stations.rules import STATIONS, Verdict
from tracker.stock import queries as stock
from tracker.words import Words, _

#: Symbols of a bare code with what may stand between them; an address is longer.
_SHORTEST = 12
_RECORD = re.compile(r"(\bH\W\d{1,12}\W?)#.*", re.IGNORECASE | re.DOTALL)


class Said(NamedTuple):
    """What a scan came to, in words, with the way out."""

    verdict: Verdict
    sentence: Words | str
    out: Words | str = ""
    url: str = ""
    label: Words | str = ""
    """What the link to `url` says."""
    mark: str = ""
    event: str = ""
    """The event of the ledger that it caused."""
    undo: bool = False


class Found(NamedTuple):
    """What a text names: a device of theirs with its row, or another's by its id alone, or what to say instead."""

    row: Any = None
    device: int | None = None
    said: Said | None = None
    text: str = ""


def refusal(no: Refused, verdict: Verdict = Verdict.BLOCKED, url: str = "", label: Words | str = "") -> Said:
    """Return what a rule's no says."""
    return Said(verdict, no.sentence, no.out, url, label)


def find(session: Session, text: str, *, by: Actor, hosts: Collection[str]) -> Found:
    """Return what a scanned text names."""
    try:
        scan = understand(text, hosts=hosts)
    except NotACode as no:
        return by_number(session, text, no, by=by)
    if scan.kind is Kind.DEVICE:
        return _device(session, scan.name, text, by=by)
    try:
        return Found(said=_thing(session, scan, by=by), text=text)
    except Missing:
        return Found(said=not_yours(), text=text)


def without_secret(text: str, *, hosts: Collection[str]) -> str:
    """Return a scanned text as it may be kept: the one-time secret of a record is not, wherever it may stand."""
    if len(text) <= _SHORTEST:
        return text
    try:
        scan = understand(text, hosts=hosts)
    except NotACode:  # such as a record from before our address changed
        return _RECORD.sub(r"\1", text)
    if scan.kind is not Kind.HANDOVER or not scan.secret:
        return text
    address, sign, _secret = text.partition("#")
    # Through another keyboard, any sign may stand for the # before the secret.
    return address if sign else f"HTTPS://{min(hosts)}/H/{scan.name}"


def page_of(code: str) -> str:
    """Return the page of a device."""
    return url_for("scan.device", text=code)


def not_yours() -> Said:
    """Return what is said of a code that belongs to others."""
    return Said(
        Verdict.NOT_YOURS,
        _("Not a device of yours."),
        _("Put it aside and ask whose it is."),
    )


def _device(session: Session, code: str, text: str, *, by: Actor) -> Found:
    try:
        row = devices.device(session, code, to=by)
        return Found(row, row.id, text=text)
    except Missing:
        label = devices.label(session, code)
    if label is None:  # a maker's number may look like one of ours
        return by_number(session, text, UnknownCode(code), by=by)
    if label.device is None or label.live is None:
        blank = _("The label %(code)s is on no device yet.", code=grouped(code))
        return Found(said=Said(Verdict.BLOCKED, blank, _("Receive a device with it first.")), text=text)
    if label.retired:
        try:
            devices.device(session, label.live, to=by)
        except Missing:
            return Found(said=not_yours(), text=text)
        retired = refusal(
            RetiredCode(code, label.live),
            Verdict.RETIRED,
            page_of(label.live),
            _("Open the device"),
        )
        return Found(said=retired, device=label.device, text=text)
    return Found(device=label.device, said=not_yours(), text=text)


def by_number(session: Session, text: str, no: Refused, *, by: Actor) -> Found:
    """Return the device that has a maker's own number, a serial or an IMEI, if it is one device of theirs.

    Where there is none, `no` is what is said.
    """
    asked = names(text)
    alike = known.with_numbers(session, asked, to=by) if asked else []
    theirs = [like.code for like in alike if like.code]
    if len(theirs) == 1:
        row = devices.device(session, theirs[0], to=by)
        return Found(row, row.id, text=text)
    if theirs:
        several = _("More than one device has the number %(number)s.", number=text[:40])
        out = _("Scan the programme’s own label instead.")
        return Found(said=Said(Verdict.BLOCKED, several, out), text=text)
    if alike:
        return Found(said=not_yours(), text=text)
    if isinstance(no, Mistyped | UnknownCode):
        return Found(said=refusal(no, Verdict.UNKNOWN), text=text)
    kept = _("It is kept in the list of scans. Scan the programme’s label.")
    return Found(said=Said(Verdict.UNKNOWN, no.sentence, kept), text=text)


def _thing(session: Session, scan: Scan, *, by: Actor) -> Said:
    """Return what is said of a card or a paper that sets a station up.

    Raises:
        Missing: it is not theirs.
    """
    if scan.kind is Kind.MODE:
        if scan.name not in MODES:
            return Said(Verdict.UNKNOWN, _("This card names no action that is known here."))
        if by.role not in STATIONS[scan.name].by:
            return Said(Verdict.BLOCKED, _("This action is not for your role."), _("Scan another mode card."))
        return Said(Verdict.DONE, MODES[scan.name].label)
    if scan.kind is Kind.PLACE:
        place = stock.open_place(session, int(scan.name), to=by)
        return Said(Verdict.DONE, place.path)
    if scan.kind is Kind.HANDOVER:
        row = handovers.handover(session, int(scan.name), to=by)
        return Said(Verdict.DONE, _("Record %(number)s", number=number(row.seq, row.year) or row.to_name))
    if scan.kind is Kind.BADGE:
        return Said(Verdict.DONE, operator(session, int(scan.name), by=by))
    return Said(
        Verdict.BLOCKED,
        _("This is a record, no device."),
        url=f"/b/{scan.name}",
        label=_("Open the record"),
    )


def operator(session: Session, user: int, *, by: Actor) -> str:
    """Return the name of a colleague whose badge was scanned.

    Raises:
        Missing: there is nobody of this number in the organisation.
    """
    name = session.scalar(
        select(User.name).where(User.id == user, User.org_id == by.org, User.disabled_at.is_(None))
    )
    if name is None:
        raise Missing
    return name
