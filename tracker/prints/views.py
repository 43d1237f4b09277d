"""Pages of print jobs, and what every form that prints labels shares."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.orm import Session

from labels.codes import bars_width, url_version
from labels.designs import Field
from labels.job import Label
from labels.plan import DPIS
from labels.sheets import pieces
from tracker.custody.codes import check_symbol, url
from tracker.db import db
from tracker.people.permissions import allowed, signed_in
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.printers import own
from tracker.printers import queries as printer_queries
from tracker.printers import rules as printer_rules
from tracker.printers.measures import FormWrong, Wrong
from tracker.printers.rules import Correction
from tracker.prints import actions, printed_on, queries, rules, sending
from tracker.prints.queries import PAGE
from tracker.prints.rules import Paper
from tracker.refused import Missing
from tracker.web import done, show
from tracker.web.once import once
from tracker.words import Words, _

bp = Blueprint("prints", __name__)

#: Who prints.
PRINTERS = (Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL, Role.COORDINATOR)
CARD = "L7165"  # what cards and labels for boxes are offered on first: 99 × 68 mm
SHOWN = 60  # codes on the page of a job


def choices(stock: str = rules.SHEET) -> dict[str, Any]:
    """Return what a form that prints labels offers."""
    session = db.session()
    ours = [(own.key(row.id), own.geometry(row)) for row in own.offered(session, to=me())]
    machines = [(row.id, f"{row.name} · {row.dpi} dpi") for row in printer_queries.own(session, to=me())]
    return {
        "stocks": rules.stock_choices(ours),
        "stock": stock,
        "printers": machines,
        "printer": (machines and printed_on.last_of(session, me())) or "",
        "dpis": [(str(dpi), f"{dpi} dpi") for dpi in DPIS],
        "kinds": [(name, rules.KINDS[name]) for name in rules.OFFERED],
        "shows": list(rules.FIELDS.items()),
        "shown": request.form.getlist("shows") or rules.USUAL_FIELDS,
        "asked": request.form,
    }


def asked(design: str | None = None) -> Paper:
    """Return the paper that a form asks for, of this design if the page prints no other.

    Raises:
        FormWrong: a number is none.
    """
    form, session, wrong = request.form, db.session(), Wrong()
    if design is None:
        design = form.get("design", "device")
        if design not in {*rules.KINDS, "blank"}:
            abort(400)
    stock, ticked = form.get("stock", rules.SHEET)[:24], form.getlist("shows")
    ours = own.asked(session, stock, to=me()) if own.is_key(stock) else None
    printer, dpi, correction = _machine(stock, wrong)
    paper = Paper(
        stock=stock,
        dpi=dpi,
        printer=printer,
        correction=correction,
        by_column=form.get("order") == "column",
        design=design,
        own=ours,
        shows=tuple(field for field in rules.FIELDS if field in ticked) if ticked else None,
    )
    skip = number("skip", 0, wrong, least=0, most=actions.on(paper).count - 1)
    if wrong:
        raise FormWrong(wrong)
    return paper._replace(skip=skip)


def _machine(stock: str, wrong: Wrong) -> tuple[int | None, int, Correction]:
    """Return the printer that a form asks for, its dots an inch and how it is corrected on a paper."""
    form, session = request.form, db.session()
    if not form.get("printer"):
        dpi = rules.whole(form.get("dpi", str(DPIS[0])))
        if dpi not in DPIS:
            wrong["dpi"] = _("Choose the printer's dots an inch.")
        return None, dpi or 0, printer_rules.NONE
    printer = rules.whole(form["printer"])
    if printer is None:
        wrong["printer"] = _("Choose a printer from the list.")
        return None, 0, printer_rules.NONE
    dpi = printer_queries.ours(session, printer, to=me()).dpi
    return printer, dpi, printer_queries.newest(session, printer, own.chosen(session, stock, to=me()).key)


def number(name: str, otherwise: int, wrong: Wrong, *, least: int, most: int) -> int:
    """Return the number that a field of the form says, `otherwise` if there is no such field.

    What is wrong with it goes into `wrong`.
    """
    text = request.form.get(name, str(otherwise))
    if found := rules.number_wrong(text, least, most):
        wrong[name] = found
    return rules.whole(text) or 0


def print_now(
    labels: Sequence[Label],
    subject: str,
    *,
    design: str | None = None,
    also: Callable[[Session], None] | None = None,
    form: Callable[[Wrong], str] | None = None,
) -> ResponseReturnValue:
    """Print labels as the form asks, and go to the job. `also` writes what belongs to it, before the job is kept.

    `form` shows the form again with what is wrong; without it a page of its own does, with everything else kept.
    Others may write while the paper is made: a thousand labels take a tenth of a second and more.
    """
    now = datetime.now(UTC)
    try:
        paper = asked(design)
    except FormWrong as error:
        db.session.rollback()
        return (form or _asked_again)(error.wrong), 422
    db.session.rollback()
    proof = actions.proved_paper(labels, paper)[1]
    if also:
        also(db.session())
    job = actions.keep(db.session(), labels, paper, proof, subject=subject, by=me(), at=now)
    return done(url_for("prints.job", job_id=job))


#: What the form that is shown again asks itself.
_ASKED = frozenset({"csrf_token", "event_id", "stock", "skip", "order", "printer", "dpi"})


def _asked_again(wrong: Wrong) -> str:
    form, offered = request.form, choices()
    if form.get("design") not in dict(offered["kinds"]):
        offered["kinds"] = None
    if "shows" not in form:
        offered["shows"] = None
    seen = _ASKED | ({"design"} if offered["kinds"] else set()) | {"shows"}
    kept = [(name, value) for name, value in form.items(multi=True) if name not in seen]
    return show("prints/asked_again.html", url=request.path, kept=kept, wrong=wrong, **offered)


@bp.get("/prints")
@signed_in
def jobs() -> ResponseReturnValue:
    """Show what was printed, the newest first."""
    before = request.args.get("before", type=int)
    rows = queries.jobs(db.session(), to=me(), before=before)
    return show(
        "prints/jobs.html",
        rows=rows[:PAGE],
        everywhere=me().role.sees_everything,
        may_print=me().role in PRINTERS,
        next_url=url_for("prints.jobs", before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for("prints.jobs") if before else None,
    )


@bp.get("/prints/<int:job_id>")
@signed_in
def job(job_id: int) -> ResponseReturnValue:
    """Show a job: what was printed, how much of it was read back, and how often it was printed again."""
    return job_page(job_id, {})


def job_page(job_id: int, wrong: Wrong) -> str:
    """Return the page of a job, with what is wrong of the form that was sent from it."""
    session = db.session()
    row = queries.job(session, job_id, to=me())
    paper = queries.paper_of(row)
    return show(
        "prints/job.html",
        job=row,
        design=rules.NAMES.get(row.design, row.design),
        shows=[rules.FIELDS[Field(field)] for field in paper.shows or () if field in paper.laid_out.fields],
        stock=rules.stock_words(paper.sheet),
        again=queries.again(session, job_id),
        codes=[code for code in queries.codes(session, job_id, most=SHOWN) if code],
        more=row.labels - SHOWN,
        may_print=me().role in PRINTERS,
        corrected=_corrected(row),
        sendings=sending.of_job(session, job_id, at=datetime.now(UTC)),
        state_words=sending.STATES,
        thermal=_thermal(row) if me().role in PRINTERS else [],
        said=request.form,
        wrong=wrong,
    )


def _corrected(job: Row[Any]) -> tuple[Words | str, str] | None:
    """Return in words how a job is corrected; nothing if it is not."""
    correction = queries.paper_of(job).correction
    return None if correction == printer_rules.NONE else printer_rules.in_words(correction)


def _thermal(job: Row[Any]) -> list[tuple[int, str]]:
    """Return the label printers a job can be sent to."""
    if not queries.paper_of(job).sheet.roll:
        return []
    own = printer_queries.own(db.session(), to=me())
    return [(row.id, row.name) for row in own if printer_rules.Kind(row.kind).thermal]


@bp.get("/prints/<int:job_id>/labels.pdf")
@signed_in
def labels_pdf(job_id: int) -> ResponseReturnValue:
    """Give the paper of a job, or of one time that it was printed again: always the same bytes.

    It is sent sheet by sheet as it is made.
    """
    session, again_id = db.session(), request.args.get("again", type=int)
    row = queries.job(session, job_id, to=me())
    if again_id is None:
        paper, labels = queries.paper_of(row), queries.labels(session, job_id)
    else:
        found = queries.again(session, job_id, again_id)
        if not found:
            raise Missing
        corrected = printed_on.of_again(session, again_id)
        paper = queries.paper_of(row, skip=found[0].skip, corrected=corrected)
        labels = queries.labels(session, job_id, first=found[0].first, last=found[0].last)
    headers = {"Content-Disposition": f'inline; filename="tem-{job_id}.pdf"'}
    return Response(pieces(actions.laid(labels, paper)), mimetype="application/pdf", headers=headers)


@bp.post("/prints/<int:job_id>/again")
@allowed(*PRINTERS)
@once
def again(job_id: int) -> ResponseReturnValue:
    """Print a job once more, or some of its labels: those that jammed."""
    session, now, wrong = db.session(), datetime.now(UTC), Wrong()
    row = queries.job(session, job_id, to=me())
    first = number("first", 1, wrong, least=1, most=row.labels)
    last = number("last", row.labels, wrong, least=1, most=row.labels)
    skip = number("skip", 0, wrong, least=0, most=queries.paper_of(row).sheet.count - 1)
    if wrong:
        session.rollback()
        return job_page(job_id, wrong), 422
    actions.must_have(row, first, last)
    paper = actions.paper_again(session, row, skip=skip)
    labels = queries.labels(session, job_id, first=first, last=last)
    session.rollback()  # others may write while it is made and read back
    actions.proved_paper(labels, paper)
    time = actions.print_again(session, row, paper, first=first, last=last, by=me(), at=now)
    return done(url_for("prints.job", job_id=job_id, again=time, _anchor="again"))


def sample_code() -> tuple[int, int]:
    """Return the size of our codes: the version of the QR and the width of the bars."""
    sample = "2222222" + check_symbol("2222222")
    address = url(current_app.config["TRACKER"].public_url, sample)
    return url_version(address), bars_width(sample)
