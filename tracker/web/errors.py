"""One place shows what went wrong: a sentence, and what can be done."""

import logging
import secrets
from urllib.parse import urlsplit

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from tracker.db import db
from tracker.refused import Missing, Refused
from tracker.web.pages import show
from tracker.web.reading import SAFE
from tracker.words import _

log = logging.getLogger(__name__)

#: What has a page of its own under templates/errors/.
PAGES = frozenset({400, 403, 404, 405, 413, 429, 500, 503})


def init_app(app: Flask) -> None:
    """Show refusals with 409, what is missing with 404, and bugs as unknown."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(Missing, lambda _error: page(404))
    app.register_error_handler(CSRFError, lambda _error: page(400))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def refused(error: Refused) -> ResponseReturnValue:
    """Show a rule's no: nothing of the request has been written."""
    db.session.rollback()
    back = urlsplit(request.referrer or "").path if request.method not in SAFE else ""
    label = _("Back to the page before") if back.startswith("/") else None
    return show("errors/refused.html", refused=error, url=back or None, label=label), 409


def page(code: int, **values: object) -> ResponseReturnValue:
    """Show the page of a status code."""
    db.session.rollback()
    return show(f"errors/{code}.html", **values), code


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code == 401:
        return page(403)[0], 401  # type: ignore[index]  # a page and its code
    if code < 400:
        return error
    return page(code if code in PAGES else 400 if code < 500 else 500)


def _bug(error: Exception) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.exception("reference %s", reference, exc_info=error)
    return page(500, reference=reference)
