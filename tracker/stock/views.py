"""Pages of stock: the list of devices, the counts, the places, moving by scan."""

from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tracker.custody.codes import NotACode, parse
from tracker.custody.facts import Category
from tracker.custody.ledger import Ask
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.permissions import allowed, signed_in
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.prints.devices import label_of
from tracker.prints.views import PRINTERS, choices, print_now
from tracker.refused import Refused
from tracker.stock import actions, exports, queries
from tracker.stock.queries import PAGE, Filters
from tracker.stock.rules import PlaceKind
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import commit, once
from tracker.words import _

bp = Blueprint("stock", __name__)


def _number(name: str) -> int | None:
    return request.args.get(name, type=int)


#: Labels in one print job: four hundred sheets of L7160.
MOST_LABELS = 8_400


def _words(q: str) -> str:
    """Return the words to look for; a code in any spelling is looked for as it stands on the device."""
    try:
        return parse(q, hosts={current_app.config["TRACKER"].host})
    except NotACode:
        return q


def _filters(asked: MultiDict[str, str] | None = None) -> Filters:
    """Return what the list is narrowed to, by the address or by a form."""
    asked = request.args if asked is None else asked
    status, category = asked.get("status", ""), asked.get("category", "")
    return Filters(
        q=_words(asked.get("q", "")[:100].strip()),
        status=status if status in frozenset(Status) else "",
        category=category if category in frozenset(Category) else "",
        org=asked.get("org", type=int),
        place=asked.get("place", type=int),
        donation=asked.get("donation", type=int),
        unprinted=asked.get("unprinted") == "1",
    )


@bp.get("/devices")
@signed_in
def devices() -> ResponseReturnValue:
    """Show the devices a person may see, narrowed by words and filters, page by page."""
    filters = _filters()
    rows = queries.devices(db.session.connection(), filters, to=me(), before=_number("before"))
    kept = {name: value for name, value in filters._asdict().items() if value}
    more = url_for("stock.devices", **kept, before=rows[PAGE - 1].id) if len(rows) > PAGE else None
    return show(
        "stock/devices.html",
        rows=rows[:PAGE],
        filters=filters,
        kept=kept,
        next_url=more,
        first_url=url_for("stock.devices", **kept) if _number("before") else None,
        statuses=[(status, status.label) for status in Status],
        categories=[(category, category.label) for category in Category],
        label_of_status=Status,
        label_of_category=Category,
        organisations=queries.organisations(db.session(), to=me()),
        may_print=me().role in PRINTERS,
        **(choices() if filters.unprinted else {}),
    )


@bp.post("/devices/print")
@allowed(*PRINTERS)
@once
def print_labels() -> ResponseReturnValue:
    """Print the labels of the devices on the list that have none yet, the newest if they are too many."""
    filters = _filters(request.form)._replace(unprinted=True)
    rows = queries.every_device(db.session.connection(), filters, to=me(), most=MOST_LABELS)
    base = current_app.config["TRACKER"].public_url
    labels = [label_of(row, base=base, donation=f"{row.seq:02d}/{row.year}") for row in rows]
    if not labels:
        raise Refused(_("There are no labels to print."), out=_("Every device on this list has a label."))
    return print_now(labels, translate("Devices without a label"))


@bp.get("/devices.csv")
@signed_in
def devices_csv() -> ResponseReturnValue:
    """Hand out the filtered list as CSV."""
    rows = queries.every_device(db.session.connection(), _filters(), to=me())
    body = b"".join(exports.csv_lines(rows))
    return _file(body, "text/csv; charset=utf-8", "csv")


@bp.get("/devices.xlsx")
@signed_in
def devices_xlsx() -> ResponseReturnValue:
    """Hand out the filtered list as a workbook."""
    rows = queries.every_device(db.session.connection(), _filters(), to=me())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(exports.xlsx(rows), kind, "xlsx")


def _file(body: bytes, kind: str, ending: str) -> Response:
    name = f"thiet-bi-{datetime.now(UTC):%Y%m%d-%H%M}.{ending}"
    return Response(body, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.get("/stock")
@signed_in
def counts() -> ResponseReturnValue:
    """Show how many devices of which kind stand where, by status."""
    found = queries.counts(db.session(), to=me())
    statuses = [status for status in Status if any(count.status == status for count in found)]
    groups = []
    for (_id, org), group in groupby(found, attrgetter("org_id", "org")):
        of_org, lines = list(group), dict[tuple[str, str], dict[str, int]]()
        here = {count.status for count in of_org}
        for count in of_org:
            line = lines.setdefault((count.place, count.category), {})
            line[count.status] = line.get(count.status, 0) + count.number
        rows = [(place, Category(kind).label, line) for (place, kind), line in sorted(lines.items())]
        groups.append((org, [status for status in statuses if status in here], rows))
    totals = [
        {
            "label": status.label,
            "value": sum(count.number for count in found if count.status == status),
            "url": url_for("stock.devices", status=status),
        }
        for status in statuses
    ]
    return show("stock/counts.html", groups=groups, totals=totals)


@bp.get("/places")
@allowed(Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL)
def places() -> ResponseReturnValue:
    """Show the organisation's places."""
    found = queries.places(db.session(), org=me().org)
    return show("stock/places.html", places=found, kinds=list(PlaceKind), kind_of=PlaceKind)


@bp.post("/places")
@allowed(Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL)
@once
def add_place() -> ResponseReturnValue:
    """Add a place."""
    kind = request.form.get("kind", "")
    actions.add_place(
        db.session(),
        kind=PlaceKind(kind) if kind in frozenset(PlaceKind) else PlaceKind.SHELF,
        name=request.form.get("name", ""),
        inside=request.form.get("inside", type=int),
        by=me(),
        at=datetime.now(UTC),
    )
    flash(translate("The place is added."), "ok")
    return done(url_for("stock.places"))


@bp.post("/places/<int:place_id>/close")
@allowed(Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL)
@once
def close_place(place_id: int) -> ResponseReturnValue:
    """Close a place."""
    actions.close_place(db.session(), place_id, by=me(), at=datetime.now(UTC))
    flash(translate("The place is closed."), "ok")
    return done(url_for("stock.places"))


@bp.get("/stock/move")
@allowed(Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL)
def move() -> ResponseReturnValue:
    """Ask for a place and for the devices that now stand there."""
    return show(
        "stock/move.html",
        places=queries.places(db.session(), org=me().org),
        chosen=_number("place"),
        codes=request.args.getlist("code")[:1],
    )


@bp.post("/stock/move")
@allowed(Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL)
@once
def move_here() -> ResponseReturnValue:
    """Move every scanned device to the place, and say what became of each line."""
    actor, session = me(), db.session()
    place_id = request.form.get("place", type=int) or 0
    texts = [line.strip() for line in request.form.get("codes", "").splitlines() if line.strip()]
    ask = Ask(request.form["event_id"][:64], datetime.now(UTC))
    hosts = {current_app.config["TRACKER"].host}
    outcomes = actions.move_here(session, texts, place_id, by=actor, ask=ask, hosts=hosts)
    path = queries.place(session, place_id, to=actor).path
    current_app.extensions["keep_scans"](
        session,
        "move",
        [(one.text, one.done, one.sentence, one.out) for one in outcomes],
        sitting=ask.event_id,
        by=actor,
        at=ask.at,
        hosts=hosts,
        place=place_id,
    )
    commit(url_for("stock.devices", place=place_id))
    return show("stock/moved.html", outcomes=outcomes, place=path, place_id=place_id)
