"""Pages of lists: send one, see what each row means, take it in, decide the rows left open."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Response, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.allocation import files, imports, queries, questions
from tracker.allocation.imports import JudgedRows
from tracker.allocation.list_rows import PupilRow
from tracker.allocation.questions import Decision
from tracker.allocation.rules import FileGone
from tracker.allocation.views import READERS, WRITERS, bp
from tracker.db import db
from tracker.lists.outcomes import counts, outcomes_csv, sentences
from tracker.lists.schools import SchoolRow
from tracker.lists.verdicts import Outcome
from tracker.people import access
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.refused import Missing, Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import Words, _

ROWS = 100

TONES = {
    Outcome.NEW: "ok",
    Outcome.WARN: "warn",
    Outcome.ASK: "info",
    Outcome.DUP: "quiet",
    Outcome.BAD: "bad",
}


#: The outcomes in a word or two, for tabs and badges.
SHORT: dict[Outcome, Words] = {
    Outcome.NEW: _("New row"),
    Outcome.WARN: _("New, with a remark"),
    Outcome.ASK: _("To be decided"),
    Outcome.DUP: _("There already"),
    Outcome.BAD: _("Refused"),
}


def home() -> Path:
    """Return the folder of the installation."""
    folder: Path = current_app.config["TRACKER"].home
    return folder


@bp.get("/pupils/lists")
@allowed(*READERS)
def lists() -> ResponseReturnValue:
    """Show the lists that came in."""
    return show("allocation/lists.html", rows=questions.lists(db.session(), to=me()))


@bp.get("/pupils/import")
@allowed(*WRITERS)
def new_pupils() -> ResponseReturnValue:
    """Ask for a list of pupils."""
    return _form("pupils", chosen=request.args.get("school", type=int))


@bp.post("/pupils/import")
@allowed(*WRITERS)
@once
def upload_pupils() -> ResponseReturnValue:
    """Take a list of pupils to be looked at."""
    actor = me()
    school_id = request.form.get("school", type=int) if actor.role.sees_everything else actor.org
    return _upload("pupils", school_id)


@bp.get("/schools/import")
@allowed(Role.COORDINATOR)
def new_schools() -> ResponseReturnValue:
    """Ask for a list of schools."""
    return _form("schools")


@bp.post("/schools/import")
@allowed(Role.COORDINATOR)
@once
def upload_schools() -> ResponseReturnValue:
    """Take a list of schools to be looked at."""
    return _upload("schools", None)


def _upload(kind: str, school_id: int | None) -> ResponseReturnValue:
    session, actor, now = db.session(), me(), datetime.now(UTC)
    sent = request.files.get("sheet")
    if sent is None or not sent.filename:
        return _form(kind, refused=Refused(_("No file was chosen.")), chosen=school_id), 422
    data, name = sent.stream.read(), sent.filename
    code = queries.school(session, school_id, to=actor).code if school_id else ""
    try:
        list_id, before = imports.upload(
            session, data, kind=kind, name=name, school_id=school_id, by=actor, at=now
        )
        if not before:
            _judged(kind, data, name, code)
    except Refused as refused:
        return _form(kind, refused=refused, chosen=school_id), 422
    if before:
        flash(translate("This very file was taken in already: nothing was done."), "warn")
    else:
        files.forget_old(home(), at=now)
        questions.forget_old(session, at=now)
        files.keep(home(), list_id, data)
    return done(url_for("allocation.list_page", list_id=list_id))


def _form(kind: str, *, refused: Refused | None = None, chosen: int | None = None) -> str:
    session, actor = db.session(), me()
    session.rollback()
    return show(
        "allocation/import.html",
        kind=kind,
        refused=refused,
        chosen=chosen,
        schools=queries.school_choices(session, to=actor) if kind == "pupils" else [],
        choose_school=actor.role.sees_everything,
    )


def _judged(kind: str, data: bytes, name: str, school_code: str) -> JudgedRows:
    session = db.session()
    if kind == "schools":
        return imports.judged_schools(session, data, name=name)
    return imports.judged_pupils(session, data, name=name, school=school_code, by=me())


@bp.get("/pupils/lists/<list_id>")
@allowed(*READERS)
def list_page(list_id: str) -> ResponseReturnValue:
    """Show a list: before it is taken in what each row means, afterwards what is left to decide."""
    session, actor = db.session(), me()
    found = questions.found(session, list_id, to=actor)
    if found.applied_at is not None:
        return _taken_in(found)
    data = files.kept(home(), list_id)
    if data is None:
        return show("allocation/list_gone.html", found=found)
    rows = _judged(found.kind, data, found.filename, found.school_code or "")
    unread = imports.unread_sheets(data, found.kind, name=found.filename)
    _note(rows)
    return show("allocation/preview.html", found=found, unread=unread, tones=TONES, **_page(list_id, rows))


def _page(list_id: str, rows: JudgedRows) -> dict[str, Any]:
    """Return one page of a judged list, narrowed to one outcome if one is asked for."""
    asked, after = request.args.get("outcome", ""), max(0, request.args.get("after", 0, type=int))
    outcome = Outcome(asked) if asked in frozenset(Outcome) else None
    chosen: Sequence[PupilRow | SchoolRow] = [row for row in rows if outcome in (None, row.outcome)]
    found = counts(rows)

    def url(**more: Any) -> str:
        return url_for("allocation.list_page", list_id=list_id, **more)

    tabs = [{"url": url(), "label": _("All rows"), "count": found.rows, "current": outcome is None}]
    for one_of, number in found.outcomes.items():
        current = outcome is one_of
        tabs.append({"url": url(outcome=one_of), "label": SHORT[one_of], "count": number, "current": current})
    return {
        "counts": found,
        "tabs": tabs,
        "rows": chosen[after : after + ROWS],
        "several_schools": len({getattr(row, "school", "") for row in rows}) > 1,
        "short": SHORT,
        "sentences": sentences,
        "next_url": url(outcome=outcome, after=after + ROWS) if len(chosen) > after + ROWS else None,
        "first_url": url(outcome=outcome) if after else None,
    }


def _taken_in(found: Row[Any]) -> ResponseReturnValue:
    asked = questions.questions(db.session(), found.id, found.kind, to=me())
    access.note(me(), "allocation.list", [one.twin_id for one in asked if one.twin_id])
    return show(
        "allocation/taken_in.html",
        found=found,
        numbers=imports.counts_of(found.counts),
        short=SHORT,
        questions=asked,
        open=[one for one in asked if not one.decision],
        decision_of=Decision,
        may_decide=me().role in WRITERS,
    )


def _note(rows: JudgedRows) -> None:
    twins = [row.twin.code for row in rows if isinstance(row, PupilRow) and row.twin]
    access.note(me(), "allocation.list", [int(code) for code in twins if code.isdigit()])


@bp.get("/pupils/lists/<list_id>/outcomes.csv")
@allowed(*READERS)
def outcomes(list_id: str) -> ResponseReturnValue:
    """Hand out every row of a list that is not taken in yet, with its outcome."""
    found = questions.found(db.session(), list_id, to=me())
    data = files.kept(home(), list_id) if found.applied_at is None else None
    if data is None:
        raise Missing
    rows = _judged(found.kind, data, found.filename, found.school_code or "")
    _note(rows)
    columns = (PupilRow if found.kind == "pupils" else SchoolRow).columns
    headers = {"Content-Disposition": 'attachment; filename="ket-qua.csv"'}
    return Response(outcomes_csv(rows, columns=columns), mimetype="text/csv; charset=utf-8", headers=headers)


@bp.post("/pupils/lists/<list_id>/take-in")
@allowed(*WRITERS)
@once
def take_in(list_id: str) -> ResponseReturnValue:
    """Take in a list, all of it in one transaction."""
    session, actor, now = db.session(), me(), datetime.now(UTC)
    found = questions.found(session, list_id, to=actor)
    if found.kind == "schools" and actor.role is not Role.COORDINATOR:
        raise Missing
    data = files.kept(home(), list_id)
    if data is None and found.applied_at is None:
        raise FileGone
    if data is not None:
        if found.kind == "schools":
            schools = imports.judged_schools(session, data, name=found.filename)
            imports.take_in_schools(session, list_id, schools, by=actor, at=now)
        else:
            school = found.school_code or ""
            pupils = imports.judged_pupils(session, data, name=found.filename, school=school, by=actor)
            imports.take_in_pupils(session, list_id, pupils, by=actor, at=now)
    flash(translate("The list is taken in."), "ok")
    answer = done(url_for("allocation.list_page", list_id=list_id))
    files.forget(home(), list_id)
    return answer


@bp.post("/pupils/lists/<list_id>/questions/<int:question_id>")
@allowed(*WRITERS)
@once
def decide(list_id: str, question_id: int) -> ResponseReturnValue:
    """Add one row left open, or leave it out."""
    said = request.form.get("decision", "")
    decision = Decision(said) if said in frozenset(Decision) else Decision.LEFT_OUT
    questions.decide(db.session(), list_id, question_id, decision, by=me(), at=datetime.now(UTC))
    return done(url_for("allocation.list_page", list_id=list_id, _anchor="questions"))
