"""Printing labels: the paper is made, read back, and the job kept; then it is offered."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from labels.job import Job, Label
from labels.proof import Proof, proved
from labels.refusals import PaperRefused
from labels.sheets import prepared
from labels.stock import Stock
from tracker.people.roles import Actor
from tracker.printers.paper import placing
from tracker.printers.queries import newest
from tracker.prints import printed_on, queries
from tracker.prints.models import PrintedAgain, PrintedLabel, PrintJob
from tracker.prints.rules import Paper
from tracker.refused import Refused
from tracker.words import Words, _


def laid(labels: Sequence[Label], paper: Paper) -> Job:
    """Return the job of labels on a paper.

    Raises:
        Refused: what paper says no to, as a sentence for the reader.
    """
    try:
        return prepared(
            labels,
            stock=paper.sheet,
            design=paper.laid_out,
            dpi=paper.dpi,
            placing=placing(paper.correction, skip=paper.skip, by_column=paper.by_column),
        )
    except PaperRefused as error:
        raise unprintable(error) from error


def on(paper: Paper) -> Stock:
    """Return the paper itself.

    Raises:
        Refused: there is none of this name.
    """
    try:
        return paper.sheet
    except PaperRefused as error:
        raise unprintable(error) from error


def unprintable(error: PaperRefused) -> Refused:
    """Return what paper says no to as a refusal for the reader."""
    return Refused(Words(error.sentence, **error.values), out=_("Choose another paper, place or resolution."))


def proved_paper(labels: Sequence[Label], paper: Paper) -> tuple[bytes, Proof]:
    """Return the PDF of labels on a paper, and how many of them were read back from it.

    Raises:
        Refused: the paper cannot be made, or a label on it does not read back.
    """
    job = laid(labels, paper)
    try:
        return proved(job)
    except PaperRefused as error:
        raise unprintable(error) from error


def keep(
    session: Session,
    labels: Sequence[Label],
    paper: Paper,
    proof: Proof,
    *,
    subject: str,
    by: Actor,
    at: datetime,
) -> int:
    """Keep the job of a paper that was made and read back; return its id."""
    stock = paper.sheet
    row = PrintJob(
        org_id=by.org,
        at=at,
        by=by.user,
        subject=subject[:120],
        design=paper.design,
        stock=paper.stock if paper.own else stock.name,
        dpi=paper.dpi,
        skip=paper.skip,
        by_column=paper.by_column,
        labels=len(labels),
        sheets=-(-(paper.skip + len(labels)) // stock.count),
        read=proof.read,
        shows=None if paper.shows is None else ",".join(paper.shows),
    )
    session.add(row)
    session.flush()
    session.execute(
        insert(PrintedLabel),
        [
            {"job_id": row.id, "n": n, "code": label.code, "says": _said(label)}
            for n, label in enumerate(labels, 1)
        ],
    )
    printed_on.note(session, row.id, paper.printer, paper.correction)
    return row.id


def _said(label: Label) -> dict[str, str]:
    return {name: value for name, value in asdict(label).items() if value}


def paper_again(session: Session, job: Row[Any], *, skip: int) -> Paper:
    """Return the paper on which a job is printed once more.

    It is corrected as its printer is now: what was printed askew is calibrated, and then printed again.
    """
    corrected = None if job.printer_id is None else newest(session, job.printer_id, job.stock)
    return queries.paper_of(job, skip=skip, corrected=corrected)


def print_again(
    session: Session, job: Row[Any], paper: Paper, *, first: int, last: int, by: Actor, at: datetime
) -> int:
    """Keep that labels `first` to `last` of a job are printed once more on `paper_again`; return the id of this.

    Raises:
        Refused: the job has no such labels, or its sheet no such place.
    """
    must_have(job, first, last)
    again = PrintedAgain(job_id=job.id, at=at, by=by.user, first=first, last=last, skip=paper.skip)
    session.add(again)
    session.flush()
    printed_on.note(session, job.id, paper.printer, paper.correction, again=again.id)
    return again.id


def must_have(job: Row[Any], first: int, last: int) -> None:
    """Answer nothing if a job has the labels `first` to `last`.

    Raises:
        Refused: it has not.
    """
    if not 1 <= first <= last <= job.labels:
        raise Refused(
            _("This job has the labels 1 to %(count)s.", count=job.labels),
            out=_("Choose a first and a last label among them."),
        )
