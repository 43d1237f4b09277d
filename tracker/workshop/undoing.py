"""What follows at the bench when a move is taken back at a station."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.custody import queries as devices
from tracker.custody.actions import NotUndone
from tracker.custody.road import Move
from tracker.people.roles import Actor
from tracker.words import _
from tracker.workshop import jobs, queries
from tracker.workshop.actions import end_inspection
from tracker.workshop.models import CheckResult, Fault


def undone(session: Session, device_id: int, kind: str, *, by: Actor, at: datetime) -> None:
    """Follow an undo in the ledger: what was begun is left, what was ended goes on. `kind` is what was undone.

    Raises:
        NotUndone: people have found or mended something since, of which the ledger knows nothing.
    """
    if kind == Move.INSPECT:
        _must_be_untouched(session, device_id)
        end_inspection(session, device_id, "left", by=by, at=at)
    elif kind == Move.SEND_TO_REPAIR:
        _must_be_unmended(session, device_id)
        jobs.end(session, device_id, "undone", by=by, at=at)
    elif kind == Move.PASS and (last := queries.last_inspection(session, device_id)):
        last.ended_at, last.ended_by, last.result, last.grade = None, None, "", ""
        session.flush()


def _must_be_untouched(session: Session, device: int) -> None:
    # What was found would else be forgotten, and a device be ready with an open fault.
    inspection = queries.open_inspection(session, device)
    if inspection is None:
        return
    answered = select(CheckResult.id).where(
        CheckResult.inspection_id == inspection.id, CheckResult.evidence.is_(False)
    )
    found = select(Fault.id).where(Fault.inspection_id == inspection.id)
    if any(session.scalar(query.limit(1)) is not None for query in (answered, found)):
        raise NotUndone(_("Something else has happened to this device since."))


def _must_be_unmended(session: Session, device: int) -> None:
    # Else what was mended would pass without a second inspection.
    sent = devices.history(session, device, last=2)[1]
    still = {fault.id for fault in queries.open_faults(session, device)}
    if not still.issuperset(sent.data["faults"]):
        raise NotUndone(_("Something else has happened to this device since."))
