"""Calibrating a printer: its test page of crosses, what was read from it, and the correction that follows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from labels.crosses import marks
from labels.stock import Stock
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.signed_in import me
from tracker.printers import actions, own, queries, rules
from tracker.printers.paper import test_page
from tracker.printers.rules import NONE, Correction, Reading
from tracker.printers.views import bp
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once


@bp.get("/printers/<int:printer_id>/crosses.pdf")
@allowed(*rules.READERS)
def crosses(printer_id: int) -> ResponseReturnValue:
    """Give the test page of a paper, with the calibration of that number or with none."""
    session = db.session()
    row = queries.printer(session, printer_id, to=me())
    key, stock = own.chosen(session, request.args.get("stock", ""), to=me())
    correction = _printed_with(printer_id, key, request.args.get("with", 0, type=int))
    headers = {"Content-Disposition": f'inline; filename="can-chinh-{key}.pdf"'}
    return Response(test_page(row, stock, correction), mimetype="application/pdf", headers=headers)


@bp.get("/printers/<int:printer_id>/calibrate")
@allowed(*rules.KEEPERS)
def calibrate(printer_id: int) -> ResponseReturnValue:
    """Say how to calibrate a printer on a paper, and ask for what was measured."""
    queries.ours(db.session(), printer_id, to=me())
    return _page(printer_id, request.args.get("stock", ""), {}, {})


@bp.post("/printers/<int:printer_id>/calibrations")
@allowed(*rules.KEEPERS)
@once
def keep(printer_id: int) -> ResponseReturnValue:
    """Keep a calibration: worked out from what was measured, or as it was entered."""
    session, form = db.session(), request.form
    queries.ours(session, printer_id, to=me())
    key, stock = own.chosen(session, form.get("stock", ""), to=me())
    direct = form.get("how") == "direct"
    names = _DIRECT if direct else [f"{way}_{n}" for n, _mark in enumerate(marks(stock)) for way in _WAYS]
    numbers = {name: rules.millimetres(form.get(name, "")) for name in names}
    wrong = {
        name: translate("Write a number, such as 0,5 or -1,2.") for name in names if numbers[name] is None
    }
    if wrong:
        return _page(printer_id, key, form, wrong), 422
    found = [number for number in numbers.values() if number is not None]
    try:
        correction = _entered(found) if direct else _measured(found, printer_id, key, stock)
        actions.calibrate(session, printer_id, correction, stock=key, by=me(), at=datetime.now(UTC))
    except rules.TooFarOff as error:
        session.rollback()
        return _page(printer_id, key, form, {"": f"{error.sentence} {error.out}"}), 422
    return done(url_for("printers.calibrate", printer_id=printer_id, stock=key, kept=1))


_WAYS = ("right", "down")
_DIRECT = ("dx", "dy", "scale_x", "scale_y")


def _entered(found: Sequence[float]) -> Correction:
    dx, dy, across, down = found
    return Correction(dx, dy, across / 100, down / 100)


def _measured(found: Sequence[float], printer_id: int, key: str, stock: Stock) -> Correction:
    now = _printed_with(printer_id, key, request.form.get("with", 0, type=int))
    readings = [Reading(*pair) for pair in zip(found[::2], found[1::2], strict=True)]
    return rules.corrected(marks(stock), readings, now=now)


def _printed_with(printer_id: int, stock: str, number: int) -> Correction:
    return queries.calibration(db.session(), printer_id, stock, number) if number else NONE


def _page(printer_id: int, stock_name: str, said: Any, wrong: dict[str, str]) -> str:
    session = db.session()
    key, stock = own.chosen(session, stock_name, to=me())
    history = queries.calibrations(session, printer_id, key)
    return show(
        "printers/calibrate.html",
        printer=queries.printer(session, printer_id, to=me()),
        stock=stock,
        key=key,
        marks=marks(stock),
        history=[(one, *rules.in_words(queries.correction(one))) for one in history],
        said=said,
        wrong=wrong,
        kept=request.args.get("kept") == "1" and request.method == "GET",
    )
