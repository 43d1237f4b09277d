"""What the paper record of a handover says: gathered from the rows, checked, made ready for `labels`.

Administrative names are those valid on the day of the paper: districts ended on 1 July 2025 and
communes were merged, while the organisations' codes are those of the day they were entered with.
"""

import base64
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from labels.press import Press
from labels.records import Checkpoint, HandoverRecord, Item, Party, checked
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

#: What the paper is about, by whether it goes to a school.
SUBJECTS = {
    True: "Bàn giao thiết bị học tập trực tuyến cho học sinh",
    False: "Chuyển giao thiết bị giữa các đơn vị của chương trình",
}


class Unprintable(Refused):
    """The paper would have an empty place where it needs a word."""

    def __init__(self, name: str, field: Words) -> None:
        super().__init__(
            _("The record cannot be printed: “%(name)s” has no %(field)s.", name=name, field=field),
            out=_("An administrator fills it in on the page of this organisation; then print again."),
        )


class Paper(NamedTuple):
    """A record as far as the rows tell it, and the ids of its pupils for the log of who read them."""

    record: HandoverRecord
    pupils: tuple[int, ...]


#: What both parties must have, in the words of the refusal.
NEEDED = {
    "representative": _("representative who signs"),
    "position": _("position of its representative"),
    "address": _("address"),
}


def values(session: Session, row: Row[Any], *, base: str, at: datetime) -> Paper:
    """Gather what the record of a sent handover says on the day of `at`.

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
    delivery = row.to_kind == OrgKind.SCHOOL
    lines = [
        line for line in queries.lines(session, row.id) if line.state not in {Line.REMOVED, Line.UNEXPECTED}
    ]
    pupils = _pupils(session, [line.support_id for line in lines if line.support_id]) if delivery else {}
    record = HandoverRecord(
        number=number(row.seq, row.year),
        place=_place(orgs[row.from_org_id], on),
        on=on,
        sender=_party(orgs[row.from_org_id], on),
        receiver=_party(orgs[row.to_org_id], on),
        items=tuple(_item(line, pupils.get(line.support_id)) for line in lines),
        link=f"{base}/h/{row.id}",
        subject=SUBJECTS[delivery],
    )
    return Paper(record, tuple(pupil.id for pupil in pupils.values()))


def finish(paper: Paper, *, secret: str, note: str, fingerprint: str) -> HandoverRecord:
    """Return the record with its one-time secret and the checkpoint `note`, ready for the press.

    Raises:
        Refused: a text is too long for paper, or something else that paper says no to.
    """
    stands = checkpoint.parse(note)
    ready = replace(
        paper.record,
        link=paper.record.link + (f"#{secret}" if secret else ""),
        secret=grouped(secret),
        checkpoint=Checkpoint(
            note=note,
            size=stands.size,
            root=base64.b64encode(stands.root).decode(),
            fingerprint=fingerprint,
        ),
    )
    try:
        checked(ready)
    except PaperRefused as error:
        raise Refused(
            Words(error.sentence, **error.values), out=_("Correct it, then print again.")
        ) from error
    return ready


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


def _item(line: Row[Any], pupil: Row[Any] | None) -> Item:
    with_it = [(line.charger, _("charger")), (line.cable, _("cable")), (line.bag, _("bag"))]
    category = vietnamese(Category(line.category).label)
    return Item(
        code=line.code,
        category=category,
        model=f"{line.make} {line.model}".strip() or category,
        serial=line.serial or line.imei1 or "",
        grade=line.grade,
        accessories=", ".join(vietnamese(word) for has, word in with_it if has),
        pupil=pupil.name if pupil else "",
        cls=pupil.cls if pupil else "",
    )


def _party(org: Row[Any], on: date) -> Party:
    party = Party(
        name=org.name,
        superior=org.superior,
        address=full_address(org, on),
        phone=org.phone,
        representative=org.representative,
        position=org.position,
    )
    for field, words in NEEDED.items():
        if not getattr(party, field).strip():
            raise Unprintable(org.name, words)
    return party


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


def _place(org: Row[Any], on: date) -> str:
    """Return the place a paper is issued at: the district, since 1 July 2025 the commune, else the province."""
    unit = (places.district(org.district, on=on) if org.district else None) or _commune(org, on)
    return unit.name if unit else places.PROVINCE["26" if on < REFORM else "25"].removeprefix("Tỉnh ")
