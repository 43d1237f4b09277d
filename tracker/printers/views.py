"""Pages of printers: which there are, adding, changing and closing one, and its test label."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from labels.plan import DPIS
from labels.refusals import PaperRefused
from labels.stock import known
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.signed_in import me
from tracker.printers import actions, own, queries, rules
from tracker.printers.actions import Described
from tracker.printers.network import PRIVATE
from tracker.printers.paper import test_program
from tracker.printers.rules import Kind, Told
from tracker.printers.sender import PORTS, send
from tracker.refused import Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import Words, _

bp = Blueprint("printers", __name__)

ROLL = "50x30"
TEST_PATIENCE = 5.0  # seconds; somebody waits for the page


@bp.get("/printers")
@allowed(*rules.READERS)
def printers() -> ResponseReturnValue:
    """Show the printers a person may see."""
    rows = queries.printers(db.session(), to=me())
    return show("printers/printers.html", rows=rows, kind_of=Kind, may_add=me().role in rules.KEEPERS)


@bp.get("/printers/new")
@allowed(*rules.KEEPERS)
def new() -> ResponseReturnValue:
    """Ask for a printer."""
    return _form({"kind": "pdf", "dpi": "600", "port": "9100"})


@bp.post("/printers")
@allowed(*rules.KEEPERS)
@once
def add() -> ResponseReturnValue:
    """Add a printer to one's own organisation."""
    described, wrong = _described()
    if described is None:
        return _form(request.form, wrong=wrong), 422
    try:
        printer = actions.add(db.session(), described, by=me(), at=datetime.now(UTC))
    except actions.NameTaken as error:
        return _taken(error), 422
    return done(url_for("printers.printer", printer_id=printer))


@bp.get("/printers/<int:printer_id>")
@allowed(*rules.READERS)
def printer(printer_id: int) -> ResponseReturnValue:
    """Show a printer: how it is corrected on each paper, and what became of its test label."""
    session = db.session()
    row = queries.printer(session, printer_id, to=me())
    calibrations = queries.calibrations(session, printer_id)
    kind = Kind(row.kind)
    return show(
        "printers/printer.html",
        printer=row,
        kind=kind,
        calibrations=[(one, *rules.in_words(queries.correction(one))) for one in calibrations],
        names={one.stock: own.chosen(session, one.stock, to=me()).stock.name for one in calibrations},
        papers=papers(kind),
        stock=ROLL if kind.thermal else "L7160",
        test=rules.test_told(row.test, row.tested_at, now=datetime.now(UTC)),
        may_change=me().role in rules.KEEPERS and row.org_id == me().org and row.closed_at is None,
    )


@bp.get("/printers/<int:printer_id>/edit")
@allowed(*rules.KEEPERS)
def edit(printer_id: int) -> ResponseReturnValue:
    """Ask what is to be different about a printer."""
    row = queries.ours(db.session(), printer_id, to=me())
    return _form({name: getattr(row, name) for name in Described._fields}, of=row)


@bp.post("/printers/<int:printer_id>/edit")
@allowed(*rules.KEEPERS)
@once
def change(printer_id: int) -> ResponseReturnValue:
    """Change a printer."""
    row = queries.ours(db.session(), printer_id, to=me())
    described, wrong = _described()
    if described is None:
        return _form(request.form, wrong=wrong, of=row), 422
    try:
        actions.change(db.session(), printer_id, described, by=me())
    except actions.NameTaken as error:
        return _taken(error, of=row), 422
    return done(url_for("printers.printer", printer_id=printer_id))


@bp.post("/printers/<int:printer_id>/close")
@allowed(*rules.KEEPERS)
@once
def close(printer_id: int) -> ResponseReturnValue:
    """Close a printer."""
    actions.close(db.session(), printer_id, by=me(), at=datetime.now(UTC))
    return done(url_for("printers.printers"))


@bp.post("/printers/<int:printer_id>/test")
@allowed(*rules.KEEPERS)
@once
def test(printer_id: int) -> ResponseReturnValue:
    """Send one label with a cross to a label printer, and say what became of it.

    That it is being tried is committed first: a doubled form does not print twice, and nobody waits for the printer.
    """
    session, at = db.session(), datetime.now(UTC)
    row = queries.ours(session, printer_id, to=me())
    key, stock = own.chosen(session, request.form.get("stock", ROLL), to=me())
    if not Kind(row.kind).thermal:
        raise Refused(
            _("This printer prints PDF from a computer."), out=_("Open its test page and print it there.")
        )
    try:
        program = test_program(row, stock, queries.newest(session, printer_id, key))
    except PaperRefused as error:
        raise Refused(
            Words(error.sentence, **error.values), out=_("Choose the roll that is in the printer.")
        ) from error
    actions.begin_test(session, printer_id, by=me(), at=at)
    answer = done(url_for("printers.printer", printer_id=printer_id, _anchor="test"))
    actions.end_test(session, printer_id, tried(row, program), at=at)
    session.commit()
    return answer


def tried(row: Any, program: bytes) -> Told:
    """Send a program to a printer, and return what became of it."""
    try:
        send(
            row.host, row.port, program, timeout=TEST_PATIENCE, longest=3 * TEST_PATIENCE, allowed=networks()
        )
    except Refused as refused:
        return Told(False, _kept(refused.sentence), _kept(refused.out))
    return Told(True, _("The printer took the test label."), _("Look whether it came out."))


def _kept(words: Words | str) -> Words:
    return words if isinstance(words, Words) else Words(words)


def networks() -> tuple[str, ...]:
    """Return where printers may be in this installation."""
    return (*PRIVATE, *current_app.config["TRACKER"].printer_networks)


def papers(kind: Kind) -> list[tuple[str, str]]:
    """Return the papers a printer of this kind takes: rolls for label printers, sheets first for the others."""
    ours = [(own.key(row.id), own.geometry(row)) for row in own.offered(db.session(), to=me())]
    return [
        (name, f"{stock.name} ({_size(stock.label_width)} × {_size(stock.label_height)} mm)")
        for name, stock in [*ours, *((stock.name, stock) for stock in known())]
        if stock.roll or not kind.thermal
    ]


def _size(length: float) -> str:
    return f"{length:g}".replace(".", ",")


def _form(said: Any, *, wrong: dict[str, str] | None = None, of: Any = None) -> str:
    return show(
        "printers/form.html",
        said=said,
        wrong=wrong or {},
        of=of,
        kinds=[(kind.value, kind.label) for kind in Kind],
        dpis=[(str(dpi), f"{dpi} dpi") for dpi in DPIS],
        ports=PORTS,
    )


def _taken(error: actions.NameTaken, *, of: Any = None) -> str:
    db.session.rollback()
    return _form(request.form, wrong={"name": f"{error.sentence} {error.out}"}, of=of)


def _described() -> tuple[Described | None, dict[str, str]]:
    """Return the printer that a form says; or nothing, and what is wrong with which field."""
    form, wrong = request.form, {}
    name, host = form.get("name", "").strip(), form.get("host", "").strip()
    port, dpi = rules.count(form.get("port", "") or str(PORTS[0])), rules.count(form.get("dpi", ""))
    kind = form.get("kind", "")
    described = Described(name, Kind.PDF, dpi, host, port)
    if not described.values()["name"]:
        wrong["name"] = translate("Write a name, such as what stands on the printer.")
    if kind not in frozenset(Kind):
        wrong["kind"] = translate("Choose what kind of printer it is.")
    elif Kind(kind).thermal:
        if not rules.is_host(host):
            wrong["host"] = translate("Write its address on the network, such as 192.168.1.50.")
        if port not in PORTS:
            wrong["port"] = translate("Label printers listen on a port from 9100 to 9109.")
    if dpi not in DPIS:
        wrong["dpi"] = translate("Choose the printer's dots an inch.")
    return (None if wrong else described._replace(kind=Kind(kind))), wrong
