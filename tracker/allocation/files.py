"""The lists that people upload, kept while they are looked at: TRACKER_HOME/lists, by random id.

They hold personal data, so they are deleted once taken in, and after seven days in any case.
"""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

KEPT_FOR = timedelta(days=7)

_ID = re.compile(r"[0-9a-f]{32}")


def _path(home: Path, list_id: str) -> Path:
    if not _ID.fullmatch(list_id):
        raise ValueError("not the id of a list")
    return home / "lists" / list_id


def keep(home: Path, list_id: str, data: bytes) -> None:
    """Keep an uploaded file, readable by the installation's own account only."""
    path = _path(home, list_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def kept(home: Path, list_id: str) -> bytes | None:
    """Return a file that is still kept, or None."""
    try:
        return _path(home, list_id).read_bytes()
    except FileNotFoundError:
        return None


def forget(home: Path, list_id: str) -> None:
    """Delete a file, if it is still there."""
    _path(home, list_id).unlink(missing_ok=True)


def forget_old(home: Path, *, at: datetime) -> None:
    """Delete what has been kept for longer than `KEPT_FOR`."""
    for path in (home / "lists").glob("*"):
        if _ID.fullmatch(path.name) and path.stat().st_mtime < (at - KEPT_FOR).timestamp():
            path.unlink(missing_ok=True)
