"""Names of people and organisations by id, for pages that show many.

Kept for a minute in each process: a name changes seldom, and a page that shows the old one for a
minute misleads nobody.
"""

import time
from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy import select

from tracker.db import db
from tracker.people.models import Organisation, User

KEPT = 60.0  # seconds


class Names:
    """Names of one table, read when first asked for."""

    def __init__(
        self, model: type[User] | type[Organisation], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.model = model
        self.clock = clock
        self._kept: dict[tuple[Any, int], tuple[float, str]] = {}

    def of(self, ids: set[int]) -> dict[int, str]:
        """Return the names of these ids; an unknown id is left out."""
        now, place = self.clock(), current_app.extensions["readers"]
        found = {}
        for each in ids:
            kept = self._kept.get((place, each))
            if kept and now - kept[0] < KEPT:
                found[each] = kept[1]
        if lacking := ids - found.keys():
            rows = db.session.execute(
                select(self.model.id, self.model.name).where(self.model.id.in_(sorted(lacking)))
            )
            for row in rows:
                found[row.id] = row.name
                self._kept[place, row.id] = (now, row.name)
        return found


users = Names(User)
organisations = Names(Organisation)
