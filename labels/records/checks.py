"""What a record may not lack, and how much of anything it holds."""

from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any, TypeVar

from labels.codes import Drawing, any_code, url_code
from labels.records.base import Record
from labels.records.kinds import DonationReceipt
from labels.records.pages import LONGEST_LINK
from labels.records.parts import Checkpoint, Drive, Party
from labels.records.tables import ROW_VERSION
from labels.refusals import N_, MissingField, PaperRefused, TooLong, TooMany, UnreadableCode
from labels.text import tidy

MOST_ITEMS = 1_000
LONGEST_CODE = 16  # alphanumeric characters: a QR of version 2 at level H has room for 20
NOTE_AT_Q = 81  # modules a side, of 0.37 mm in the 30 mm of `record.css`
LONGEST = 300  # characters of any one text
#: Less of what also stands in the foot of every page, which does not grow, and in the narrowest columns.
SHORTER = {"number": 48, "secret": 40, "grade": 24}
MOST_MONEY = 10**12
LAST_DRAWN = (
    0xFFFF  # beyond the first plane are pictures and dead scripts, which the faces of papers do not have
)

OF_ORGANISATIONS = {"representative", "position"}
#: What a part of a list is called where it is named, by the field that lists it.
ONE_OF = {"items": "device", "drives": "drive", "members": "member", "copies_to": "copies to"}

TOO_MANY_ITEMS = N_("%(count)s devices are too many for one record: at most %(most)s.")
#: Of what stands on the page that is signed there can only be so much.
MOST = {
    "members": (9, N_("%(count)s people are too many to sign one record: at most %(most)s.")),
    "copies_to": (20, N_("%(count)s receivers of copies are too many: at most %(most)s.")),
}

AnyRecord = TypeVar("AnyRecord", bound=Record)


def may_lack(part: Any) -> set[str]:
    """Return the names of the texts that may be empty: those that are by default."""
    optional = {field.name for field in fields(part) if field.default == ""}
    if isinstance(part, Party) and not part.person:
        optional -= OF_ORGANISATIONS
    return optional


def checked(record: AnyRecord) -> AnyRecord:
    """Return a record with every text made printable.

    Raises:
        MissingField, TooLong, TooMany: the sentence names the field.
        UnreadableCode: a device's code is not what a label carries.
    """
    _count(record)
    found: AnyRecord = _tidied(record, "")
    if isinstance(found, DonationReceipt) and found.amount is not None and not 0 < found.amount < MOST_MONEY:
        raise TooLong(N_("The amount %(amount)s is not one a record can state."), amount=found.amount)
    for thing in found.things:
        _must_be_code(thing.code)
    for at, drive in enumerate(getattr(found, "drives", ()), start=1):
        _must_be_code(drive.code)
        _must_take_time(drive, at)
    return found


def drawings(record: Record) -> dict[str, Drawing]:
    """Return the codes of a checked record by the address its template gives each image.

    Raises:
        UnreadableCode: the link or the checkpoint has too many bytes.
    """
    drawn = {f"code:device/{code}": url_code(code, ROW_VERSION) for code in sorted(record.table.codes)}
    if record.link:
        any_code(record.link, longest=LONGEST_LINK)  # the foot of each page adds the number of the page
    if record.checkpoint:
        drawn["code:checkpoint"] = any_code(record.checkpoint.note, at_q=NOTE_AT_Q)
    return drawn


def _count(record: Record) -> None:
    for field in fields(record):
        parts = getattr(record, field.name)
        if not isinstance(parts, tuple):
            continue
        if not parts and field.default is MISSING:
            if field.name == "items":
                raise MissingField(N_("The record lists no devices."))
            raise MissingField(
                N_("The record cannot be printed without this: %(field)s."), field=ONE_OF[field.name]
            )
        most, sentence = MOST.get(field.name, (MOST_ITEMS, TOO_MANY_ITEMS))
        if len(parts) > most:
            raise TooMany(sentence, count=len(parts), most=most)


def _must_take_time(drive: Drive, at: int) -> None:
    if drive.ended < drive.started:
        raise PaperRefused(N_("The erasure of drive %(number)s ends before it begins."), number=at)


def _tidied(part: Any, where: str) -> Any:
    optional = may_lack(part)
    changes: dict[str, Any] = {}
    for field in fields(part):
        name, value = field.name, getattr(part, field.name)
        if isinstance(value, str):
            if not (value.strip() and _is_drawn(part, name)):
                changes[name] = _text(
                    value, where + name, needed=name not in optional, most=SHORTER.get(name, LONGEST)
                )
        elif is_dataclass(value):
            changes[name] = _tidied(value, f"{where}{name}: ")
        elif isinstance(value, tuple):
            changes[name] = tuple(_one(each, name, at) for at, each in enumerate(value, start=1))
    return replace(part, **changes)


def _one(part: Any, name: str, at: int) -> Any:
    if isinstance(part, str):
        return _text(part, ONE_OF[name], needed=True)
    return _tidied(part, f"{ONE_OF[name]} {at}: ")


def _is_drawn(part: Any, name: str) -> bool:
    # What is drawn as a code is drawn to the byte.
    return (isinstance(part, Record) and name == "link") or (isinstance(part, Checkpoint) and name == "note")


def _text(value: str, field: str, *, needed: bool, most: int = LONGEST) -> str:
    text = tidy(value[: 4 * LONGEST])
    if needed and not text:
        raise MissingField(N_("The record cannot be printed without this: %(field)s."), field=field)
    if len(text) > most or len(value) > 4 * LONGEST:
        raise TooLong(
            N_(
                "Too long for a record, where nothing may be cut off: %(field)s, at most %(most)s characters."
            ),
            field=field,
            most=most,
        )
    if char := undrawn(text):
        raise PaperRefused(
            N_("A signed paper cannot show “%(character)s” (U+%(point)s), which stands in: %(field)s."),
            character=char,
            point=f"{ord(char):04X}",
            field=field,
        )
    return text


def undrawn(text: str) -> str:
    """Return the first character of a text that no face of a paper has, or ""."""
    return next((char for char in text if ord(char) > LAST_DRAWN), "")


def _must_be_code(code: str) -> None:
    if len(code) > LONGEST_CODE or not code.isascii() or not code.isalnum() or code != code.upper():
        raise UnreadableCode(
            N_("“%(code)s” is no code of a label: 1 to %(most)s capital letters and digits."),
            code=code[:60],
            most=LONGEST_CODE,
        )
