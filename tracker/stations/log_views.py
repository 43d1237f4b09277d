"""Pages about what was scanned: the log, one sitting, and the scans of a phone brought in by the office."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from tracker.db import db
from tracker.handover.rules import number
from tracker.people.permissions import allowed, signed_in
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.prints.modes import MODES
from tracker.refused import Refused
from tracker.stations import files, queries
from tracker.stations.actions import Context
from tracker.stations.passes import owner
from tracker.stations.queries import PAGE, Filters
from tracker.stations.rules import STATIONS, Verdict, Via
from tracker.stations.views import WORKERS, bp, hosts, settled
from tracker.web import show
from tracker.web.gate import takes
from tracker.web.language import translate
from tracker.web.language import translate_count as ngettext
from tracker.words import _

BRINGERS = (*WORKERS, Role.COORDINATOR)

TONES = {
    Verdict.DONE: "ok",
    Verdict.ALREADY: "info",
    Verdict.BLOCKED: "bad",
    Verdict.UNKNOWN: "warn",
    Verdict.RETIRED: "quiet",
    Verdict.NOT_YOURS: "away",
    Verdict.QUEUED: "quiet",
}


@bp.get("/log")
@signed_in
def log() -> ResponseReturnValue:
    """Show every scan of one's own organisation, or of all to those who see everything, the newest first."""
    asked = request.args
    verdict, action = asked.get("verdict", ""), asked.get("action", "")
    filters = Filters(
        verdict=verdict if verdict in frozenset(Verdict) else "",
        action=action if action in STATIONS else "",
        run=asked.get("run", "")[:64],
    )
    before = asked.get("before", type=int)
    rows = queries.log(db.session(), filters, to=me(), before=before)
    kept = {name: value for name, value in filters._asdict().items() if value}
    return show(
        "stations/log.html",
        rows=[(row, json.loads(row.told)) for row in rows[:PAGE]],
        filters=filters,
        verdict_of=Verdict,
        via_of=Via,
        tones=TONES,
        modes=MODES,
        verdicts=[(each, each.label) for each in Verdict if each is not Verdict.QUEUED],
        actions=[(name, MODES[name].label) for name in STATIONS],
        everywhere=me().role.sees_everything,
        narrowed=len(kept),
        may_bring=me().role in BRINGERS,
        next_url=url_for(".log", **kept, before=rows[PAGE - 1].n) if len(rows) > PAGE else None,
        first_url=url_for(".log", **kept) if before else None,
    )


@bp.get("/sittings/<run>")
@signed_in
def sitting(run: str) -> ResponseReturnValue:
    """Show what came of one sitting; of a count what is missing and what stands elsewhere by the list."""
    actor, session = me(), db.session()
    row = queries.own_run(session, run[:64], to=actor)
    tally = queries.tally(session, row.id)
    return show(
        "stations/sitting.html",
        row=row,
        mode=MODES[row.action],
        counts=[
            {"label": verdict.label, "value": tally[verdict], "drawing": verdict.icon}
            for verdict in Verdict
            if verdict in tally
        ],
        may_work=actor.role in WORKERS,
        count=_count(row) if row.action == "count" else None,
        place=queries.place_of(session, row.place_id),
        record=_record(row),
    )


def _count(row: Any) -> dict[str, Any]:
    session, actor = db.session(), me()
    found = queries.counted(session, row.id)
    missing = json.loads(row.missing or "[]")
    if row.ended_at is None and row.place_id is not None:
        missing = sorted(queries.standing(session, row.place_id, org=row.org_id) - found.keys())
    elsewhere = [device for device, mark in found.items() if mark == "elsewhere"]
    here = len(found) - len(elsewhere)
    figures: list[dict[str, Any]] = [
        {"label": _("On the list"), "value": here + len(missing), "drawing": "list-check"},
        {"label": _("Found here, as on the list"), "value": here, "drawing": "check-circle", "tone": "ok"},
        {
            "label": _("Not found here"),
            "value": len(missing),
            "drawing": "question-diamond",
            "tone": "bad" * bool(missing),
        },
        {
            "label": _("Found here, but listed elsewhere"),
            "value": len(elsewhere),
            "drawing": "pin-map",
            "tone": "warn" * bool(elsewhere),
        },
    ]
    return {
        "figures": figures,
        "elsewhere": queries.devices(session, elsewhere, to=actor),
        "missing": queries.devices(session, missing, to=actor),
    }


def _record(row: Any) -> str:
    if row.handover_id is None:
        return ""
    found = queries.record_of(db.session(), row.handover_id)
    return number(found.seq, found.year) or found.to_name


@bp.get("/import")
@allowed(*BRINGERS)
def bring() -> ResponseReturnValue:
    """Ask for the file that a phone wrote of scans it could not send."""
    return show("stations/import.html", refused=None)


@bp.post("/import")
@allowed(*BRINGERS)
@takes(files.LARGEST)
def bring_in() -> ResponseReturnValue:
    """Settle the scans of a file for whoever made them; scans that arrived before get their first outcome again."""
    actor = me()
    try:
        file = files.read(request.files["file"].stream.read() if "file" in request.files else b"")
        made_by = owner(db.session(), file.given)
        if made_by.org != actor.org and actor.role is not Role.COORDINATOR:
            raise files.NotOurs
    except Refused as no:
        db.session.rollback()
        return show("stations/import.html", refused=no), 422
    db.session.rollback()
    context = Context(made_by, datetime.now(UTC), hosts(), imported_by=actor.user)
    told = settled(file.scans, context)
    words = ngettext("%(num)s scan has been brought in.", "%(num)s scans have been brought in.", len(told))
    flash(words % {"num": len(told)}, "ok")
    again = sum(bool(one.get("again")) for one in told)
    if again:
        flash(translate("Of these had arrived before: %(n)s") % {"n": again}, "info")
    return show("stations/brought.html", told=told, verdict_of=Verdict, tones=TONES)
