"""The tray: pages that did not file themselves, for hands."""

from datetime import UTC, datetime

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from tracker.db import db
from tracker.filing import actions, queries, records
from tracker.filing.rules import Address, CannotFile, Kind
from tracker.filing.views import FILERS, READERS, bp, hosts, why
from tracker.people.permissions import allowed
from tracker.people.signed_in import me
from tracker.refused import Missing
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _


@bp.get("/filing/tray")
@allowed(*READERS)
def tray() -> ResponseReturnValue:
    """Show what waits, the oldest first."""
    actor, after = me(), request.args.get("after", 0, type=int)
    rows = queries.tray(db.session(), to=actor, after=after)
    return show(
        "filing/tray.html",
        rows=rows[: queries.PAGE],
        kinds=[(kind, kind.label) for kind in records.KINDS],
        why=why,
        may_file=actor.role in FILERS,
        next_url=url_for(".tray", after=rows[queries.PAGE - 1].id) if len(rows) > queries.PAGE else None,
        first_url=url_for(".tray") if after else None,
    )


@bp.post("/filing/sheets/<int:sheet_id>/file")
@allowed(*FILERS)
@once
def file_by_hand(sheet_id: int) -> ResponseReturnValue:
    """File a page to the record that somebody read off it."""
    session, actor, form = db.session(), me(), request.form
    kind = form.get("kind", "")
    page = form.get("page", 0, type=int)
    queries.locked(session, sheet_id, to=actor)
    try:
        record, named = records.asked(
            session, Kind(kind), form.get("number", "")[:300], hosts=hosts(), to=actor
        )
    except (Missing, ValueError) as error:
        raise CannotFile(
            _("There is no such record, or it is not one of your organisation."),
            out=_("Write its number as on the paper, such as 05/2026, and choose what it is."),
        ) from error
    # The form proposes page 1; a code that names its page knows better.
    to = named if named and named.pages > 1 else Address(record.kind, record.id, page)
    actions.file_by_hand(session, sheet_id, to, by=actor, at=datetime.now(UTC))
    said = {"page": to.page, "number": record.number}
    flash(translate("Page %(page)s is filed to %(number)s.") % said, "ok")
    return done(url_for(".tray"))


@bp.post("/filing/sheets/<int:sheet_id>/back")
@allowed(*FILERS)
@once
def put_back(sheet_id: int) -> ResponseReturnValue:
    """Put a page back into the tray."""
    session = db.session()
    actions.put_back(session, sheet_id, by=me(), at=datetime.now(UTC))
    flash(translate("The page is in the tray again."), "ok")
    return done(url_for(".file", file_id=queries.sheet(session, sheet_id).file_id))


@bp.post("/filing/sheets/<int:sheet_id>/discard")
@allowed(*FILERS)
@once
def discard(sheet_id: int) -> ResponseReturnValue:
    """Take a page out of the tray that belongs to no record."""
    reason = request.form.get("reason", "")
    actions.discard(db.session(), sheet_id, reason, by=me(), at=datetime.now(UTC))
    flash(translate("The page is discarded; it can be put back from its file."), "ok")
    return done(url_for(".tray"))
