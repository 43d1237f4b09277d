"""No GET writes: what is asked for by GET may only read, and the database itself refuses the rest."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from tracker import db

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class IdConverter(IntegerConverter):
    """An id in an address; what no id column could hold is not there."""

    def __init__(self, map: Any, **options: Any) -> None:  # noqa: A002  # Werkzeug's own name
        super().__init__(map, **{"max": 2**31 - 1, **options})


def init_app(app: Flask) -> None:
    """Open each request's transaction as what it is, and take only what a database can hold."""
    app.url_map.converters["int"] = IdConverter
    app.before_request(_open)
    app.before_request(_plain)
    app.teardown_request(_close)


def _open() -> None:
    if request.method in SAFE:
        db.read_only()
    else:
        db.may_write()


def page_before() -> str:
    """Return the path and query of our page on which a form was sent, or "" if it cannot be shown again."""
    try:
        before = urlsplit(request.referrer or "")
        current_app.url_map.bind("").match(before.path, method="GET")
    except (ValueError, HTTPException):
        return ""
    return f"{before.path}?{before.query}" if before.query else before.path


def _plain() -> None:
    # PostgreSQL takes no NUL in a text, and SQLite's search ends at one.
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)
    if request.method not in SAFE and any("\0" in value for _name, value in request.form.items(multi=True)):
        abort(400)


def _close(_error: BaseException | None) -> None:
    db.stop_reading()
    db.may_write()
