"""The bench and the page of one device on it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.custody import queries as devices
from tracker.custody.codes import Mistyped, NotACode, parse
from tracker.custody.converters import address
from tracker.custody.facts import Category
from tracker.custody.labels import RetiredCode, UnknownCode
from tracker.custody.ledger import Ask
from tracker.custody.road import MOVES, Move, Status
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.photographs.shown import strip
from tracker.refused import Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.pages import new_event_id
from tracker.words import Words, _
from tracker.workshop import actions, queries, rules
from tracker.workshop.erasing import Details
from tracker.workshop.queries import PAGE, Work

bp = Blueprint("workshop", __name__)

READERS = (Role.TECHNICIAN, Role.COORDINATOR, Role.AUDITOR, Role.ADMIN)
BLOCKED = "blocked"

#: The address of each check of the list, so that an error can lead to it.
CHECK, NOTE = "check-", "note-"

ERASURE_FIELDS = {"method", "tool", "result", *Details._fields}


def ask(note: str = "") -> Ask:
    """Return what came with this form: its own id, the time, and a note."""
    return Ask(request.form.get("event_id", "")[:64] or new_event_id(), datetime.now(UTC), note=note.strip())


@bp.get("/workshop")
@allowed(*READERS)
def bench() -> ResponseReturnValue:
    """Show what waits at the bench, or go to the device that was scanned."""
    if text := request.args.get("q", "").strip():
        return _scanned(text)
    return _bench()


def _scanned(text: str) -> ResponseReturnValue:
    try:
        code = parse(text, hosts={current_app.config["TRACKER"].host})
    except Mistyped as refused:
        return _bench(refused), 422
    except NotACode as refused:
        if any(
            sign.isdigit() for sign in text
        ):  # a maker's own barcode, perhaps: the scan page understands those
            return redirect(url_for("scan.station", q=text), 303)
        return _bench(refused), 422
    label = devices.label(db.session(), code)
    if label is None or label.live is None:
        return _bench(UnknownCode(code)), 404
    if label.retired:
        return _bench(RetiredCode(code, label.live)), 409
    return redirect(url_for("workshop.device", code=code), 303)


def _bench(refused: Refused | None = None) -> str:
    session, actor, chosen = db.session(), me(), request.args.get("status", "")
    status = Status(chosen) if chosen in rules.BENCH else None
    after = request.args.get("after", 0, type=int)
    rows = queries.bench(session, to=actor, status=status, blocked=chosen == BLOCKED, after=after)
    return show(
        "workshop/bench.html",
        rows=rows[:PAGE],
        tabs=_tabs(queries.waiting(session, to=actor), chosen),
        refused=refused,
        now=datetime.now(UTC),
        status_of=Status,
        category_of=Category,
        everywhere=actor.role.sees_everything,
        chosen=chosen,
        next_url=url_for(".bench", status=chosen, after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for(".bench", status=chosen) if after else None,
    )


def _tabs(counts: Mapping[str, int], chosen: str) -> list[dict[str, Any]]:
    kinds: list[tuple[str, Words, int]] = [
        ("", _("All"), sum(counts.get(status, 0) for status in rules.BENCH)),
        *((str(status), status.label, counts.get(status, 0)) for status in rules.BENCH),
        (BLOCKED, _("Blocked"), counts[BLOCKED]),
    ]
    known = chosen if chosen in {kind for kind, _label, _count in kinds} else ""
    return [
        {
            "label": label,
            "count": count,
            "url": url_for(".bench", status=kind or None),
            "current": kind == known,
        }
        for kind, label, count in kinds
    ]


@bp.get("/workshop/<code:code>")
@allowed(*READERS)
def device(code: str) -> ResponseReturnValue:
    """Show what is known of a device at the bench, and what can be done."""
    return device_page(devices.device(db.session(), code, to=me()))


def device_page(device: Row[Any], wrong: dict[str, str] | None = None) -> str:
    """Return the page of a device; with what is `wrong` by field, what was entered is shown again."""
    session, actor, status = db.session(), me(), Status(device.status)
    work = queries.work(session, device)
    writes = _writes(device)
    at_work = work.going_on and status in {Status.INSPECTING, Status.REPAIRING}
    return show(
        "workshop/device.html",
        device=device,
        status=status,
        category=Category(device.category).label,
        work=work,
        wrong=wrong or {},
        form=request.form if wrong else {},
        writes=writes,
        at_work=writes and at_work,
        on_bench=writes and status in rules.BENCH,
        may_inspect=writes and status in MOVES[Move.INSPECT].start,
        missing=rules.missing(work.examined) if work.examined and at_work else [],
        functions=[(grade, grade, label) for grade, label in rules.functions(work.examined)],
        cosmetics=[(grade, grade, label) for grade, label in rules.COSMETIC_GRADES.items()],
        progress=_progress(work),
        tools=queries.tools(session, org=actor.org) if writes else [],
        verifiers=queries.verifiers(session, org=actor.org) if writes else [],
        erasure_wrong=bool(ERASURE_FIELDS & (wrong or {}).keys()),
        outcomes=[(outcome, outcome.label) for outcome in rules.outcomes_in(status)],
        suggested_faults=_of(rules.FaultKind, work),
        suggested_blockers=_of(rules.BlockerKind, work),
        strip=strip(device),
        subjects=[(check.key, check.label) for check in work.checklist.checks] if work.checklist else [],
        rules=rules,
        kinds_of=lambda kinds: [(kind, kind.label) for kind in kinds],
    )


def _writes(device: Row[Any]) -> bool:
    actor = me()
    return actor.role is Role.TECHNICIAN and device.holder_org_id == actor.org and device.transit_id is None


def _of(kind: type[rules.FaultKind | rules.BlockerKind], work: Work) -> dict[Any, str]:
    return {found: check for found, check in work.suggested.items() if isinstance(found, kind)}


def _progress(work: Work) -> tuple[int, int]:
    mandatory = [check.key for check in work.checklist.checks if check.mandatory] if work.checklist else []
    return sum(key in work.answers for key in mandatory), len(mandatory)


def again(device: Row[Any], wrong: dict[str, str]) -> ResponseReturnValue:
    """Show the page again with what was entered and what is wrong with it; nothing is written."""
    g.pop("once", None)
    db.session.rollback()
    return device_page(devices.device(db.session(), device.code, to=me()), wrong), 422


@bp.post("/workshop/<code:code>/inspect")
@allowed(Role.TECHNICIAN)
def inspect(code: str) -> ResponseReturnValue:
    """Start an inspection. Not `once`: it begins with the ledger, which knows the form when it comes again."""
    session, actor = db.session(), me()
    actions.start(session, devices.device(session, code, to=actor, lock=True), by=actor, ask=ask())
    flash(translate("The inspection has begun."), "ok")
    return done(address("workshop.device", code))
