"""What is known of a device that was given, taken back or retired, in the words of papers."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.custody import queries as devices
from tracker.custody.facts import RetireReason
from tracker.custody.queries import Line
from tracker.custody.road import MOVES, Move, Status
from tracker.handover.reasons import TakeBackReason
from tracker.handover.record import vietnamese
from tracker.papers import queries
from tracker.papers.at_bench import kind_of
from tracker.papers.known import Known
from tracker.papers.rules import LONGEST, CannotStand
from tracker.people.roles import Actor, Role
from tracker.spares import queries as spares
from tracker.words import _
from tracker.workshop import queries as bench
from tracker.workshop import retiring
from tracker.workshop.kinds import DataFate, Outcome


def given(session: Session, device: Row[Any], by: Actor) -> Known:
    """Return which pupil has it.

    Raises:
        CannotStand: it has not happened, or not all of it is recorded.
    """
    if device.status != Status.GIVEN or not device.holder_support:
        raise CannotStand(
            _("It has not been given to a pupil; it is: %(status)s.", status=Status(device.status).label),
            out=_("Give it on its page first."),
        )
    pupil = queries.pupil(session, device.holder_support, to=by)
    guardian = queries.guardian(session, device.id, device.holder_support)
    return Known(
        device=device,
        org_id=device.holder_org_id,
        support=device.holder_support,
        proposed={"guardian_name": guardian or pupil.parent, "guardian_phone": pupil.phone},
    )


def returned(session: Session, device: Row[Any], by: Actor) -> Known:
    """Return which pupil had it, and why it came back.

    Raises:
        CannotStand: it has not happened, or not all of it is recorded.
    """
    moves = [line for line in devices.history(session, device.id) if line.kind in set(MOVES)]
    back = _newest(moves, Move.TAKE_BACK, unless=(Move.GIVE, Move.FIND, Move.CONFIRM))
    given = _newest(moves[moves.index(back) + 1 :], Move.GIVE, unless=(Move.CONFIRM,)) if back else None
    if back is None or given is None:
        raise CannotStand(
            _("It was not taken back from a pupil."), out=_("Take it back on its page, then make the record.")
        )
    support = given.data["support"]
    pupil = queries.pupil(session, support, to=by)
    guardian = queries.guardian(session, device.id, support)
    return Known(
        device=device,
        org_id=back.custody["org"],
        support=support,
        reason=_why(back),
        proposed={
            "returner_name": guardian or pupil.parent or pupil.name,
            "returner_phone": pupil.phone,
            "returner_address": queries.address_of(session, support),
        },
    )


def _newest(moves: list[Line], wanted: Move, *, unless: tuple[Move, ...]) -> Line | None:
    for line in moves:
        if line.kind == wanted:
            return line
        if line.kind in unless:
            return None
    return None


def _why(back: Line) -> str:
    reason, note = TakeBackReason(back.data["reason"]), (back.note or "").strip()
    if reason is TakeBackReason.OTHER:
        return note
    said = vietnamese(reason.label)
    return f"{said} ({note})" if note and len(said) + len(note) < LONGEST - 3 else said


def retired(session: Session, device: Row[Any], by: Actor) -> Known:
    """Return what became of it.

    Raises:
        CannotStand: it has not happened, or not all of it is recorded.
    """
    found = [line for line in devices.history(session, device.id) if line.kind == Move.RETIRE]
    if device.status != Status.RETIRED or not found:
        raise CannotStand(
            _("It is not retired; it is: %(status)s.", status=Status(device.status).label),
            out=_("The coordinator retires it on its page first."),
        )
    reason, fate = (
        vietnamese(words)
        for words in (RetireReason(found[0].data["reason"]).label, DataFate(found[0].data["data_fate"]).label)
    )
    faults = [
        kind_of(fault)
        for fault in bench.faults(session, device.id)
        if fault.outcome in {"", Outcome.CANNOT_FIX}
    ]
    condition = f"Hư hỏng: {'; '.join(faults)}" if faults else (found[0].note or "").strip()
    return Known(
        device=device,
        org_id=by.org if by.role is Role.COORDINATOR else device.holder_org_id,
        item={"disposal": f"{reason}; dữ liệu: {fate[0].lower()}{fate[1:]}{_more(session, device.id)}"},
        proposed={f"condition-{device.code}": condition[:LONGEST]},
    )


def _more(session: Session, device: int) -> str:
    """Say what was taken out of it and what it weighs; of parts the number, since the sheet is signed."""
    taken = sum(row.quantity for row in spares.taken_out(session, device))
    weight = retiring.weight(session, device)
    said = [f"đã lấy {taken} linh kiện"] if taken else []
    if weight:
        kilos = f"{weight[0] / 1000:g}".replace(".", ",")
        said.append(f"khối lượng {kilos} kg" if weight[1] else f"khối lượng khoảng {kilos} kg")
    return "".join(f"; {each}" for each in said)
