"""The verbs of the bench. Each moves the device by the road, with the fact it must come with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, update
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.facts import Category, FaultsFound, FaultsSettled, Nothing
from tracker.custody.ledger import Ask, Done
from tracker.custody.road import Move, Status, WrongMoment
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.db import driver
from tracker.hot import Write, given
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import _
from tracker.workshop import jobs, queries, rules, versions
from tracker.workshop.blocking import NOTE, clear_blocker, set_blocker
from tracker.workshop.checklists import Check
from tracker.workshop.kinds import Barrier, FaultKind, Outcome, Result
from tracker.workshop.models import CheckResult, Fault, Inspection
from tracker.workshop.refusals import NoFault, NoInspection, OtherChecklist, SameHands, StillOpen
from tracker.workshop.suggestions import LOCKS

_BEGIN = Write(
    insert(Inspection).values(
        {
            name: given(name)
            for name in "device_id org_id checklist started_at started_by follows_id technician_id".split()
        }
        | {"result": "", "grade": ""}
    ),
    if_new=True,  # while another is open on the device there is none
)
_END = Write(
    update(Inspection)
    .where(Inspection.device_id == given("device"), Inspection.ended_at.is_(None))
    .values({name: given(name) for name in ("ended_at", "ended_by", "result", "grade")})
)


def start(session: Session, device: Row[Any], *, by: Actor, ask: Ask) -> Done:
    """Start an inspection of a device, read and locked in this transaction, by the checklist valid now."""
    done = custody.make(session, device, Move.INSPECT, Nothing(), by=by, ask=ask)
    if not done.again:
        jobs.leave(session, device, by=by, ask=ask.of("leave"))
        if not _begin(session, device, by=by, at=ask.at):
            end_inspection(session, device.id, "left", by=by, at=ask.at)
            _begin(session, device, by=by, at=ask.at)
    return done


def _begin(session: Session, device: Row[Any], *, by: Actor, at: datetime, follows: int | None = None) -> int:
    checklist = versions.current(session, Category(device.category))
    return _BEGIN.rows(
        driver(session),
        device_id=device.id,
        org_id=by.org,
        checklist=checklist.name,
        follows_id=follows,
        technician_id=None if follows and checklist.other_person else by.user,
        started_at=at,
        started_by=by.user,
    )


def end_inspection(
    session: Session, device_id: int, result: str, *, by: Actor, at: datetime, grade: str = ""
) -> None:
    """End the inspection that is going on, if any: passed, or left."""
    session.flush()
    _END.rows(driver(session), device=device_id, ended_at=at, ended_by=by.user, result=result, grade=grade)
    session.expire_all()


class Answered(NamedTuple):
    """The answer to one check, as a person gives it: what was measured, or what was judged."""

    result: Result | None
    note: str = ""
    value: float | None = None


def answer(
    session: Session,
    device: Row[Any],
    answers: Mapping[str, Answered],
    *,
    by: Actor,
    ask: Ask,
    checklist: str = "",
    by_evidence: bool = False,
) -> int:
    """Write answers to checks, each with its note; what is the same as before is not written again.

    A lock that is found blocks the device, and no longer once it is found gone. `checklist` is the version
    that the answers are to, where it is known. Returns how many were written.

    Raises:
        NoInspection: none is going on.
        OtherChecklist: it goes by another version.
        SameHands: they repaired it, and the checklist wants somebody else to inspect it then.
        Refused: “does not apply”, of what every device of the category has; no number where one is measured.
    """
    inspection, _status = _inspected(session, device, by)
    if checklist and checklist != inspection.checklist:
        raise OtherChecklist
    before = queries.results(session, inspection.id)
    valid = versions.named(session, inspection.checklist)
    if valid.other_person and not by_evidence and by.user in queries.repairers(session, inspection):
        raise SameHands
    rows = []
    for check in valid.checks:
        if check.key not in answers:
            continue
        said = _result(check, answers[check.key])
        was = before.get(check.key)
        if was is None or (was.result, was.value, was.note) != (said["result"], said["value"], said["note"]):
            rows.append(
                {"inspection_id": inspection.id, **said, "at": ask.at, "by": by.user, "evidence": by_evidence}
            )
    if rows:
        session.execute(insert(CheckResult), rows)
    for row in rows:
        if kind := LOCKS.get(row["check"]):
            this = ask.of(f"{row['check']} {row['result']}")
            if row["result"] == Result.FAIL:
                set_blocker(session, device, kind, row["note"], by=by, ask=this)
            else:
                clear_blocker(session, device, kind, by=by, ask=this)
    return len(rows)


def _result(check: Check, said: Answered) -> dict[str, Any]:
    result = said.result
    if check.measured and result is not Result.NA:
        if said.value is None:
            raise Refused(
                _("“%(check)s” is answered by a number.", check=check.label), out=_("Write what it is.")
            )
        result = rules.measured(check, said.value)
    if result is None or (check.always and result is Result.NA):
        raise Refused(
            _("“%(check)s” applies to every device of this type.", check=check.label),
            out=_("Answer it with good or bad."),
        )
    value = said.value if check.measured and result is not Result.NA else None
    return {"check": check.key, "result": result, "value": value, "note": said.note.strip()[:NOTE]}


def _inspected(session: Session, device: Row[Any], by: Actor) -> tuple[Inspection, Status]:
    now = devices.locked(session, device.id)
    must_hold(now, by)
    must_be_at_rest(now, by)
    inspection = queries.open_inspection(session, device.id)
    if inspection is None or now.status not in {Status.INSPECTING, Status.REPAIRING}:
        raise NoInspection
    return inspection, Status(now.status)


def report_fault(
    session: Session, device: Row[Any], kind: FaultKind, note: str, *, by: Actor, at: datetime
) -> None:
    """Write down something wrong.

    Raises:
        NoInspection: none is going on.
        Refused: “other” without saying what.
    """
    inspection, _status = _inspected(session, device, by)
    if kind is FaultKind.OTHER and not note.strip():
        raise Refused(_("“Other” needs a note."), out=_("Write what is wrong."))
    session.execute(
        insert(Fault),
        {
            "device_id": device.id,
            "inspection_id": inspection.id,
            "kind": kind,
            "note": note.strip()[:NOTE],
            "found_at": at,
            "found_by": by.user,
        },
    )


class Settled(NamedTuple):
    """What became of a fault."""

    outcome: Outcome
    note: str = ""
    barrier: Barrier | None = None
    """Why it cannot be repaired; only then."""


def settle_faults(
    session: Session,
    device: Row[Any],
    outcomes: Mapping[int, Settled],
    *,
    by: Actor,
    at: datetime,
) -> int:
    """Write what became of open faults, by their ids; other ids are passed over.

    Returns how many were settled.

    Raises:
        NoInspection: none is going on.
        Refused: a repair is told of before it was begun; nobody says why something cannot be repaired.
    """
    _inspection, status = _inspected(session, device, by)
    count = 0
    for fault in queries.open_faults(session, device.id):
        if fault.id not in outcomes:
            continue
        outcome, note, barrier = outcomes[fault.id]
        if outcome is Outcome.CANNOT_FIX and barrier is None:
            raise Refused(_("Say why it cannot be repaired."), out=_("Choose a reason."))
        if outcome not in rules.outcomes_in(status):
            raise Refused(_("This device is not being repaired."), out=_("Send it to repair first."))
        fault.outcome, fault.outcome_note = outcome, note.strip()[:NOTE]
        fault.barrier = barrier if outcome is Outcome.CANNOT_FIX else None
        fault.settled_at, fault.settled_by = at, by.user
        count += 1
    session.flush()
    return count


def send_to_repair(session: Session, device: Row[Any], *, by: Actor, ask: Ask) -> Done:
    """Send a device to repair.

    Raises:
        NoFault: no fault is open.
    """
    devices.locked(session, device.id)  # nobody settles a fault between the look and the move
    found = tuple(fault.id for fault in queries.open_faults(session, device.id))
    if not found:
        raise NoFault
    done = custody.make(session, device.id, Move.SEND_TO_REPAIR, FaultsFound(found), by=by, ask=ask)
    inspection = queries.open_inspection(session, device.id)
    if not done.again and inspection is not None:
        jobs.begin(session, device.id, inspection.id, by=by, at=ask.at)
    return done


def finish_repair(session: Session, device: Row[Any], *, by: Actor, ask: Ask) -> Done:
    """Finish a repair: every fault has an outcome. A second inspection begins with it.

    Raises:
        StillOpen: one has none.
        StillWaiting: it waits for something.
    """
    inspection, _status = _inspected(session, device, by)
    still = queries.open_faults(session, device.id)
    if still:
        raise StillOpen(len(still))
    jobs.must_not_wait(session, device.id)
    settled = tuple(
        f"{fault.id}:{fault.outcome}"
        for fault in reversed(queries.faults(session, device.id))
        if fault.settled_at and fault.settled_at >= inspection.started_at
    )
    done = custody.make(session, device.id, Move.FINISH_REPAIR, FaultsSettled(settled), by=by, ask=ask)
    if not done.again:
        jobs.end(session, device.id, "finished", by=by, at=ask.at)
        end_inspection(session, device.id, "repaired", by=by, at=ask.at)
        _begin(session, device, by=by, at=ask.at, follows=inspection.id)
    return done


def pass_device(session: Session, device: Row[Any], grade: str, *, by: Actor, ask: Ask) -> Done:
    """Pass a device.

    Raises:
        NotReady: with everything that is still missing.
        WrongMoment: it is being repaired.
        NoInspection: none is going on.
    """
    inspection, status = _inspected(session, device, by)
    if status is not Status.INSPECTING:
        raise WrongMoment(Move.PASS, status)
    examined = queries.work(session, device).examined
    if examined is None:
        raise NoInspection
    examined = examined._replace(inspected_by={*examined.inspected_by, by.user})
    fact = rules.passed(examined, inspection=inspection.id, grade=grade)
    done = custody.make(session, device.id, Move.PASS, fact, by=by, ask=ask)
    end_inspection(session, device.id, "passed", by=by, at=ask.at, grade=grade)
    return done
