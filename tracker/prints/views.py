"""Pages of print jobs, and what every form that prints labels shares."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from labels.codes import bars_width, url_version
from labels.job import Label
from labels.plan import DPIS
from labels.sheets import pieces
from tracker.custody.codes import check_symbol, url
from tracker.db import db
from tracker.people.permissions import allowed, signed_in
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.prints import actions, queries, rules
from tracker.prints.queries import PAGE
from tracker.prints.rules import Paper
from tracker.refused import Missing
from tracker.web import done, show
from tracker.web.once import once

bp = Blueprint("prints", __name__)

#: Who prints.
PRINTERS = (Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL, Role.COORDINATOR)
SHOWN = 60  # codes on the page of a job


def choices(stock: str = rules.SHEET) -> dict[str, Any]:
    """Return what a form that prints labels offers."""
    return {
        "stocks": rules.stock_choices(),
        "stock": stock,
        "dpis": [(str(dpi), f"{dpi} dpi") for dpi in DPIS],
        "kinds": list(rules.KINDS.items()),
    }


def asked() -> Paper:
    """Return the paper that a form asks for."""
    form, design = request.form, request.form.get("design", "device")
    if design not in rules.NAMES:
        abort(400)
    return Paper(
        stock=form.get("stock", rules.SHEET)[:24],
        dpi=form.get("dpi", DPIS[0], type=int),
        skip=form.get("skip", 0, type=int),
        by_column=form.get("order") == "column",
        design=design,
    )


def print_now(
    labels: Sequence[Label], subject: str, *, also: Callable[[Session], None] | None = None
) -> ResponseReturnValue:
    """Print labels as the form asks, and go to the job. `also` writes what belongs to it, before the job is kept.

    Others may write while the paper is made: a thousand labels take a tenth of a second and more.
    """
    paper, now = asked(), datetime.now(UTC)
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
    return show(
        "prints/job.html",
        job=row,
        design=rules.NAMES.get(row.design, row.design),
        stock=rules.stock_words(row.stock),
        again=queries.again(session, job_id),
        codes=[code for code in queries.codes(session, job_id, most=SHOWN) if code],
        more=row.labels - SHOWN,
        may_print=me().role in PRINTERS,
    )


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
        paper = queries.paper_of(row, skip=found[0].skip)
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
    time = actions.print_again(session, row, first=first, last=last, skip=skip, by=me(), at=now)
    return done(url_for("prints.job", job_id=job_id, again=time, _anchor="again"))


@bp.get("/prints/paper")
@signed_in
def papers() -> ResponseReturnValue:
    """Show every label paper known here: how large a code is on it, and which cannot carry one, and why."""
    sample = "2222222" + check_symbol("2222222")
    version = url_version(url(current_app.config["TRACKER"].public_url, sample))
    return show("prints/papers.html", fits=rules.fits(version, bars_width(sample)), dpis=DPIS)
