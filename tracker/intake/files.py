"""Uploaded lists of devices and what became of their rows, under TRACKER_HOME/lists by the list's id.

A file is kept until it is taken in, seven days at most; the outcome of its rows for thirty days, so
that whoever sent it can still be told which rows to send again.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tracker.intake.list_rules import DeviceRow
from tracker.lists.verdicts import Outcome, Twin

FILES_KEPT = timedelta(days=7)
OUTCOMES_KEPT = timedelta(days=30)

_ID = re.compile(r"[0-9a-f]{32}")


def _path(home: Path, list_id: str, ending: str = "") -> Path:
    if not _ID.fullmatch(list_id):
        raise ValueError("not the id of a list")
    return home / "lists" / f"{list_id}{ending}"


def keep(home: Path, list_id: str, data: bytes, *, at: datetime) -> None:
    """Keep an uploaded file for the installation's own account only, and delete what is too old."""
    _write(_path(home, list_id), data)
    _forget_old(home, at)


def kept(home: Path, list_id: str) -> bytes | None:
    """Return an uploaded file, or None when it was taken in or is too old."""
    try:
        return _path(home, list_id).read_bytes()
    except FileNotFoundError:
        return None


def keep_outcomes(home: Path, list_id: str, rows: Sequence[DeviceRow]) -> None:
    """Keep what became of each row of a list that is being taken in."""
    text = json.dumps([asdict(row) for row in rows], ensure_ascii=False)
    _write(_path(home, list_id, ".json"), text.encode())


def outcomes(home: Path, list_id: str) -> list[DeviceRow] | None:
    """Return what became of each row of a list that was taken in, or None when it is too old."""
    try:
        return [row_of(values) for values in json.loads(_path(home, list_id, ".json").read_bytes())]
    except FileNotFoundError:
        return None


def forget(home: Path, list_id: str) -> None:
    """Delete a file that was taken in."""
    _path(home, list_id).unlink(missing_ok=True)


def row_of(values: dict[str, Any]) -> DeviceRow:
    """Return the row that `asdict` and JSON have made plain."""
    twin = Twin(**values["twin"]) if values.get("twin") else None
    plain = {"why": tuple(values["why"]), "comparable": tuple(values["comparable"]), "twin": twin}
    return DeviceRow(**{**values, **plain, "outcome": Outcome(values["outcome"])})


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _forget_old(home: Path, at: datetime) -> None:
    for path in (home / "lists").glob("*"):
        lasts = {"": FILES_KEPT, ".json": OUTCOMES_KEPT}.get(path.suffix)
        if lasts and _ID.fullmatch(path.stem) and path.stat().st_mtime < (at - lasts).timestamp():
            path.unlink(missing_ok=True)
