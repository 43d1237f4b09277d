"""The list of papers, the page of one, and its PDF."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.db import db
from tracker.papers import queries, record
from tracker.papers.queries import PAGE
from tracker.papers.rules import ISSUERS, ISSUING, Kind, number, reads_pupils
from tracker.people import access
from tracker.people.permissions import signed_in
from tracker.people.roles import Actor, Role
from tracker.people.signed_in import me
from tracker.web import show

bp = Blueprint("papers", __name__)

#: The names of files, as their headings without marks.
FILES = {
    Kind.INSPECTION: "bien-ban-kiem-tra",
    Kind.REPAIR: "bien-ban-sua-chua",
    Kind.ERASURE: "giay-chung-nhan-xoa-du-lieu",
    Kind.PUPIL: "bien-ban-ban-giao-hoc-sinh",
    Kind.RETURN: "bien-ban-thu-hoi",
    Kind.RETIREMENT: "bien-ban-thanh-ly",
}


def number_of(row: Row[Any]) -> str:
    """Return the number of a paper that a query listed."""
    return number(Kind(row.kind), row.seq, row.org_code)


@bp.get("/papers")
@signed_in
def papers() -> ResponseReturnValue:
    """Show the papers of one's organisation, or of all."""
    session, actor, asked = db.session(), me(), request.args.get("kind", "")
    kind = Kind(asked) if asked in set(Kind) else None
    before = request.args.get("before", type=int)
    rows = queries.papers(session, to=actor, kind=kind, before=before)
    return show(
        "papers/list.html",
        rows=rows[:PAGE],
        devices=queries.devices_of(session, [row.id for row in rows[:PAGE]]),
        kinds=[(each, each.label) for each in Kind],
        kind=kind or "",
        kind_of=Kind,
        number_of=number_of,
        everywhere=actor.role.sees_everything,
        may_issue=actor.role in ISSUING,
        next_url=url_for(".papers", kind=kind, before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for(".papers", kind=kind) if before else None,
    )


@bp.get("/b/<int:paper_id>")
@signed_in
def paper(paper_id: int) -> ResponseReturnValue:
    """Show one paper: what it says, and what took its place. The QR of each of its sheets leads here."""
    session, actor = db.session(), me()
    row = queries.paper(session, paper_id, to=actor)
    kind, reads = Kind(row.kind), _reads(row, actor)
    later = queries.by_id(session, row.replaced_by) if row.replaced_by else None
    earlier = queries.replaced(session, row.id)
    devices = queries.devices_of(session, [row.id]).get(row.id, [])
    if reads:
        _note(row, actor, "papers.paper")
    return show(
        "papers/paper.html",
        row=row,
        kind=kind,
        number=number_of(row),
        number_of=number_of,
        devices=devices,
        record=record.again(row.kind, row.says) if reads else None,
        later=later,
        earlier=earlier,
        may_replace=not later and may_issue(row, actor),
    )


@bp.get("/b/<int:paper_id>/record.pdf")
@signed_in
def pdf(paper_id: int) -> ResponseReturnValue:
    """Print a paper: the same bytes each time."""
    actor = me()
    row = queries.paper(db.session(), paper_id, to=actor)
    if not _reads(row, actor):
        abort(403)
    _note(row, actor, "papers.pdf")
    name = f"{FILES[Kind(row.kind)]}-{row.seq:02d}-{row.year}.pdf"
    return Response(
        record.pdf(row.kind, row.says),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def may_issue(row: Row[Any], actor: Actor) -> bool:
    """Return whether a person issues papers like this one."""
    return actor.role in ISSUERS[Kind(row.kind)] and (
        actor.role is Role.COORDINATOR or row.org_id == actor.org
    )


def _reads(row: Row[Any], actor: Actor) -> bool:
    # Emptied papers say nothing to anybody.
    return bool(row.says) and (row.support_id is None or reads_pupils(actor.role))


def _note(row: Row[Any], actor: Actor, page: str) -> None:
    if row.support_id:
        access.note(actor, page, [queries.pupil_id(db.session(), row.support_id)])
