"""One place shows what went wrong: a sentence, and what can be done."""

import logging

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from tracker.db import db
from tracker.refused import Missing, Refused
from tracker.web.pages import show
from tracker.words import Words, _

log = logging.getLogger(__name__)

SENTENCES: dict[int, tuple[Words, Words]] = {
    400: (_("The form could not be read."), _("Go back, load the page again and send it once more.")),
    401: (_("You are not signed in."), _("Sign in, then repeat what you were doing.")),
    403: (_("This page is not for your role."), _("Ask your coordinator if you should be able to do this.")),
    404: (_("There is nothing here."), _("Check the address or the code. What belongs to others is not shown.")),
    405: (_("This address cannot be used that way."), _("Go back and use the buttons of the page.")),
    413: (_("What you sent is too large."), _("A file may have 10 MB. Split the list or shrink the picture.")),
    429: (_("Too many tries."), _("Wait some minutes, then try again.")),
    500: (
        _("Something broke, and it is not known whether your change was stored."),
        _("Go back and send the same form again: what was stored is not stored twice."),
    ),
    503: (_("The change was not recorded."), _("Wait a moment, then send the same form again.")),
}


def init_app(app: Flask) -> None:
    """Show refusals with 409, what is missing with 404, and bugs as unknown."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Missing, lambda _error: _page(404))
    app.register_error_handler(CSRFError, lambda _error: _page(400))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(500, lambda _error: _page(500))


def _refused(error: Refused) -> ResponseReturnValue:
    db.session.rollback()
    back = request.referrer if request.method != "GET" else None
    return show("errors/refused.html", sentence=error.sentence, out=error.out, back=back), 409


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code in SENTENCES:
        return _page(code)
    if code < 400:
        return error
    return _page(400 if code < 500 else 500)


def _database(error: DBAPIError) -> ResponseReturnValue:
    log.exception("database error", exc_info=error)
    return _page(500)


def _page(code: int) -> ResponseReturnValue:
    db.session.rollback()
    sentence, out = SENTENCES[code]
    return show("errors/error.html", number=code, sentence=sentence, out=out), code
