"""The form of a new paper: its devices, what is asked, and what is wrong."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.custody import seal
from tracker.custody.facts import Category
from tracker.db import db
from tracker.handover.actions import VIETNAM
from tracker.handover.record import stands, vietnamese, with_it
from tracker.papers import actions, form, queries, record
from tracker.papers.gather import Gathered, gather
from tracker.papers.rules import ISSUERS, ISSUING, LONGEST, Kind
from tracker.papers.views import bp, may_issue, number_of
from tracker.people import access
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _


@bp.get("/papers/new")
@allowed(*sorted(ISSUING))
def new() -> ResponseReturnValue:
    """Ask which paper, then what only people know of it."""
    replaces = _replaced(request.args.get("replaces", ""))
    asked = replaces.kind if replaces else request.args.get("kind", "")
    if not asked:
        return _kinds()
    kind = _kind(asked)
    texts = request.args.getlist("code")
    if replaces and not texts:
        texts = [
            device.code for device in queries.devices_of(db.session(), [replaces.id]).get(replaces.id, [])
        ]
    found = _gather(kind, texts)
    return _form(kind, texts, found, _proposed(kind, found, replaces), replaces=replaces)


def _kinds() -> str:
    return show("papers/kinds.html", kinds=[kind for kind in Kind if me().role in ISSUERS[kind]])


def _kind(asked: str) -> Kind:
    if asked not in set(Kind):
        abort(404)
    kind = Kind(asked)
    if me().role not in ISSUERS[kind]:
        abort(403)
    return kind


def _replaced(paper_id: str) -> Row[Any] | None:
    if not paper_id:
        return None
    if not re.fullmatch("[0-9]{1,9}", paper_id):
        abort(404)
    row = queries.paper(db.session(), int(paper_id), to=me())
    if not may_issue(row, me()):
        abort(403)
    if row.replaced_by:
        raise actions.ReplacedBefore
    return row


def _gather(kind: Kind, texts: list[str]) -> Gathered:
    return gather(db.session(), kind, texts, by=me(), hosts={current_app.config["TRACKER"].host})


def _proposed(kind: Kind, found: Gathered, replaces: Row[Any] | None) -> dict[str, str]:
    """Return what the form proposes: from the paper it replaces, else from what is known and the last one."""
    if replaces:
        missing = record.lacked(found.known, replaces.says) if kind is Kind.RETURN else {}
        return record.as_answers(kind, replaces.says) | missing
    org = found.known[0].org_id if found.known else me().org
    last = record.as_answers(kind, queries.last_of(db.session(), kind, org))
    return form.proposed(found.known, last, position=vietnamese(Role.TECHNICIAN.label))


def _form(
    kind: Kind,
    texts: list[str],
    found: Gathered,
    said: Mapping[str, str],
    *,
    wrong: Mapping[str, Any] | None = None,
    replaces: Row[Any] | None = None,
) -> str:
    session, actor, known = db.session(), me(), found.known
    pupil = queries.pupil(session, known[0].support, to=actor) if known and known[0].support else None
    asked = form.members(said) if kind in form.MEMBERS else []
    rows = (
        max(len(asked), *(n for n in range(form.MOST_MEMBERS + 1) if said.get(f"member-{n}")), 0)
        if said
        else 0
    )
    replaced_number = number_of(replaces) if replaces else ""
    if pupil:
        access.note(actor, "papers.new", [pupil.pupil_id])
    return show(
        "papers/new.html",
        kind=kind,
        texts=texts,
        outcomes=found.outcomes,
        known=known,
        pupil=pupil,
        performer=known[0].performer if known else "",
        verified=next((each.verified for each in known if each.verifier), None),
        once=form.ONCE[kind],
        each=form.EACH.get(kind, ()),
        people=form.MEMBERS.get(kind),
        lines=range(1, min(rows + form.SPARE, form.MOST_MEMBERS) + 1),
        with_it=with_it if kind is Kind.RETURN else None,
        said=said,
        wrong=wrong or {},
        category_of=Category,
        replaces=replaces.id if replaces else None,
        replaced_number=replaced_number,
        longest=LONGEST,
    )


@bp.post("/papers")
@allowed(*sorted(ISSUING))
@once
def issue() -> ResponseReturnValue:
    """Issue the paper, or show the form again with its devices looked at and what is wrong."""
    kind = _kind(request.form.get("kind", ""))
    replaces = _replaced(request.form.get("replaces", ""))
    typed = [line.strip() for line in request.form.get("codes", "").splitlines()]
    texts = [text for text in typed if text]
    at = datetime.now(UTC)
    found = _gather(kind, texts)
    said = form.answers(kind, request.form, found.codes)
    if "look" in request.form:
        g.pop("once", None)
        fresh = {name: text for name, text in _proposed(kind, found, None).items() if not said.get(name)}
        return _form(kind, texts, found, fresh | {k: v for k, v in said.items() if v}, replaces=replaces)
    wrong: dict[str, Any] = dict(form.wrong(kind, said, found.codes, on=at.astimezone(VIETNAM).date()))
    if not found.known or not found.whole:
        wrong["codes"] = _("Every code must stand on the paper: take off what cannot, or settle it.")
    if wrong:
        g.pop("once", None)
        db.session.rollback()
        return _form(kind, texts, _gather(kind, texts), said, wrong=wrong, replaces=replaces), 422
    return _issued(kind, found, said, replaces, at)


def _issued(
    kind: Kind, found: Gathered, said: Mapping[str, str], replaces: Row[Any] | None, at: datetime
) -> ResponseReturnValue:
    session, config = db.session(), current_app.config["TRACKER"]
    actions.hold(session, found.known)
    key = seal.key_of(config.home)
    note = seal.seal(session, key, at=at, home=config.home)
    made = actions.issue(
        session,
        kind,
        found.known,
        said,
        stands=stands(note, key.fingerprint),
        base=config.public_url,
        replaces=replaces,
        by=me(),
        at=at,
    )
    flash(translate("The paper is issued. Print it, and have it signed."), "ok")
    answer = done(url_for(".paper", paper_id=made))
    seal.remember(config.home, note)
    return answer
