"""Why a device does not move on, beside its status: set and cleared at the bench."""

from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.ledger import Ask
from tracker.custody.road import Status
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import _
from tracker.workshop import queries
from tracker.workshop.kinds import BENCH, BY_HAND, BlockerKind, Wait
from tracker.workshop.models import Blocker, JobWait, RepairJob
from tracker.workshop.refusals import NotOnBench

#: As long as what people write at the bench may be.
NOTE = 500


def worked_on(session: Session, device: Row[Any], by: Actor) -> Status:
    """Lock a device that the person's workshop works on, and return its status.

    Raises:
        NotHere, InTransit: it is elsewhere.
        NotOnBench: nothing is being done with it.
    """
    now = devices.locked(session, device.id)
    must_hold(now, by)
    must_be_at_rest(now, by)
    if now.status not in BENCH:
        raise NotOnBench
    return Status(now.status)


def block(session: Session, device: Row[Any], kind: BlockerKind, note: str, *, by: Actor, ask: Ask) -> None:
    """Say why a device does not move on; the same reason twice counts once.

    Raises:
        NotOnBench: the workshop is not working on it.
        Refused: a failed erasure is recorded as such; “needs a decision” without saying which.
    """
    worked_on(session, device, by)
    _only_by_hand(kind)
    if kind is BlockerKind.NEEDS_DECISION and not note.strip():
        raise Refused(_("“Needs a decision” needs a note."), out=_("Write what is to be decided."))
    set_blocker(session, device, kind, note, by=by, ask=ask)


def unblock(session: Session, device: Row[Any], kind: BlockerKind, *, by: Actor, ask: Ask) -> None:
    """Take a reason away; nothing happens when there was none.

    Raises:
        NotOnBench: the workshop is not working on it.
        Refused: a failed erasure is only cleared by a successful one; the repair waits for this.
    """
    worked_on(session, device, by)
    _only_by_hand(kind)
    _not_waited_for(session, device.id, kind)
    clear_blocker(session, device, kind, by=by, ask=ask)


def _only_by_hand(kind: BlockerKind) -> None:
    if kind not in BY_HAND:
        raise Refused(
            _("“%(why)s” is set and cleared by the erasures themselves.", why=kind.label),
            out=_("Record an erasure with its result."),
        )


def _not_waited_for(session: Session, device: int, kind: BlockerKind) -> None:
    waiting = session.scalars(
        select(JobWait.kind)
        .join(RepairJob, RepairJob.id == JobWait.job_id)
        .where(RepairJob.device_id == device, RepairJob.closed_at.is_(None), JobWait.until.is_(None))
    )
    if kind in {Wait(each).blocker for each in waiting}:
        raise Refused(
            _("The repair waits for it: “%(why)s”.", why=kind.label), out=_("Say there that it goes on.")
        )


def set_blocker(
    session: Session, device: Row[Any], kind: BlockerKind, note: str, *, by: Actor, ask: Ask
) -> None:
    """Set a blocker, also one that people may not; the same kind twice counts once."""
    if any(blocker.kind == kind for blocker in queries.blockers(session, device.id)):
        return
    custody.note_fact(session, device.id, "block", {"why": str(kind)}, by=by, ask=ask)
    session.execute(
        insert(Blocker),
        {
            "device_id": device.id,
            "kind": kind,
            "note": note.strip()[:NOTE],
            "set_at": ask.at,
            "set_by": by.user,
        },
    )


def clear_blocker(session: Session, device: Row[Any], kind: BlockerKind, *, by: Actor, ask: Ask) -> None:
    """Clear a blocker, also one that people may not; nothing happens when it is not set."""
    for blocker in queries.blockers(session, device.id):
        if blocker.kind == kind:
            custody.note_fact(session, device.id, "unblock", {"why": str(kind)}, by=by, ask=ask)
            blocker.cleared_at, blocker.cleared_by = ask.at, by.user
    session.flush()
