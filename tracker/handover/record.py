"""What the paper record of a handover says: gathered from the rows, checked, made ready for `labels`.

Administrative names are those valid on the day of the paper: districts ended on 1 July 2025 and
communes were merged, while the organisations' codes are those of the day they were entered with.
"""

import base64
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from flask import current_app
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from labels.press import Press
from labels.records import Checkpoint, Device, HandoverRecord, Item, Party, Record, TransferRecord, checked
from labels.refusals import PaperRefused
from tracker.allocation.models import Pupil, Support
from tracker.custody import checkpoint
from tracker.custody.facts import Category
from tracker.handover import queries
from tracker.handover.actions import VIETNAM
from tracker.handover.rules import Line, number
from tracker.handover.secret import grouped
from tracker.lists.fold import fold
from tracker.people import places
from tracker.people.models import Organisation
from tracker.people.roles import OrgKind
from tracker.refused import Refused
from tracker.web.pages import TEMPLATES
from tracker.words import Words, _

#: The day on which districts ended and the province became part of another.
REFORM = date(2025, 7, 1)

#: What the paper is about when it goes to no school.
TRANSFER = "Chuyển giao thiết bị giữa các đơn vị của chương trình"

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Unprintable(Refused):
    """The paper would have an empty place where it needs a word."""

    def __init__(self, name: str, field: Words) -> None:
        super().__init__(
            _("The record cannot be printed: “%(name)s” has no %(field)s.", name=name, field=field),
            out=_("An administrator fills it in on the page of this organisation; then print again."),
        )


class Paper(NamedTuple):
    """A record as far as the rows tell it, and the ids of its pupils for the log of who read them."""

    record: HandoverRecord | TransferRecord
    pupils: tuple[int, ...]


#: What both parties must have, in the words of the refusal.
NEEDED = {
    "representative": _("representative who signs"),
    "position": _("position of its representative"),
    "address": _("address"),
}


def values(session: Session, row: Row[Any], *, base: str, at: datetime) -> Paper:
    """Gather what the record of a sent handover says on the day of `at`; only one to a school names pupils.

    Raises:
        Unprintable: something is missing that a paper may not leave empty.
    """
    on = at.astimezone(VIETNAM).date()
    orgs = {
        org.id: org
        for org in session.execute(
            select(Organisation.__table__).where(Organisation.id.in_([row.from_org_id, row.to_org_id]))
        )
    }
    lines = [
        line for line in queries.lines(session, row.id) if line.state not in {Line.REMOVED, Line.UNEXPECTED}
    ]
    both: dict[str, Any] = {
        "number": number(row.seq, row.year),
        "place": place(orgs[row.from_org_id], on),
        "on": on,
        "sender": party(orgs[row.from_org_id], on),
        "receiver": party(orgs[row.to_org_id], on),
        "link": f"{base}/h/{row.id}",
    }
    if row.to_kind != OrgKind.SCHOOL:
        return Paper(TransferRecord(**both, items=tuple(map(carried, lines)), subject=TRANSFER), ())
    pupils = _pupils(session, [line.support_id for line in lines if line.support_id])
    items = tuple(_item(line, pupils.get(line.support_id)) for line in lines)
    return Paper(HandoverRecord(**both, items=items), tuple(pupil.id for pupil in pupils.values()))


def finish(paper: Paper, *, secret: str, note: str, fingerprint: str) -> HandoverRecord | TransferRecord:
    """Return the record with its one-time secret and the checkpoint `note`, ready for the press.

    Raises:
        Refused: a text is too long for paper, or something else that paper says no to.
    """
    ready = replace(
        paper.record,
        link=paper.record.link + (f"#{secret}" if secret else ""),
        secret=grouped(secret),
        checkpoint=stands(note, fingerprint),
    )
    printable(ready)
    return ready


def stands(note: str, fingerprint: str) -> Checkpoint:
    """Return where the ledger stood by a signed checkpoint, as papers print it."""
    at = checkpoint.parse(note)
    root = base64.b64encode(at.root).decode()
    return Checkpoint(note=note, size=at.size, root=root, fingerprint=fingerprint)


def printable(record: AnyRecord) -> AnyRecord:
    """Return a record whose texts the press takes as they are.

    Raises:
        Refused: paper says no; the sentence names the field.
    """
    try:
        return checked(record)
    except PaperRefused as error:
        named = {name: _named(value) if name == "field" else value for name, value in error.values.items()}
        raise Refused(Words(error.sentence, **named), out=_("Correct it, then print again.")) from error


#: Fields of records that people can leave empty or make too long, in the reader's words.
FIELDS = {
    "name": _("name"),
    "address": _("address"),
    "representative": _("representative who signs"),
    "position": _("position"),
    "reason": _("reason"),
    "condition": _("condition"),
    "findings": _("findings"),
}


def _named(field: object) -> str:
    """Return where a record lacks something: the last name is the field, those before are parts of the record."""
    *parts, last = str(field).split(": ")
    return ": ".join([*parts, str(FIELDS.get(last, last))])


@cache
def press() -> Press:
    """Return the press of this process; it reads its templates and style once."""
    return Press(TEMPLATES)


def _pupils(session: Session, supports: list[str]) -> dict[str, Any]:
    # The sender may not look pupils up, but packs for each of them: the paper names whom a device is for.
    rows = session.execute(
        select(Support.id.label("support"), Pupil.id, Pupil.name, Pupil.cls)
        .join(Pupil, Pupil.id == Support.pupil_id)
        .where(Support.id.in_(supports))
    )
    return {str(row.support): row for row in rows}


def vietnamese(words: Words) -> str:
    """Return words in the language of papers, whatever the language of whoever prints them."""
    sentence = str(current_app.extensions["catalogues"]["vi"].gettext(words.message))
    return sentence % words.values if words.values else sentence


def thing(device: Row[Any]) -> dict[str, Any]:
    """Return what every list says of a device."""
    category = vietnamese(Category(device.category).label)
    return {
        "code": device.code,
        "category": category,
        "model": f"{device.make} {device.model}".strip() or category,
        "serial": device.serial or device.imei1 or "",
    }


def with_it(device: Row[Any]) -> list[str]:
    """Return what goes with a device, in the words of papers."""
    has = [(device.charger, _("charger")), (device.cable, _("cable")), (device.bag, _("bag"))]
    return [vietnamese(word) for there, word in has if there]


def carried(device: Row[Any]) -> Device:
    """Return a device that goes from hand to hand, with what goes with it."""
    return Device(**thing(device), grade=device.grade, accessories=", ".join(with_it(device)))


def _item(line: Row[Any], pupil: Row[Any] | None) -> Item:
    return Item(**vars(carried(line)), pupil=pupil.name if pupil else "", cls=pupil.cls if pupil else "")


def party(org: Row[Any], on: date) -> Party:
    """Return an organisation as one side of a paper of that day.

    Raises:
        Unprintable: it lacks an address, or who signs for it and as what.
    """
    side = Party(
        name=org.name,
        superior=org.superior,
        address=full_address(org, on),
        phone=org.phone,
        representative=org.representative,
        position=org.position,
    )
    for field, words in NEEDED.items():
        if not getattr(side, field).strip():
            raise Unprintable(org.name, words)
    return side


def full_address(org: Row[Any], on: date) -> str:
    """Return an address with the names of commune, district and province valid on that day.

    What the address itself says already is not said twice.
    """
    said = fold(org.address)
    units = [_commune(org, on), places.district(org.district, on=on) if org.district else None]
    names = [unit.full_name for unit in units if unit and fold(unit.name) not in said]
    province = places.PROVINCE["26" if on < REFORM else "25"]
    if any(units) and fold(province.removeprefix("Tỉnh ")) not in said:
        names.append(province)
    return ", ".join(part for part in [org.address, *names] if part)


def _commune(org: Row[Any], on: date) -> places.Commune | None:
    if not org.commune:
        return None
    if org.units_of < REFORM <= on:
        return places.became(org.commune, on=on)
    return places.commune(org.commune, on=on)


def place(org: Row[Any], on: date) -> str:
    """Return the place a paper is issued at: the district, since 1 July 2025 the commune, else the province."""
    unit = (places.district(org.district, on=on) if org.district else None) or _commune(org, on)
    return unit.name if unit else places.PROVINCE["26" if on < REFORM else "25"].removeprefix("Tỉnh ")
