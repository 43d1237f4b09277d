"""The file that a phone writes of scans it could not send. Pure."""

import json
from typing import Any, NamedTuple

from tracker.refused import Refused
from tracker.words import _

FORMAT = "tracker-scans/1"
LARGEST = 10 * 1024 * 1024  # bytes
MOST = 20_000


class NotOurs(Refused):
    """The file is another one, or of another organisation."""

    def __init__(self) -> None:
        super().__init__(
            _("This is not a file of scans that can be brought in here."),
            out=_("Choose the file that the station wrote, unchanged, of a colleague of yours."),
        )


class File(NamedTuple):
    """The pass of whoever scanned, and the scans as they came."""

    given: str
    scans: list[Any]


def read(data: bytes) -> File:
    """Read the file of a station; every scan in it is marked as one that waited.

    Raises:
        NotOurs: it has not the form of one, or holds more than 20,000 scans.
    """
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotOurs from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise NotOurs
    given, scans = found.get("pass"), found.get("scans")
    if not isinstance(given, str) or not isinstance(scans, list) or not 0 < len(scans) <= MOST:
        raise NotOurs
    return File(given, [{**scan, "queued": True} if isinstance(scan, dict) else scan for scan in scans])
