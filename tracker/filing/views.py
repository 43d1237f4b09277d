"""Pages of scans: send files, see what became of each page, look at one."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from labels import scanned
from labels.text import tidy
from tracker.db import db
from tracker.filing import actions, queries, records
from tracker.filing.records import Record
from tracker.filing.rules import Kind, State, Why
from tracker.people import access
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.refused import Missing
from tracker.store import Files, store_of
from tracker.web import done, show
from tracker.web.gate import takes
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import Words

bp = Blueprint("filing", __name__)

#: Who sends scans and files them, and who looks at them.
FILERS = (Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL, Role.COORDINATOR)
READERS = (*FILERS, Role.AUDITOR)
MOST_FILES = 20
MOST_BYTES = 80_000_000  # of one form

TONES = {State.FILED: "ok", State.TRAY: "warn", State.DISCARDED: "quiet"}


def store() -> Files:
    """Return where files are kept."""
    return store_of(current_app.config["TRACKER"])


def hosts() -> set[str]:
    """Return the hosts whose addresses are ours."""
    return {current_app.config["TRACKER"].host.lower()}


def why(sheet: Row[Any]) -> Words | str:
    """Return why a page is in the tray or was discarded, in words."""
    return Why(sheet.reason).label if sheet.state == State.TRAY else str(sheet.reason)


def sentence(file: Row[Any]) -> Words:
    """Return why nothing was read of a file."""
    refused = scanned.NotAScan(file.refused, **json.loads(file.numbers))
    return Words(refused.sentence, **refused.values)


@bp.get("/filing")
@allowed(*READERS)
def files() -> ResponseReturnValue:
    """Show what was sent, the newest first, and ask for more."""
    session, actor, before = db.session(), me(), request.args.get("before", type=int)
    rows = queries.files(session, to=actor, before=before)
    return show(
        "filing/files.html",
        rows=rows[: queries.PAGE],
        waiting=queries.in_tray(session, to=actor),
        may_file=actor.role in FILERS,
        everywhere=actor.role.sees_everything,
        sentence=sentence,
        most=MOST_FILES,
        next_url=url_for(".files", before=rows[queries.PAGE - 1].id) if len(rows) > queries.PAGE else None,
        first_url=url_for(".files") if before else None,
    )


@bp.post("/filing")
@takes(MOST_BYTES)
@allowed(*FILERS)
@once
def send() -> ResponseReturnValue:
    """Take files, read them, and file each page that names its record."""
    sent = [one for one in request.files.getlist("scans") if one.filename]
    if not 1 <= len(sent) <= MOST_FILES:
        flash(translate("Choose from 1 to %(most)s files.") % {"most": MOST_FILES}, "warn")
        return done(url_for(".files"))
    session, actor, now = db.session(), me(), datetime.now(UTC)
    read, before = [], []
    for one in sent:
        data = one.stream.read()
        digest = hashlib.sha256(data).hexdigest()
        if found := queries.read_before(session, digest, org=actor.org):
            before.append(found)
            continue
        session.rollback()  # nobody waits while a file is read
        name = tidy((one.filename or "")[:1000])[:200] or digest[:8]
        read.append(actions.read(store(), data, name=name, sha256=digest, reader=scanned.read))
    kept = [actions.keep(session, each, hosts=hosts(), by=actor, at=now) for each in read]
    before += [file_id for file_id, new in kept if not new]
    if before:
        flash(translate("Sent before, and not filed again: %(count)s.") % {"count": len(before)}, "warn")
    all_ids = {file_id for file_id, _new in kept} | set(before)
    if len(all_ids) == 1:
        return done(url_for(".file", file_id=all_ids.pop()))
    return done(url_for(".files"))


@bp.get("/filing/<int:file_id>")
@allowed(*READERS)
def file(file_id: int) -> ResponseReturnValue:
    """Show a file page by page: where each went, or why it did not."""
    session, actor = db.session(), me()
    row = queries.file(session, file_id, to=actor)
    sheets = queries.sheets_of_file(session, file_id)
    found = {sheet.id: record_of(sheet) for sheet in sheets}
    # Only what hands have done: what a page did by itself stands above.
    steps = {at: done for at, done in queries.steps_of_file(session, file_id).items() if done[1:]}
    return show(
        "filing/file.html",
        file=row,
        sentence=sentence(row) if row.refused else None,
        sheets=sheets,
        records=found,
        steps={at: [(step, record_of(step)) for step in done] for at, done in steps.items()},
        looks={sheet.id: may_look(sheet, found[sheet.id]) for sheet in sheets},
        states=State,
        tones=TONES,
        why=why,
        may_file=actor.role in FILERS,
    )


def record_of(sheet: Row[Any]) -> Record | None:
    """Return the record that a page is filed to, if the reader may see it."""
    if sheet.state != State.FILED:
        return None
    try:
        return records.record(db.session(), Kind(sheet.kind), sheet.record_id, to=me())
    except Missing:
        return None


def may_look(sheet: Row[Any], record: Record | None) -> bool:
    """Return whether the reader may look at a page: at its record's, or at those that their tray keeps."""
    actor = me()
    if sheet.state == State.FILED:
        return record is not None and record.shows_to(actor)
    return actor.role is Role.COORDINATOR or (sheet.org_id == actor.org and actor.role in FILERS)


@bp.get("/filing/sheets/<int:sheet_id>.jpg")
@allowed(*READERS)
def picture(sheet_id: int) -> ResponseReturnValue:
    """Give the picture of a page to whoever may see its record, or keeps its tray."""
    session, actor = db.session(), me()
    sheet = queries.sheet(session, sheet_id)
    record = record_of(sheet)
    if not may_look(sheet, record):
        raise Missing
    data = store().get(sheet.picture)
    if record:
        access.note(actor, "filing.picture", record.pupils)
    return Response(data, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@bp.get("/filing/<int:file_id>/original")
@allowed(*FILERS)
def original(file_id: int) -> ResponseReturnValue:
    """Give a file as it came, to be kept and not to be opened here."""
    session, actor = db.session(), me()
    row = queries.file(session, file_id, to=actor)
    if row.refused:
        raise Missing
    pupils: set[int] = set()
    for sheet in queries.sheets_of_file(session, file_id):
        record = record_of(sheet)
        if not may_look(sheet, record):
            raise Missing
        pupils.update(record.pupils if record else ())
    data = store().get(row.sha256)
    access.note(actor, "filing.original", pupils)
    name = f"ban-ky-{row.id}.{_suffix(data)}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(data, mimetype="application/octet-stream", headers=headers)


def _suffix(data: bytes) -> str:
    if b"%PDF-" in data[:1024]:  # as `labels.scanner` knows one: some begin with a line of their printer
        return "pdf"
    return "png" if data.startswith(b"\x89PNG") else "jpg"
