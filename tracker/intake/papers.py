"""Labels and receipts of intake: from rows to the values that `labels` prints."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row

from labels.job import Label, Placing
from labels.press import Press
from labels.records import LONGEST, DonationReceipt, Item, Party
from labels.refusals import PaperRefused
from labels.sheets import sheet
from labels.stock import Stock, find
from tracker.custody.codes import url
from tracker.custody.facts import Category
from tracker.intake.queries import Gift, Parties
from tracker.intake.rules import DonorKind
from tracker.people import places
from tracker.refused import Refused
from tracker.web.pages import TEMPLATES
from tracker.words import Words, _

#: The paper that is offered first, then what else there is in the offices: sheets, then rolls.
STOCKS = ("L7160", "L7161", "L7162", "L7163", "L7651", "50x30", "58x40", "40x30")
ROLL = "50x30"
DPIS = (203, 300, 600)
#: The day on which the province became part of another.
REFORM = date(2025, 7, 1)
#: Labels in one file: a hundred sheets of L7160.
PART = 2_100


def labels_pdf(
    rows: Sequence[Row[Any]],
    *,
    base: str,
    stock: str = STOCKS[0],
    skip: int = 0,
    dpi: int = 203,
    donation: str | dict[int, str] = "",
) -> bytes:
    """Return the labels of devices as PDF. `donation` is the number of all, or of each by donation id.

    Raises:
        Refused: no such paper, or more labels or places than it has.
    """
    labels = [
        Label(
            code=row.code,
            url=url(base, row.code),
            make_model=f"{row.make} {row.model}".strip(),
            donation=donation if isinstance(donation, str) else donation.get(row.donation_id, ""),
        )
        for row in rows
    ]
    return printed(labels, stock=stock, skip=skip, dpi=dpi)


def printed(labels: Sequence[Label], *, stock: str, skip: int, dpi: int) -> bytes:
    """Return labels as PDF.

    Raises:
        Refused: what paper says no to, as a sentence for the reader.
    """
    try:
        return sheet(labels, stock=stock, dpi=dpi, placing=Placing(skip=skip))
    except PaperRefused as error:
        raise Refused(
            Words(error.sentence, **error.values), out=_("Choose another paper, place or resolution.")
        ) from error


def stock_choices() -> list[tuple[str, str]]:
    """Return the label papers to choose from, each with its size and how many are on a sheet."""
    return [(name, _described(find(name))) for name in STOCKS]


def _described(stock: Stock) -> str:
    size = f"{stock.label_width:g} × {stock.label_height:g} mm".replace(".", ",")
    if stock.count == 1:
        return str(_("%(name)s: roll, %(size)s", name=stock.name, size=size))
    return str(_("%(name)s: A4, %(count)s labels of %(size)s", name=stock.name, count=stock.count, size=size))


def parts(count: int) -> int:
    """Return in how many files the labels of so many devices come."""
    return max(1, -(-count // PART))


def part(rows: Sequence[Row[Any]], number: int) -> Sequence[Row[Any]]:
    """Return the rows of one file of labels, counted from 1."""
    return rows[(number - 1) * PART : number * PART]


# The receipt. Papers are Vietnamese, whatever language the reader has chosen.

CATEGORIES = {
    Category.DESKTOP: "Máy tính để bàn",
    Category.LAPTOP: "Máy tính xách tay",
    Category.TABLET: "Máy tính bảng",
    Category.PHONE: "Điện thoại",
    Category.OTHER: "Thiết bị khác",
}
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


def receipt_pdf(gift: Gift, parties: Parties, rows: Sequence[Row[Any]]) -> bytes:
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


def _item(row: Row[Any]) -> Item:
    imeis = ", ".join(imei for imei in (row.imei1, row.imei2) if imei)
    return Item(
        code=row.code,
        category=CATEGORIES[Category(row.category)],
        model=f"{row.make} {row.model}".strip() or "Chưa rõ kiểu máy",
        serial="; ".join(part for part in (row.serial, f"IMEI {imeis}" if imeis else "") if part),
        accessories=", ".join(words for name, words in ACCESSORIES.items() if getattr(row, name)),
    )
