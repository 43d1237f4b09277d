"""What every request passes before a view sees it, in one step.

No GET writes: what is asked for by GET may only read, and the database itself refuses the rest. What
writes comes from a page of ours: its form carries the session's token, and no other site sent it.
"""

import hmac
import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from tracker import db
from tracker.web.pages import token_shown

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

#: How large a form may be: names of the request, and in capitals of the configuration.
LIMITS = ("max_content_length", "max_form_memory_size", "max_form_parts")

#: The ids that the ledger takes; it keeps them for ever, and its verifier refuses any other.
EVENT_ID = re.compile(r"[!-~]{1,64}")

V = TypeVar("V", bound=Callable[..., ResponseReturnValue])

csrf = CSRFProtect()


class IdConverter(IntegerConverter):
    """An id in an address; what no id column could hold is not there."""

    def __init__(self, map: Any, **options: Any) -> None:  # noqa: A002  # Werkzeug's own name
        super().__init__(map, **{"max": 2**31 - 1, **options})


def init_app(app: Flask) -> None:
    """Open each request's transaction as what it is, and take only what is ours and a database can hold."""
    app.url_map.converters["int"] = IdConverter
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # its own hook; `_enter` asks for the token instead
    app.before_request(partial(_enter, {name: app.config[name.upper()] for name in LIMITS}))
    app.teardown_request(_leave)
    csrf.init_app(app)


def _enter(limits: dict[str, int]) -> None:
    # PostgreSQL takes no NUL in a text, and SQLite's search ends at one.
    asked = request._get_current_object()  # type: ignore[attr-defined]  # asked once: the proxy is slow
    reads = asked.method in SAFE
    if reads:
        db.read_only()
    else:
        db.may_write()
    if "\0" in asked.path or b"%00" in asked.query_string:
        abort(400)
    if reads:
        return
    for name, most in limits.items():  # else the configuration is asked again for each part of the body
        setattr(asked, name, most)
    if most := getattr(current_app.view_functions.get(asked.endpoint or ""), "takes", 0):
        asked.max_content_length = most
    if any("\0" in value for _name, value in asked.form.items(multi=True)):
        abort(400)
    event_id = asked.form.get("event_id", "")
    if event_id and not EVENT_ID.fullmatch(event_id):
        abort(400)
    if asked.environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        abort(403)
    if current_app.config["WTF_CSRF_ENABLED"] and not _just_shown(asked.form.get("csrf_token", "")):
        csrf.protect(apply_exemptions=True)


def takes(most: int) -> Callable[[V], V]:
    """Declare that a route takes more bytes than others, as files are sent to it."""

    def declare(view: V) -> V:
        view.takes = most  # type: ignore[attr-defined]
        return view

    return declare


def _just_shown(token: str) -> bool:
    # This process signed it for this session minutes ago: no need to take its signature apart.
    shown = token_shown()
    return shown is not None and hmac.compare_digest(shown.encode(), token.encode("utf-8", "surrogatepass"))


def page_before() -> str:
    """Return the path and query of our page on which a form was sent, or "" if it cannot be shown again."""
    try:
        before = urlsplit(request.referrer or "")
        current_app.url_map.bind("").match(before.path, method="GET")
    except (ValueError, HTTPException):
        return ""
    return f"{before.path}?{before.query}" if before.query else before.path


def _leave(_error: BaseException | None) -> None:
    try:
        db.stop_reading()
    finally:
        db.may_write()
