"""smartctl -j (-a, -x): one object a drive, several one after the other, or a list of them.

Source of the fields: smartctl(8) and the JSON of smartmontools 7. A counter's raw value may carry more than
the count (“0 (2000 0)”): what counts is the number its text begins with.
"""

from typing import Any

from tracker.evidence.facts import Drive, DriveKind, Facts, Kind
from tracker.evidence.plain import each, first_number, get, make_said, said, whole, word
from tracker.evidence.refusals import NotOpened, SaysNothing
from tracker.evidence.structured import json_values
from tracker.words import Words, _

REALLOCATED, HOURS, PENDING, UNCORRECTABLE = 5, 9, 197, 198
#: Normalised values that count down from 100 as the drive wears, by names of smartmontools' own table of drives.
WEAR_NAMES = frozenset(
    ("Wear_Leveling_Count", "Media_Wearout_Indicator", "SSD_Life_Left", "Percent_Lifetime_Remain",
     "Remaining_Lifetime_Perc")
)  # fmt: skip
COULD_NOT_OPEN = 0b11  # exit status: command line, or the device would not open


def not_opened(path: str) -> Words:
    """Return the remark that one of several drives could not be opened."""
    return _("smartctl could not open %(drive)s: it says nothing of it.", drive=path or "?")


def facts(text: str) -> Facts:
    """Return the drives of smartctl -j.

    Raises: Cut, TooDeep, NotOpened or SaysNothing.
    """
    objects = [
        one for value in json_values(text) for one in (each(value) or each([value])) if "smartctl" in one
    ]
    drives = [drive for one in objects if (drive := _drive(one))]
    closed = [word(get(one, "device", "name")) for one in objects if not _drive(one)]
    if not drives:
        if closed:
            raise NotOpened(closed[0])
        raise SaysNothing("smartctl")
    return Facts(Kind.SMARTCTL, drives=tuple(drives), notes=tuple(not_opened(path) for path in closed))


def _drive(one: dict[str, Any]) -> Drive | None:
    """Return the drive, or None when smartctl could not open it."""
    model = said(one.get("model_name")) or said(one.get("product")) or said(one.get("scsi_product"))
    serial = word(one.get("serial_number"))
    size = whole(get(one, "user_capacity", "bytes")) or whole(one.get("nvme_total_capacity"))
    if not (model or serial or size):
        return None
    log = get(one, "nvme_smart_health_information_log")
    table = {whole(row.get("id")): row for row in each(get(one, "ata_smart_attributes", "table"))}
    scsi = whole(one.get("scsi_grown_defect_list"))
    hours = whole(get(one, "power_on_time", "hours"))
    uncorrectable = _raw(table.get(UNCORRECTABLE))
    return Drive(
        make_said(one.get("vendor") or one.get("scsi_vendor")),
        model,
        serial,
        size,
        _kind(one),
        usb="usb" in word(get(one, "device", "type")).lower()
        or "[USB" in word(get(one, "device", "info_name")),
        path=word(get(one, "device", "name")),
        firmware=said(one.get("firmware_version")) or said(one.get("scsi_revision")),
        hours=hours if hours is not None else _raw(table.get(HOURS)) if _in_hours(table.get(HOURS)) else None,
        reallocated=_raw(table.get(REALLOCATED)) if table else scsi,
        pending=_raw(table.get(PENDING)),
        uncorrectable=whole(get(log, "media_errors")) if log else uncorrectable,
        worn=_worn(one, table),
        passed=_passed(one, log),
        counted=bool(table or log or scsi is not None),
    )


def _kind(one: dict[str, Any]) -> DriveKind:
    if "nvme" in word(get(one, "device", "type")).lower() or word(get(one, "device", "protocol")) == "NVMe":
        return DriveKind.NVME
    rate = whole(one.get("rotation_rate"))
    if rate is None:
        return DriveKind.UNKNOWN
    return DriveKind.HDD if rate else DriveKind.SSD


def _passed(one: dict[str, Any], log: object) -> bool | None:
    passed = get(one, "smart_status", "passed")
    warning = whole(get(log, "critical_warning"))
    if warning:
        return False
    return passed if isinstance(passed, bool) else None


def _raw(row: object) -> int | None:
    text = word(get(row, "raw", "string"))
    return first_number(text) if text else whole(get(row, "raw", "value"))


def _in_hours(row: object) -> bool:
    """Some makers count minutes or half minutes under the same number; the name says so."""
    return word(get(row, "name")) in ("Power_On_Hours", "Power_On_Hours_and_Msec")


def _worn(one: dict[str, Any], table: dict[int | None, dict[str, Any]]) -> int | None:
    used = whole(get(one, "nvme_smart_health_information_log", "percentage_used"))
    if used is None:
        used = whole(get(one, "endurance_used", "current_percent"))
    if used is not None or one.get("in_smartctl_database") is not True:
        return used
    for row in table.values():
        left = whole(row.get("value"))
        if row.get("name") in WEAR_NAMES and left is not None and left <= 100:
            return 100 - left
    return None
