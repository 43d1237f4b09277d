"""Pages at the school and after: what waits, giving, taking back, missing and found."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue

from tracker.allocation import bindings
from tracker.custody import queries as devices
from tracker.custody.facts import Category
from tracker.custody.road import MOVES, Move, Status, WrongMoment
from tracker.db import db
from tracker.handover import giving, queries, views
from tracker.handover.queries import PAGE
from tracker.handover.reasons import FindReason, LoseReason, TakeBackReason
from tracker.handover.rules import Stage, number
from tracker.handover.signing import NotSigned, sign
from tracker.handover.views import bp
from tracker.people import access
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once

HOLDERS = (Role.TECHNICIAN, Role.STOREKEEPER, Role.SCHOOL, Role.COORDINATOR)


@bp.get("/giving")
@allowed(Role.SCHOOL)
def waiting() -> ResponseReturnValue:
    """Show a school what waits for it: records to confirm, devices to give."""
    actor, session = me(), db.session()
    after = request.args.get("after", type=int)
    rows = queries.to_be_given(session, school=actor.org, after=after)
    coming = queries.incoming(session, to=actor)
    access.note(actor, "handover.waiting", [row.pupil_id for row in rows[:PAGE]])
    return show(
        "handover/waiting.html",
        coming=coming,
        rows=rows[:PAGE],
        number=number,
        stage_of=Stage,
        tones=views.STAGE_TONES,
        category_of=Category,
        next_url=url_for(".waiting", after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for(".waiting") if after else None,
    )


@bp.get("/devices/<code:code>/give", endpoint="give")
@allowed(Role.SCHOOL)
def give_page(code: str) -> ResponseReturnValue:
    """Ask who takes the device."""
    return _give_page(code)


def _give_page(code: str, wrong: dict[str, str] | None = None) -> str:
    actor, session = me(), db.session()
    device = _starting(code, Move.GIVE)
    bound = bindings.open_binding(session, device.id)
    pupil = bindings.pupil_of(session, bound.support_id, to=actor) if bound else None
    if pupil:
        access.note(actor, "handover.give", [pupil.pupil_id])
    return show(
        "handover/give.html",
        device=device,
        category=Category(device.category).label,
        pupil=pupil,
        takers=list(giving.TAKERS.items()),
        wrong=wrong or {},
        form=request.form,
    )


@bp.post("/devices/<code:code>/give", endpoint="give_done")
@allowed(Role.SCHOOL)
@once
def give(code: str) -> ResponseReturnValue:
    """Give a device to its pupil."""
    session, actor = db.session(), me()
    device = devices.device(session, code, to=actor)
    name = request.form.get("name", "")
    try:
        signature = sign(
            name, request.form.get("signature", ""), declared=request.form.get("signature_typed") == "1"
        )
    except NotSigned as refused:
        g.pop("once", None)
        session.rollback()
        field = "signature" if name.strip() else "name"
        return _give_page(code, {field: f"{refused.sentence} {refused.out}"}), 422
    taken_by = request.form.get("taken_by", "")
    giving.give(session, device.id, taken_by=taken_by, signature=signature, by=actor, ask=views.ask())
    flash(translate("Recorded: the device has been given."), "ok")
    return done(url_for("handover.waiting"))


def _starting(code: str, move: Move) -> Any:
    device = devices.device(db.session(), code, to=me())
    if Status(device.status) not in MOVES[move].start:
        raise WrongMoment(move, Status(device.status))
    return device


def _reason_page(code: str, move: Move, reasons: type[StrEnum], wrong: dict[str, str] | None = None) -> str:
    device = _starting(code, move)
    return show(
        "handover/reason.html",
        device=device,
        status=Status(device.status),
        move=move,
        reasons=[(reason, reason.label) for reason in reasons],  # type: ignore[attr-defined]
        wrong=wrong or {},
        form=request.form,
    )


def _with_reason(
    code: str, move: Move, reasons: type[StrEnum], action: Callable[..., object], told: str
) -> ResponseReturnValue:
    session, actor = db.session(), me()
    device = devices.device(session, code, to=actor)
    chosen, note = request.form.get("reason", ""), request.form.get("note", "")
    wrong = {}
    if chosen not in set(reasons):
        wrong["reason"] = translate("Choose a reason.")
    elif chosen == "other" and not note.strip():
        wrong["note"] = translate("Another reason needs a note.")
    if wrong:
        g.pop("once", None)
        session.rollback()
        return _reason_page(code, move, reasons, wrong), 422
    action(session, device.id, reason=reasons(chosen), by=actor, ask=views.ask(note))
    flash(told, "ok")
    return done(url_for("scan.device", text=code))


@bp.get("/devices/<code:code>/take-back", endpoint="take_back")
@allowed(Role.SCHOOL, Role.COORDINATOR)
def take_back_page(code: str) -> ResponseReturnValue:
    """Ask why."""
    return _reason_page(code, Move.TAKE_BACK, TakeBackReason)


@bp.post("/devices/<code:code>/take-back", endpoint="take_back_done")
@allowed(Role.SCHOOL, Role.COORDINATOR)
@once
def take_back(code: str) -> ResponseReturnValue:
    """Take a device back."""
    told = translate("Recorded: the device has been taken back.")
    return _with_reason(code, Move.TAKE_BACK, TakeBackReason, giving.take_back, told)


@bp.get("/devices/<code:code>/lose", endpoint="lose")
@allowed(*HOLDERS)
def lose_page(code: str) -> ResponseReturnValue:
    """Ask what happened."""
    return _reason_page(code, Move.LOSE, LoseReason)


@bp.post("/devices/<code:code>/lose", endpoint="lose_done")
@allowed(*HOLDERS)
@once
def lose(code: str) -> ResponseReturnValue:
    """Report a device missing."""
    told = translate("Recorded: the device is reported missing.")
    return _with_reason(code, Move.LOSE, LoseReason, giving.lose, told)


@bp.get("/devices/<code:code>/find", endpoint="find")
@allowed(*HOLDERS)
def find_page(code: str) -> ResponseReturnValue:
    """Ask how it came back."""
    return _reason_page(code, Move.FIND, FindReason)


@bp.post("/devices/<code:code>/find", endpoint="find_done")
@allowed(*HOLDERS)
@once
def find(code: str) -> ResponseReturnValue:
    """Record that a device is there again."""
    return _with_reason(
        code, Move.FIND, FindReason, giving.find, translate("Recorded: the device has been found again.")
    )
