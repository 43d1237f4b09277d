"""One place shows what went wrong: a sentence, and what can be done."""

import logging
import secrets

from flask import Flask, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from tracker.db import db
from tracker.refused import Missing, Refused
from tracker.web.gate import SAFE, page_before
from tracker.web.pages import show
from tracker.words import _

log = logging.getLogger(__name__)

#: What has a page of its own under templates/errors/.
PAGES = frozenset({400, 401, 403, 404, 405, 413, 429, 500, 503})


def init_app(app: Flask) -> None:
    """Show refusals with 409, what is missing with 404, and bugs as unknown."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(Missing, lambda _error: page(404))
    app.register_error_handler(CSRFError, lambda _error: page(400))
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(OverflowError, _unfit)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def refused(error: Refused) -> ResponseReturnValue:
    """Show a rule's no: nothing of the request has been written."""
    db.session.rollback()
    back = page_before() if request.method not in SAFE else ""
    label = _("Back to the page before") if back else _("To the first page")
    return show("errors/refused.html", refused=error, url=back or "/", label=label), 409


def page(code: int, **values: object) -> ResponseReturnValue:
    """Show the page of a status code."""
    db.session.rollback()
    return show(f"errors/{code}.html", **values), code


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error
    answer = make_response(page(code if code in PAGES else 400 if code < 500 else 500))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


def _unfit(error: Exception) -> ResponseReturnValue:
    # A number or a text that no column takes, from a hand-made address or form.
    log.warning("refused by the database: %s", error)
    return page(400)


def _bug(error: Exception) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.error("reference %s", reference, exc_info=error)
    return page(500, reference=reference)
