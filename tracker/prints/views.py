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
from tracker.prints import actions, printed_on, queries, rules, sending
from tracker.prints.queries import PAGE
from tracker.prints.rules import Paper
from tracker.refused import Missing
from tracker.web import done, show
from tracker.web.once import once
from tracker.words import Words

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
        "shown": rules.USUAL_FIELDS,
    }


def asked(design: str | None = None) -> Paper:
    """Return the paper that a form asks for, of this design if the page prints no other."""
    form = request.form
    if design is None:
        design = form.get("design", "device")
        if design not in {*rules.KINDS, "blank"}:
            abort(400)
    stock, ticked = form.get("stock", rules.SHEET)[:24], form.getlist("shows")
    dpi, printer, correction = (
        form.get("dpi", DPIS[0], type=int),
        form.get("printer", type=int),
        printer_rules.NONE,
    )
    if printer is not None:
        session = db.session()
        dpi = printer_queries.ours(session, printer, to=me()).dpi
        correction = printer_queries.newest(session, printer, own.chosen(session, stock, to=me()).key)
    return Paper(
        stock=stock,
        dpi=dpi,
        printer=printer,
        correction=correction,
        skip=form.get("skip", 0, type=int),
        by_column=form.get("order") == "column",
        design=design,
        own=own.asked(db.session(), stock, to=me()) if own.is_key(stock) else None,
        shows=tuple(field for field in rules.FIELDS if field in ticked) if ticked else None,
    )


def print_now(
    labels: Sequence[Label],
    subject: str,
    *,
    design: str | None = None,
    also: Callable[[Session], None] | None = None,
) -> ResponseReturnValue:
    """Print labels as the form asks, and go to the job. `also` writes what belongs to it, before the job is kept.

    Others may write while the paper is made: a thousand labels take a tenth of a second and more.
    """
    paper, now = asked(design), datetime.now(UTC)
    db.session.rollback()
    proof = actions.proved_paper(labels, paper)[1]
    if also:
        also(db.session())
    job = actions.keep(db.session(), labels, paper, proof, subject=subject, by=me(), at=now)
    return done(url_for("prints.job", job_id=job))


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
    session, form = db.session(), request.form
    row = queries.job(session, job_id, to=me())
    first, last = form.get("first", 1, type=int), form.get("last", row.labels, type=int)
    skip = form.get("skip", 0, type=int)
    now = datetime.now(UTC)
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
