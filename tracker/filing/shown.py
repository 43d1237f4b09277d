"""The signed sheets of a record, as its own page shows them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Row

from tracker.db import db
from tracker.filing import queries
from tracker.filing.rules import Kind


class SignedPage(NamedTuple):
    """One page of a record: its number, and its scans, the newest first; none where it has not come back."""

    number: int
    scans: list[Row[Any]]


class Signed(NamedTuple):
    """All pages of a record; `missing` are those that have not come back, as far as is known."""

    pages: list[SignedPage]

    @property
    def missing(self) -> list[int]:
        return [page.number for page in self.pages if not page.scans]

    @property
    def last(self) -> Any:
        """The scan that came last."""
        return max((scan for page in self.pages for scan in page.scans), key=lambda scan: scan.id)


def signed_sheets(kind: str, record_id: int) -> Signed | None:
    """Return the signed sheets of a record that the reader may see, or None if none has come back."""
    scans = queries.filed(db.session(), Kind(kind), record_id)
    return Signed(list(_pages(scans))) if scans else None


def _pages(scans: list[Row[Any]]) -> Iterator[SignedPage]:
    newest = max(scans, key=lambda scan: (scan.pages is not None, scan.id))
    last = max(newest.pages or 0, *(scan.page for scan in scans))
    for number in range(1, last + 1):
        yield SignedPage(number, [scan for scan in scans if scan.page == number])
