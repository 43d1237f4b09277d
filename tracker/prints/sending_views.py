"""Pages of sending a job to a label printer, and of one label alone."""

from datetime import UTC, datetime

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from labels.proof import proved
from labels.refusals import PaperRefused
from tracker.db import db
from tracker.people.permissions import allowed, signed_in
from tracker.people.signed_in import me
from tracker.printers import rules as printers
from tracker.printers.measures import Wrong
from tracker.prints import actions, queries, rules, sender, sending
from tracker.prints.alone import alone
from tracker.prints.views import PRINTERS, bp, job_page, number
from tracker.refused import Missing
from tracker.web import done, show
from tracker.web.once import once
from tracker.words import _


@bp.post("/prints/<int:job_id>/send")
@allowed(*PRINTERS)
@once
def send(job_id: int) -> ResponseReturnValue:
    """Send a job, or some of its labels in a row, to a label printer: it begins once this is committed."""
    session, wrong = db.session(), Wrong()
    job = queries.job(session, job_id, to=me())
    first = number("send_first", 1, wrong, least=1, most=job.labels)
    last = number("send_last", job.labels, wrong, least=1, most=job.labels)
    printer = rules.whole(request.form.get("printer", ""))
    if printer is None:
        wrong["printer"] = _("Choose a printer from the list.")
    if printer is None or wrong:
        session.rollback()
        return job_page(job_id, wrong), 422
    sending_id = sending.ask(session, job, printer, first=first, last=last, by=me(), at=datetime.now(UTC))
    answer = done(url_for("prints.sent", job_id=job_id, sending_id=sending_id))
    sender.begin(sending_id)
    return answer


@bp.get("/prints/<int:job_id>/sendings/<int:sending_id>")
@signed_in
def sent(job_id: int, sending_id: int) -> ResponseReturnValue:
    """Show how far a sending is, or what became of it."""
    session = db.session()
    job = queries.job(session, job_id, to=me())
    row = sending.one(session, job_id, sending_id, at=datetime.now(UTC))
    told = printers.told(row.error) if row.error else None
    return show(
        "prints/sending.html",
        job=job,
        sending=row,
        told=sending.interrupted() if row.state == "interrupted" and told is None else told,
        state=sending.STATES[row.state],
        open=row.state in sending.OPEN,
        count=row.last - row.first + 1,
    )


@bp.get("/prints/<int:job_id>/labels/<int:n>.pdf")
@signed_in
def label_pdf(job_id: int, n: int) -> ResponseReturnValue:
    """Give one label of a job on a page of its own size, for any driver."""
    session = db.session()
    row = queries.job(session, job_id, to=me())
    labels = queries.labels(session, job_id, first=n, last=n)
    if not labels:
        raise Missing
    try:
        pdf, _proof = proved(alone(labels[0], queries.paper_of(row)))
    except PaperRefused as error:
        raise actions.unprintable(error) from error
    headers = {"Content-Disposition": f'inline; filename="tem-{job_id}-{n}.pdf"'}
    return Response(pdf, mimetype="application/pdf", headers=headers)
