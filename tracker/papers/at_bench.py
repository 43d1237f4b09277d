"""What the workshop recorded of a device, in the words of papers."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from labels.records import Drive, Method
from labels.text import long_date
from tracker.custody.road import Status
from tracker.handover.actions import VIETNAM
from tracker.handover.record import vietnamese
from tracker.papers import queries
from tracker.papers.known import Known
from tracker.papers.rules import LONGEST, CannotStand, findings
from tracker.people.roles import Actor
from tracker.words import _
from tracker.workshop import erasing
from tracker.workshop import queries as bench
from tracker.workshop.kinds import BlockerKind, FaultKind, Outcome, Result
from tracker.workshop.models import Erasure, Fault, Inspection
from tracker.workshop.queries import Work

#: The grade of a device that has not passed: it has none, and a signed sheet has no blanks.
FAILED = "KĐ"
#: What is said of a drive that could not be read when its erasure failed.
UNREAD = "không đọc được"


def inspected(session: Session, device: Row[Any], _by: Actor) -> Known:
    """Return what its last inspection found.

    Raises:
        CannotStand: it has not happened, or not all of it is recorded.
    """
    work = bench.work(session, device)
    last, checklist = work.inspection, work.checklist
    if last is None or checklist is None:
        raise CannotStand(_("It has not been inspected."), out=_("Inspect it at the workshop first."))
    passed = last.result == "passed"
    bad = [check for check in checklist.checks if _answer(work, check.key) == Result.FAIL]
    faults = [
        fault
        for fault in reversed(work.faults)
        if fault.inspection_id in _since(last) and fault.outcome != Outcome.NO_FAULT
    ]
    if not passed:
        _must_be_answered(work, something_wrong=bool(bad or faults or work.blockers))
    said = [_done(fault) if fault.outcome else _fault(fault) for fault in faults]
    said += [vietnamese(BlockerKind(blocker.kind).label) for blocker in work.blockers if not passed]
    good = sum(_answer(work, check.key) == Result.PASS for check in checklist.checks)
    noted = [(vietnamese(check.label), work.answers[check.key].note) for check in bad]
    people = (last.started_by, *(each.by for each in work.answers.values()), last.ended_by)
    return Known(
        device=device,
        org_id=last.org_id,
        item={
            "findings": findings(good, noted, said),
            "grade": last.grade if passed else FAILED,
            "passed": passed,
        },
        people=_names(work, people),
        basis=_came_with(session, device),
    )


def _since(last: Inspection) -> set[int | None]:
    """Return the last inspection and, when it is a second one, the one before the repair."""
    return {last.id, last.follows_id} - {None}


def _answer(work: Work, check: str) -> str:
    return work.answers[check].result if check in work.answers else ""


def _must_be_answered(work: Work, *, something_wrong: bool) -> None:
    checks = work.checklist.checks if work.checklist else ()
    still = sum(check.mandatory and check.key not in work.answers for check in checks)
    if still:
        raise CannotStand(
            _("Its inspection is not finished: %(n)s checks have no answer.", n=still),
            out=_("Answer them on its page at the workshop."),
        )
    if not something_wrong:
        raise CannotStand(
            _("Nothing was found wrong with it, but it has not passed."),
            out=_("Pass it on its page at the workshop."),
        )


def _came_with(session: Session, device: Row[Any]) -> str:
    number, day = queries.donation(session, device.donation_id)
    return f"Biên bản tiếp nhận số {number} {long_date(day)}"


def _fault(fault: Fault) -> str:
    kind = vietnamese(FaultKind(fault.kind).label)
    return f"{kind} ({fault.note})" if fault.note else kind


def _names(work: Work, ids: tuple[int | None, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(work.names[one] for one in ids if one in work.names))


def repaired(session: Session, device: Row[Any], _by: Actor) -> Known:
    """Return what was repaired since its last inspection began.

    Raises:
        CannotStand: it has not happened, or not all of it is recorded.
    """
    work = bench.work(session, device)
    if work.open_faults or device.status == Status.REPAIRING:
        raise CannotStand(
            _("Its repair is not finished."), out=_("Say of each what became of it, then finish.")
        )
    last = work.inspection
    faults = [fault for fault in reversed(work.faults) if last and fault.inspection_id in _since(last)]
    done = [fault for fault in faults if fault.outcome != Outcome.NO_FAULT]
    if last is None or not done:
        raise CannotStand(
            _("No repair of it is recorded since its last inspection began."),
            out=_("Write down its faults at the workshop and send it to repair."),
        )
    replaced = [fault for fault in done if fault.outcome == Outcome.REPLACED]
    left = [fault for fault in done if fault.outcome == Outcome.CANNOT_FIX]
    return Known(
        device=device,
        org_id=last.org_id,
        item={
            "fault": _short(map(_fault, done), [kind_of(fault) for fault in done]),
            "work": _short(map(_done, done), [f"{kind_of(f)}: {_outcome(f)}" for f in done]),
            "parts": _short(map(_part, replaced), [kind_of(fault) for fault in replaced]),
            "result": _repair_result([kind_of(fault) for fault in left]),
        },
        people=_names(work, tuple(fault.settled_by for fault in done)),
    )


def kind_of(fault: Fault) -> str:
    """Return what is wrong, in the words of papers."""
    return vietnamese(FaultKind(fault.kind).label)


def _outcome(fault: Fault) -> str:
    return vietnamese(Outcome(fault.outcome).label).lower()


def _done(fault: Fault) -> str:
    said = f"{kind_of(fault)}: {_outcome(fault)}"
    return f"{said} ({fault.outcome_note})" if fault.outcome_note else said


def _part(fault: Fault) -> str:
    return fault.outcome_note or kind_of(fault)


def _repair_result(left: list[str]) -> str:
    return f"Chưa khắc phục được: {'; '.join(left)}" if left else "Đã khắc phục hết hư hỏng"


def _short(full: Any, without_notes: list[str]) -> str:
    """Join texts; without their notes when they are too long for paper."""
    said = "; ".join(full)
    return said if len(said) <= LONGEST else "; ".join(without_notes)


def erased(session: Session, device: Row[Any], _by: Actor) -> Known:
    """Return the drives erased since data last came onto it, each as it was erased last, the failed ones too.

    Raises:
        CannotStand: it has not happened, or not all of it is recorded.
    """
    work = bench.work(session, device)
    counting = _last_of_each_drive(reversed(work.erasures[: work.counting]))
    if not counting:
        raise CannotStand(
            _("No erasure of it is recorded since data last came onto it."),
            out=_("Record the erasure on its page at the workshop."),
        )
    for at, erasure in enumerate(counting, start=1):
        _must_be_complete(erasure, at)
    people = _names(work, tuple(erasure.by for erasure in counting))
    if len(people) > 1:
        raise CannotStand(
            _("Its drives were erased by different people: %(names)s.", names=", ".join(people)),
            out=_("Each signs for what they did: one of them erases it again and records it."),
        )
    verified = [
        (e.verified_by, e.verified_position) for e in counting if e.verified_by and e.verified_position
    ]
    if not verified:
        raise CannotStand(
            _("Nobody is named who verified its erasure, and with what position."),
            out=_("Record the erasure again with these, on its page at the workshop."),
        )
    if len({name for name, _position in verified}) > 1:
        names = ", ".join(dict.fromkeys(name for name, _position in verified))
        raise CannotStand(
            _("Its drives were verified by different people: %(names)s.", names=names),
            out=_("Each signs for what they did: one of them verifies it again, and it is recorded again."),
        )
    return Known(
        device=device,
        org_id=counting[-1].org_id,
        drives=tuple(_drive(device, erasure) for erasure in counting),
        people=people,
        verified=verified[-1],
    )


def _last_of_each_drive(erasures: Iterable[Erasure]) -> list[Erasure]:
    kept: list[Erasure] = []
    for erasure in erasures:
        kept = [*(one for one in kept if _drive_of(one, erasure) != _drive_of(erasure, one)), erasure]
    return kept


def _drive_of(erasure: Erasure, other: Erasure) -> str:
    # By its serial; a drive that could not be read has only what the technician calls it, "" is the whole device.
    both = erasure.drive_serial and other.drive_serial
    return ((erasure.drive_serial if both else erasure.drive) or "").strip().casefold()


def _must_be_complete(erasure: Erasure, at: int) -> None:
    lacking = erasing.lacking(erasure) if erasure.result == "ok" else []
    if lacking:
        raise CannotStand(
            _(
                "Its erasure %(n)s does not say: %(what)s.",
                n=at,
                what=", ".join(str(each) for each in lacking),
            ),
            out=_("Record the erasure again with these, on its page at the workshop."),
        )


def _drive(device: Row[Any], erasure: Erasure) -> Drive:
    well = erasure.result == "ok"
    unread = erasure.note[:160] or "Xóa không thành công"
    return Drive(
        code=device.code,
        make=erasure.drive_make or "Ổ lưu trữ",
        model=erasure.drive_model or UNREAD,
        serial=erasure.drive_serial or UNREAD,
        capacity=erasure.capacity or "",
        method=Method[erasure.method.upper()],
        tool=erasure.tool,
        started=(erasure.started_at or erasure.at).astimezone(VIETNAM),
        ended=(erasure.ended_at or erasure.at).astimezone(VIETNAM),
        passed=well,
        result=erasure.readback or unread,
    )
