"""The station's page, and what it asks the server for: who is here, what is expected, what a scan came to."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from tracker.allocation import bindings
from tracker.custody import queries as devices
from tracker.custody.codes import NotACode, understand
from tracker.db import db
from tracker.people import access
from tracker.people import queries as people
from tracker.people.permissions import allowed, public, signed_in
from tracker.people.roles import Role
from tracker.people.signed_in import me, person
from tracker.prints.modes import MODES
from tracker.refused import Missing, Refused
from tracker.scan.views import lead
from tracker.stations import actions, queries
from tracker.stations.actions import Context, Twin
from tracker.stations.found import operator
from tracker.stations.passes import pass_for
from tracker.stations.rules import MOST_SCANS, STATIONS, Garbled, Verdict, scan_of, stations_for
from tracker.web import show
from tracker.web.gate import takes
from tracker.web.language import translate
from tracker.web.pages import csrf_token, new_event_id
from tracker.workshop.kinds import COSMETIC_GRADES, FUNCTION_GRADES, FaultKind

bp = Blueprint("stations", __name__, url_prefix="/stations")

WORKERS = (Role.TECHNICIAN, Role.STOREKEEPER, Role.SCHOOL)
#: Bytes of one request: 250 scans, a signature with each of some.
LARGEST = 4 * 1024 * 1024


def hosts() -> set[str]:
    """Return the hosts whose addresses we understand: our own."""
    return {current_app.config["TRACKER"].host}


@bp.get("/")
@allowed(*WORKERS)
def station() -> ResponseReturnValue:
    """Show the station: one page for every action, kept by the browser for the time without a network."""
    who = person()
    assert who is not None
    return show(
        "stations/station.html",
        user=who.id,
        host=current_app.config["TRACKER"].host,
        actions=[(action, MODES[action], STATIONS[action]) for action in stations_for(who.role)],
        verdicts=list(Verdict),
        faults=[(kind, kind.label) for kind in FaultKind if kind is not FaultKind.OTHER],
        functions=list(FUNCTION_GRADES.items()),
        cosmetics=list(COSMETIC_GRADES.items()),
    )


def _json(values: Mapping[str, Any], status: int = 200) -> Response:
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, content_type="application/json")


@bp.get("/state")
@public
def state() -> ResponseReturnValue:
    """Tell the station who is signed in, what it can be set to, and the time; of whom it is to forget all, if of any."""
    who = person()
    now = round(datetime.now(UTC).timestamp() * 1000)
    if who is None or who.role not in WORKERS:
        wipe = who.id if who else people.whose_ended(db.session(), session.get("_user_id", ""))
        return _json({"signed_in": False, "wipe": wipe, "now": now}, 401)
    actor, found = who.actor, db.session()
    choices = {
        "places": queries.places(found, to=actor),
        "load": queries.drafts(found, to=actor),
        "confirm": queries.incoming(found, to=actor),
    }
    return _json(
        {
            "signed_in": True,
            "user": who.id,
            "role": who.role,
            "token": csrf_token(),
            "pass": pass_for(actor),
            "now": now,
            **{name: [[one.id, one.name] for one in several] for name, several in choices.items()},
        }
    )


@bp.get("/expected")
@allowed(*WORKERS)
def expected() -> ResponseReturnValue:
    """Return the codes that a station may meet, and no names: a phone keeps them for the time without a network."""
    action = request.args.get("action", "")
    if action not in STATIONS or me().role not in STATIONS[action].by:
        abort(404)
    codes = queries.expected(
        db.session(),
        action,
        place=request.args.get("place", type=int),
        handover=request.args.get("handover", type=int),
        to=me(),
    )
    return _json({"codes": codes})


@bp.get("/badge/<int:user>")
@allowed(*WORKERS)
def badge(user: int) -> ResponseReturnValue:
    """Return whose badge was scanned, within the organisation."""
    return _json({"name": operator(db.session(), user, by=me())})


@bp.get("/taker/<code>")
@allowed(Role.SCHOOL)
def taker(code: str) -> ResponseReturnValue:
    """Return which pupil a device is for, for the school that is about to give it; never kept by the phone."""
    actor, found = me(), db.session()
    try:
        device = devices.device(found, understand(code, hosts=hosts()).name, to=actor)
    except NotACode:
        raise Missing from None
    bound = bindings.open_binding(found, device.id)
    if bound is None:
        raise Missing
    pupil = bindings.pupil_of(found, bound.support_id, to=actor)
    access.note(actor, "stations.taker", [pupil.pupil_id])
    return _json({"pupil": pupil.name, "cls": pupil.cls, "parent": pupil.parent})


@bp.post("/settle")
@allowed(*WORKERS)
@takes(LARGEST)
def settle() -> ResponseReturnValue:
    """Settle scans one by one, each in its own transaction, and return what each came to, in their order."""
    sent = _sent()
    scans = sent.get("scans")
    if not isinstance(scans, list) or len(scans) > MOST_SCANS:
        abort(400)
    if _of_somebody_else(sent):
        return _json({}, 401)
    context = Context(me(), datetime.now(UTC), hosts())
    return _json({"told": settled(scans, context), "now": round(context.at.timestamp() * 1000)})


def _sent() -> dict[str, Any]:
    try:
        sent = request.get_json(silent=True)
    except RecursionError:
        sent = None
    return sent if isinstance(sent, dict) else {}


def _of_somebody_else(sent: Mapping[str, Any]) -> bool:
    # A tab that stayed open while another person signed in on the same phone still holds scans of the first.
    return bool(sent.get("user", me().user) != me().user)


def settled(scans: list[Any], context: Context) -> list[dict[str, Any]]:
    """Settle scans as they came as JSON; what is no scan at all is said to be none."""
    return [_one(scan, context) for scan in scans]


def _one(sent: Any, context: Context) -> dict[str, Any]:
    transaction = db.session()
    try:
        scan = scan_of(sent)
        for _attempt in range(2):
            try:
                told = actions.settle(transaction, scan, context._replace(at=datetime.now(UTC)))
                transaction.commit()
                return told
            except Twin:
                transaction.rollback()
        raise RuntimeError("a scan was neither kept nor found")
    except (Garbled, Refused) as no:
        transaction.rollback()
        known = sent.get("id") if isinstance(sent, dict) else None
        sentence = (
            str(no) if isinstance(no, Refused) else translate("This was not understood; it is no scan.")
        )
        return {"id": known, "verdict": Verdict.BLOCKED, "sentence": sentence, "out": "", "lost": True}


def _look_run(user: int, now: datetime) -> str:
    # Nobody else can tell what it is called, and begin it first.
    named = f"look {user} {now:%Y%m%d}".encode()
    return f"look-{hmac.digest(current_app.config['SECRET_KEY'].encode(), named, 'sha256').hex()[:32]}"


@bp.post("/look")
@signed_in
def look() -> ResponseReturnValue:
    """Keep what was scanned on the scan page, and go to what it names."""
    text, now = request.form.get("q", "").strip(), datetime.now(UTC)
    if not text:
        return redirect(url_for("scan.station"), 303)
    # One sitting a person and day; a form sent again is the same scan.
    sent = {
        "id": request.form.get("event_id", "") or new_event_id(),
        "run": _look_run(me().user, now),
        "action": "look",
        "text": text,
    }
    settled([sent], Context(me(), now, hosts()))
    return lead(text)


@bp.post("/finish")
@signed_in
def finish() -> ResponseReturnValue:
    """Close a sitting of which nothing is unsent any more."""
    sent = _sent()
    run, scans = sent.get("run"), sent.get("scans")
    if not isinstance(run, str) or not (run.isascii() and run.isprintable()) or type(scans) is not int:
        abort(400)
    if _of_somebody_else(sent):
        return _json({}, 401)
    try:
        actions.finish(db.session(), run[:64], scans=scans, by=me(), at=datetime.now(UTC))
    except Refused as no:
        db.session.rollback()
        return _json({"sentence": str(no.sentence), "out": str(no.out)}, 409)
    db.session.commit()
    return _json({"url": url_for("stations.sitting", run=run)})
