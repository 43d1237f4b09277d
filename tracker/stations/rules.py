"""What a station may be asked, what a scan can come to, and when an offline scan is too late. Pure."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from tracker.people.roles import Role
from tracker.words import Words, _

#: Scans in one request; the outbox sends the rest in the next.
MOST_SCANS = 250
#: Symbols of a scanned text that are kept; the longest of ours has half of them.
LONGEST = 200
#: Longer than any outbox should lie; what says it is older says the wrong time.
OLDEST = timedelta(days=60)
#: What two clocks may differ by before one of them is called wrong.
SLACK = timedelta(minutes=2)


class Verdict(StrEnum):
    """What a scan came to. Each has a word, a drawing, a colour and a sound of its own."""

    DONE = "done"
    ALREADY = "already"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    RETIRED = "retired"
    NOT_YOURS = "not-yours"
    QUEUED = "queued"

    @property
    def label(self) -> Words:
        return VERDICT_LABELS[self]

    @property
    def icon(self) -> str:
        return VERDICT_ICONS[self]


VERDICT_LABELS = {
    Verdict.DONE: _("Done"),
    Verdict.ALREADY: _("Already done"),
    Verdict.BLOCKED: _("Blocked"),
    Verdict.UNKNOWN: _("Unknown code"),
    Verdict.RETIRED: _("Replaced label"),
    Verdict.NOT_YOURS: _("Not yours"),
    Verdict.QUEUED: _("Waiting to be sent"),
}

VERDICT_ICONS = {
    Verdict.DONE: "check-circle-fill",
    Verdict.ALREADY: "check2-all",
    Verdict.BLOCKED: "slash-circle",
    Verdict.UNKNOWN: "question-circle",
    Verdict.RETIRED: "tag",
    Verdict.NOT_YOURS: "shield-lock",
    Verdict.QUEUED: "hourglass-split",
}


class Via(StrEnum):
    """How a text came in."""

    CAMERA = "camera"
    TYPED = "typed"
    PHOTO = "photo"

    @property
    def label(self) -> Words:
        return VIA_LABELS[self]


VIA_LABELS = {
    Via.CAMERA: _("Camera"),
    Via.TYPED: _("Scanner or typed"),
    Via.PHOTO: _("Photograph"),
}

_KEEPERS = frozenset({Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL})
_BENCH = frozenset({Role.TECHNICIAN})


class Station(NamedTuple):
    """An action of a station: who may work at it, and what must be said before the first scan."""

    by: frozenset[Role]
    icon: str
    needs: str = ""
    """`place`, `handover`, `grade`, or nothing."""


STATIONS: dict[str, Station] = {
    "inspect": Station(_BENCH, "clipboard2-pulse"),
    "send-to-repair": Station(_BENCH, "wrench"),
    "ready": Station(_BENCH, "patch-check", "grade"),
    "move": Station(_KEEPERS, "pin-map", "place"),
    "count": Station(_KEEPERS, "list-check", "place"),
    "load": Station(_KEEPERS, "truck", "handover"),
    "confirm": Station(_KEEPERS, "box-arrow-in-down", "handover"),
    "give": Station(frozenset({Role.SCHOOL}), "person-heart"),
    "look": Station(frozenset(Role), "search"),
}


def stations_for(role: Role) -> list[str]:
    """Return the actions that a role may work at, in the order of the road."""
    return [action for action, station in STATIONS.items() if role in station.by]


class Giving(NamedTuple):
    """Who takes a device, as signed on the screen: see `handover.signing`."""

    taken_by: str
    name: str
    strokes: str
    declared: bool


class Sent(NamedTuple):
    """One scan as the station sends it; `undoes` is the id of an earlier scan that it takes back instead."""

    id: str
    run: str
    action: str
    text: str
    via: Via
    client_at: datetime | None
    """By the phone's own clock; None where that shows no possible time."""
    offset: timedelta | None
    """What the phone's clock was behind the server's when they last met, if they had."""
    queued: bool
    """It waited in the outbox while there was no network."""
    place: int | None
    handover: int | None
    fault: str
    grade: str
    operator: int | None
    giving: Giving | None
    undoes: str


class Garbled(Exception):
    """What the station sent has not the form of a scan."""


def scan_of(sent: object) -> Sent:
    """Take one scan as it came as JSON.

    Raises:
        Garbled: it is no scan: its id, its run or its action is missing or of another kind.
    """
    if not isinstance(sent, Mapping):
        raise Garbled
    action = sent.get("action")
    if not isinstance(action, str) or action not in STATIONS:
        raise Garbled
    via = sent.get("via")
    return Sent(
        id=_id(sent, "id"),
        run=_id(sent, "run"),
        action=action,
        text=one_line(sent.get("text")),
        via=Via(via) if via in frozenset(Via) else Via.TYPED,
        client_at=_instant(sent.get("at")),
        offset=_offset(sent.get("offset")),
        queued=sent.get("queued") is True,
        place=_number(sent.get("place")),
        handover=_number(sent.get("handover")),
        fault=one_line(sent.get("fault"))[:24],
        grade=one_line(sent.get("grade"))[:8],
        operator=_number(sent.get("operator")),
        giving=_giving(sent.get("giving")),
        undoes=_id(sent, "undoes") if sent.get("undoes") is not None else "",
    )


def _id(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    # As the ledger's ids are, but short: our own page sends a UUID.
    if not isinstance(value, str) or not 8 <= len(value) <= 64 or not value.isascii():
        raise Garbled
    if not value.isprintable() or " " in value:
        raise Garbled
    return value


def one_line(text: object) -> str:
    """Return a scanned text as it can be kept and shown: on one line, at most 200 symbols.

    Not composed: of what was typed through a Vietnamese keyboard, the order of the marks is all there is.
    """
    if not isinstance(text, str):
        return ""
    kept = "".join(
        " " if unicodedata.category(symbol)[0] == "C" else symbol for symbol in text[: 4 * LONGEST]
    )
    return " ".join(kept.split())[:LONGEST]


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 2**31 else None


def _instant(value: object) -> datetime | None:
    # Milliseconds since 1970, as a browser counts; up to the year 6429, so that it can be shown in any zone.
    if type(value) is not int or not 0 <= value < 2**47:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def _offset(value: object) -> timedelta | None:
    # A thousand years either way; a clock that is further off is not worth correcting.
    return timedelta(milliseconds=value) if type(value) is int and abs(value) < 32_000_000_000_000 else None


def _giving(value: object) -> Giving | None:
    if not isinstance(value, Mapping):
        return None
    taken_by, name, strokes = (value.get(key) for key in ("taken_by", "name", "strokes"))
    return Giving(
        taken_by if isinstance(taken_by, str) else "",
        one_line(name),
        strokes if isinstance(strokes, str) else "",
        value.get("declared") is True,
    )


def happened(scan: Sent, *, now: datetime) -> datetime | None:
    """Return when a scan was made, as near as can be known by the server's clock; None where it cannot be known.

    A phone's clock may be wrong by years. It is believed only by how far it was from ours when they last
    met, and only if that makes a time in the past that an outbox can be old.
    """
    if not scan.queued:
        return now
    if scan.client_at is None:
        return None
    try:
        at = scan.client_at + (scan.offset or timedelta())
    except OverflowError:
        return None
    if at > now + SLACK or at < now - OLDEST:
        return None
    return min(at, now)


class Last(NamedTuple):
    """A device's last event: who did it, when, and when by their own scan if they were offline."""

    actor: int
    at: datetime
    client_at: datetime | None


def overtaken(scan: Sent, last: Last, *, by: int, now: datetime) -> bool:
    """Return whether something was done with the device after it was scanned, and before the scan arrived.

    Somebody's own earlier scans of the same outbox, sent with it, do not overtake it. Where nobody knows when
    it was scanned, all that others did counts.
    """
    if not scan.queued:
        return False
    at = happened(scan, now=now)
    own = last.actor == by
    if own and last.client_at is not None and scan.client_at is not None:
        return last.client_at > scan.client_at
    if at is None:
        return not own
    return last.at > at
