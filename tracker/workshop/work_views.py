"""What is written down on the page of a device: checks, faults, repair, erasures, blockers, the pass."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.custody import queries as devices
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.web import done
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import Words, _
from tracker.workshop import actions, blocking, erasing, queries, versions
from tracker.workshop.checklists import Check
from tracker.workshop.erasures import record_erasure
from tracker.workshop.kinds import Barrier, BlockerKind, FaultKind, Method, Outcome, Result
from tracker.workshop.views import CHECK, NOTE, VALUE, again, ask, bp


def device_of(code: str) -> Row[Any]:
    """Return the device of a page, as the reader may see it."""
    return devices.device(db.session(), code, to=me())


def back(code: str, part: str, told: Words) -> ResponseReturnValue:
    """Go back to a part of the page of a device, and say what was done."""
    flash(str(told), "ok")
    return done(url_for("workshop.device", code=code, _anchor=part))


@bp.post("/workshop/<code:code>/checks")
@allowed(Role.TECHNICIAN)
@once
def checks(code: str) -> ResponseReturnValue:
    """Save the answers to the checklist."""
    device, form = device_of(code), request.form
    work = queries.work(db.session(), device)
    answers, wrong = answered(form, work.checklist.checks if work.checklist else ())
    if wrong:
        return again(device, wrong)
    checklist = form.get("checklist", "")
    actions.answer(db.session(), device, answers, by=me(), ask=ask(), checklist=checklist)
    return back(code, "checks", _("The answers are saved."))


def answered(
    form: Mapping[str, str], checks: Iterable[Check]
) -> tuple[dict[str, actions.Answered], dict[str, str]]:
    """Return the answers of a form, and what is wrong with it, by field; what is empty is no answer."""
    answers, wrong = {}, {}
    for check in checks:
        result, note = form.get(CHECK + check.key, ""), form.get(NOTE + check.key, "")
        written = form.get(VALUE + check.key, "").strip() if check.measured else ""
        value = versions.number_of(written)
        if written and value is None:
            wrong[VALUE + check.key] = translate("Write a number.")
        elif result in frozenset(Result) or value is not None:
            judged = Result(result) if result in frozenset(Result) else None
            answers[check.key] = actions.Answered(judged, note, value)
        elif note.strip():
            wrong[(VALUE if check.measured else CHECK) + check.key] = translate(
                "A note needs an answer beside it."
            )
    return answers, wrong


@bp.post("/workshop/<code:code>/faults")
@allowed(Role.TECHNICIAN)
@once
def faults(code: str) -> ResponseReturnValue:
    """Write down a fault."""
    device, kind, note = device_of(code), request.form.get("fault", ""), request.form.get("fault_note", "")
    if kind not in frozenset(FaultKind):
        return again(device, {"fault": translate("Choose what is wrong.")})
    if kind == FaultKind.OTHER and not note.strip():
        return again(device, {"fault_note": translate("Write what is wrong.")})
    actions.report_fault(db.session(), device, FaultKind(kind), note, by=me(), at=ask().at)
    return back(code, "faults", _("The fault is written down."))


@bp.post("/workshop/<code:code>/outcomes")
@allowed(Role.TECHNICIAN)
@once
def outcomes(code: str) -> ResponseReturnValue:
    """Save what became of the faults, and finish the repair when that was pressed."""
    device, session, form, this = device_of(code), db.session(), request.form, ask()
    said, wrong = {}, {}
    for fault in queries.open_faults(session, device.id):
        outcome = form.get(f"outcome-{fault.id}", "")
        barrier = form.get(f"barrier-{fault.id}", "")
        if outcome == Outcome.CANNOT_FIX and barrier not in frozenset(Barrier):
            wrong[f"barrier-{fault.id}"] = translate("Say why it cannot be repaired.")
        elif outcome in frozenset(Outcome):
            said[fault.id] = actions.Settled(
                Outcome(outcome),
                form.get(f"outcome-note-{fault.id}", ""),
                Barrier(barrier) if outcome == Outcome.CANNOT_FIX else None,
            )
        elif form.get("finish"):
            wrong[f"outcome-{fault.id}"] = translate("Say what became of this fault.")
    if wrong:
        return again(device, wrong)
    actions.settle_faults(session, device, said, by=me(), at=this.at)
    if not form.get("finish"):
        return back(code, "faults", _("The outcomes are saved."))
    actions.finish_repair(session, device, by=me(), ask=this)
    return back(code, "checks", _("The repair is finished. Check again what was bad."))


@bp.post("/workshop/<code:code>/repair")
@allowed(Role.TECHNICIAN)
@once
def repair(code: str) -> ResponseReturnValue:
    """Send a device to repair."""
    actions.send_to_repair(db.session(), device_of(code), by=me(), ask=ask())
    return back(code, "faults", _("The device is being repaired."))


@bp.post("/workshop/<code:code>/erasures")
@allowed(Role.TECHNICIAN)
@once
def erasures(code: str) -> ResponseReturnValue:
    """Record that data was erased, or that it failed."""
    device, form = device_of(code), request.form
    method, tool, result = form.get("method", ""), form.get("tool", ""), form.get("result", "")
    wrong = {}
    if method not in frozenset(Method):
        wrong["method"] = translate("Choose how it was erased.")
    if not tool.strip():
        wrong["tool"] = translate("Write the program or machine that did it.")
    if result not in {"ok", "failed"}:
        wrong["result"] = translate("Say whether it succeeded.")
    details, more = erasing.details(form, ok=result == "ok", now=ask().at)
    wrong |= {name: str(words) for name, words in more.items()}
    if wrong:
        return again(device, wrong)
    record_erasure(
        db.session(),
        device,
        method=Method(method),
        tool=tool,
        ok=result == "ok",
        drive=form.get("drive", ""),
        details=details,
        note=form.get("erasure_note", ""),
        by=me(),
        ask=ask(),
    )
    failed = _("The failed erasure is recorded and blocks the device.")
    told = _("The erasure is recorded.") if result == "ok" else failed
    return back(code, "erasure", told)


@bp.post("/workshop/<code:code>/block")
@allowed(Role.TECHNICIAN)
@once
def block(code: str) -> ResponseReturnValue:
    """Say why a device does not move on."""
    device, kind, note = (
        device_of(code),
        request.form.get("blocker", ""),
        request.form.get("blocker_note", ""),
    )
    if kind not in frozenset(BlockerKind):
        return again(device, {"blocker": translate("Choose a reason.")})
    if kind == BlockerKind.NEEDS_DECISION and not note.strip():
        return again(device, {"blocker_note": translate("Write what is to be decided.")})
    blocking.block(db.session(), device, BlockerKind(kind), note, by=me(), ask=ask())
    return back(code, "blockers", _("The blocker is set."))


@bp.post("/workshop/<code:code>/unblock")
@allowed(Role.TECHNICIAN)
@once
def unblock(code: str) -> ResponseReturnValue:
    """Take a reason away."""
    device, kind = device_of(code), request.form.get("blocker", "")
    if kind not in frozenset(BlockerKind):
        abort(400)
    blocking.unblock(db.session(), device, BlockerKind(kind), by=me(), ask=ask())
    return back(code, "blockers", _("The blocker is cleared."))


@bp.post("/workshop/<code:code>/pass", endpoint="pass")
@allowed(Role.TECHNICIAN)
@once
def pass_(code: str) -> ResponseReturnValue:
    """Pass a device."""
    grade = f"{request.form.get('function', '')} {request.form.get('cosmetic', '')}"
    actions.pass_device(db.session(), device_of(code), grade, by=me(), ask=ask())
    return back(code, "main", _("The device has passed and is ready."))
