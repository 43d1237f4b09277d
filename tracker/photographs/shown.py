"""The photographs of a device, as pages show them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import Row

from tracker.db import db
from tracker.people.signed_in import me
from tracker.photographs import queries
from tracker.photographs.rules import MOST, SUBJECTS, TAKES, Stage
from tracker.words import Words


class Part(NamedTuple):
    """The photographs of one stage, the oldest first."""

    stage: Stage
    photographs: list[Row[Any]]


class Strip(NamedTuple):
    """What the part “Photographs” of a page shows and offers."""

    parts: list[Part]
    #: Where a form sends what was taken.
    url: str
    #: The stages that may be taken now; none where the device is not with the reader.
    stages: list[tuple[Stage, Words]]
    #: The words for what they are about, by key.
    names: Mapping[str, Words] = SUBJECTS
    #: How many may be sent at once.
    most: int = MOST


def strip(device: Row[Any]) -> Strip:
    """Return what the reader sees of a device that was found in their scope, and what they may take."""
    actor = me()
    rows = queries.of_device(db.session(), device.id, to=actor)
    holds = device.holder_org_id == actor.org
    takes = TAKES.get(actor.role, ()) if holds and device.transit_id is None else ()
    parts = [Part(stage, [row for row in rows if row.stage == stage]) for stage in Stage]
    return Strip(
        [part for part in parts if part.photographs],
        url_for("photographs.take", code=device.code),
        [(stage, stage.label) for stage in takes],
    )
