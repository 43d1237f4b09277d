"""Pages of the receiving side: what the QR of a record opens, the receipt, settling later."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Row

from tracker.custody import seal
from tracker.custody.facts import Category
from tracker.db import db
from tracker.handover import queries, receipt, views
from tracker.handover.rules import Line, NotSettled, Said, number
from tracker.handover.secret import WrongSecret
from tracker.handover.signing import NotSigned, sign
from tracker.handover.views import bp
from tracker.people.permissions import allowed, public
from tracker.people.roles import OrgKind, Role
from tracker.people.signed_in import me
from tracker.refused import Missing, Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.language import translate_count as ngettext
from tracker.web.once import once
from tracker.words import Words, _

log = logging.getLogger(__name__)

RECEIVERS = (Role.SCHOOL, Role.STOREKEEPER, Role.TECHNICIAN)


def said() -> dict[int, Said]:
    """Return what the form says of each line: `line-7=damaged`, `note-7=…`."""
    answers = {}
    for name, value in request.form.items():
        line = name.removeprefix("line-")
        if line != name and line.isdecimal() and value in {Line.DAMAGED, Line.MISSING}:
            answers[int(line)] = Said(value, request.form.get(f"note-{line}", ""))
    return answers


@bp.get("/H/<int:handover_id>", endpoint="scanned_upper")
@bp.get("/h/<int:handover_id>")
@public
def scanned(handover_id: int) -> ResponseReturnValue:
    """Show the receipt to the receiving organisation, the record to its parties, and strangers a card.

    The card is the same for every number, so it does not say which records there are.
    """
    if current_user.is_authenticated:
        try:
            row = queries.handover(db.session(), handover_id, to=me())
        except Missing:
            return _card()
        if queries.may_sign(row, me()):
            return _receipt(row)
        return views.page(handover_id)
    return _card()


def _card() -> str:
    return show("handover/card.html", hotline=current_app.config["TRACKER"].hotline)


def _ticked(handover_id: int) -> list[str]:
    """Return the codes that stations of this organisation have ticked off for the record."""
    found: Callable[..., list[str]] = current_app.extensions["ticked"]
    return found(db.session(), handover_id, org=me().org)


def _receipt(row: Row[Any], wrong: dict[str, object] | None = None) -> str:
    actor = me()
    lines = queries.lines(db.session(), row.id, Line.SENT)
    return show(
        "handover/receipt.html",
        row=row,
        number=number(row.seq, row.year),
        lines=lines,
        pupils=views.pupils_of(lines, row, actor),
        category_of=Category,
        needs_secret=row.to_kind == OrgKind.SCHOOL,
        wrong=wrong or {},
        codes=views.scanned_lines() if wrong else _ticked(row.id),
        said=said(),
        name=request.form.get("name", current_user.name),
        secret=request.form.get("secret", ""),
    )


@bp.post("/h/<int:handover_id>")
@allowed(*RECEIVERS)
@once
def receive(handover_id: int) -> ResponseReturnValue:
    """Confirm the receipt."""
    session, actor, asked = db.session(), me(), views.ask()
    try:
        signature = sign(
            request.form.get("name", ""),
            request.form.get("signature", ""),
            declared=request.form.get("signature_typed") == "1",
            needed=actor.role is Role.SCHOOL,
        )
        got = receipt.receive(
            session,
            handover_id,
            code=request.form.get("secret", ""),
            texts=views.scanned_lines(),
            said=said(),
            signature=signature,
            by=actor,
            ask=asked,
            hosts=views.hosts(),
        )
    except WrongSecret as refused:
        db.session.commit()  # nothing but the counted try
        return _again(handover_id, {"secret": f"{refused.sentence} {refused.out}"})
    except NotSigned as refused:
        field = "signature" if request.form.get("name", "").strip() else "name"
        return _again(handover_id, {field: f"{refused.sentence} {refused.out}"})
    except NotSettled as refused:
        return _again(handover_id, _by_field(refused))
    views.keep_scans("confirm", handover_id, _scanned())
    _say(got)
    answer = done(url_for("handover.detail", handover_id=handover_id))
    _seal(asked.at)
    return answer


def _scanned() -> list[tuple[str, bool, Words | str, Words | str]]:
    return [(text, True, _("Scanned for the receipt."), "") for text in views.scanned_lines()]


def _again(handover_id: int, wrong: dict[str, object]) -> ResponseReturnValue:
    g.pop("once", None)
    db.session.rollback()
    return _receipt(queries.handover(db.session(), handover_id, to=me()), wrong), 422


def _by_field(refused: NotSettled) -> dict[str, object]:
    by_line = {
        f"line-{key}": words for key, words in refused.wrong.items() if key.isdecimal() and len(key) < 8
    }
    texts = [f"{key}: {words}" for key, words in refused.wrong.items() if f"line-{key}" not in by_line]
    return {**by_line, **({"codes": texts} if texts else {})}


def _say(got: receipt.Receipt) -> None:
    words = ngettext("%(num)s device settled.", "%(num)s devices settled.", got.settled)
    flash(words % {"num": got.settled}, "ok")
    if got.open:
        words = ngettext(
            "%(num)s device is still open. Settle it here when you know.",
            "%(num)s devices are still open. Settle them here when you know.",
            got.open,
        )
        flash(words % {"num": got.open}, "warn")
    if got.unexpected:
        flash(translate("Put aside what is not on the record, and call the sender."), "warn")


def _seal(at: datetime) -> None:
    """Seal the ledger after a receipt; the receipt stands even if that must wait."""
    config = current_app.config["TRACKER"]
    try:
        note = seal.seal(db.session(), seal.key_of(config.home), at=at, home=config.home)
        db.session.commit()
        seal.remember(config.home, note)
    except Refused:
        db.session.rollback()
        log.exception("the ledger was not sealed after a receipt")


@bp.post("/handovers/<int:handover_id>/settle")
@allowed(*RECEIVERS, Role.COORDINATOR)
@once
def settle(handover_id: int) -> ResponseReturnValue:
    """Settle lines that stayed open."""
    got = receipt.settle_later(
        db.session(),
        handover_id,
        texts=views.scanned_lines(),
        said=said(),
        by=me(),
        ask=views.ask(),
        hosts=views.hosts(),
    )
    views.keep_scans("confirm", handover_id, _scanned())
    _say(got)
    return done(url_for("handover.detail", handover_id=handover_id))
