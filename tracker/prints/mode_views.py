"""Cards for scan stations: the action itself as a code, so that nobody touches the keyboard."""

from flask import current_app, request
from flask.typing import ResponseReturnValue

from labels.job import Label
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.printers.measures import Wrong
from tracker.prints.modes import MODES, Mode, address
from tracker.prints.views import CARD, PRINTERS, bp, choices, print_now
from tracker.web import show
from tracker.web.language import CATALOGUES, translate
from tracker.web.once import once
from tracker.words import _


@bp.get("/prints/modes")
@allowed(*PRINTERS)
def modes() -> ResponseReturnValue:
    """Ask which actions to print as cards."""
    return _form()


def _form(wrong: Wrong | None = None) -> str:
    ticked = request.form.getlist("action") if wrong else list(MODES)
    return show("prints/modes.html", modes=MODES.values(), ticked=ticked, wrong=wrong or {}, **choices(CARD))


@bp.post("/prints/modes")
@allowed(*PRINTERS)
@once
def print_modes() -> ResponseReturnValue:
    """Print the cards of the ticked actions, in the order of the list."""
    ticked = set(request.form.getlist("action"))
    wanted = [mode for mode in MODES.values() if mode.action in ticked]
    if not wanted:
        db.session.rollback()
        return _form({"action": _("Tick at least one action.")}), 422
    base = current_app.config["TRACKER"].public_url
    return print_now(
        [_card(mode, base) for mode in wanted], translate("Mode cards"), design="mode", form=_form
    )


def _card(mode: Mode, base: str) -> Label:
    """Return what a card says. Cards are Vietnamese, whatever language the reader has chosen."""
    vietnamese = CATALOGUES["vi"].gettext
    return Label(
        url=address(base, mode.action),
        title=vietnamese(mode.label.message),
        detail=vietnamese(mode.line.message),
    )
