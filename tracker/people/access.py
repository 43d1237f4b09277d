"""The log of who read pupils' data. One row for a page, in a short transaction of its own."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import insert

from tracker import db
from tracker.people.models import Access
from tracker.people.roles import Actor


def note(by: Actor, page: str, pupils: Iterable[int]) -> None:
    """Write that a person is about to see these pupils on this page.

    Called before the page is rendered: what cannot be logged is not shown. The page itself only
    reads, so the row goes into its own transaction, after the page's reading one has ended.
    """
    ids = ",".join(str(pupil) for pupil in sorted(set(pupils)))
    if not ids:
        return
    db.db.session.rollback()
    db.may_write()
    try:
        with db.db.engine.begin() as connection:
            connection.execute(
                insert(Access),
                {"at": datetime.now(UTC), "user_id": by.user, "org_id": by.org, "page": page, "pupils": ids},
            )
    finally:
        db.read_only()
