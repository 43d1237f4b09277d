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
from tracker.evidence import queries as kept
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.photographs.rules import SUBJECTS
from tracker.photographs.shown import strip
from tracker.refused import Refused
from tracker.spares import queries as spares
from tracker.spares.rules import SpareKind
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.pages import new_event_id
from tracker.words import Words, _
from tracker.workshop import (
    actions,
    evidence,
    evidence_page,
    jobs,
    kinds,
    queries,
    rules,
    versions,
    worklists,
)
from tracker.workshop.checklists import Check
from tracker.workshop.erasing import Details
from tracker.workshop.queries import Work
from tracker.workshop.suggestions import LOCKS
from tracker.workshop.worklists import PAGE

bp = Blueprint("workshop", __name__)

READERS = (Role.TECHNICIAN, Role.COORDINATOR, Role.AUDITOR, Role.ADMIN)

#: The address of each check of the list, so that an error can lead to it.
CHECK, NOTE, VALUE = "check-", "note-", "value-"

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
    session, actor, chosen, now = db.session(), me(), request.args.get("status", ""), datetime.now(UTC)
    status = Status(chosen) if chosen in kinds.BENCH else None
    listed = worklists.List(chosen) if chosen in frozenset(worklists.List) else None
    after = request.args.get("after", 0, type=int)
    rows = worklists.bench(session, to=actor, now=now, status=status, chosen=listed, after=after)
    counts = worklists.waiting(session, to=actor, now=now)
    return show(
        "workshop/bench.html",
        rows=rows[:PAGE],
        tabs=_tabs(counts, chosen),
        lists=_lists(counts, chosen, workshop=not actor.role.sees_everything),
        refused=refused,
        now=now,
        too_long=kinds.TOO_LONG,
        status_of=Status,
        category_of=Category,
        everywhere=actor.role.sees_everything,
        chosen=chosen,
        next_url=url_for(".bench", status=chosen, after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for(".bench", status=chosen) if after else None,
    )


def _tabs(counts: Mapping[str, int], chosen: str) -> list[dict[str, Any]]:
    each: list[tuple[str, Words, int]] = [
        ("", _("All"), sum(counts.get(status, 0) for status in kinds.BENCH)),
        *((str(status), status.label, counts.get(status, 0)) for status in kinds.BENCH),
    ]
    known = {kind for kind, _label, _count in each} | set(worklists.List)
    return [_tab(*one, current=one[0] == (chosen if chosen in known else "")) for one in each]


def _lists(counts: Mapping[str, int], chosen: str, *, workshop: bool) -> list[dict[str, Any]]:
    mine = worklists.List.MINE
    return [
        _tab(str(each), each.label, counts[each], current=each == chosen)
        for each in worklists.List
        if workshop or each is not mine
    ]


def _tab(kind: str, label: Words, count: int, *, current: bool) -> dict[str, Any]:
    return {"label": label, "count": count, "url": url_for(".bench", status=kind or None), "current": current}


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
        **_repairs(device, work, writes=writes),
        **evidence_page.shown(device),
        device=device,
        status=status,
        category=Category(device.category).label,
        work=work,
        wrong=wrong or {},
        form=request.form if wrong else {},
        writes=writes,
        at_work=writes and at_work,
        on_bench=writes and status in kinds.BENCH,
        may_inspect=writes and status in MOVES[Move.INSPECT].start,
        missing=rules.missing(work.examined) if work.examined and at_work else [],
        functions=[(grade, grade, label) for grade, label in rules.functions(work.examined)],
        cosmetics=[(grade, grade, label) for grade, label in kinds.COSMETIC_GRADES.items()],
        progress=_progress(work),
        groups=_groups(work),
        newer=bool(
            work.checklist
            and at_work
            and work.checklist.name != versions.current(session, Category(device.category)).name
        ),
        with_unit=rules.with_unit,
        tools=queries.tools(session, org=actor.org) if writes else [],
        verifiers=queries.verifiers(session, org=actor.org) if writes else [],
        erasure_wrong=bool(ERASURE_FIELDS & (wrong or {}).keys()),
        outcomes=[(outcome, outcome.label) for outcome in rules.outcomes_in(status)],
        suggested_faults=_of(kinds.FaultKind, work),
        suggested_blockers=_of(kinds.BlockerKind, work),
        kinds=kinds,
        strip=strip(device)._replace(names={**SUBJECTS, **dict(_subjects(work))}),
        subjects=_subjects(work),
        kinds_of=lambda kinds: [(kind, kind.label) for kind in kinds],
    )


def _repairs(device: Row[Any], work: Work, *, writes: bool) -> dict[str, Any]:
    """Who works on it, its repairs with what they waited for and used, and what can be built in."""
    session, org = db.session(), me().org
    found = jobs.jobs(session, device.id)
    waits = {job.id: jobs.waits(session, job.id) for job in found}
    return {
        "jobs": found,
        "waits": waits,
        "names": queries.names(
            session,
            {
                *(job.technician_id for job in found),
                *(wait.since_by for each in waits.values() for wait in each),
                work.inspection.technician_id if work.inspection else None,
            },
        ),
        "lasted": rules.lasted,
        "built_in": spares.built_in(session, device.id) if found else (),
        "parts": spares.usable(session, org=org) if writes and device.status == Status.REPAIRING else (),
        "part_of": SpareKind,
        "technicians": jobs.technicians(session, org=org) if writes else [],
        "now": datetime.now(UTC),
        "my_id": me().user,
    }


def _subjects(work: Work) -> list[tuple[str, Words]]:
    """What a photograph can show: the checks, first those that ask for one."""
    checks = work.checklist.checks if work.checklist else ()
    return [(check.key, check.label) for check in sorted(checks, key=lambda check: not check.photo)]


def _writes(device: Row[Any]) -> bool:
    actor = me()
    return actor.role is Role.TECHNICIAN and device.holder_org_id == actor.org and device.transit_id is None


def _of(kind: type[kinds.FaultKind | kinds.BlockerKind], work: Work) -> dict[Any, str]:
    return {found: check for found, check in work.suggested.items() if isinstance(found, kind)}


def _progress(work: Work) -> tuple[int, int]:
    mandatory = [check.key for check in work.checklist.checks if check.mandatory] if work.checklist else []
    return sum(key in work.answers for key in mandatory), len(mandatory)


def _groups(work: Work) -> list[tuple[Words | str, list[Check]]]:
    """The checks as the page has them: what is judged, what locks it, what is measured."""
    checks = work.checklist.checks if work.checklist else ()
    judged = [check for check in checks if not check.measured and check.key not in LOCKS]
    locks = [check for check in checks if check.key in LOCKS]
    measured = [check for check in checks if check.measured]
    groups = (("", judged), (_("Locks and provenance"), locks), (_("What it has"), measured))
    return [(title, found) for title, found in groups if found]


def again(device: Row[Any], wrong: dict[str, str]) -> ResponseReturnValue:
    """Show the page again with what was entered and what is wrong with it; nothing is written."""
    g.pop("once", None)
    db.session.rollback()
    return device_page(devices.device(db.session(), device.code, to=me()), wrong), 422


@bp.post("/workshop/<code:code>/inspect")
@allowed(Role.TECHNICIAN)
def inspect(code: str) -> ResponseReturnValue:
    """Start an inspection. Not `once`: it begins with the ledger, which knows the form when it comes again."""
    session, actor, this = db.session(), me(), ask()
    device = devices.device(session, code, to=actor, lock=True)
    if not actions.start(session, device, by=actor, ask=this).again and kept.counted(session, device.id):
        evidence.pre_answer(session, device, files=evidence_page.files(), by=actor, ask=this.of("answers"))
    flash(translate("The inspection has begun."), "ok")
    return done(address("workshop.device", code))
