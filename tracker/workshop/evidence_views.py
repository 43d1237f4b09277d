"""Evidence on the page of a device: upload, what looked like another machine, the collecting script."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, select

from tracker.custody import queries as devices
from tracker.custody.codes import NotACode, grouped, parse
from tracker.custody.ledger import Ask
from tracker.db import db
from tracker.evidence import actions as evidence
from tracker.evidence import queries as kept
from tracker.evidence.actions import MOST_FILES, PASS_FOR
from tracker.evidence.refusals import MAX_BYTES
from tracker.people.models import Organisation, User
from tracker.people.permissions import allowed, public
from tracker.people.roles import Actor, Role
from tracker.people.signed_in import me
from tracker.refused import Missing, Refused
from tracker.web import done, show
from tracker.web.gate import csrf, takes
from tracker.web.language import translate
from tracker.web.language import translate_count as ngettext
from tracker.web.once import commit, once
from tracker.web.pages import new_event_id
from tracker.words import _
from tracker.workshop import evidence as bench
from tracker.workshop.evidence_page import files
from tracker.workshop.views import READERS, again, ask, bp
from tracker.workshop.work_views import device_of

SCRIPT = Path(__file__).with_name("collect.sh")
#: A bundle of everything is smaller; a longer body is not read at all.
MOST_BYTES = MAX_BYTES + 1024 * 1024


@bp.post("/workshop/<code:code>/evidence")
@allowed(Role.TECHNICIAN)
@takes(8 * MAX_BYTES)
@once
def add_evidence(code: str) -> ResponseReturnValue:
    """Keep files that tools wrote on the device itself, each with its own outcome."""
    device = device_of(code)
    sent = [(each.filename or "", each.stream.read(MAX_BYTES + 1)) for each in request.files.getlist("files")]
    sent = [each for each in sent if each[0] or each[1]]
    if not sent:
        return again(device, {"files": translate("Choose at least one file.")})
    if len(sent) > MOST_FILES:
        return again(device, {"files": translate("At most %(most)s files at once.") % {"most": MOST_FILES}})
    reads = evidence.read_all(sent)
    evidence.store(files(), reads)
    outcomes = bench.take_in(db.session(), device, reads, files=files(), via="web", by=me(), ask=ask())
    back = url_for("workshop.device", code=code, _anchor="evidence")
    if all(each.kept for each in outcomes):
        told = ngettext("%(num)s file is kept.", "%(num)s files are kept.", len(outcomes))
        flash(told % {"num": len(outcomes)}, "ok")
        return done(back)
    page = show("workshop/evidence_outcomes.html", device=device, outcomes=outcomes, back=back)
    if not any(each.file for each in outcomes):
        g.pop("once", None)
        db.session.rollback()
        return page, 422
    commit(back)
    return page


def _line(outcome: evidence.Outcome) -> str:
    return " ".join(str(part) for part in (f"{outcome.name}:", outcome.words, outcome.out) if str(part))


@bp.post("/workshop/<code:code>/evidence/<int:file_id>")
@allowed(Role.TECHNICIAN)
@once
def settle_evidence(code: str, file_id: int) -> ResponseReturnValue:
    """Say whether a file is of this machine that looked like another's."""
    device, answer = device_of(code), request.form.get("this", "")
    kept.file(db.session(), device.id, file_id)
    if answer not in {"yes", "no"}:
        abort(400)
    bench.settled(db.session(), device, file_id, this=answer == "yes", files=files(), by=me(), ask=ask())
    told = _("The file counts for this device.") if answer == "yes" else _("The file is put away.")
    flash(str(told), "ok")
    return done(url_for("workshop.device", code=code, _anchor="evidence"))


@bp.post("/workshop/<code:code>/drive")
@allowed(Role.TECHNICIAN)
@once
def drive_out(code: str) -> ResponseReturnValue:
    """Say that a drive was taken out of a device."""
    serial = request.form.get("serial", "")
    evidence.take_drive_out(db.session(), device_of(code), serial, by=me(), ask=ask())
    flash(translate("Written down: the drive is not in the device any more."), "ok")
    return done(url_for("workshop.device", code=code, _anchor="evidence"))


@bp.get("/workshop/<code:code>/evidence/<int:file_id>")
@allowed(*READERS)
def evidence_file(code: str, file_id: int) -> ResponseReturnValue:
    """Give a file as it came."""
    row = kept.file(db.session(), device_of(code).id, file_id)
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in row.name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(files().get(row.digest), mimetype="application/octet-stream", headers=headers)


@bp.post("/workshop/<code:code>/collector")
@allowed(Role.TECHNICIAN)
@once
def collector(code: str) -> ResponseReturnValue:
    """Make a short-lived code for the collecting script."""
    device_of(code)
    secret = evidence.make_pass(db.session(), by=me(), at=datetime.now(UTC))
    told = translate("Code of the station: %(code)s. It is good for %(minutes)s minutes, for every machine.")
    flash(told % {"code": f"{secret[:5]}-{secret[5:]}", "minutes": int(PASS_FOR.total_seconds() // 60)}, "ok")
    return done(url_for("workshop.device", code=code, _anchor="evidence"))


# The collecting script


@bp.get("/evidence/collect.sh")
@public
def collecting_script() -> ResponseReturnValue:
    """Give the script that a technician runs from a USB stick; there is no secret in it."""
    base = current_app.config["TRACKER"].public_url
    script = SCRIPT.read_text(encoding="utf-8").replace("@SERVER@", base)
    headers = {"Content-Disposition": 'attachment; filename="collect.sh"', "Cache-Control": "no-store"}
    return Response(script, content_type="text/x-shellscript; charset=utf-8", headers=headers)


@bp.post("/evidence/collected")
@public
@csrf.exempt
@takes(MOST_BYTES)
def collected() -> ResponseReturnValue:
    """Take what the script collected: the body as it is, the station's code as the bearer, the device by its label.

    Answers with lines of plain text. Without `?device=` the machine is known by its serial.
    """
    session, now = db.session(), datetime.now(UTC)
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    by = _passed(secret, now) if hmac.compare_digest(scheme.lower().encode(), b"bearer") else None
    if by is None:
        return _plain(translate("This code of the station is wrong or too old. Ask for a new one."), 401)
    data = request.stream.read(MAX_BYTES + 1)
    reads = evidence.read_all([(request.args.get("name", "collected.txt"), data)])
    try:
        device = _meant(request.args.get("device", ""), reads, by)
    except Missing:
        return _plain(translate("No device of your workshop has this label."), 404)
    except Refused as no:
        return _plain(f"{no}\n{no.out}", 422)
    evidence.store(files(), reads)
    try:
        outcomes = bench.take_in(
            session, device, reads, files=files(), via="collector", by=by, ask=Ask(new_event_id(), now)
        )
    except Refused as no:
        session.rollback()
        return _plain(f"{no}\n{no.out}", 409)
    session.commit()
    lines = [f"{grouped(device.code)}: {_line(each)}" for each in outcomes]
    return _plain("\n".join(lines), 200 if all(each.kept for each in outcomes) else 422)


def _plain(text: str, status: int) -> Response:
    return Response(text.strip() + "\n", status, content_type="text/plain; charset=utf-8")


def _passed(secret: str, now: datetime) -> Actor | None:
    session = db.session()
    user = evidence.who_passes(session, secret[:64], at=now)
    row = session.execute(
        select(User.id, User.org_id, User.role)
        .join(Organisation, Organisation.id == User.org_id)
        .where(User.id == user, User.disabled_at.is_(None), Organisation.disabled_at.is_(None))
    ).first()
    if row is None or row.role != Role.TECHNICIAN:
        return None
    return Actor(row.id, row.org_id, Role(row.role))


class WhichDevice(Refused):
    """The script did not say which device it ran on, and its serial does not either."""

    def __init__(self) -> None:
        super().__init__(
            translate("It is not known which device this is."),
            out=translate("Run the script again with the code of its label."),
        )


def _meant(text: str, reads: Sequence[evidence.Read], by: Actor) -> Row[Any]:
    session = db.session()
    if text.strip():
        try:
            return devices.device(session, parse(text, hosts={current_app.config["TRACKER"].host}), to=by)
        except NotACode as no:
            raise Missing from no
    serials = {
        serial.normal
        for each in reads
        if each.facts
        for facts in (each.facts, *(part.facts for part in each.facts.parts if part.facts))
        for serial in facts.serials
        if serial.normal
    }
    found = kept.with_serial(session, serials, org=by.org)
    if len(found) != 1:
        raise WhichDevice
    return devices.device(session, found[0], to=by)
