"""The verbs of the bench. Each moves the device by the road, with the fact it must come with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, update
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody.facts import Category, FaultsFound, FaultsSettled, Nothing, Retirement, RetireReason
from tracker.custody.ledger import Ask, Done
from tracker.custody.road import Move, Status, WrongMoment
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import _
from tracker.workshop import queries, rules
from tracker.workshop.checklists import BY_NAME, CURRENT
from tracker.workshop.models import Blocker, CheckResult, Erasure, Fault, Inspection
from tracker.workshop.rules import BlockerKind, DataFate, FaultKind, Method, NoFault, Outcome, Result, StillOpen


def start(session: Session, device: Row[Any], *, by: Actor, ask: Ask) -> Done:
    """Start an inspection by the checklist that is valid now."""
    done = custody.make(session, device.id, Move.INSPECT, Nothing(), by=by, ask=ask)
    if not done.again:
        end_inspection(session, device.id, "left", by=by, at=ask.at)
        session.execute(
            insert(Inspection),
            {
                "device_id": device.id,
                "org_id": by.org,
                "checklist": CURRENT[Category(device.category)].name,
                "started_at": ask.at,
                "started_by": by.user,
            },
        )
    return done


def end_inspection(session: Session, device_id: int, result: str, *, by: Actor, at: datetime, grade: str = "") -> None:
    """End the inspection that is going on, if any: passed, or left."""
    session.execute(
        update(Inspection)
        .where(Inspection.device_id == device_id, Inspection.ended_at.is_(None))
        .values(ended_at=at, ended_by=by.user, result=result, grade=grade)
    )


def answer(
    session: Session, device: Row[Any], answers: Mapping[str, tuple[Result, str]], *, by: Actor, at: datetime
) -> int:
    """Write answers to checks, each with its note; what is the same as before is not written again.

    Returns how many were written.

    Raises:
        WrongMoment: no inspection is going on.
    """
    inspection = _inspection(session, device, by)
    before = queries.results(session, inspection.id)
    known = {check.key for check in BY_NAME[inspection.checklist].checks}
    rows = [
        {"inspection_id": inspection.id, "check": key, "result": result, "note": note[:500], "at": at, "by": by.user}
        for key, (result, note) in answers.items()
        if key in known and (key not in before or (before[key].result, before[key].note) != (result, note[:500]))
    ]
    if rows:
        session.execute(insert(CheckResult), rows)
    return len(rows)


def _inspection(session: Session, device: Row[Any], by: Actor) -> Inspection:
    must_hold(device, by)
    must_be_at_rest(device, by)
    inspection = queries.open_inspection(session, device.id)
    if inspection is None or device.status not in {Status.INSPECTING, Status.REPAIRING}:
        raise WrongMoment(Move.PASS, Status(device.status))
    return inspection


def report_fault(session: Session, device: Row[Any], kind: FaultKind, note: str, *, by: Actor, at: datetime) -> None:
    """Write down something wrong.

    Raises:
        WrongMoment: no inspection is going on.
        Refused: “other” without saying what.
    """
    inspection = _inspection(session, device, by)
    if kind is FaultKind.OTHER and not note.strip():
        raise Refused(_("“Other” needs a note."), out=_("Write what is wrong."))
    session.execute(
        insert(Fault),
        {
            "device_id": device.id,
            "inspection_id": inspection.id,
            "kind": kind,
            "note": note.strip()[:500],
            "found_at": at,
            "found_by": by.user,
        },
    )


def settle_faults(
    session: Session, device: Row[Any], outcomes: Mapping[int, tuple[Outcome, str]], *, by: Actor, at: datetime
) -> None:
    """Write what became of open faults, by their ids; other ids are passed over."""
    _inspection(session, device, by)
    for fault in queries.open_faults(session, device.id):
        if fault.id in outcomes:
            outcome, note = outcomes[fault.id]
            fault.outcome, fault.outcome_note = outcome, note.strip()[:500]
            fault.settled_at, fault.settled_by = at, by.user
    session.flush()


def send_to_repair(session: Session, device: Row[Any], *, by: Actor, ask: Ask) -> Done:
    """Send a device to repair.

    Raises:
        NoFault: no fault is open.
    """
    found = tuple(fault.id for fault in queries.open_faults(session, device.id))
    if not found:
        raise NoFault
    return custody.make(session, device.id, Move.SEND_TO_REPAIR, FaultsFound(found), by=by, ask=ask)


def finish_repair(session: Session, device: Row[Any], *, by: Actor, ask: Ask) -> Done:
    """Finish a repair: every fault of this inspection has an outcome.

    Raises:
        StillOpen: one has none.
    """
    still = queries.open_faults(session, device.id)
    if still:
        raise StillOpen(len(still))
    inspection = _inspection(session, device, by)
    settled = tuple(
        f"{fault.id}:{fault.outcome}"
        for fault, _name in reversed(queries.faults(session, device.id))
        if fault.inspection_id == inspection.id
    )
    return custody.make(session, device.id, Move.FINISH_REPAIR, FaultsSettled(settled), by=by, ask=ask)


def record_erasure(
    session: Session,
    device: Row[Any],
    *,
    method: Method,
    tool: str,
    ok: bool,
    drive: str = "",
    note: str = "",
    by: Actor,
    ask: Ask,
) -> Done:
    """Record that data was erased, or that it failed; a failure blocks the device until it succeeds.

    Raises:
        Refused: the tool is not named.
    """
    must_hold(device, by)
    if not tool.strip():
        raise Refused(_("An erasure needs the name of the tool."), out=_("Write the program or machine that did it."))
    data = {"method": str(method), "tool": tool.strip()[:80], "result": "ok" if ok else "failed"}
    done = custody.note_fact(session, device.id, "erase", data, by=by, ask=ask)
    if done.again:
        return done
    session.execute(
        insert(Erasure),
        {
            "device_id": device.id,
            "method": method,
            "tool": tool.strip()[:80],
            "drive": drive.strip()[:160],
            "result": data["result"],
            "note": note.strip()[:500],
            "at": ask.at,
            "by": by.user,
            "org_id": by.org,
        },
    )
    if ok:
        unblock(session, device, BlockerKind.WIPE_FAILED, by=by, ask=ask.of("unblock"))
    else:
        block(session, device, BlockerKind.WIPE_FAILED, note, by=by, ask=ask.of("block"))
    return done


def block(session: Session, device: Row[Any], kind: BlockerKind, note: str, *, by: Actor, ask: Ask) -> None:
    """Say why a device does not move on; the same reason twice counts once."""
    must_hold(device, by)
    if any(blocker.kind == kind for blocker in queries.blockers(session, device.id)):
        return
    custody.note_fact(session, device.id, "block", {"why": str(kind)}, by=by, ask=ask)
    session.execute(
        insert(Blocker),
        {"device_id": device.id, "kind": kind, "note": note.strip()[:500], "set_at": ask.at, "set_by": by.user},
    )


def unblock(session: Session, device: Row[Any], kind: BlockerKind, *, by: Actor, ask: Ask) -> None:
    """Take a reason away; nothing happens when there was none."""
    must_hold(device, by)
    for blocker in queries.blockers(session, device.id):
        if blocker.kind == kind:
            custody.note_fact(session, device.id, "unblock", {"why": str(kind)}, by=by, ask=ask)
            blocker.cleared_at, blocker.cleared_by = ask.at, by.user
    session.flush()


def pass_device(session: Session, device: Row[Any], grade: str, *, by: Actor, ask: Ask) -> Done:
    """Pass a device.

    Raises:
        NotReady: with everything that is still missing.
        WrongMoment: no inspection is going on.
    """
    inspection = queries.open_inspection(session, device.id)
    if inspection is None:
        raise WrongMoment(Move.PASS, Status(device.status))
    fact = rules.passed(
        inspection=inspection.id,
        checklist=BY_NAME[inspection.checklist],
        results={key: row.result for key, row in queries.results(session, inspection.id).items()},
        open_faults=len(queries.open_faults(session, device.id)),
        blockers=[blocker.kind for blocker in queries.blockers(session, device.id)],
        category=Category(device.category),
        erasure=queries.valid_erasure(session, device.id),
        grade=grade,
    )
    done = custody.make(session, device.id, Move.PASS, fact, by=by, ask=ask)
    end_inspection(session, device.id, "passed", by=by, at=ask.at, grade=grade)
    return done


def retire(
    session: Session, device: Row[Any], reason: RetireReason, fate: DataFate, *, by: Actor, ask: Ask
) -> Done:
    """Retire a device for good.

    Raises:
        DataLeft: it stores data and they are not shown to be gone.
    """
    erasure = queries.valid_erasure(session, device.id)
    fate = rules.fate_of_data(fate, category=Category(device.category), erased=erasure is not None)
    fact = Retirement(str(reason), str(fate), erasure if fate is DataFate.ERASED else None)
    done = custody.make(session, device.id, Move.RETIRE, fact, by=by, ask=ask)
    end_inspection(session, device.id, "left", by=by, at=ask.at)
    return done
