"""A record as plain values, as JSON has them, and back: what was kept prints again to the byte."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, get_args, get_type_hints

from labels.records.base import Record
from labels.records.kinds import DonationReceipt, HandoverRecord, PupilHandover, ReturnRecord, TransferRecord
from labels.records.workshop import ErasureCertificate, InspectionRecord, RepairRecord, RetirementRecord

KINDS: dict[str, type[Record]] = {
    each.kind: each
    for each in (
        HandoverRecord,
        TransferRecord,
        DonationReceipt,
        PupilHandover,
        ReturnRecord,
        InspectionRecord,
        RepairRecord,
        ErasureCertificate,
        RetirementRecord,
    )
}


def plain(value: Any) -> Any:
    """Return a record, or a part of one, as what JSON has: every field by its name."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def restored(kind: str, values: Mapping[str, Any]) -> Record:
    """Return the record of a kind that `plain` made these values of.

    Raises:
        KeyError: there is no such kind.
        TypeError, ValueError: the values are not those of one.
    """
    record = _part(KINDS[kind], values)
    assert isinstance(record, Record)
    return record


@cache
def _types(part: type) -> dict[str, Any]:
    hints = get_type_hints(part)
    return {field.name: hints[field.name] for field in fields(part)}


def _part(part: type, values: Mapping[str, Any]) -> Any:
    types = _types(part)
    return part(**{name: _value(types.get(name, str), value) for name, value in values.items()})


def _value(kind: Any, value: Any) -> Any:
    choices = get_args(kind)
    if NoneType in choices:  # X | None
        return None if value is None else _value(choices[0], value)
    if choices:  # tuple[X, ...]
        return tuple(_value(choices[0], each) for each in value)
    if is_dataclass(kind):
        return _part(kind, value)  # type: ignore[arg-type]  # a class, not one of its instances
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    return kind(value) if issubclass(kind, Enum) else value
