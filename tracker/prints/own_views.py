"""Pages of label paper: what each kind carries, its page of rulers, and paper of one's own."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from labels import stock as published
from labels.plan import DPIS
from labels.refusals import UnknownStock
from labels.ruler import ruler
from labels.stock import Stock
from tracker.db import db
from tracker.people.permissions import allowed, signed_in
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.printers import measures, own
from tracker.prints import rules
from tracker.prints.views import PRINTERS, bp, sample_code
from tracker.refused import Missing, Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _


@bp.get("/prints/paper")
@signed_in
def papers() -> ResponseReturnValue:
    """Show every label paper known here: how large a code is on it, and which cannot carry one, and why."""
    code = sample_code()
    rows = own.offered(db.session(), to=me())
    return show(
        "prints/papers.html",
        own=[(row, rules.fit(own.geometry(row), *code)) for row in rows],
        fits=rules.fits(*code),
        dpis=DPIS,
        may_add=me().role in PRINTERS,
    )


@bp.get("/prints/paper/<name>/ruler.pdf")
@signed_in
def ruler_page(name: str) -> ResponseReturnValue:
    """Give the page of rulers of a paper, published or one's own."""
    headers = {"Content-Disposition": 'inline; filename="trang-thuoc.pdf"'}
    return Response(ruler(_named(name)), mimetype="application/pdf", headers=headers)


def _named(name: str) -> Stock:
    if own.is_key(name):
        number = name.removeprefix(own.PREFIX)
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Missing
        return own.geometry(own.stock(db.session(), int(number), to=me()))
    try:
        return published.find(name)
    except UnknownStock as error:
        raise Missing from error


def _form(
    said: dict[str, str], *, wrong: measures.Wrong | None = None, paper: Stock | None = None, old: Any = None
) -> str:
    return show(
        "prints/own_form.html",
        said=said,
        wrong=wrong or {},
        paper=paper,
        fit=rules.fit(paper, *sample_code()) if paper else None,
        dpis=DPIS,
        old=old,
        lengths=measures.LENGTHS,
        for_all=me().role is Role.COORDINATOR,
    )


EMPTY = {"kind": "sheet", "page_width": "210", "page_height": "297"}


@bp.get("/prints/paper/new")
@allowed(*PRINTERS)
def new_paper() -> ResponseReturnValue:
    """Ask for the measures of a paper."""
    return _form({"kind": "roll"} if request.args.get("kind") == "roll" else EMPTY)


@bp.post("/prints/paper/new")
@allowed(*PRINTERS)
@once
def add_paper() -> ResponseReturnValue:
    """Say what a paper of these measures carries, or keep it."""
    return _made(None)


@bp.get("/prints/paper/own/<int:stock_id>/replace")
@allowed(*PRINTERS)
def correct_paper(stock_id: int) -> ResponseReturnValue:
    """Ask what to correct of a paper: another is made, and this one closed."""
    row = _changeable(stock_id)
    lengths = {name: measures.shown(getattr(row, name)) for name in measures.LENGTHS}
    counts = {name: str(getattr(row, name)) for name in measures.COUNTS}
    kind = "roll" if own.geometry(row).roll else "sheet"
    return _form({"kind": kind, "name": row.name, **lengths, **counts}, old=row)


@bp.post("/prints/paper/own/<int:stock_id>/replace")
@allowed(*PRINTERS)
@once
def replace_paper(stock_id: int) -> ResponseReturnValue:
    """Say what the corrected paper carries, or keep it in the place of this one."""
    return _made(_changeable(stock_id))


def _made(old: Row[Any] | None) -> ResponseReturnValue:
    said, now, session = request.form.to_dict(), datetime.now(UTC), db.session()
    try:
        found, name = _asked(said)
    except measures.FormWrong as error:
        session.rollback()
        return _form(said, wrong=error.wrong, old=old), 422
    if said.get("do") == "check":
        session.rollback()
        return _form(said, paper=found.stock(name), old=old)
    if old is not None:
        own.close(session, old.id, by=me(), at=now)
    try:
        made = own.add(session, found, name, by=me(), at=now, replaces=old.id if old else None)
    except own.NameTaken as error:
        session.rollback()
        return _form(said, wrong={"name": error.sentence}, old=old), 422  # type: ignore[dict-item]
    flash(translate("The paper is kept. Print its page of rulers before the first labels."), "ok")
    return done(url_for("prints.paper", stock_id=made))


def _asked(said: dict[str, str]) -> tuple[measures.Measures, str]:
    """Return the measures and the name that a form says, with all that is wrong of both at once."""
    wrong: measures.Wrong = {}
    name, found = "", None
    try:
        name = measures.name_of(said.get("name", ""))
    except measures.FormWrong as error:
        wrong |= error.wrong
    try:
        found = measures.measures_of(said)
    except measures.FormWrong as error:
        wrong |= error.wrong
    if wrong or found is None:
        raise measures.FormWrong(wrong)
    return found, name


@bp.get("/prints/paper/own/<int:stock_id>")
@signed_in
def paper(stock_id: int) -> ResponseReturnValue:
    """Show a paper of one's own: its drawing, what it carries, and what became of it."""
    session = db.session()
    row = own.stock(session, stock_id, to=me())
    found = own.geometry(row)
    return show(
        "prints/own.html",
        row=row,
        paper=found,
        key=own.key(row.id),
        fit=rules.fit(found, *sample_code()),
        dpis=DPIS,
        length=measures.shown,
        successor=own.successor(session, stock_id),
        may_change=own.may_change(row, me(), roles=PRINTERS),
    )


@bp.post("/prints/paper/own/<int:stock_id>/close")
@allowed(*PRINTERS)
@once
def close_paper(stock_id: int) -> ResponseReturnValue:
    """Close a paper that is not bought any more."""
    row = _changeable(stock_id)
    own.close(db.session(), row.id, by=me(), at=datetime.now(UTC))
    flash(translate("The paper is closed. What was printed on it can still be printed again."), "ok")
    return done(url_for("prints.papers"))


def _changeable(stock_id: int) -> Row[Any]:
    row = own.stock(db.session(), stock_id, to=me())
    if row.closed_at is not None:
        raise own.Gone
    if not own.may_change(row, me(), roles=PRINTERS):
        raise Refused(
            _("This paper is not yours to change."), out=_("Make one of your own, or ask whose it is.")
        )
    return row
