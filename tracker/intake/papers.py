"""Labels and receipts of intake: from rows to the values that `labels` prints."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row

from labels.job import Label
from labels.press import Press
from labels.records import LONGEST, Device, DonationReceipt, Party
from labels.refusals import PaperRefused
from tracker.custody.facts import Category
from tracker.intake.queries import Gift, Parties
from tracker.intake.rules import DonorKind
from tracker.people import places
from tracker.prints.devices import CATEGORIES, label_of
from tracker.refused import Refused
from tracker.web.pages import TEMPLATES
from tracker.words import Words, _

#: The day on which the province became part of another.
REFORM = date(2025, 7, 1)
#: Labels in one print job: four hundred sheets of L7160.
PART = 8_400


def labels_of(rows: Sequence[Row[Any]], *, base: str, donation: str | dict[int, str] = "") -> list[Label]:
    """Return what the labels of devices say. `donation` is the number of all, or of each by donation id."""

    def number(row: Row[Any]) -> str:
        return donation if isinstance(donation, str) else donation.get(row.donation_id, "")

    return [label_of(row, base=base, donation=number(row)) for row in rows]


def parts(count: int) -> int:
    """Return in how many print jobs the labels of so many devices come."""
    return max(1, -(-count // PART))


def part(rows: Sequence[Row[Any]], number: int) -> Sequence[Row[Any]]:
    """Return the rows of one print job, counted from 1."""
    return rows[(number - 1) * PART : number * PART]


# The receipt. Papers are Vietnamese, whatever language the reader has chosen.

ACCESSORIES = {"charger": "sạc", "cable": "cáp", "bag": "túi"}


class Unprintable(Refused):
    """The paper would have an empty place where it needs a word."""

    def __init__(self, name: str, field: Words, out: Words) -> None:
        super().__init__(
            _("The record cannot be printed: “%(name)s” has no %(field)s.", name=name, field=field), out=out
        )


@cache
def _press() -> Press:
    return Press(TEMPLATES)


def receipt_pdf(gift: Gift, parties: Parties, rows: Sequence[Row[Any]], *, base: str) -> bytes:
    """Return the receipt of a donation with the list of its devices as PDF.

    Raises:
        Unprintable: donor or receiver lack what a signed paper needs.
        Refused: no devices yet, or more than one paper carries.
    """
    if not rows:
        raise Refused(
            _("A receipt lists the devices that were received, and there are none yet."),
            out=_("Receive the devices first."),
        )
    record = DonationReceipt(
        number=gift.number,
        place=_province(gift.received_on),
        on=gift.received_on,
        donor=_donor(parties.donor),
        receiver=_receiver(parties.org),
        items=tuple(_item(row) for row in rows),
        link=f"{base}/donations/{gift.id}",
        amount=gift.amount,
        note=gift.note[:LONGEST],
    )
    try:
        return _press().donation_receipt(record)
    except PaperRefused as error:
        raise Refused(
            Words(error.sentence, **error.values), out=_("Correct it, then print again.")
        ) from error


def _province(on: date) -> str:
    unit = places.PROVINCE["26" if on < REFORM else "25"]
    return unit.removeprefix("Tỉnh ")


def _donor(row: Row[Any]) -> Party:
    person = row.kind == DonorKind.PERSON
    needed = {"address": row.address}
    if not person:
        needed |= {"representative": row.representative, "position": row.position}
    _must_have(row.name, needed, _("Add it on the donor's page, then print again."))
    return Party(name=row.name, phone=row.phone, person=person, **needed)


def _receiver(row: Row[Any]) -> Party:
    needed = {"address": row.address, "representative": row.representative, "position": row.position}
    out = _("An administrator fills it in on the page of this organisation; then print again.")
    _must_have(row.name, needed, out)
    return Party(name=row.name, superior=row.superior, phone=row.phone, **needed)


def _must_have(name: str, needed: dict[str, str], out: Words) -> None:
    for field, value in needed.items():
        if not value.strip():
            raise Unprintable(name, FIELDS[field], out)


FIELDS = {
    "address": _("address"),
    "representative": _("representative who signs"),
    "position": _("position of its representative"),
}


def _item(row: Row[Any]) -> Device:
    imeis = ", ".join(imei for imei in (row.imei1, row.imei2) if imei)
    return Device(
        code=row.code,
        category=CATEGORIES[Category(row.category)],
        model=f"{row.make} {row.model}".strip() or "Chưa rõ kiểu máy",
        serial="; ".join(part for part in (row.serial, f"IMEI {imeis}" if imeis else "") if part),
        accessories=", ".join(words for name, words in ACCESSORIES.items() if getattr(row, name)),
    )
