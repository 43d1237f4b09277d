"""The scan page, and the page behind every label."""

from typing import Any

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from tracker.custody import queries as custody
from tracker.custody.codes import LENGTH, Kind, Mistyped, NotACode, understand
from tracker.custody.facts import Category
from tracker.custody.labels import RetiredCode, UnknownCode
from tracker.custody.road import MOVES, Move, Status
from tracker.db import db, hot_connection
from tracker.intake.barcodes import names
from tracker.people.permissions import public, signed_in
from tracker.people.roles import Actor
from tracker.people.signed_in import me, person
from tracker.scan import queries
from tracker.scan.pages import buttons, further, new_papers
from tracker.scan.rules import coarse, possible_moves, stretches
from tracker.stock import queries as stock
from tracker.web import show
from tracker.words import Words, _
from tracker.workshop.kinds import BlockerKind

bp = Blueprint("scan", __name__)

#: What a stranger may look up from one address, and a signed-in person of what is not theirs.
#: Counted in each process.
LOOKUPS = parse("30 per 10 minutes")


def hosts() -> set[str]:
    """Return the hosts whose addresses we understand: our own."""
    return {current_app.config["TRACKER"].host}


@bp.get("/scan")
@signed_in
def station() -> ResponseReturnValue:
    """Take a code by scanner, camera or hand, and go to what it names."""
    text = request.args.get("q", "").strip()
    return lead(text) if text else show("scan/station.html", refused=None, text="")


def lead(text: str) -> ResponseReturnValue:
    """Go to what a scanned text names, or say why not."""
    try:
        scan = understand(text, hosts=hosts())
    except NotACode as refused:
        found = _by_number(text, sure=not isinstance(refused, Mistyped))
        return found or (show("scan/station.html", refused=refused, text=text), 422)
    if scan.kind is Kind.HANDOVER:
        anchor = scan.secret or None
        return redirect(url_for("handover.scanned", handover_id=int(scan.name), _anchor=anchor), 303)
    if scan.kind is Kind.PAPER:
        return redirect(url_for("papers.paper", paper_id=int(scan.name)), 303)
    if scan.kind is Kind.PLACE:
        return redirect(url_for("stock.scanned_place", place_id=int(scan.name)), 303)
    if scan.kind is Kind.MODE:
        return redirect(url_for("scan.mode", action=scan.name), 303)
    label = custody.label(db.session(), scan.name)
    if label is None:
        return show("scan/station.html", refused=UnknownCode(scan.name), text=text), 404
    return _replaced(scan.name, label) or redirect(url_for("scan.device", text=scan.name), 303)


def _replaced(code: str, label: custody.Named) -> ResponseReturnValue | None:
    """Say which label replaced this one, to those whose device it is on."""
    if not (label.retired and label.live):
        return None
    if queries.device(hot_connection(), label.live, to=me()) is None:
        return None
    refused, url = RetiredCode(code, label.live), url_for("scan.device", text=label.live)
    return show("scan/station.html", refused=refused, text="", url=url), 409


def _by_number(text: str, *, sure: bool) -> ResponseReturnValue | None:
    """Go to the list when a maker's own barcode was scanned: a serial or an IMEI.

    What looks like a mistyped code is taken for one only if a device has it.
    """
    plain = 5 <= len(text) <= 40 and text.isascii() and text.replace("-", "").isalnum()
    wanted = names(text) or ((text,) if plain else ())
    for number in wanted:
        if stock.devices(db.session.connection(), stock.Filters(q=number), to=me()):
            return redirect(url_for("stock.devices", q=number), 303)
    return redirect(url_for("stock.devices", q=wanted[0]), 303) if wanted and sure else None


@bp.get("/T/<text>", endpoint="device")
@bp.get("/t/<text>", endpoint="device_lower")
@public
def device(text: str) -> ResponseReturnValue:
    """Show a device to those whose it is, and to everybody else the minimal card."""
    who, connection = person(), hot_connection()
    if who and len(text) == LENGTH and (row := queries.device(connection, text, to=who.actor)):
        return _page(row, who.actor)  # as the label has it: nothing to understand
    try:
        code = understand(text, hosts=hosts()).name
    except NotACode:
        return _card(None)
    if who:
        row = queries.device(connection, code, to=who.actor)
        if row is not None:
            return _page(row, who.actor)
        label = custody.label(db.session(), code)
        if label and (said := _replaced(code, label) or _blank(code, label)):
            return said
    return _card(code)


def _blank(code: str, label: custody.Named) -> ResponseReturnValue | None:
    """Say that a label is on no device yet, to those who could receive one with it."""
    if label.device is not None or me().role not in MOVES[Move.RECEIVE].by:
        return None
    return show("scan/blank.html", code=code)


def _page(row: Any, actor: Actor) -> ResponseReturnValue:
    status = Status(row.status)
    events = queries.ledger(row)
    issued = queries.papers(row, to=actor)
    passed = [event.end for event in events if event.end]
    return show(
        "scan/device.html",
        device=row,
        name=f"{row.make} {row.model}".strip(),
        category=Category(row.category).label,
        extras=", ".join(str(word) for has, word in _with_it(row) if has),
        status=status,
        moves=buttons(possible_moves(status, row, actor), row, actor),
        events=events,
        legs=queries.custody(row, events),
        road=stretches(status, passed),
        blockers=[BlockerKind(kind).label for kind in (row.blockers or "").split()],
        further=further(row, actor),
        papers=issued,
        new_papers=new_papers(status, row, events, issued, actor),
    )


def _with_it(row: Any) -> list[tuple[bool, Words]]:
    return [(row.charger, _("charger")), (row.cable, _("cable")), (row.bag, _("bag"))]


def _card(code: str | None) -> ResponseReturnValue:
    who = str(me().user) if current_user.is_authenticated else f"from {request.remote_addr}"
    limiter: FixedWindowRateLimiter = current_app.extensions["lookups"]
    if not limiter.hit(LOOKUPS, who):
        abort(429)
    label = custody.label(db.session(), code) if code else None
    state = None
    if label is not None and label.device is not None:
        state = coarse(Status(custody.status_of(db.session(), label.device)))
    found = label is not None
    return show("scan/card.html", state=state, found=found, hotline=current_app.config["TRACKER"].hotline), (
        200 if found else 404
    )
