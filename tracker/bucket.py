"""Files in an S3-compatible store, for an installation of several machines. See `tracker.store` for what holds of all."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import lru_cache

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from tracker.config import S3
from tracker.store import Damaged, Unreachable, named
from tracker.words import _

log = logging.getLogger(__name__)

#: Somebody waits before the page, and a worker with them.
CONNECT, WAIT, TRIES = timedelta(seconds=5), timedelta(seconds=20), 2


class Bucket:
    """Files of one folder of a bucket."""

    def __init__(self, settings: S3, folder: str) -> None:
        self._store = S3Store(
            settings.bucket,
            prefix=folder,
            endpoint=settings.url,
            region=settings.region,
            access_key_id=settings.key,
            secret_access_key=settings.secret,
            disable_bulk_delete=True,  # not every service that is called compatible has it
            client_options={
                "allow_http": settings.url.startswith("http://"),
                "connect_timeout": CONNECT,
                "timeout": WAIT,
            },
            retry_config={"max_retries": TRIES, "retry_timeout": WAIT},
        )

    def put(self, data: bytes) -> str:
        """Keep `data` and return its digest. The store has confirmed it when this returns."""
        digest = hashlib.sha256(data).hexdigest()
        if not self.has(digest):
            with _answers():
                try:
                    obstore.put(self._store, named(digest), data, use_multipart=False)
                except FileNotFoundError as error:  # what is not found is the bucket
                    raise _not_ours() from error
        return digest

    def get(self, digest: str) -> bytes:
        """Return what was kept.

        Raises:
            Damaged: it is gone, or no longer what was written.
        """
        with _answers():
            try:
                data = bytes(obstore.get(self._store, named(digest)).bytes())
            except FileNotFoundError as error:
                raise Damaged from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise Damaged
        return data

    def has(self, digest: str) -> bool:
        """Return whether it is there, without reading it."""
        with _answers():
            try:
                obstore.head(self._store, named(digest))
            except FileNotFoundError:
                return False
        return True

    def remove(self, digest: str) -> None:
        """Take it away for good; what is gone already is no mistake."""
        with _answers(), suppress(FileNotFoundError):
            obstore.delete(self._store, named(digest))


#: One for each folder and process, with its open connections.
bucket = lru_cache(maxsize=8)(Bucket)


@contextmanager
def _answers() -> Iterator[None]:
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        log.exception("the store of files refuses its key")
        raise _not_ours() from error
    except BaseError as error:
        log.exception("the store of files does not answer")
        raise Unreachable(
            _("The store of files does not answer. Nothing was changed."),
            out=_("Try again in a few minutes. If it stays so, tell the administrator."),
        ) from error


def _not_ours() -> Unreachable:
    return Unreachable(
        _("The store of files does not let this server in. Nothing was changed."),
        out=_("Tell the administrator: its key or its bucket is not right."),
    )
