"""Blank labels: codes minted before there are devices, claimed at the first scan."""

from datetime import UTC, datetime
from functools import partial

from flask import current_app, request
from flask.typing import ResponseReturnValue

from labels.job import Label
from tracker.custody import labels as custody
from tracker.custody.codes import url
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.printers.measures import Wrong
from tracker.prints import rules
from tracker.prints.views import bp, choices, number, print_now
from tracker.web import show
from tracker.web.language import translate
from tracker.web.once import once

#: Who may mint codes: those who receive devices.
MINTERS = (Role.STOREKEEPER, Role.TECHNICIAN)
MOST = 2_100  # a hundred sheets


@bp.get("/prints/blank")
@allowed(*MINTERS)
def blank() -> ResponseReturnValue:
    """Ask how many blank labels to print."""
    return _form({})


def _form(wrong: Wrong) -> str:
    return show("prints/blank.html", wrong=wrong, said=request.form, most=MOST, **choices(rules.ROLL))


@bp.post("/prints/blank")
@allowed(*MINTERS)
@once
def print_blank() -> ResponseReturnValue:
    """Mint codes and print them on blank labels."""
    wrong = Wrong()
    count = number("count", 0, wrong, least=1, most=MOST)
    if wrong:
        db.session.rollback()
        return _form(wrong), 422
    codes = custody.drawn(db.session(), count)
    base = current_app.config["TRACKER"].public_url
    labels = [Label(url=url(base, code), code=code) for code in codes]
    mint = partial(custody.keep, minted=codes, by=me(), at=datetime.now(UTC))
    return print_now(labels, translate("Blank labels"), also=mint, form=_form)
