"""The signed sheets of a record, as its own page shows them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Row

from tracker.db import db
from tracker.filing import queries, records
from tracker.filing.rules import Kind
from tracker.people.signed_in import me


class SignedPage(NamedTuple):
    """One page of a record: its number, and its scans, the newest first; none where it has not come back."""

    number: int
    scans: list[Row[Any]]


class Signed(NamedTuple):
    """All pages of a record; `missing` are those that have not come back, as far as is known."""

    pages: list[SignedPage]
    #: Whether the reader may look at them.
    looks: bool

    @property
    def missing(self) -> list[int]:
        return [page.number for page in self.pages if not page.scans]


def signed_sheets(kind: str, record_id: int) -> Signed | None:
    """Return the signed sheets of a record that the reader may see, or None if none has come back."""
    session = db.session()
    scans = queries.filed(session, Kind(kind), record_id)
    if not scans:
        return None
    record = records.record(session, Kind(kind), record_id, to=me())
    return Signed(list(_pages(scans)), record.shows_to(me()))


def _pages(scans: list[Row[Any]]) -> Iterator[SignedPage]:
    newest = max(scans, key=lambda scan: (scan.pages is not None, scan.id))
    last = max(newest.pages or 0, *(scan.page for scan in scans))
    for number in range(1, last + 1):
        yield SignedPage(number, [scan for scan in scans if scan.page == number])
