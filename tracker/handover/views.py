"""Pages of the sending side: the list, a record, drafting, sending, printing."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.allocation import bindings
from tracker.custody import queries as devices
from tracker.custody import seal
from tracker.custody.facts import Category
from tracker.custody.ledger import Ask
from tracker.db import db
from tracker.handover import actions, queries, record
from tracker.handover.queries import PAGE, Filters
from tracker.handover.rules import Line, NoWay, Outcome, Stage, number
from tracker.handover.signing import paths
from tracker.people import access
from tracker.people.permissions import allowed, signed_in
from tracker.people.roles import ROLES_IN, Actor, OrgKind, Role
from tracker.people.signed_in import me
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import commit, once
from tracker.web.pages import new_event_id
from tracker.words import Words, _

bp = Blueprint("handover", __name__)

#: Who hands devices over to another organisation.
SENDERS = (Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL)

#: The colours of badges. Two tables: a stage and a line may have the same word.
STAGE_TONES = {
    Stage.DRAFT: "quiet",
    Stage.SENT: "info",
    Stage.RECEIVED: "warn",
    Stage.CLOSED: "ok",
    Stage.CANCELLED: "quiet",
}
LINE_TONES = {
    Line.LISTED: "quiet",
    Line.SENT: "info",
    Line.RECEIVED: "ok",
    Line.DAMAGED: "warn",
    Line.MISSING: "bad",
    Line.UNEXPECTED: "warn",
    Line.REMOVED: "quiet",
}


def ask(note: str = "") -> Ask:
    """Return what came with this form: its own id, the time, and a note."""
    return Ask(request.form.get("event_id", "")[:64] or new_event_id(), datetime.now(UTC), note=note.strip())


def hosts() -> set[str]:
    """Return the hosts whose addresses are ours."""
    return {current_app.config["TRACKER"].host}


def scanned_lines() -> list[str]:
    """Return the codes of the form, one for each line that was filled or box that was ticked."""
    typed = [line.strip() for line in request.form.get("codes", "").splitlines()]
    return [text for text in typed + request.form.getlist("code") if text]


def keep_scans(
    action: str, handover_id: int, lines: list[tuple[str, bool, Words | str, Words | str]]
) -> None:
    """Keep what was scanned into a form, in its transaction."""
    asked = ask()
    current_app.extensions["keep_scans"](
        db.session(),
        action,
        lines,
        sitting=asked.event_id,
        by=me(),
        at=asked.at,
        hosts=hosts(),
        handover=handover_id,
    )


@bp.get("/handovers")
@signed_in
def handovers() -> ResponseReturnValue:
    """Show the records of one's organisation, those coming in and those going out."""
    actor, side = me(), request.args.get("side", "")
    if not actor.role.sees_everything and side not in {"in", "out"}:
        side = "in" if actor.role is Role.SCHOOL else "out"
    stage = request.args.get("stage", "")
    filters = Filters(side, stage if stage in set(Stage) else "")
    before = request.args.get("before", type=int)
    rows = queries.handovers(db.session(), filters, to=actor, before=before)
    kept = {name: value for name, value in filters._asdict().items() if value}
    sides = [("in", _("Coming in")), ("out", _("Going out"))]
    return show(
        "handover/list.html",
        rows=rows[:PAGE],
        tabs=[
            {"url": url_for(".handovers", side=name), "label": label, "current": name == side}
            for name, label in sides
        ]
        if not actor.role.sees_everything
        else [],
        stages=[(stage, stage.label) for stage in Stage],
        filters=filters,
        stage_of=Stage,
        tones=STAGE_TONES,
        number=number,
        now=datetime.now(UTC),
        may_begin=actor.role in SENDERS,
        next_url=url_for(".handovers", **kept, before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for(".handovers", **kept) if before else None,
    )


@bp.get("/handovers/new")
@allowed(*SENDERS)
def new() -> ResponseReturnValue:
    """Ask to whom."""
    found = queries.possible_receivers(db.session(), by=me())
    groups = [
        (kind.label, [(row.id, row.name) for row in found if row.kind == kind])
        for kind in (OrgKind.SCHOOL, OrgKind.WAREHOUSE, OrgKind.WORKSHOP)
    ]
    return show(
        "handover/new.html",
        receivers=[group for group in groups if group[1]],
        chosen=request.args.get("to", type=int),
        code=request.args.get("code", ""),
    )


@bp.post("/handovers")
@allowed(*SENDERS)
@once
def begin() -> ResponseReturnValue:
    """Begin a draft, with the device it was begun from."""
    to = request.form.get("to", type=int)
    if to is None:
        raise NoWay
    session, actor = db.session(), me()
    made = actions.draft(session, to=to, note=request.form.get("note", ""), by=actor, at=datetime.now(UTC))
    for outcome in actions.add(session, made, scanned_lines(), by=actor, hosts=hosts()):
        if not outcome.ok:
            flash(f"{outcome.text}: {outcome.sentence} {outcome.out}", "warn")
    return done(url_for(".detail", handover_id=made))


@bp.get("/devices/<code:code>/send")
@allowed(*SENDERS)
def begin_with(code: str) -> ResponseReturnValue:
    """Go from a device to the draft it is on, or to a new one to its pupil's school."""
    session = db.session()
    device = devices.device(session, code, to=me())
    if line := queries.open_line(session, device.id):
        return redirect(url_for(".detail", handover_id=line.handover_id), 303)
    bound = bindings.open_binding(session, device.id)
    return redirect(url_for(".new", code=code, to=bound.school_id if bound else None), 303)


@bp.get("/handovers/<int:handover_id>")
@signed_in
def detail(handover_id: int) -> ResponseReturnValue:
    """Show a record with its lines, and what can be done with it now."""
    return page(handover_id)


def page(handover_id: int, outcomes: list[Outcome] | None = None) -> str:
    """Render the page of a record, with the outcomes of codes that were just entered."""
    session, actor = db.session(), me()
    row = queries.handover(session, handover_id, to=actor)
    lines = queries.lines(session, handover_id)
    pupils = pupils_of(lines, row, actor)
    session = db.session()
    own = row.from_org_id == actor.org and actor.role in SENDERS
    draft = own and row.status == Stage.DRAFT
    if draft or row.status == Stage.DRAFT:
        lines = [line for line in lines if line.state == Line.LISTED]
    receiving = row.to_org_id == actor.org and actor.role in SENDERS
    still = [line for line in lines if line.state == Line.SENT]
    return show(
        "handover/detail.html",
        row=row,
        number=number(row.seq, row.year),
        stage=Stage(row.status),
        lines=lines,
        line_of=Line,
        category_of=Category,
        tones=STAGE_TONES,
        line_tones=LINE_TONES,
        pupils=pupils,
        outcomes=outcomes or [],
        draft=draft,
        offered=queries.offered(session, row) if draft else [],
        may_print=own and row.status in {Stage.SENT, Stage.RECEIVED, Stage.CLOSED},
        needs_secret=row.to_kind == OrgKind.SCHOOL and row.status == Stage.SENT,
        may_sign=queries.may_sign(row, actor),
        still=still,
        may_settle=bool(still) and _may_settle(row, actor),
        receiving=receiving,
        strokes=paths(row.signature),
        now=datetime.now(UTC),
    )


def _may_settle(row: Row[Any], actor: Actor) -> bool:
    if row.to_org_id == actor.org:
        return bool(row.status == Stage.RECEIVED)
    return bool(row.from_org_id == actor.org or actor.role is Role.COORDINATOR)


def pupils_of(lines: list[Row[Any]], row: Row[Any], actor: Actor) -> dict[str, bindings.OnPaper]:
    """Return the pupils of a delivery for those who may know them, having noted that they were read."""
    if row.to_kind != OrgKind.SCHOOL or actor.role not in ROLES_IN[OrgKind.SCHOOL] | {Role.COORDINATOR}:
        return {}
    found = bindings.pupils_of(db.session(), [line.support_id for line in lines if line.support_id], to=actor)
    access.note(actor, "handover", [pupil.pupil_id for pupil in found.values()])
    return found


@bp.post("/handovers/<int:handover_id>/lines")
@allowed(*SENDERS)
@once
def add(handover_id: int) -> ResponseReturnValue:
    """Put scanned and ticked devices on a draft, and say what became of each line."""
    outcomes = actions.add(db.session(), handover_id, scanned_lines(), by=me(), hosts=hosts())
    keep_scans("load", handover_id, [(one.text, one.ok, one.sentence, one.out) for one in outcomes])
    commit(url_for(".detail", handover_id=handover_id))
    return page(handover_id, outcomes)


@bp.post("/handovers/<int:handover_id>/lines/<int:line_id>/remove")
@allowed(*SENDERS)
@once
def remove(handover_id: int, line_id: int) -> ResponseReturnValue:
    """Take a device off a draft."""
    actions.remove(db.session(), handover_id, line_id, by=me(), at=datetime.now(UTC))
    return done(url_for(".detail", handover_id=handover_id))


@bp.post("/handovers/<int:handover_id>/cancel")
@allowed(*SENDERS)
@once
def cancel(handover_id: int) -> ResponseReturnValue:
    """Give a draft up."""
    actions.cancel(db.session(), handover_id, by=me(), at=datetime.now(UTC))
    flash(translate("The draft is cancelled. Its devices are free again."), "ok")
    return done(url_for(".handovers", side="out"))


@bp.post("/handovers/<int:handover_id>/send")
@allowed(*SENDERS)
@once
def send(handover_id: int) -> ResponseReturnValue:
    """Send a draft on its way."""
    got = actions.send(db.session(), handover_id, by=me(), ask=ask())
    flash(translate("Sent as number %(number)s. Now print the record.") % {"number": got}, "ok")
    return done(url_for(".detail", handover_id=handover_id))


@bp.post("/handovers/<int:handover_id>/print")
@allowed(*SENDERS)
@once
def print_record(handover_id: int) -> ResponseReturnValue:
    """Mint a new secret, seal the ledger, and hand the paper out. The paper is kept nowhere."""
    session, actor, at = db.session(), me(), datetime.now(UTC)
    config = current_app.config["TRACKER"]
    secret = actions.new_print(session, handover_id, by=actor, at=at)
    row = queries.handover(session, handover_id, to=actor)
    # Before anything is kept: it refuses what a paper may not lack.
    paper = record.values(session, row, base=config.public_url, at=at)
    key = seal.key_of(config.home)
    note = seal.seal(session, key, at=at, home=config.home)
    ready = record.finish(paper, secret=secret, note=note, fingerprint=key.fingerprint)
    commit(url_for(".detail", handover_id=handover_id))
    seal.remember(config.home, note)
    access.note(actor, "handover.print", paper.pupils)
    name = f"bien-ban-ban-giao-{row.seq:02d}-{row.year}.pdf"
    return Response(
        record.press().print(ready),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.get("/devices/<code:code>/confirm")
@allowed(Role.SCHOOL)
def confirm_with(code: str) -> ResponseReturnValue:
    """Go from a device on its way to the record it travels with."""
    device = devices.device(db.session(), code, to=me())
    if device.transit_id is None:
        abort(404)
    return redirect(url_for(".scanned", handover_id=device.transit_id), 303)
