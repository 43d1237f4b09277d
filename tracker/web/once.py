"""A form sent twice is done once.

Every form carries an `event_id` made for the page that showed it. The first answer is kept with it
for ever; the same id and content gets that answer again, the same id with other content is refused.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec

from flask import g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import insert, select, update

from tracker.db import db
from tracker.hot import Hot, Write, broken, given
from tracker.refused import Refused
from tracker.web.models import Answered
from tracker.words import _

P = ParamSpec("P")


_ANSWER = Hot(select(Answered.req_hash, Answered.location).where(Answered.event_id == given("event_id")))
_NOTE = Write(
    insert(Answered).values({name: given(name) for name in ("event_id", "req_hash", "location", "at")})
)
_PLACE = Write(
    update(Answered).where(Answered.event_id == given("event_id")).values(location=given("location"))
)


class SentBefore(Refused):
    """The form's id was used for other content."""

    def __init__(self) -> None:
        super().__init__(
            _("This form was already sent, with other content."),
            out=_("Open the page again and repeat what is missing."),
        )


def asked() -> bytes:
    """Return a digest of who asks for what: the person, the address, the fields, the files."""
    digest = hashlib.sha256(f"{current_user.get_id() and current_user.id} {request.path}".encode())
    for name in sorted(request.form):
        if name not in {"csrf_token", "event_id"}:
            for value in request.form.getlist(name):
                digest.update(f"\0{name}\0{value}".encode("utf-8", "surrogatepass"))
    for name in sorted(request.files):
        for file in request.files.getlist(name):
            digest.update(f"\0{name}\0{file.filename}\0".encode())
            digest.update(hashlib.sha256(file.stream.read()).digest())
            file.stream.seek(0)
    return digest.digest()


def once(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Answer a repeated form with the first answer. Stands directly above the view."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        event_id = request.form.get("event_id", "")[:64]
        if not event_id:
            return view(*args, **kwargs)
        content = asked()
        if first := _first(event_id, content):
            return first
        connection = db.session.connection()
        try:
            _NOTE.rows(connection, event_id=event_id, req_hash=content, location="", at=datetime.now(UTC))
        except broken(connection):  # its twin was answered between our question and now
            db.session.rollback()
            return _first(event_id, content) or view(*args, **kwargs)
        g.once = event_id
        return view(*args, **kwargs)

    return answer


def _first(event_id: str, content: bytes) -> ResponseReturnValue | None:
    first = _ANSWER.first(db.session.connection(), event_id=event_id)
    if first is None:
        return None
    if bytes(first.req_hash) != content:
        raise SentBefore
    return redirect(first.location or request.path, 303)


def commit(location: str) -> None:
    """Commit, and remember where a repeated form finds its answer; for answers that are no redirect."""
    if event_id := g.pop("once", None):
        _PLACE.rows(db.session.connection(), event_id=event_id, location=location)
    db.session.commit()


def done(location: str) -> ResponseReturnValue:
    """Commit, remember where the answer is, and go there."""
    commit(location)
    return redirect(location, 303)
