"""What to make of a list of donated devices, row by row.

`judge_devices` reads and settles in one go. An action that must first look up what is there already
calls `understand_devices`, asks the database for `wanted` serials and IMEIs, then `settle_devices`.
The form for one device uses `normal_imei` and `normal_serial` of `tracker.lists.serials`: the same rules.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import ClassVar

from stdnum import imei as stdnum_imei

from tracker.intake.list_headings import HEADINGS, KIND_WORDS, KINDS
from tracker.lists.fold import fold, tidy
from tracker.lists.headings import Row, Table, tables
from tracker.lists.serials import normal_serial, placeholder
from tracker.lists.sheets import Sheet, digits_lost, text_of, ticked
from tracker.lists.verdicts import Outcome, Twin, outcome_of

__all__ = [
    "KINDS",
    "DeviceRow",
    "ImeiVerdict",
    "KnownDevice",
    "KnownDevices",
    "Wanted",
    "judge_devices",
    "normal_imei",
    "normal_kind",
    "settle_devices",
    "understand_devices",
    "wanted",
]

_SAME_AS_ABOVE = frozenset({"nt", "-nt-", "nhutren", "ditto", '"', "''", "”", "〃", "//", "-//-"})
_SEPARATORS = re.compile(r"[\s.\-]+")
_TWO_IMEIS = re.compile(r"(\d{14,15})\s*[/,;&|\s]\s*(\d{14,15})")


@dataclass(frozen=True, slots=True)
class ImeiVerdict:
    """An IMEI as kept; `comparable` says whether its check digit is right, so it may find duplicates."""

    imei: str
    why: tuple[str, ...] = ()
    comparable: bool = False


def normal_imei(text: str) -> ImeiVerdict:
    """Return the IMEI with its leading zero put back if it was lost; "" for none or one that is lost.

    15 digits with a right check digit (Luhn) are `comparable`; anything else is kept as typed.
    """
    text = tidy(text)
    if not text or placeholder(text):
        return ImeiVerdict("")
    if digits_lost(text):
        return ImeiVerdict("", ("imei_lost",))
    digits = _SEPARATORS.sub("", text)
    if len(digits) == 15 and _luhn(digits):
        return ImeiVerdict(digits, comparable=True)
    if len(digits) == 14 and _luhn("0" + digits):
        return ImeiVerdict("0" + digits, ("imei_zero",), comparable=True)
    return ImeiVerdict((digits if digits.isascii() and digits.isdigit() else text)[:20], ("imei_luhn",))


def normal_kind(text: str) -> str:
    """Return one of `KINDS` for what people call a device, or "" for anything else."""
    return _kind_of(tidy(text))


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One row of a device list: what was understood, and what to conclude."""

    columns: ClassVar[tuple[str, ...]] = (
        *("file", "sheet", "line", "outcome", "why", "kind", "make", "model", "serial"),
        *("imei1", "imei2", "charger", "cable", "bag", "donor"),
    )

    file: str
    sheet: str
    line: int
    outcome: Outcome
    why: tuple[str, ...]
    kind: str
    make: str
    model: str
    serial: str
    imei1: str
    imei2: str
    charger: bool
    cable: bool
    bag: bool
    donor: str
    condition: str = ""
    note: str = ""
    #: The IMEIs whose check digit is right: only these find duplicates.
    comparable: tuple[str, ...] = ()
    #: The earlier row or the device this one repeats or contradicts.
    twin: Twin | None = None


@dataclass(frozen=True, slots=True)
class KnownDevice:
    make: str
    model: str
    code: str


@dataclass(frozen=True, slots=True)
class KnownDevices:
    """The devices that are there already, by normal serial and by IMEI (15 digits) to the code."""

    by_serial: Mapping[str, Sequence[KnownDevice]] = field(default_factory=dict)
    by_imei: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The serials and IMEIs of a list, to look up what is there already."""

    serials: frozenset[str]
    imeis: frozenset[str]


def judge_devices(sheets: Sequence[Sheet], known: KnownDevices) -> list[DeviceRow]:
    """Read the rows of a device list and conclude what to do with each.

    Raises: NoTable if no sheet has headings with at least the kind of device and two others.
    """
    return settle_devices(understand_devices(sheets), known)


def understand_devices(sheets: Sequence[Sheet]) -> list[DeviceRow]:
    """Read each row by itself, without looking for duplicates. Raises: NoTable."""
    return [row for table in tables(sheets, HEADINGS, needs=("kind",)) for row in _rows(table)]


def wanted(rows: Iterable[DeviceRow]) -> Wanted:
    """Say what `settle_devices` must know about: the serials and comparable IMEIs in the list."""
    kept = [row for row in rows if row.outcome is not Outcome.BAD]
    return Wanted(
        frozenset(row.serial for row in kept if row.serial),
        frozenset(imei for row in kept for imei in row.comparable),
    )


def settle_devices(rows: Iterable[DeviceRow], known: KnownDevices) -> list[DeviceRow]:
    """Find the rows that repeat or contradict an earlier row or a known device.

    Refused rows count for nothing: no later row is a duplicate of one.
    """
    serials: dict[str, dict[tuple[str, str], Twin]] = {}
    imeis: dict[str, Twin] = {}
    settled = []
    for row in rows:
        if row.outcome is not Outcome.BAD:
            found = _found(row, known, serials, imeis)
            if found:
                code, twin = found
                why = (*row.why, code)
                row = replace(row, why=why, outcome=outcome_of(why), twin=twin)  # noqa: PLW2901
            here = Twin(sheet=row.sheet, line=row.line)
            if row.serial:
                serials.setdefault(row.serial, {}).setdefault(_machine(row.make, row.model), here)
            for imei in row.comparable:
                imeis.setdefault(imei, here)
        settled.append(row)
    return settled


def _found(
    row: DeviceRow,
    known: KnownDevices,
    serials: Mapping[str, Mapping[tuple[str, str], Twin]],
    imeis: Mapping[str, Twin],
) -> tuple[str, Twin] | None:
    machine = _machine(row.make, row.model)
    there = known.by_serial.get(row.serial, ()) if row.serial else ()
    same = {_machine(one.make, one.model): Twin(code=one.code) for one in there}
    same |= serials.get(row.serial, {}) if row.serial else {}
    if machine in same:
        return "same_serial", same[machine]
    for imei in row.comparable:
        if imei in imeis:
            return "same_imei", imeis[imei]
        if imei in known.by_imei:
            return "same_imei", Twin(code=known.by_imei[imei])
    if same:
        return "serial_conflict", next(iter(same.values()))
    return None


@lru_cache(maxsize=4096)
def _machine(make: str, model: str) -> tuple[str, str]:
    return fold(make), fold(model)


def _rows(table: Table) -> Iterable[DeviceRow]:
    donor = ""
    for row in table.rows():
        donor = _donor(row.text("donor", most=200), donor)
        if not row.text("kind") and row.filled == 1 and row.text("donor"):
            continue  # a blank line that a merged donor reaches over
        yield _row(row, donor)


def _donor(text: str, above: str) -> str:
    return above if not text or re.sub(r"[\s.]", "", fold(text)) in _SAME_AS_ABOVE else text


def _row(row: Row, donor: str) -> DeviceRow:
    said = row.text("kind")
    kind = _kind_of(said)
    make, model = row.text("make", most=80), row.text("model", most=120)
    serial = normal_serial(row.text("serial", most=120))
    imeis = [normal_imei(text) for text in _imeis(row)]
    why: tuple[str, ...]
    if not kind:
        why = ("kind_other" if said else "kind_missing",)
    else:
        remarks = [*serial.why, *(code for one in imeis for code in one.why)]
        why = tuple(dict.fromkeys(remarks + (["model_missing"] if not model else [])))
    return DeviceRow(
        file=row.sheet.file,
        sheet=row.sheet.name,
        line=row.number,
        outcome=outcome_of(why),
        why=why,
        kind=kind,
        make=make,
        model=model,
        serial=serial.serial,
        imei1=imeis[0].imei,
        imei2=imeis[1].imei,
        charger=ticked(row.cell("charger")),
        cable=ticked(row.cell("cable")),
        bag=ticked(row.cell("bag")),
        donor=donor,
        condition=row.text("condition", most=300),
        note=row.text("note", most=300),
        comparable=tuple(dict.fromkeys(one.imei for one in imeis if one.comparable)),
    )


def _imeis(row: Row) -> tuple[str, str]:
    first, second = text_of(row.cell("imei1")), text_of(row.cell("imei2"))
    if not second and (both := _TWO_IMEIS.fullmatch(first)):
        return both[1], both[2]
    return first, second


def _luhn(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and bool(stdnum_imei.is_valid(digits))


@lru_cache(maxsize=1024)
def _kind_of(text: str) -> str:
    said = " ".join(re.sub(r"[\W_]+", " ", fold(text)).split())
    return KIND_WORDS.get(said, "")
