"""The stock of spare parts: the list, one sort, what comes in, and what retired devices give."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.custody import queries as devices
from tracker.custody.ledger import Ask
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.spares import actions, queries
from tracker.spares.queries import PAGE
from tracker.spares.rules import MOST, Origin, SpareKind, Why, described, whole
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.web.pages import new_event_id
from tracker.words import Words, _

bp = Blueprint("spares", __name__)

KEEPERS = (Role.TECHNICIAN, Role.STOREKEEPER)
READERS = (*KEEPERS, Role.COORDINATOR, Role.AUDITOR)
ORIGINS = (Origin.BOUGHT, Origin.DONATED)


@bp.get("/spares")
@allowed(*READERS)
def stock() -> ResponseReturnValue:
    """Show the parts in stock, and the form for what came in."""
    return _stock({})


def _stock(wrong: dict[str, Words]) -> str:
    kind, used_up = request.args.get("kind", ""), request.args.get("all", "")
    after = request.args.get("after", 0, type=int)
    rows = queries.stock(db.session(), to=me(), kind=kind, there=not used_up, after=after)
    return show(
        "spares/stock.html",
        rows=rows[:PAGE],
        kind=kind,
        used_up=used_up,
        kinds=[(each, each.label) for each in SpareKind],
        origins=[(each, each.label) for each in ORIGINS],
        kind_of=SpareKind,
        origin_of=Origin,
        everywhere=me().role.sees_everything,
        may_add=me().role in KEEPERS,
        next_url=url_for(".stock", kind=kind, all=used_up, after=rows[PAGE - 1].id)
        if len(rows) > PAGE
        else None,
        first_url=url_for(".stock", kind=kind, all=used_up) if after else None,
        wrong={name: str(words) for name, words in wrong.items()},
        form=request.form,
    )


@bp.post("/spares")
@allowed(*KEEPERS)
@once
def add() -> ResponseReturnValue:
    """Take parts that came in into the stock."""
    said, wrong = described(request.form)
    origin = request.form.get("origin", "")
    if origin not in ORIGINS:
        wrong["origin"] = _("Say where it comes from.")
    if wrong or said is None:
        g.pop("once", None)
        return _stock(wrong), 422
    actions.add(db.session(), said, Origin(origin), by=me(), at=datetime.now(UTC))
    flash(translate("The parts are in stock."), "ok")
    return done(url_for(".stock"))


@bp.get("/spares/<int:spare_id>")
@allowed(*READERS)
def spare(spare_id: int) -> ResponseReturnValue:
    """Show parts of one sort with everything that came in and went out."""
    return _spare(spare_id, {})


def _spare(spare_id: int, wrong: dict[str, str]) -> str:
    session, actor = db.session(), me()
    row = queries.spare(session, spare_id, to=actor)
    return show(
        "spares/spare.html",
        spare=row,
        moves=queries.moves(session, spare_id),
        kind_of=SpareKind,
        origin_of=Origin,
        why_of=Why,
        may_change=actor.role in KEEPERS and row.org_id == actor.org,
        wrong=wrong,
        form=request.form,
    )


@bp.post("/spares/<int:spare_id>/write-off")
@allowed(*KEEPERS)
@once
def write_off(spare_id: int) -> ResponseReturnValue:
    """Take pieces out that nobody can use."""
    quantity, note = whole(request.form.get("quantity", ""), MOST), request.form.get("note", "")
    wrong = {}
    if not quantity:
        wrong["quantity"] = translate("Write how many.")
    if not note.strip():
        wrong["note"] = translate("Write why.")
    if wrong or not quantity:
        g.pop("once", None)
        return _spare(spare_id, wrong), 422
    actions.write_off(db.session(), spare_id, quantity, note, by=me(), at=datetime.now(UTC))
    flash(translate("Written off."), "ok")
    return done(url_for(".spare", spare_id=spare_id))


@bp.post("/spares/<int:spare_id>/count")
@allowed(*KEEPERS)
@once
def count(spare_id: int) -> ResponseReturnValue:
    """Set the stock to what was counted."""
    found, seen = whole(request.form.get("found", ""), MOST), whole(request.form.get("seen", ""), MOST)
    if found is None or seen is None:
        g.pop("once", None)
        return _spare(spare_id, {"found": translate("Write how many there are.")}), 422
    actions.counted(db.session(), spare_id, found, seen, by=me(), at=datetime.now(UTC))
    flash(translate("The stock is corrected."), "ok")
    return done(url_for(".spare", spare_id=spare_id))


@bp.get("/devices/<code:code>/harvest")
@allowed(Role.TECHNICIAN)
def harvest(code: str) -> ResponseReturnValue:
    """Show what was taken out of a retired device, and the form for more."""
    return _harvest(devices.device(db.session(), code, to=me()), {})


def _harvest(device: Row[Any], wrong: dict[str, Words]) -> str:
    return show(
        "spares/harvest.html",
        device=device,
        taken=queries.harvested(db.session(), device.id),
        may_take=device.holder_org_id == me().org and actions.for_parts(db.session(), device),
        kinds=[(each, each.label) for each in SpareKind],
        kind_of=SpareKind,
        wrong={name: str(words) for name, words in wrong.items()},
        form=request.form,
    )


@bp.post("/devices/<code:code>/harvest", endpoint="harvest_part")
@allowed(Role.TECHNICIAN)
@once
def harvested(code: str) -> ResponseReturnValue:
    """Take parts out of a retired device."""
    session = db.session()
    device = devices.device(session, code, to=me())
    said, wrong = described(request.form, priced=False)
    if said is None:
        g.pop("once", None)
        return _harvest(device, wrong), 422
    this = Ask(request.form.get("event_id", "")[:64] or new_event_id(), datetime.now(UTC))
    actions.harvest(session, device, said, by=me(), ask=this)
    flash(translate("The parts are in stock."), "ok")
    return done(url_for(".harvest", code=code))
