"""Retiring a device for good."""

from typing import Any

from flask import flash, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.custody import queries as devices
from tracker.custody.facts import Category, RetireReason
from tracker.custody.road import MOVES, Move, Status, WrongMoment
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.workshop import actions, kinds, queries, rules
from tracker.workshop.kinds import DataFate
from tracker.workshop.views import ask, bp


@bp.get("/devices/<code:code>/retire")
@allowed(Role.COORDINATOR)
def retire(code: str) -> ResponseReturnValue:
    """Ask why, and what happened to the data."""
    return _page(devices.device(db.session(), code, to=me()), {})


def _page(device: Row[Any], wrong: dict[str, str]) -> str:
    status, category = Status(device.status), Category(device.category)
    if status not in MOVES[Move.RETIRE].start:
        raise WrongMoment(Move.RETIRE, status)
    fates = rules.possible_fates(
        category=category,
        erased=queries.proof(db.session(), device.id) is not None,
        lost=status is Status.MISSING,
    )
    return show(
        "workshop/retire.html",
        device=device,
        status=status,
        category=category.label,
        reasons=[(reason, reason.label) for reason in RetireReason],
        fates=[(fate, fate.label) for fate in fates],
        unerased=category in kinds.STORES_DATA and DataFate.ERASED not in fates,
        wrong=wrong,
        form=request.form,
    )


@bp.post("/devices/<code:code>/retire", endpoint="retire_done")
@allowed(Role.COORDINATOR)
@once
def retired(code: str) -> ResponseReturnValue:
    """Retire a device."""
    session, form = db.session(), request.form
    device = devices.device(session, code, to=me())
    reason, fate = form.get("reason", ""), form.get("fate", "")
    wrong = {}
    if reason not in frozenset(RetireReason):
        wrong["reason"] = translate("Choose a reason.")
    if fate not in frozenset(DataFate):
        wrong["fate"] = translate("Say what happened to its data.")
    if wrong:
        g.pop("once", None)
        session.rollback()
        return _page(devices.device(session, code, to=me()), wrong), 422
    actions.retire(
        session, device, RetireReason(reason), DataFate(fate), by=me(), ask=ask(form.get("note", ""))
    )
    flash(translate("Recorded: the device is retired."), "ok")
    return done(url_for("scan.device", text=code))
