"""No GET writes: what is asked for by GET may only read, and the database itself refuses the rest."""

from flask import Flask, request

from tracker import db

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Open each request's transaction as what it is."""
    app.before_request(_open)
    app.teardown_request(_close)


def _open() -> None:
    if request.method in SAFE:
        db.read_only()
    else:
        db.may_write()


def _close(_error: BaseException | None) -> None:
    db.db.session.remove()
    db.may_write()
