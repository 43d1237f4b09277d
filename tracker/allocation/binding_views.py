"""Pages that bind: who waits beside what is ready, one pair or many, and the release."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from tracker.allocation import actions, bindings, matching, queries
from tracker.allocation.matching import DeviceFilters
from tracker.allocation.rules import MOST_PAIRS, ReleaseReason
from tracker.allocation.views import bp
from tracker.custody import queries as custody
from tracker.custody.codes import NotACode, parse
from tracker.custody.facts import Category
from tracker.custody.ledger import Ask
from tracker.db import db
from tracker.people import access
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.refused import Missing, Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _


def _ask(note: str = "") -> Ask:
    event_id = request.form.get("event_id", "")[:64]
    return Ask(event_id or abort(400), datetime.now(UTC), note=note)


def _filters() -> tuple[int | None, DeviceFilters]:
    args = request.args
    category = args.get("category", "")
    return args.get("school", type=int), DeviceFilters(
        category=category if category in frozenset(Category) else "",
        grade=args.get("grade", "")[:8],
        holder=args.get("holder", type=int),
    )


def _code(text: str) -> str:
    try:
        return parse(text, hosts=set())
    except NotACode as error:
        raise Missing from error


@bp.get("/matching", endpoint="matching")
@allowed(Role.COORDINATOR)
def matching_page() -> ResponseReturnValue:
    """Show who waits beside what is ready; `pupil` and `code` choose one of each beforehand."""
    session, actor = db.session(), me()
    school, filters = _filters()
    chosen = request.args.get("pupil", type=int)
    pupils = matching.waiting_pupils(session, school, to=actor, without=[chosen] if chosen else [])
    if chosen and (line := queries.line(session, chosen, to=actor)).state.bindable:
        pupils.insert(0, line)
    devices = matching.ready_devices(session, filters)
    picked = (
        custody.device(session, _code(request.args["code"]), to=actor).id if "code" in request.args else None
    )
    if picked:
        devices = matching.ready_devices(session, DeviceFilters(), only=picked) + [
            device for device in devices if device.id != picked
        ]
    values = {
        "waiting": matching.waiting_count(session, school),
        "ready": matching.ready_count(session, filters),
        **_choices(),
    }
    access.note(actor, "allocation.matching", [pupil.id for pupil in pupils])
    return show(
        "allocation/matching.html",
        pupils=pupils,
        devices=devices,
        school=school,
        filters=filters,
        active=sum(1 for value in (school, *filters) if value),
        chosen=chosen,
        picked=picked,
        most=MOST_PAIRS,
        **values,
    )


def _choices() -> dict[str, Any]:
    session = db.session()
    grades, holders = matching.ready_choices(session)
    return {
        "schools": queries.school_choices(session, to=me()),
        "categories": [(category, category.label) for category in Category],
        "category_of": Category,
        "grades": [(grade, grade) for grade in grades],
        "holders": holders,
    }


@bp.post("/bindings")
@allowed(Role.COORDINATOR)
@once
def bind() -> ResponseReturnValue:
    """Bind the chosen device to the chosen pupil."""
    pupil_id, device_id = request.form.get("pupil", type=int), request.form.get("device", type=int)
    if not pupil_id or not device_id:
        raise Refused(_("Choose one pupil and one device."), out=_("Mark one on each side and bind again."))
    actions.bind(db.session(), pupil_id, device_id, by=me(), ask=_ask())
    flash(translate("The device is bound to the pupil."), "ok")
    return done(url_for("allocation.matching", school=request.form.get("school", type=int)))


@bp.get("/matching/pairs")
@allowed(Role.COORDINATOR)
def pairs() -> ResponseReturnValue:
    """Show which pupils would get which devices, before anything is bound."""
    session, actor = db.session(), me()
    school, filters = _filters()
    if school is None:
        raise Refused(_("Choose the school whose pupils are to be paired."))
    most = min(max(request.args.get("n", 10, type=int), 1), MOST_PAIRS)
    pupils = matching.waiting_pupils(session, school, to=actor, most=most)
    devices = matching.ready_devices(session, filters, most=most)
    name = queries.school(session, school, to=actor).name
    both = list(zip(pupils, devices, strict=False))
    access.note(actor, "allocation.pairs", [pupil.id for pupil, _device in both])
    return show(
        "allocation/pairs.html", pairs=both, asked=most, school=school, name=name, category_of=Category
    )


@bp.post("/matching/pairs")
@allowed(Role.COORDINATOR)
def bind_pairs() -> ResponseReturnValue:
    """Bind the pairs shown; a form sent twice shows the same outcomes again."""
    session, actor = db.session(), me()
    asked = [_pair(text) for text in request.form.getlist("pair")]
    outcomes = actions.bind_many(session, asked, by=actor, ask=_ask())
    session.commit()
    lines = {outcome.pupil_id: queries.line(session, outcome.pupil_id, to=actor) for outcome in outcomes}
    codes = {outcome.device_id: custody.code_of(session, outcome.device_id) for outcome in outcomes}
    access.note(actor, "allocation.pairs", lines)
    school = request.form.get("school", type=int)
    return show("allocation/paired.html", outcomes=outcomes, lines=lines, codes=codes, school=school)


def _pair(text: str) -> tuple[int, int]:
    pupil, _colon, device = text.partition(":")
    if not (pupil.isdigit() and device.isdigit() and len(text) < 40):
        raise Missing
    return int(pupil), int(device)


@bp.get("/bindings/<code:code>/release")
@allowed(Role.COORDINATOR)
def release(code: str) -> ResponseReturnValue:
    """Ask why a device is taken from its pupil."""
    session, actor = db.session(), me()
    device = custody.device(session, code, to=actor)
    bound = bindings.open_binding(session, device.id)
    line = queries.line(session, bound.pupil_id, to=actor) if bound else None
    if line:
        access.note(actor, "allocation.release", [line.id])
    reasons = [(reason, reason.label) for reason in ReleaseReason]
    return show("allocation/release.html", device=device, line=line, reasons=reasons)


@bp.post("/bindings/<code:code>/release")
@allowed(Role.COORDINATOR)
@once
def release_now(code: str) -> ResponseReturnValue:
    """Take a device from its pupil before it is sent."""
    session, actor = db.session(), me()
    device = custody.device(session, code, to=actor)
    reason = request.form.get("reason", "")
    if reason not in frozenset(ReleaseReason):
        raise Refused(_("A release needs a reason."), out=_("Choose why the device is taken from the pupil."))
    bound = bindings.open_binding(session, device.id)
    ask = _ask(request.form.get("note", "").strip())
    actions.release(session, device.id, reason=ReleaseReason(reason), by=actor, ask=ask)
    flash(translate("The device is released; the pupil waits again."), "ok")
    if bound is None:
        return done(url_for("scan.device", text=device.code))
    return done(url_for("allocation.pupil", pupil_id=bound.pupil_id))
