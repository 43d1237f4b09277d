"""Pages of one device at the door: receiving it, and its label."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import current_app, flash, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from labels.text import grouped
from tracker.custody import queries as devices
from tracker.custody.codes import NotACode, parse
from tracker.custody.facts import Category
from tracker.custody.labels import CodeTaken, UnknownCode
from tracker.custody.ledger import Ask
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.db import db
from tracker.intake import actions, queries
from tracker.intake.barcodes import numbers
from tracker.intake.forms import WITH_IT, device_form
from tracker.intake.known import Like
from tracker.intake.rules import MAKES, FormWrong, Wrong
from tracker.intake.views import DOOR, bp, print_labels_of
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.prints.rules import ROLL
from tracker.prints.views import PRINTERS, choices
from tracker.refused import Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import Words

#: Who has devices in their hands, and may stick a new label on one.
HOLDERS = (*DOOR, Role.SCHOOL)

CATEGORY_ICONS = {
    Category.DESKTOP: "pc-display",
    Category.LAPTOP: "laptop",
    Category.TABLET: "tablet",
    Category.PHONE: "phone",
    Category.OTHER: "box",
}

#: What is kept on the form when the next device of a donation is received.
KEPT = ("category", "make", "model", *WITH_IT)


@bp.get("/donations/<int:donation_id>/receive")
@allowed(*DOOR)
def receive(donation_id: int) -> ResponseReturnValue:
    """Ask for one device of a donation; `like` is the code of one just received that is much the same."""
    said: dict[str, Any] = {"code": request.args.get("code", "")[:40]}
    if like := request.args.get("like", ""):
        row = devices.device(db.session(), like, to=me())
        said |= {name: getattr(row, name) for name in KEPT}
    return _form(donation_id, said)


@bp.get("/receive/barcode")
@allowed(*DOOR)
def barcode() -> ResponseReturnValue:
    """Say what a barcode on a machine is, for the form that is being filled: a code of ours, or a maker's numbers."""
    text = request.args.get("text", "")
    try:
        return jsonify(code=parse(text, hosts={current_app.config["TRACKER"].host}))
    except NotACode:
        found = [
            {"what": one.what, "value": one.value, "label": str(one.what.label)} for one in numbers(text)
        ]
        return jsonify(numbers=found)


@bp.post("/donations/<int:donation_id>/receive")
@allowed(*DOOR)
@once
def receive_one(donation_id: int) -> ResponseReturnValue:
    """Receive one device; one with the same serial or IMEI is asked about."""
    session, form, by = db.session(), request.form, me()
    queries.donation(session, donation_id, to=by, own=True)
    try:
        device = device_form(form)
        code = _code_asked()
        ask = Ask(form["event_id"][:64], datetime.now(UTC))
        different = "different" in form
        _id, live = actions.receive(
            session, device, donation=donation_id, code=code, by=by, ask=ask, different=different
        )
    except FormWrong as error:
        return _form(donation_id, form, wrong=error.wrong), 422
    except (NotACode, UnknownCode, CodeTaken) as error:
        return _form(donation_id, form, wrong={"code": _said(error)}), 422
    except actions.KnownAlready as known:
        return _form(donation_id, form, known=known), 409
    for remark in device.remarks:
        flash(str(remark), "warn")
    return done(url_for("intake.received", code=live))


def _code_asked() -> str | None:
    """Return the code of a label that was printed before, if one was scanned or typed."""
    text = request.form.get("code", "").strip()
    return parse(text, hosts={current_app.config["TRACKER"].host}) if text else None


def _said(refused: Refused) -> Words | str:
    return f"{refused} {refused.out}"


def _form(
    donation_id: int,
    said: Mapping[str, Any],
    *,
    wrong: Wrong | None = None,
    known: actions.KnownAlready | None = None,
) -> str:
    db.session.rollback()
    gift = queries.donation(db.session(), donation_id, to=me(), own=True)
    alike: Sequence[Like] = known.alike if known else ()
    return show(
        "intake/receive.html",
        gift=gift,
        said=said,
        wrong=wrong or {},
        known=known,
        seen=[one for one in alike if one.code],
        unseen=[one for one in alike if not one.code],
        makes=MAKES,
        with_it=[name for name in WITH_IT if said.get(name)],
        categories=[(kind, kind.label, "", CATEGORY_ICONS[kind]) for kind in Category],
    )


@bp.get("/devices/<code:code>/received")
@allowed(*DOOR)
def received(code: str) -> ResponseReturnValue:
    """Show the code of a device that was just received, large, with what to do next."""
    row = devices.device(db.session(), code, to=me())
    return show(
        "intake/received.html",
        device=row,
        category=Category(row.category).label,
        number=queries.number_of(db.session(), row.donation_id),
        roll=ROLL,
    )


@bp.get("/devices/<code:code>/label")
@allowed(*PRINTERS)
def label(code: str) -> ResponseReturnValue:
    """Offer to print the label again, or to replace a damaged one."""
    row = devices.device(db.session(), code, to=me())
    return show("intake/label.html", device=row, may_replace=_may_replace(row), **_label_page({}))


@bp.post("/devices/<code:code>/label")
@allowed(*HOLDERS)
@once
def replace_label(code: str) -> ResponseReturnValue:
    """Give the device a new label; the old one says so when it is scanned."""
    session, by = db.session(), me()
    row = devices.device(session, code, to=by)
    ask = Ask(request.form["event_id"][:64], datetime.now(UTC))
    try:
        new = actions.replace_label(session, row.id, by=by, ask=ask, code=_code_asked())
    except (NotACode, UnknownCode, CodeTaken) as error:
        db.session.rollback()
        wrong = {"code": _said(error)}
        return show("intake/label.html", device=row, may_replace=True, **_label_page(wrong)), 422
    flash(translate("The device has a new label. Remove the old one."), "ok")
    return done(url_for("intake.label", code=new))


def _label_page(wrong: Wrong) -> dict[str, Any]:
    return {**choices(ROLL), "wrong": wrong, "said": request.form}


def _may_replace(row: Any) -> bool:
    by = me()
    if by.role not in HOLDERS:
        return False
    try:
        must_hold(row, by)
        must_be_at_rest(row, by)
    except Refused:
        return False
    return True


@bp.post("/devices/<code:code>/print")
@allowed(*PRINTERS)
@once
def print_label(code: str) -> ResponseReturnValue:
    """Print the label of one device."""
    row = devices.device(db.session(), code, to=me())
    number = queries.number_of(db.session(), row.donation_id)
    return print_labels_of([row], grouped(row.code), donation=number)
