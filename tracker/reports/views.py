"""The first page: what waits for the reader. The page of the ledger, and how it proves what it says."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tracker.custody import seal
from tracker.custody.checkpoint import parse
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.permissions import allowed, public
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.reports import queries
from tracker.web import done, show
from tracker.web.once import once
from tracker.words import Words, _

bp = Blueprint("home", __name__)

S, R = Status, Role

#: What each role is to do about a device in a status.
TO_DO: dict[Role, tuple[tuple[Status, Words, str], ...]] = {
    R.TECHNICIAN: (
        (S.RECEIVED, _("devices wait for inspection"), "clipboard2-pulse"),
        (S.RETURNED, _("returned devices wait for inspection"), "arrow-return-left"),
        (S.INSPECTING, _("devices are being inspected"), "clipboard-check"),
        (S.REPAIRING, _("devices are being repaired"), "tools"),
        (S.READY, _("devices are ready"), "check2-circle"),
    ),
    R.STOREKEEPER: (
        (S.RECEIVED, _("received devices go to a workshop"), "box-arrow-in-down"),
        (S.READY, _("ready devices in stock"), "check2-circle"),
        (S.BOUND, _("bound devices wait to be sent"), "truck"),
        (S.RETURNED, _("returned devices go to a workshop"), "arrow-return-left"),
    ),
    R.SCHOOL: (
        (S.ON_THE_WAY, _("devices are on their way to you"), "truck"),
        (S.AT_SCHOOL, _("devices wait to be given"), "person-heart"),
        (S.GIVEN, _("devices given to pupils"), "check2-circle"),
    ),
    R.COORDINATOR: (
        (S.READY, _("ready devices wait for a pupil"), "check2-circle"),
        (S.BOUND, _("bound devices wait to be sent"), "link-45deg"),
        (S.ON_THE_WAY, _("devices on their way to schools"), "truck"),
        (S.AT_SCHOOL, _("devices at schools, not yet given"), "building"),
        (S.MISSING, _("devices are missing"), "question-diamond"),
    ),
}
TO_DO[R.AUDITOR] = TO_DO[R.ADMIN] = TO_DO[R.COORDINATOR]


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    """Show a signed-in person what waits for them, a stranger what this is."""
    if not current_user.is_authenticated:
        return show("home/welcome.html")
    actor, session = me(), db.session()
    waiting = queries.by_status(session, to=actor, at=datetime.now(UTC))
    items: list[dict[str, Any]] = []
    if actor.role is not R.ADMIN and (coming := queries.incoming(session, to=actor)):
        url = url_for("handover.handovers", direction="in")
        items.append(
            {"value": coming, "label": _("handovers to confirm"), "url": url, "drawing": "building-check"}
        )
    if actor.role is R.COORDINATOR and (pupils := queries.waiting_pupils(session)):
        url = url_for("allocation.matching")
        items.append(
            {"value": pupils, "label": _("pupils wait for a device"), "url": url, "drawing": "people"}
        )
    for status, label, drawing in TO_DO[actor.role]:
        if status in waiting:
            to_give = actor.role is R.SCHOOL and status is S.AT_SCHOOL
            url = url_for("handover.waiting") if to_give else url_for("stock.devices", status=status)
            late = 0 if status is S.GIVEN else waiting[status].late
            items.append(
                {
                    "value": waiting[status].number,
                    "label": label,
                    "url": url,
                    "drawing": drawing,
                    "late": late,
                }
            )
    return show("home/start.html", items=items, total=sum(w.number for w in waiting.values()))


@bp.get("/ledger")
@allowed(Role.COORDINATOR, Role.AUDITOR, Role.ADMIN)
def proof() -> ResponseReturnValue:
    """Show the newest checkpoint and what no checkpoint covers yet."""
    session = db.session()
    note = seal.newest_note(session)
    key = seal.key_of(current_app.config["TRACKER"].home)
    return show(
        "home/proof.html",
        note=note,
        checkpoint=parse(note) if note else None,
        uncovered=seal.uncovered(session),
        fingerprint=key.fingerprint,
    )


@bp.post("/ledger/seal")
@allowed(Role.COORDINATOR, Role.ADMIN)
@once
def seal_now() -> ResponseReturnValue:
    """Seal what is pending."""
    home = current_app.config["TRACKER"].home
    note = seal.seal(db.session(), seal.key_of(home), at=datetime.now(UTC), home=home)
    answer = done(url_for("home.proof"))
    seal.remember(home, note)
    return answer


@bp.get("/help/ledger")
@public
def help_page() -> ResponseReturnValue:
    """Say how the ledger proves what it says, and what it cannot detect."""
    return show("home/help.html")
