"""smartctl -a or -x as text, for one drive or several one after the other.

A table of attributes counts only when its end was seen, so that a cut file never looks healthier than it is.
"""

import re

from tracker.evidence.facts import Drive, DriveKind, Facts, Kind
from tracker.evidence.parsers.smartctl import (
    HOURS,
    PENDING,
    REALLOCATED,
    UNCORRECTABLE,
    WEAR_NAMES,
    not_opened,
)
from tracker.evidence.plain import first_number, make_said, said, whole, word
from tracker.evidence.refusals import NothingWhole, NotOpened
from tracker.evidence.text import field, lines_of

START = re.compile(r"^smartctl \d+\.\d+ ", re.MULTILINE)
_ROW = re.compile(
    r" *(\d{1,3}) ([A-Za-z_][\w./-]*) +(?:0x[0-9a-f]{4}|[A-Z-]{6}) +(\d{3}|---) +(\d{3}|---) +(\d{3}|---) +(.*)"
)
_NO_DRIVE = ("open device: ", "Unable to detect device type", "Read Device Identity failed", "/dev/")
_MODEL = ("Device Model", "Model Number", "Product")
_SIZE = ("User Capacity", "Total NVM Capacity", "Namespace 1 Size/Capacity")
_PASSED = {"PASSED": True, "OK": True, "FAILED!": False}


def facts(text: str) -> Facts:
    """Return the drives of smartctl's text.

    Raises: NotOpened or NothingWhole.
    """
    starts = [match.start() for match in START.finditer(text)] or [0]
    drives, closed, ended = [], [], True
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        lines, ended = lines_of(text[start:end])
        drive = _drive(lines)
        if drive:
            drives.append(drive)
        elif failed := [line for line in lines if any(words in line for words in _NO_DRIVE)]:
            path = re.search(r"/dev/[\w./-]{1,60}", failed[0])
            closed.append(path[0].rstrip(":") if path else "")
    if not drives:
        if closed:
            raise NotOpened(closed[0] or "?")
        raise NothingWhole("smartctl")
    return Facts(
        Kind.SMARTCTL, drives=tuple(drives), notes=tuple(not_opened(path) for path in closed), whole=ended
    )


def _drive(lines: list[str]) -> Drive | None:
    values: dict[str, str] = {}
    for line in lines:
        name, value = field(line)
        values.setdefault(name, value)
    model = next((said(values[name]) for name in _MODEL if said(values.get(name))), "")
    serial = word(values.get("Serial Number") or values.get("Serial number"))
    if not (model or serial):
        return None
    rows, complete = _table(lines)
    nvme = "Model Number" in values
    health = values.get("SMART overall-health self-assessment test result") or values.get(
        "SMART Health Status"
    )
    passed = _PASSED.get((health or "").split(" ")[0])
    if re.fullmatch(r"0x0*[1-9a-f][0-9a-f]*", values.get("Critical Warning", "")):
        passed = False
    errors = whole(values.get("Media and Data Integrity Errors"))
    defects = whole(values.get("Elements in grown defect list"))
    return Drive(
        make_said(values.get("Vendor")),
        model,
        serial,
        _size(values),
        _kind(values, nvme=nvme),
        firmware=said(values.get("Firmware Version") or values.get("Revision")),
        hours=whole(values.get("Power On Hours")) if nvme else _hours(rows),
        reallocated=_raw(rows.get(REALLOCATED)) if rows else defects,
        pending=_raw(rows.get(PENDING)),
        uncorrectable=errors if nvme else _raw(rows.get(UNCORRECTABLE)),
        worn=_worn(values, rows),
        passed=passed,
        counted=complete or errors is not None or defects is not None,
    )


Row = tuple[str, str, str]


def _table(lines: list[str]) -> tuple[dict[int, Row], bool]:
    """Return the attributes as name, value and raw; and whether the line after the last one was seen."""
    rows: dict[int, Row] = {}
    inside = complete = False
    for line in lines:
        if line.startswith("ID# ATTRIBUTE_NAME"):
            inside = True
        elif inside and (match := _ROW.fullmatch(line)):
            # With the long form of flags the rest is FAIL RAW, else TYPE UPDATED WHEN_FAILED RAW.
            rest = match[6].split(None, 3 if " 0x" in line else 1)
            rows.setdefault(int(match[1]), (match[2], match[3], rest[-1] if rest else ""))
        elif inside:
            # Anything but an empty line or the legend of the flags is a row that is not understood.
            inside, complete = False, not line.strip() or line.lstrip().startswith("|")
    return rows, complete and bool(rows)


def _raw(row: Row | None) -> int | None:
    return first_number(row[2]) if row else None


def _hours(rows: dict[int, Row]) -> int | None:
    row = rows.get(HOURS)
    if row is None or not row[0].startswith("Power_On_"):
        return None
    match = re.match(r"(\d{1,9})h\+", row[2])
    return int(match[1]) if match else _raw(row) if row[0] == "Power_On_Hours" else None


def _size(values: dict[str, str]) -> int | None:
    for name in _SIZE:
        # The thousands are separated as the language has it: 320,072,933,376 or 320.072.933.376.
        digits = re.sub(r"\D", "", re.split(r"bytes|\[", values.get(name, ""))[0])
        if digits and len(digits) < 19:
            return int(digits) or None
    return None


def _kind(values: dict[str, str], *, nvme: bool) -> DriveKind:
    if nvme:
        return DriveKind.NVME
    rate = values.get("Rotation Rate", "")
    if rate == "Solid State Device":
        return DriveKind.SSD
    return DriveKind.HDD if re.fullmatch(r"\d+ rpm", rate) else DriveKind.UNKNOWN


def _worn(values: dict[str, str], rows: dict[int, Row]) -> int | None:
    if "Percentage Used" in values:
        return first_number(values["Percentage Used"].replace("%", ""))
    if not values.get("Device is", "").startswith("In smartctl database"):
        return None
    for name, value, _raw_text in rows.values():
        if name in WEAR_NAMES and value.isdigit() and int(value) <= 100:
            return 100 - int(value)
    return None
