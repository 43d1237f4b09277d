"""The verb that records an erasure."""

from typing import Any

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from labels.text import tidy
from tracker.custody import actions as custody
from tracker.custody.ledger import Ask, Done
from tracker.evidence import actions as evidence
from tracker.evidence.drives import Gone
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import _
from tracker.workshop import queries
from tracker.workshop.blocking import NOTE, clear_blocker, set_blocker, worked_on
from tracker.workshop.erasing import Details
from tracker.workshop.kinds import BlockerKind, Method
from tracker.workshop.models import Erasure

NO_DETAILS = Details()


def record_erasure(
    session: Session,
    device: Row[Any],
    *,
    method: Method,
    tool: str,
    ok: bool,
    drive: str = "",
    details: Details = NO_DETAILS,
    note: str = "",
    log: int | None = None,
    by: Actor,
    ask: Ask,
) -> Done:
    """Record that data was erased, or that it failed; a failure blocks the device until it succeeds.

    Without a `drive` it speaks for the whole device, unless its serial is one of several known drives. `log` is
    the file of evidence that says so. Without `details` no certificate is made of it.

    Raises:
        NotOnBench: the workshop is not working on it.
        Refused: the tool is not named.
    """
    worked_on(session, device, by)
    tool = tidy(tool)[:80]
    if not tool:
        raise Refused(
            _("An erasure needs the name of the tool."), out=_("Write the program or machine that did it.")
        )
    data = {"method": str(method), "tool": tool, "result": "ok" if ok else "failed"}
    done = custody.note_fact(session, device.id, "erase", data, by=by, ask=ask)
    if done.again:
        return done
    session.execute(
        insert(Erasure),
        {
            **details._asdict(),
            "device_id": device.id,
            "method": method,
            "tool": tool,
            "drive": " ".join(drive.split())[:160],
            "result": data["result"],
            "note": note.strip()[:NOTE],
            "log_id": log,
            "at": ask.at,
            "by": by.user,
            "org_id": by.org,
        },
    )
    if not ok:
        set_blocker(session, device, BlockerKind.WIPE_FAILED, note, by=by, ask=ask.of("block"))
    elif queries.proof(session, device.id) is not None:
        clear_blocker(session, device, BlockerKind.WIPE_FAILED, by=by, ask=ask.of("unblock"))
    return done


def drive_taken_out(
    session: Session, device: Row[Any], serial: str, to: Gone, *, by: Actor, ask: Ask
) -> None:
    """Say that a drive is not in a device any more; a failed erasure of it does not block the device then.

    Raises:
        NotHere, InTransit, Missing: see `evidence.actions.take_drive_out`.
    """
    evidence.take_drive_out(session, device, serial, to, by=by, ask=ask)
    if queries.proof(session, device.id) is not None:
        clear_blocker(session, device, BlockerKind.WIPE_FAILED, by=by, ask=ask.of("unblock"))
