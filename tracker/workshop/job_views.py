"""What is written down of a repair on the page of its device: who, waits, parts, labour and cost."""

from datetime import datetime

from flask import abort, request
from flask.typing import ResponseReturnValue

from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.spares.rules import MOST, NotEnough, whole
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _
from tracker.workshop import jobs
from tracker.workshop.erasing import VIETNAM
from tracker.workshop.kinds import Wait
from tracker.workshop.views import again, ask, bp
from tracker.workshop.work_views import back, device_of


@bp.post("/workshop/<code:code>/technician")
@allowed(Role.TECHNICIAN)
@once
def technician(code: str) -> ResponseReturnValue:
    """Say who works on a device."""
    who = request.form.get("technician", type=int)
    if who is None:
        return again(device_of(code), {"technician": translate("Choose who works on it.")})
    jobs.assign(db.session(), device_of(code), who, by=me())
    return back(code, "who", _("It is theirs now."))


@bp.post("/workshop/<code:code>/wait")
@allowed(Role.TECHNICIAN)
@once
def wait(code: str) -> ResponseReturnValue:
    """Let a repair wait."""
    kind, note = request.form.get("wait", ""), request.form.get("wait_note", "")
    wrong = {}
    if kind not in frozenset(Wait):
        wrong["wait"] = translate("Choose what it waits for.")
    if not note.strip():
        wrong["wait_note"] = translate("Write what it waits for.")
    if wrong:
        return again(device_of(code), wrong)
    jobs.wait(db.session(), device_of(code), Wait(kind), note, by=me(), ask=ask())
    return back(code, "job", _("The repair waits; the clock runs."))


@bp.post("/workshop/<code:code>/go-on")
@allowed(Role.TECHNICIAN)
@once
def go_on(code: str) -> ResponseReturnValue:
    """End a wait."""
    device, kind = device_of(code), request.form.get("wait", "")
    if kind not in frozenset(Wait):
        abort(400)
    jobs.go_on(db.session(), device, Wait(kind), by=me(), ask=ask())
    return back(code, "job", _("The repair goes on."))


@bp.post("/workshop/<code:code>/parts")
@allowed(Role.TECHNICIAN)
@once
def use(code: str) -> ResponseReturnValue:
    """Build parts of the stock in."""
    spare, quantity = request.form.get("spare", type=int), whole(request.form.get("quantity", ""), MOST)
    wrong = {}
    if spare is None:
        wrong["spare"] = translate("Choose a part.")
    if not quantity:
        wrong["quantity"] = translate("Write how many.")
    if spare is None or not quantity:
        return again(device_of(code), wrong)
    try:
        jobs.use(db.session(), device_of(code), spare, quantity, by=me(), ask=ask())
    except NotEnough as no:
        return again(device_of(code), {"quantity": str(no)})
    return back(code, "job", _("The part is written down and out of the stock."))


@bp.post("/workshop/<code:code>/parts/<int:n>/back")
@allowed(Role.TECHNICIAN)
@once
def give_back(code: str, n: int) -> ResponseReturnValue:
    """Put back what was built in."""
    jobs.give_back(db.session(), device_of(code), n, by=me(), ask=ask())
    return back(code, "job", _("The part is back in the stock."))


@bp.post("/workshop/<code:code>/job")
@allowed(Role.TECHNICIAN)
@once
def tell(code: str) -> ResponseReturnValue:
    """Write down labour, cost and warranties."""
    said, wrong = jobs.told(request.form, today=datetime.now(VIETNAM).date())
    if said is None:
        return again(device_of(code), {name: str(words) for name, words in wrong.items()})
    jobs.tell(db.session(), device_of(code), said, by=me())
    return back(code, "job", _("Saved."))
