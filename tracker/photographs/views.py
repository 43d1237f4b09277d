"""Pages of photographs: those of a device, one of them, and the form that sends new ones."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from werkzeug.datastructures import FileStorage

from labels.text import tidy
from tracker.custody import queries as devices
from tracker.custody.ledger import Ask
from tracker.db import db
from tracker.people.permissions import allowed, signed_in
from tracker.people.signed_in import me
from tracker.photographs import actions, queries, rules
from tracker.photographs.images import MOST_BYTES, Clean, NoPhotograph, clean
from tracker.photographs.rules import HIDERS, MOST, SUBJECTS, TAKES, NotTaken, Stage, may_hide
from tracker.photographs.shown import strip
from tracker.refused import Refused
from tracker.store import Files, store_of
from tracker.web import done, show
from tracker.web.gate import page_before, takes
from tracker.web.language import translate, translate_count
from tracker.web.once import commit, once
from tracker.web.pages import new_event_id
from tracker.words import _

bp = Blueprint("photographs", __name__)

FOLDER = "photographs"
#: A picture never changes under its address.
CACHED = {"Cache-Control": "private, max-age=31536000, immutable"}


@dataclass
class Sent:
    """One file of a form, and what became of it: kept, there before, or refused."""

    name: str
    picture: Clean | None = None
    refused: Refused | None = None
    again: bool = False


def store() -> Files:
    """Return where pictures are kept: apart from other files, since these may be taken away."""
    return store_of(current_app.config["TRACKER"], FOLDER)


@bp.get("/photographs/of/<code:code>")
@signed_in
def device(code: str) -> ResponseReturnValue:
    """Show the photographs of a device, and take more."""
    row = devices.device(db.session(), code, to=me())
    return show("photographs/device.html", device=row, strip=strip(row))


# An address of its own: from what it answers, a link to a place on the page before would else lead nowhere.
@bp.post("/photographs/of/<code:code>/take")
@takes(MOST * MOST_BYTES + 1_000_000)
@allowed(*TAKES)
@once
def take(code: str) -> ResponseReturnValue:
    """Keep the photographs of a form, and say of each what became of it."""
    session, actor, form = db.session(), me(), request.form
    row = devices.device(session, code, to=actor)
    actions.may_take(session, row, by=actor)
    stage = rules.stage_of(form.get("stage", ""), role=actor.role)
    about = rules.about_of(form.get("about", ""))
    back = f"{page_before() or url_for('.device', code=row.code)}#photographs"
    session.rollback()  # nobody waits while pictures are read
    sent = [_read(one) for one in _files()]
    files, ask = store(), Ask(form.get("event_id", "")[:64] or new_event_id(), datetime.now(UTC))
    new = actions.Taking(row, stage, about, actor, ask)
    stored = [_stored(one, new, files) for one in sent]
    for one, kept in zip(sent, stored, strict=True):
        if kept:
            one.again = not actions.keep(session, new, kept, files=files)
    return _told(sent, row, back)


def _files() -> list[FileStorage]:
    files = [one for one in request.files.getlist("photographs") if one.filename]
    if not 1 <= len(files) <= MOST:
        raise NotTaken(
            _("Choose from 1 to %(most)s photographs.", most=MOST),
            out=_("Send the rest with the form again."),
        )
    return files


def _read(file: FileStorage) -> Sent:
    name = tidy((file.filename or "")[:1000])[:80] or "?"
    try:
        return Sent(name, clean(file.stream.read(MOST_BYTES + 1)))
    except NoPhotograph as refused:
        return Sent(name, refused=refused)


def _stored(one: Sent, new: actions.Taking, files: Files) -> actions.Stored | None:
    """Put a picture into the store, unless it was refused or is there; no transaction is open meanwhile."""
    if one.picture is None:
        return None
    session = db.session()
    try:
        one.again = actions.is_there(session, new, one.picture)
    except NotTaken as refused:
        one.refused = refused
    session.rollback()
    return None if one.again or one.refused else actions.store(files, one.picture)


def _told(sent: list[Sent], device: Row[Any], back: str) -> ResponseReturnValue:
    kept = sum(not (one.refused or one.again) for one in sent)
    again = sum(one.again for one in sent)
    if not any(one.refused for one in sent):
        if kept:
            flash(
                translate_count("%(num)s photograph is kept.", "%(num)s photographs are kept.", kept)
                % {"num": kept},
                "ok",
            )
        if again:
            flash(translate("There already, and not kept again: %(count)s.") % {"count": again}, "warn")
        return done(back)
    page = show("photographs/outcomes.html", device=device, sent=sent, kept=kept, back=back)
    if not kept:
        return page, 422
    commit(back)
    return page


@bp.get("/photographs/<int:photograph_id>")
@signed_in
def one(photograph_id: int) -> ResponseReturnValue:
    """Show a photograph by itself, and let it be hidden."""
    session, actor = db.session(), me()
    row = queries.photograph(session, photograph_id, to=actor)
    return show(
        "photographs/one.html",
        photograph=row,
        stage=Stage(row.stage),
        subject=SUBJECTS.get(row.about, row.about),
        hides=may_hide(actor, row.holder_org_id),
    )


@bp.get("/photographs/<int:photograph_id>.jpg")
@signed_in
def picture(photograph_id: int) -> ResponseReturnValue:
    """Give a picture to whoever may see its device."""
    return _jpeg(queries.photograph(db.session(), photograph_id, to=me()).digest)


@bp.get("/photographs/<int:photograph_id>/small.jpg")
@signed_in
def thumbnail(photograph_id: int) -> ResponseReturnValue:
    """Give the thumbnail of a picture to whoever may see its device."""
    return _jpeg(queries.photograph(db.session(), photograph_id, to=me()).small)


def _jpeg(digest: str) -> Response:
    return Response(store().get(digest), mimetype="image/jpeg", headers=CACHED)


@bp.post("/photographs/<int:photograph_id>/hide")
@allowed(*HIDERS)
@once
def hide(photograph_id: int) -> ResponseReturnValue:
    """Hide a photograph, and take its picture away."""
    session, actor = db.session(), me()
    row = queries.photograph(session, photograph_id, to=actor)
    why = rules.must_say_why(request.form.get("why", ""))
    actions.hide(session, row, why, files=store(), by=actor, at=datetime.now(UTC))
    flash(translate("The photograph is hidden, and its picture is deleted."), "ok")
    return done(url_for(".device", code=row.code, _anchor="photographs"))  # its own page is gone
