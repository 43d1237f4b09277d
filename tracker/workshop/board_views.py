"""The board of the road, who works on what, and the figures of the workshops."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from tracker.custody.facts import Category
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.web import show
from tracker.words import _
from tracker.workshop import boards, ords, rules
from tracker.workshop.kinds import TOO_LONG
from tracker.workshop.views import READERS, bp

#: A board is counted again when something has happened, but not more often than this.
AT_MOST_EVERY = timedelta(seconds=5)
#: With PostgreSQL an event may come to light after a newer one; then it is seen within this.
AT_LEAST_EVERY = timedelta(seconds=30)
#: What figures are grouped by.
BY = {"workshop": _("Workshop"), "category": _("Type"), "model": _("Model")}
DAYS = (7, 30, 90, 365)


class Counted(NamedTuple):
    """A board, and when it was counted."""

    newest: int
    at: datetime
    columns: list[boards.Column]
    whole: datetime
    """When all of its columns were counted: some are counted again when devices came or went."""


@bp.get("/workshop/board")
@allowed(*READERS, Role.STOREKEEPER)
def board() -> ResponseReturnValue:
    """Show how many devices are in each status, and since when."""
    actor, text = me(), request.args.get("category", "")
    category = Category(text) if text in frozenset(Category) else None
    org = None if actor.role.sees_everything else actor.org
    counted = _counted(org, category)
    return show(
        "workshop/board.html",
        counted=counted,
        most=max((column.devices for column in counted.columns), default=0),
        doing=boards.being_done(db.session(), to=actor),
        category=category or "",
        categories=[(each, each.label) for each in Category],
        limits=", ".join(f"{status.label} {rules.lasted(limit)}" for status, limit in TOO_LONG.items()),
        now=datetime.now(UTC),
        lasted=rules.lasted,
        may_bench=actor.role in READERS,
    )


def _counted(org: int | None, category: Category | None) -> Counted:
    session, now = db.session(), datetime.now(UTC)
    kept: dict[tuple[int | None, Category | None], Counted] = current_app.extensions.setdefault("boards", {})
    before, newest = kept.get((org, category)), boards.newest(session)
    if before is not None:
        if now - before.at < AT_MOST_EVERY:
            return before
        if now - before.whole < AT_LEAST_EVERY:
            return before if before.newest == newest else _anew(before, newest, org, category, now)
    counted = Counted(newest, now, boards.board(session, org=org, category=category, now=now), now)
    kept[org, category] = counted
    return counted


def _anew(before: Counted, newest: int, org: int | None, category: Category | None, now: datetime) -> Counted:
    """Count again what events have touched since a board was counted."""
    session = db.session()
    statuses = boards.touched(session, before.newest)
    found = boards.board(session, org=org, category=category, now=now, statuses=statuses)
    new = {column.status: column for column in found}
    columns = [new.get(column.status, column) for column in before.columns]
    counted = Counted(newest, now, columns, before.whole)
    current_app.extensions["boards"][org, category] = counted
    return counted


@bp.get("/workshop/figures")
@allowed(*READERS)
def figures() -> ResponseReturnValue:
    """Show throughput, yield and turnaround by workshop, category or model."""
    days = request.args.get("days", 30, type=int)
    by = request.args.get("by", "workshop")
    days, by = days if days in DAYS else 30, by if by in BY else "workshop"
    now = datetime.now(UTC)
    rows = boards.figures(db.session(), since=now - timedelta(days=days), until=now, by=by, to=me())
    return show(
        "workshop/figures.html",
        rows=rows,
        by=by,
        heading=BY[by],
        choices=list(BY.items()),
        days=days,
        lengths=[(each, _("%(n)s days", n=each)) for each in DAYS],
        lasted=rules.lasted,
        percent=lambda part: "–" if part is None else f"{part * 100:.0f}%",
    )


@bp.get("/workshop/repairs.csv")
@allowed(*READERS)
def repairs_csv() -> ResponseReturnValue:
    """Hand out the repairs of a time in the Open Repair Data Standard."""
    days, now = request.args.get("days", 365, type=int), datetime.now(UTC)
    days = days if days in DAYS else 365
    body = ords.as_csv(ords.rows(db.session(), since=now - timedelta(days=days), until=now, to=me()))
    headers = {"Content-Disposition": f'attachment; filename="open-repair-data-{now:%Y%m%d}.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)
