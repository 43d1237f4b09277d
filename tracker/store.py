"""Files that people send, kept under the SHA-256 of their content: TRACKER_HOME/files/ab/cdef…, or in a bucket.

A file is there whole or not at all, and what is read is what was written. The same content is kept once in each
folder; what may be taken away lies in a folder of its own, so that nobody else counts on it.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

from tracker.config import Config
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


class Unreachable(Refused):
    """The store does not answer, or not to us. Nothing has been kept or taken away."""


class Files(Protocol):
    """What every store does; each verb may raise `Unreachable`."""

    def put(self, data: bytes) -> str:
        """Keep `data` and return its digest. It is kept for good when this returns."""

    def get(self, digest: str) -> bytes:
        """Return what was kept.

        Raises:
            Damaged: it is gone, or no longer what was written.
        """

    def has(self, digest: str) -> bool:
        """Return whether it is there, without reading it."""

    def remove(self, digest: str) -> None:
        """Take it away for good; what is gone already is no mistake."""


def store_of(settings: Config, folder: str = "files") -> Files:
    """Return where an installation keeps its files: a directory, unless it names a bucket."""
    if settings.s3 is None:
        return Store(settings.home, folder)
    from tracker.bucket import bucket  # an installation without one does not pay for the library

    return bucket(settings.s3, folder)


class Store:
    """Files in a directory of the installation, readable by its own account only."""

    def __init__(self, home: Path, folder: str = "files") -> None:
        self._folder = home / folder

    def put(self, data: bytes) -> str:
        """Keep `data` and return its digest. It is on the disk when this returns."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
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
            data = self.path(digest).read_bytes()
        except FileNotFoundError as error:
            raise Damaged from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise Damaged
        return data

    def has(self, digest: str) -> bool:
        """Return whether it is there, without reading it."""
        return self.path(digest).is_file()

    def remove(self, digest: str) -> None:
        """Take it away for good; what is gone already is no mistake."""
        self.path(digest).unlink(missing_ok=True)

    def path(self, digest: str) -> Path:
        """Return the file of a digest."""
        return self._folder / named(digest)


def named(digest: str) -> str:
    """Return the place of a file in its folder, such as `ab/cdef…`.

    Raises:
        ValueError: that is no digest, but perhaps a way out of the folder.
    """
    if not _DIGEST.fullmatch(digest):
        raise ValueError("not the digest of a file")
    return f"{digest[:2]}/{digest[2:]}"
