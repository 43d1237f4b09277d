"""Evidence on the page of a device: upload, what looked like another machine, the collecting script."""

from datetime import UTC, datetime
from pathlib import Path

from flask import Response, abort, current_app, flash, g, request, url_for
from flask.typing import ResponseReturnValue

from tracker.db import db, read_only
from tracker.evidence import actions as evidence
from tracker.evidence import queries as kept
from tracker.evidence.actions import MOST_FILES, PASS_FOR
from tracker.evidence.drives import Gone
from tracker.evidence.refusals import MAX_BYTES
from tracker.people.permissions import allowed, public
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.refused import Refused
from tracker.web import done, show
from tracker.web.gate import csrf, takes
from tracker.web.language import translate
from tracker.web.language import translate_count as ngettext
from tracker.web.once import commit, once
from tracker.words import _
from tracker.workshop import collected
from tracker.workshop import evidence as bench
from tracker.workshop.erasures import drive_taken_out
from tracker.workshop.evidence_page import files
from tracker.workshop.models import CollectedAnswer
from tracker.workshop.views import READERS, again, ask, bp
from tracker.workshop.work_views import device_of

SCRIPT = Path(__file__).with_name("collect.sh")
#: Where files lie that are to be read, in the installation's home.
INBOX = "inbox"
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
    """Say that a drive was taken out of a device, and where it went."""
    device, serial, to = device_of(code), request.form.get("serial", ""), request.form.get("to", "")
    if to not in frozenset(Gone):
        raise Refused(_("Say where the drive went."), out=_("Choose it, then press the button again."))
    drive_taken_out(db.session(), device, serial, Gone(to), by=me(), ask=ask())
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
def collected_file() -> ResponseReturnValue:
    """Take what the script collected: the body as it is, the station's code as the bearer, `?device=` by its label.

    Answers in plain text: 202 with the address where the outcome will be, or with the outcome itself where no
    process of its own reads (tests, a server started otherwise than by `tracker serve`).
    """
    settings, args = current_app.config["TRACKER"], request.args
    later = current_app.config["COLLECTED_LATER"]
    if later:
        read_only()  # else it would wait for whoever writes now
    user = _bearer()
    if user is None or collected.technician(db.session(), user) is None:
        return _plain(translate("This code of the station is wrong or too old. Ask for a new one."), 401)
    data, name = request.stream.read(MAX_BYTES + 1), args.get("name", "collected.txt")
    if later:
        db.session.rollback()
        try:
            sent = collected.take(
                settings.home / INBOX, user=user, device=args.get("device", ""), name=name, data=data
            )
        except collected.Full as no:
            return _plain(f"{no}\n{no.out}", 503, **{"Retry-After": "60"})
        collected.start_reader()
        where = url_for(".collected_answer", sent=sent)
        return _plain(translate("Taken; it is being read."), 202, Location=where)
    by = collected.technician(db.session(), user)
    assert by is not None  # asked above
    answer = collected.receive(
        db.session(),
        data,
        name=name,
        device=args.get("device", ""),
        files=files(),
        hosts={settings.host},
        by=by,
    )
    return _plain(answer.text, answer.status)


@bp.get("/evidence/collected/<sent>")
@public
def collected_answer(sent: str) -> ResponseReturnValue:
    """Say what became of a file that was sent, to whoever sent it: 202 while it is being read."""
    user = _bearer()
    if user is None:
        return _plain(translate("This code of the station is wrong or too old. Ask for a new one."), 401)
    row = db.session().get(CollectedAnswer, sent[:64])
    if row is None and collected.waits(current_app.config["TRACKER"].home / INBOX, sent):
        collected.start_reader()  # the one that was to read it may have ended
    if row is None or row.user_id != user:
        return _plain(translate("Taken; it is being read."), 202)
    return _plain(row.text, row.status)


def _bearer() -> int | None:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    return evidence.who_passes(db.session(), secret[:64], at=datetime.now(UTC))


def _plain(text: str, status: int, **headers: str) -> Response:
    return Response(text.strip() + "\n", status, headers=headers, content_type="text/plain; charset=utf-8")
