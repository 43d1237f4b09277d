"""A form sent twice is done once.

Every form carries an `event_id` made for the page that showed it. The first answer is kept with it
for ever; the same id and content gets that answer again, the same id with other content is refused.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from flask import Response, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import insert, select
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from tracker.db import db, driver
from tracker.hot import Hot, Write, given
from tracker.refused import Refused
from tracker.web.models import Answered
from tracker.words import _

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

P = ParamSpec("P")


_ANSWER = Hot(select(Answered.req_hash, Answered.location).where(Answered.event_id == given("event_id")))
_NOTE = Write(
    insert(Answered).values({name: given(name) for name in ("event_id", "req_hash", "location", "at")}),
    if_new=True,
)


class Form:
    """The form that this request answers; `noted` once its answer is written with what it did."""

    def __init__(self, event_id: str, content: bytes) -> None:
        self.event_id, self.content, self.noted = event_id, content, False


class _AnsweredBefore(Exception):  # no error: the first answer is given
    """Its twin was faster."""


class SentBefore(Refused):
    """The form's id was used for other content."""

    def __init__(self) -> None:
        super().__init__(
            _("This form was already sent, with other content."),
            out=_("Open the page again and repeat what is missing."),
        )


def asked(form: MultiDict[str, str]) -> bytes:
    """Return a digest of who asks for what: the person, the address, the fields, the files."""
    who = current_user._get_current_object()
    digest = hashlib.sha256(f"{who.get_id() and who.id} {request.path}".encode())
    for name in sorted(form):
        if name not in {"csrf_token", "event_id"}:
            for value in form.getlist(name):
                digest.update(f"\0{name}\0{value}".encode("utf-8", "surrogatepass"))
    files = request.files
    for name in sorted(files):
        for file in files.getlist(name):
            digest.update(f"\0{name}\0{file.filename}\0".encode())
            digest.update(hashlib.sha256(file.stream.read()).digest())
            file.stream.seek(0)
    return digest.digest()


def once(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Answer a repeated form with the first answer. Stands directly above the view.

    The answer is noted in the transaction that does the work, so a twin finds it taken and everything of
    its own is undone. What the twin was refused for meanwhile is of no interest then.
    """

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        sent = request.form
        event_id = sent.get("event_id", "")[:64]
        if not event_id:
            return view(*args, **kwargs)
        form = g.once = Form(event_id, asked(sent))
        said = list(session.get("_flashes", ()))
        try:
            response = view(*args, **kwargs)
        except Exception:
            if form.noted:
                log.exception("After a form was answered and committed, its view failed.")
            if first := _first(form, said):
                return first
            raise
        if not form.noted and (first := _first(form, said)):
            return first
        return response

    return answer


def _first(form: Form, said: list[Any]) -> ResponseReturnValue | None:
    """Return the first answer to this form if there was one; what was not committed is undone.

    The reader is told what had been `said` before: the first answer came with its own words.
    """
    db.session.rollback()
    first = _ANSWER.first(driver(db.session()), event_id=form.event_id)
    if first is None:
        return None
    if bytes(first.req_hash) != form.content:
        raise SentBefore
    if session.get("_flashes", []) != said:
        session["_flashes"] = said
    return see_other(first.location or request.path)


def commit(location: str) -> None:
    """Commit, and remember where a repeated form finds its answer; for answers that are no redirect."""
    transaction = db.session()
    form: Form | None = g.pop("once", None)
    if form is not None:
        now = datetime.now(UTC)
        new = _NOTE.rows(
            driver(transaction), event_id=form.event_id, req_hash=form.content, location=location, at=now
        )
        if not new:
            raise _AnsweredBefore
        form.noted = True
    transaction.commit()


def done(location: str) -> ResponseReturnValue:
    """Commit, remember where the answer is, and go there."""
    # All that can be done before the disk is waited for: afterwards everything runs slower.
    app, cookie = current_app._get_current_object(), session._get_current_object()  # type: ignore[attr-defined]
    answer = SeeOther(location)
    if cookie.modified:
        app.session_interface.save_session(app, cookie, answer)
    commit(location)
    cookie.modified = False
    return answer


class SeeOther(Response):
    """Sends the browser to one of our own addresses; it has no body, and its headers are as they go out."""

    def __init__(self, location: str) -> None:
        super().__init__(status=303, content_type="text/plain")
        self.headers["Content-Length"] = "0"
        self.headers["Location"] = location if location.isascii() else iri_to_uri(location)

    def __call__(self, _environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return ()


def see_other(location: str) -> ResponseReturnValue:
    """Send the browser there after a form."""
    return SeeOther(location)
