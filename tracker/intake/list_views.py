"""Pages of device lists: send one, look at every row's outcome, take it in, decide what is open."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.custody.facts import Category
from tracker.db import db
from tracker.intake import files, known, lists, papers, queries, questions
from tracker.intake.forms import day_of, text_of_form, wrong_day
from tracker.intake.list_rules import DeviceRow
from tracker.intake.questions import Decision
from tracker.intake.rules import DonationKind, FormWrong, Wrong
from tracker.intake.views import DOOR, LABELLERS, READERS, bp, print_labels_of, today
from tracker.lists.outcomes import counts, outcomes_csv, sentences
from tracker.lists.verdicts import MEANINGS, Outcome
from tracker.people.permissions import allowed
from tracker.people.signed_in import me
from tracker.prints.views import choices
from tracker.refused import Missing, Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import Words, _

#: Rows of a list on one page.
PAGE = 100

OUTCOMES: dict[Outcome, tuple[Words, str]] = {
    Outcome.NEW: (_("New"), "ok"),
    Outcome.WARN: (_("With a remark"), "warn"),
    Outcome.ASK: (_("To be decided"), "info"),
    Outcome.DUP: (_("There already"), "quiet"),
    Outcome.BAD: (_("Refused"), "bad"),
}


def _home() -> Path:
    home: Path = current_app.config["TRACKER"].home
    return home


@bp.get("/device-lists")
@allowed(*READERS)
def device_lists() -> ResponseReturnValue:
    """Take a list of devices, and show those that were sent before."""
    return _lists_page(None)


def _lists_page(refused: Refused | None) -> str:
    rows = lists.lists(db.session(), to=me())
    return show("intake/lists.html", rows=rows, refused=refused, count_of=lambda row: json.loads(row.counts))


@bp.post("/device-lists")
@allowed(*DOOR)
def send_list() -> ResponseReturnValue:
    """Keep a list that was sent and go to its preview. Nothing is received yet."""
    sent, by, now = request.files.get("sheet"), me(), datetime.now(UTC)
    data, name = (sent.stream.read(), sent.filename or "") if sent else (b"", "")
    db.session.rollback()  # reading takes its time: nobody else should wait for it
    try:
        if not name:
            raise Refused(_("Choose the file of the list."))
        lists.understood(data, name=name)
        list_id, again = lists.upload(db.session(), data, name=name, by=by, at=now)
    except Refused as refused:
        db.session.rollback()
        return _lists_page(refused), 422
    if again:
        flash(translate("This very file was taken in before. Nothing was done again."), "warn")
    else:
        files.keep(_home(), list_id, data, at=now)
    return done(url_for("intake.device_list", list_id=list_id))


def _rows(found: Row[Any]) -> list[DeviceRow] | None:
    """Return the judged rows of a list, or None when they are no longer kept."""
    if found.applied_at:
        return files.outcomes(_home(), found.id)
    data = files.kept(_home(), found.id)
    return None if data is None else lists.judged(db.session(), lists.understood(data, name=found.filename))


@bp.get("/device-lists/<list_id>")
@allowed(*READERS)
def device_list(list_id: str) -> ResponseReturnValue:
    """Show what becomes, or became, of every row of a list."""
    return _list_page(lists.found(db.session(), list_id, to=me()), {})


def _list_page(found: Row[Any], wrong: Wrong) -> str:
    session, rows = db.session(), _rows(found)
    lacking = lists.lacks_donor(rows or [])
    said = request.args.get("outcome", "")
    outcome = Outcome(said) if said in frozenset(Outcome) else None
    shown = [row for row in rows or () if outcome in {None, row.outcome}]
    start = min(max(request.args.get("from", 0, type=int), 0), len(shown))
    page = shown[start : start + PAGE]
    codes = {row.twin.code for row in page if row.twin and row.twin.code}
    here: dict[str, Any] = {"list_id": found.id, "outcome": outcome}
    onward = {**here, "from": start + PAGE}
    gifts = queries.donations_of_list(session, found.id, to=me()) if found.applied_at else []
    return show(
        "intake/list.html",
        found=found,
        kept=rows is not None,
        unread=_unread(found),
        rows=page,
        several_sheets=len({row.sheet for row in rows or ()}) > 1,
        outcome=outcome,
        tabs=_tabs(found, rows or []),
        counts=counts(rows).outcomes if rows is not None else json.loads(found.counts),
        outcomes=OUTCOMES,
        meanings=MEANINGS,
        sentences=sentences,
        category_of=Category,
        visible=known.seen_codes(session, codes, to=me()),
        gifts=gifts,
        gift_kind=DonationKind,
        parts=papers.parts(sum(gift.received for gift in gifts)),
        waiting=questions.waiting(session, found.id),
        own=found.org_id == me().org and me().role in DOOR,
        lacks_donor=lacking,
        donors=[name for _id, name in queries.donor_choices(session)] if lacking else [],
        wrong=wrong,
        said=request.form,
        latest=today(),
        next_url=url_for("intake.device_list", **onward) if start + PAGE < len(shown) else None,
        first_url=url_for("intake.device_list", **here) if start else None,
        **choices(),
    )


def _unread(found: Row[Any]) -> list[str]:
    """Name the sheets in which no list was found, as long as the list is not taken in."""
    data = None if found.applied_at else files.kept(_home(), found.id)
    return lists.unread_sheets(data, name=found.filename) if data else []


def _tabs(found: Row[Any], rows: list[DeviceRow]) -> list[dict[str, Any]]:
    now = request.args.get("outcome", "")
    outcomes = counts(rows).outcomes
    tabs = [
        {"url": url_for("intake.device_list", list_id=found.id), "label": _("All rows"), "count": len(rows)}
    ]
    tabs += [
        {
            "url": url_for("intake.device_list", list_id=found.id, outcome=outcome),
            "label": OUTCOMES[outcome][0],
            "count": outcomes[outcome],
        }
        for outcome in Outcome
    ]
    for tab, value in zip(tabs, ["", *Outcome], strict=True):
        tab["current"] = now == value
    return tabs


@bp.post("/device-lists/<list_id>/take-in")
@allowed(*DOOR)
@once
def take_in_list(list_id: str) -> ResponseReturnValue:
    """Receive the devices of a list, all or none."""
    session, by, now = db.session(), me(), datetime.now(UTC)
    found = lists.found(session, list_id, to=by, own=True)
    if found.applied_at:
        raise lists.TakenIn(found.applied_at)
    data = files.kept(_home(), list_id)
    if data is None:
        raise Refused(_("The file of this list is no longer kept."), out=_("Send it again."))
    try:
        day = day_of(request.form.get("received_on", ""))
        if (wrong := wrong_day(day, today=today())) or day is None:
            raise FormWrong(wrong)
        rows = lists.understood(data, name=found.filename)
        donor = text_of_form(request.form, "donor")[:200]
        settled = lists.take_in(session, list_id, rows, received_on=day, donor=donor, by=by, at=now)
    except FormWrong as error:
        session.rollback()
        return _list_page(found, error.wrong), 422
    files.keep_outcomes(_home(), list_id, settled)
    flash(translate("%(num)s devices were received.") % {"num": counts(settled).added}, "ok")
    answer = done(url_for("intake.device_list", list_id=list_id))
    files.forget(_home(), list_id)
    return answer


@bp.get("/device-lists/<list_id>/outcomes.csv")
@allowed(*READERS)
def list_outcomes(list_id: str) -> ResponseReturnValue:
    """Hand out the rows of some outcomes, or all, as CSV to send back."""
    found = lists.found(db.session(), list_id, to=me())
    rows = _rows(found)
    if rows is None:
        raise Missing
    asked = frozenset(request.args.getlist("outcome")) & frozenset(Outcome)
    rows = [row for row in rows if not asked or row.outcome in asked]
    body = outcomes_csv(rows, columns=DeviceRow.columns)
    headers = {"Content-Disposition": f'attachment; filename="ket-qua-{list_id[:8]}.csv"'}
    return Response(body, mimetype="text/csv; charset=utf-8", headers=headers)


@bp.post("/device-lists/<list_id>/labels")
@allowed(*LABELLERS)
@once
def list_labels(list_id: str) -> ResponseReturnValue:
    """Print the labels of all devices that came in with a list, in the order of its rows."""
    found = lists.found(db.session(), list_id, to=me())
    gifts = queries.donations_of_list(db.session(), list_id, to=me())
    if not found.applied_at:
        raise Missing
    rows = queries.devices_of(db.session(), [gift.id for gift in gifts])
    numbers = {gift.id: gift.number for gift in gifts}
    return print_labels_of(rows, found.filename, donation=numbers)


@bp.get("/device-lists/<list_id>/questions")
@allowed(*READERS)
def list_questions(list_id: str) -> ResponseReturnValue:
    """Show the rows of a list that a person decides."""
    found = lists.found(db.session(), list_id, to=me())
    return show(
        "intake/questions.html",
        found=found,
        questions=questions.questions(db.session(), list_id, to=me()),
        category_of=Category,
        own=found.org_id == me().org and me().role in DOOR,
    )


@bp.post("/device-lists/<list_id>/questions/<int:question_id>")
@allowed(*DOOR)
@once
def decide(list_id: str, question_id: int) -> ResponseReturnValue:
    """Receive the device of a row that was open, or leave it out."""
    lists.found(db.session(), list_id, to=me(), own=True)
    said = request.form.get("decision", "")
    if said not in frozenset(Decision):
        abort(400)
    code = questions.decide(db.session(), list_id, question_id, Decision(said), by=me(), at=datetime.now(UTC))
    if code:
        flash(translate("The device is received."), "ok")
        return done(url_for("intake.received", code=code))
    flash(translate("The row is left out."), "ok")
    return done(url_for("intake.list_questions", list_id=list_id))
