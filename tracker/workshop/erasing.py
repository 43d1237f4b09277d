"""What a certificate says of an erasure: the drive, when, what was read back, and who verified it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from labels.text import tidy
from tracker.words import Words, _

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
#: A workshop's clock may be ahead of ours by so much.
AHEAD = timedelta(minutes=10)
EARLIEST = 2000  # a year before which no drive of these devices was erased


class Details(NamedTuple):
    """Columns of `Erasure` beside method, tool and result; empty where nothing was said."""

    drive_make: str = ""
    drive_model: str = ""
    drive_serial: str = ""
    capacity: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    readback: str = ""
    verified_by: str = ""
    verified_position: str = ""


#: What a certificate may not lack, in the words of the form.
NEEDED: dict[str, Words] = {
    "drive_make": _("Make of the drive"),
    "drive_model": _("Model of the drive"),
    "drive_serial": _("Serial of the drive"),
    "started_at": _("Begun at"),
    "ended_at": _("Ended at"),
    "readback": _("What was read back"),
    "verified_by": _("Who verified it"),
    "verified_position": _("Position of who verified it"),
}
LONGEST = {
    "drive_make": 80,
    "drive_model": 80,
    "drive_serial": 80,
    "capacity": 40,
    "readback": 160,
    "verified_by": 120,
    "verified_position": 120,
}


def details(form: Mapping[str, str], *, ok: bool, now: datetime) -> tuple[Details, dict[str, Words]]:
    """Return what a form says of an erasure, and what is wrong with it, by field.

    Everything but the capacity is required of one that succeeded; of a failed one what can be known.
    Times are those of Vietnam.
    """
    said = {name: tidy(form.get(name, "")) for name in LONGEST}
    wrong = {
        name: _("At most %(most)s characters.", most=most)
        for name, most in LONGEST.items()
        if len(said[name]) > most
    }
    times: dict[str, datetime | None] = {}
    for name in ("started_at", "ended_at"):
        times[name] = moment(form.get(name, ""))
        if form.get(name, "").strip() and times[name] is None:
            wrong[name] = _("This is no time.")
    if ok:
        for name, words in NEEDED.items():
            if not (said.get(name) or times.get(name)) and name not in wrong:
                wrong[name] = _("A successful erasure needs this: %(field)s.", field=words)
    started, ended = times["started_at"], times["ended_at"]
    if started and ended and ended < started:
        wrong["ended_at"] = _("It cannot end before it begins.")
    for name, at in times.items():
        if at and at > now + AHEAD:
            wrong[name] = _("This lies in the future.")
    return Details(**said, **times), wrong  # type: ignore[arg-type]  # texts and times, each by its name


def moment(text: str) -> datetime | None:
    """Return the moment of a date and time as a browser sends it, in Vietnam's time, or None."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if at.tzinfo is not None or at.year < EARLIEST:
        return None
    return at.replace(tzinfo=VIETNAM)


def lacking(erasure: object) -> list[Words]:
    """Return what an erasure that succeeded does not say, though its certificate must."""
    return [words for name, words in NEEDED.items() if not getattr(erasure, name)]
