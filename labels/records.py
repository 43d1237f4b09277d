"""What the two papers of a device say, and what they may not lack.

A *biên bản bàn giao* goes with devices from one organisation to another; a *biên bản tiếp nhận* is what a donor gets.
Both are laid out as Decree 30/2020/NĐ-CP, Annex I, wants papers of offices. Nothing on a paper that is signed
is ever cut off or left empty: what is missing or too long is refused by name.
"""

from collections import Counter
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar

from labels.codes import Drawing, any_code, url_code
from labels.refusals import N_, MissingField, TooLong, TooMany, UnreadableCode
from labels.text import tidy

MOST_ITEMS = 1_000
LONGEST_CODE = 16  # alphanumeric characters of a QR of version 1 at level Q
LONGEST = 300  # characters of any one text
LONGEST_LINK = 152  # bytes of version 8 at level M: modules of 0.35 mm in the 20 mm of the margin
ROOT_SHOWN = 20  # characters of a checkpoint's root in clear


@dataclass(frozen=True, kw_only=True)
class Party:
    """One side of a paper. A `person` signs for themselves: no representative, no position."""

    name: str
    address: str
    representative: str = ""
    position: str = ""
    superior: str = ""
    phone: str = ""
    person: bool = False

    @property
    def signs(self) -> str:
        """Who signs."""
        return self.name if self.person else self.representative


@dataclass(frozen=True, kw_only=True)
class Item:
    """One device: `code` without gaps, `category` and `model` in words; the rest may be unknown."""

    code: str
    category: str
    model: str
    serial: str = ""
    grade: str = ""
    accessories: str = ""
    pupil: str = ""
    cls: str = ""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Where the ledger stood: the signed note as it is, and its size, root (base64) and key for the eye."""

    note: str
    size: int
    root: str
    fingerprint: str

    @property
    def shown_root(self) -> str:
        """The beginning of the root, as far as people compare."""
        return self.root[:ROOT_SHOWN]


@dataclass(frozen=True, kw_only=True)
class HandoverRecord:
    """A *biên bản bàn giao*, issued by its sender.

    `number` as after “Số:”, `place` as before the date. `link` is the address in the QR of every page, in any case,
    with its `#secret`; `secret` is the same for typing, as it is to be shown.
    `copies_to` are the lines under “Nơi nhận”, before “Lưu: VT”.
    """

    number: str
    place: str
    on: date
    sender: Party
    receiver: Party
    items: tuple[Item, ...]
    link: str
    secret: str = ""
    checkpoint: Checkpoint | None = None
    subject: str = "Bàn giao thiết bị học tập trực tuyến cho học sinh"
    copies_to: tuple[str, ...] = ()

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many devices of each category, in the order of the list."""
        return _counts(self.items)

    @property
    def pupils(self) -> bool:
        """Whether a line names a pupil."""
        return any(item.pupil for item in self.items)


@dataclass(frozen=True, kw_only=True)
class DonationReceipt:
    """A *biên bản tiếp nhận*, issued by the receiver. `amount` is in whole đồng; `link` may be empty: no QR then."""

    number: str
    place: str
    on: date
    donor: Party
    receiver: Party
    items: tuple[Item, ...]
    amount: int | None = None
    note: str = ""
    link: str = ""
    checkpoint: Checkpoint | None = None
    subject: str = "Tiếp nhận thiết bị tài trợ cho học sinh"
    copies_to: tuple[str, ...] = ()

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many devices of each category, in the order of the list."""
        return _counts(self.items)


Record = HandoverRecord | DonationReceipt
AnyRecord = TypeVar("AnyRecord", HandoverRecord, DonationReceipt)

#: What may be empty; every other text of a part is required.
OPTIONAL: dict[type, set[str]] = {
    Party: {"superior", "phone"},
    Item: {"serial", "grade", "accessories", "pupil", "cls"},
    Checkpoint: set(),
    HandoverRecord: {"secret"},
    DonationReceipt: {"note", "link"},
}
OF_ORGANISATIONS = {"representative", "position"}
#: What is drawn as a code, to the byte, and so not tidied.
RAW = {(HandoverRecord, "link"), (DonationReceipt, "link"), (Checkpoint, "note")}


def checked(record: AnyRecord) -> AnyRecord:
    """Return a record with every text made printable.

    Raises:
        MissingField, TooLong, TooMany: the sentence names the field.
        UnreadableCode: a device's code is not what a label carries.
    """
    if not record.items:
        raise MissingField(N_("The record lists no devices."))
    if len(record.items) > MOST_ITEMS:
        raise TooMany(
            N_("%(count)s devices are too many for one record: at most %(most)s."),
            count=len(record.items),
            most=MOST_ITEMS,
        )
    changes: dict[str, Any] = {
        "items": tuple(_tidied(item, f"device {at}: ") for at, item in enumerate(record.items, start=1)),
        "receiver": _tidied(record.receiver, "receiver: "),
        "copies_to": tuple(_text(line, "copies to", needed=True) for line in record.copies_to),
    }
    if isinstance(record, HandoverRecord):
        changes["sender"] = _tidied(record.sender, "sender: ")
    else:
        changes["donor"] = _tidied(record.donor, "donor: ")
        if record.amount is not None and not 0 < record.amount < 10**12:
            raise TooLong(N_("The amount %(amount)s is not one a record can state."), amount=record.amount)
    if record.checkpoint:
        changes["checkpoint"] = _tidied(record.checkpoint, "checkpoint: ")
    for item in changes["items"]:
        _must_be_code(item.code)
    return replace(_tidied(record, ""), **changes)


def drawings(record: Record) -> dict[str, Drawing]:
    """Return the codes of a checked record by the address its template gives each image.

    Raises:
        UnreadableCode: the link or the checkpoint has too many bytes.
    """
    drawn = {f"code:device/{item.code}": url_code(item.code) for item in record.items}
    if record.link:
        drawn["code:link"] = any_code(record.link, longest=LONGEST_LINK)
    if record.checkpoint:
        drawn["code:checkpoint"] = any_code(record.checkpoint.note)
    return drawn


def _counts(items: tuple[Item, ...]) -> list[tuple[str, int]]:
    return list(Counter(item.category for item in items).items())


AnyPart = TypeVar("AnyPart", Party, Item, Checkpoint, HandoverRecord, DonationReceipt)


def _tidied(part: AnyPart, where: str) -> AnyPart:
    kind: type = type(part)
    optional = OPTIONAL[kind]
    if getattr(part, "person", False):
        optional = optional | OF_ORGANISATIONS
    changes: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, str) and not (value.strip() and (kind, field.name) in RAW):
            changes[field.name] = _text(value, where + field.name, needed=field.name not in optional)
    return replace(part, **changes)


def _text(value: str, field: str, *, needed: bool) -> str:
    text = tidy(value[: 4 * LONGEST])
    if needed and not text:
        raise MissingField(N_("The record cannot be printed without this: %(field)s."), field=field)
    if len(text) > LONGEST or len(value) > 4 * LONGEST:
        raise TooLong(
            N_(
                "Too long for a record, where nothing may be cut off: %(field)s, at most %(most)s characters."
            ),
            field=field,
            most=LONGEST,
        )
    return text


def _must_be_code(code: str) -> None:
    if len(code) > LONGEST_CODE or not code.isascii() or not code.isalnum() or code != code.upper():
        raise UnreadableCode(
            N_("“%(code)s” is no code of a label: 1 to %(most)s capital letters and digits."),
            code=code[:60],
            most=LONGEST_CODE,
        )
