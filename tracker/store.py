"""Files that people send, kept under the SHA-256 of their content: TRACKER_HOME/files/ab/cdef….

A file is there whole or not at all, and what is read is what was written. The same content is kept once.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from tracker.refused import Refused
from tracker.words import _

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Damaged(Refused):
    """A file is not what it was when it was written, or is gone; the backup has it."""

    def __init__(self) -> None:
        super().__init__(
            _("This file is gone, or is not what was once kept."),
            out=_("Tell the administrator: the backup has it."),
        )


class Store:
    """Files in a directory of the installation, readable by its own account only."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "files"

    def put(self, data: bytes) -> str:
        """Keep `data` and return its digest. It is on the disk when this returns."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        return digest

    def get(self, digest: str) -> bytes:
        """Return what was kept.

        Raises:
            Damaged: it is gone, or no longer what was written.
        """
        try:
            data = self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise Damaged from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise Damaged
        return data

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not the digest of a file")
        return self._folder / digest[:2] / digest[2:]
