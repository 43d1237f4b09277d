"""Retiring a device for good, and what the recycler gets."""

from datetime import date, datetime, time, timedelta
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
from tracker.workshop import kinds, retiring
from tracker.workshop.erasing import VIETNAM
from tracker.workshop.kinds import DataFate
from tracker.workshop.versions import number_of
from tracker.workshop.views import READERS, ask, bp


@bp.get("/devices/<code:code>/retire")
@allowed(Role.COORDINATOR)
def retire(code: str) -> ResponseReturnValue:
    """Ask why, and what happened to the data."""
    return _page(devices.device(db.session(), code, to=me()), {})


def _page(device: Row[Any], wrong: dict[str, str]) -> str:
    status, category = Status(device.status), Category(device.category)
    if status not in MOVES[Move.RETIRE].start:
        raise WrongMoment(Move.RETIRE, status)
    fates = retiring.fates(db.session(), device)
    return show(
        "workshop/retire.html",
        device=device,
        status=status,
        category=category.label,
        reasons=[(reason, reason.label) for reason in RetireReason],
        fates=[(fate, fate.label) for fate in fates],
        unerased=category in kinds.STORES_DATA and DataFate.ERASED not in fates,
        usual=f"{retiring.USUAL[category] / 1000:g}".replace(".", ","),
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
    grams, written = None, form.get("weight", "").strip()
    if written:
        kilos = number_of(written)
        grams = round(kilos * 1000) if kilos is not None else 0
        if not 1 <= grams <= retiring.HEAVIEST:
            wrong["weight"] = translate("Write its weight in kilograms, such as 2,1.")
    if wrong:
        g.pop("once", None)
        session.rollback()
        return _page(devices.device(session, code, to=me()), wrong), 422
    retiring.retire(
        session,
        device,
        RetireReason(reason),
        DataFate(fate),
        grams=grams,
        by=me(),
        ask=ask(form.get("note", "")),
    )
    flash(translate("Recorded: the device is retired."), "ok")
    return done(url_for("scan.device", text=code))


@bp.get("/workshop/retired")
@allowed(*READERS, Role.STOREKEEPER)
def retired_weights() -> ResponseReturnValue:
    """Show counts and weights of what was retired in a time, by category, for the recycler."""
    today = datetime.now(VIETNAM).date()
    since = _day(request.args.get("since", "")) or today.replace(month=1, day=1)
    until = _day(request.args.get("until", "")) or today
    rows = retiring.weights(
        db.session(),
        since=datetime.combine(since, time(), VIETNAM),
        until=datetime.combine(until + timedelta(days=1), time(), VIETNAM),
        to=me(),
    )
    return show(
        "workshop/retired.html",
        rows=rows,
        since=since,
        until=until,
        total=(sum(row.devices for row in rows), sum(row.grams for row in rows)),
        category_of=Category,
        reason_of=RetireReason,
        kilos=lambda grams: f"{grams / 1000:.1f}".replace(".", ","),
        everywhere=me().role.sees_everything,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
