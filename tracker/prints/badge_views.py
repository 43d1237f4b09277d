"""Badges of the people at a bench that several share: scanned at a station, they say who works there now."""

from flask import current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from labels.job import Label
from tracker.db import db
from tracker.people import queries as people
from tracker.people.permissions import allowed
from tracker.people.signed_in import me
from tracker.printers.measures import Wrong
from tracker.prints.views import CARD, PRINTERS, bp, choices, print_now
from tracker.web import show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _


@bp.get("/prints/badges")
@allowed(*PRINTERS)
def badges() -> ResponseReturnValue:
    """Ask whose badges to print."""
    return _form()


def _form(wrong: Wrong | None = None) -> str:
    found = people.colleagues(db.session(), org=me().org)
    ticked = request.form.getlist("user") if wrong else [str(me().user)]
    return show("prints/badges.html", people=found, ticked=ticked, wrong=wrong or {}, **choices(CARD))


@bp.post("/prints/badges")
@allowed(*PRINTERS)
@once
def print_badges() -> ResponseReturnValue:
    """Print the badges of the ticked colleagues, by name."""
    ticked = set(request.form.getlist("user"))
    wanted = [row for row in people.colleagues(db.session(), org=me().org) if str(row.id) in ticked]
    if not wanted:
        db.session.rollback()
        return _form({"user": _("Tick at least one person.")}), 422
    base = current_app.config["TRACKER"].public_url
    return print_now([_badge(row, base) for row in wanted], translate("Badges"), design="badge", form=_form)


def _badge(row: Row[int, str, str], base: str) -> Label:
    return Label(url=f"{base}/U/{row.id}".upper(), title=row.name, detail=row.org)
