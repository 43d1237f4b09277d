"""Pages of donors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from tracker.db import db
from tracker.intake import actions, queries
from tracker.intake.forms import donor_form
from tracker.intake.queries import PAGE
from tracker.intake.rules import DonationKind, DonorKind, FormWrong, Wrong
from tracker.intake.views import DOOR, READERS, asked_for, bp
from tracker.people.permissions import allowed
from tracker.people.signed_in import me
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once


@bp.get("/donors")
@allowed(*READERS)
def donors() -> ResponseReturnValue:
    """Show the donors, found by name without tones or capitals, page by page."""
    q, last = asked_for(), request.args.get("last", type=int)
    after = (request.args.get("after", ""), last) if last is not None else None
    rows = queries.donors(db.session(), q, to=me(), after=after)
    end = rows[PAGE - 1] if len(rows) > PAGE else None
    return show(
        "intake/donors.html",
        rows=rows[:PAGE],
        q=q,
        kind_of=DonorKind,
        next_url=url_for("intake.donors", q=q, after=end.search, last=end.id) if end else None,
        first_url=url_for("intake.donors", q=q) if after else None,
    )


@bp.get("/donors/new")
@allowed(*DOOR)
def new_donor() -> ResponseReturnValue:
    """Ask for a new donor."""
    return _donor_form({"name": request.args.get("name", "")[:200]}, url_for("intake.add_donor"))


@bp.post("/donors/new")
@allowed(*DOOR)
@once
def add_donor() -> ResponseReturnValue:
    """Enter a donor; one of the same name is asked about."""
    form, url = request.form, url_for("intake.add_donor")
    try:
        another = "another" in form
        added = actions.add_donor(
            db.session(), donor_form(form), by=me(), at=datetime.now(UTC), another=another
        )
    except FormWrong as error:
        return _donor_form(form, url, wrong=error.wrong), 422
    except actions.DonorThere as there:
        return _donor_form(form, url, there=there), 409
    flash(translate("The donor is entered."), "ok")
    return done(url_for("intake.donor", donor_id=added))


@bp.get("/donors/<int:donor_id>")
@allowed(*READERS)
def donor(donor_id: int) -> ResponseReturnValue:
    """Show a donor and their donations."""
    session, before = db.session(), request.args.get("before", type=int)
    row = queries.donor(session, donor_id, to=me())
    gifts = queries.donations(session, to=me(), donor_id=donor_id, before=before)
    more = (
        url_for("intake.donor", donor_id=donor_id, before=gifts[PAGE - 1].id) if len(gifts) > PAGE else None
    )
    return show(
        "intake/donor.html",
        donor=row,
        kind=DonorKind(row.kind),
        gifts=gifts[:PAGE],
        gift_kind=DonationKind,
        next_url=more,
        first_url=url_for("intake.donor", donor_id=donor_id) if before else None,
    )


@bp.get("/donors/<int:donor_id>/edit")
@allowed(*DOOR)
def edit_donor(donor_id: int) -> ResponseReturnValue:
    """Ask what to correct of a donor."""
    row = queries.donor(db.session(), donor_id, to=me())
    return _donor_form(row._asdict(), url_for("intake.change_donor", donor_id=donor_id), donor_id=donor_id)


@bp.post("/donors/<int:donor_id>/edit")
@allowed(*DOOR)
@once
def change_donor(donor_id: int) -> ResponseReturnValue:
    """Correct a donor."""
    queries.donor(db.session(), donor_id, to=me())
    try:
        actions.change_donor(db.session(), donor_id, donor_form(request.form), by=me())
    except FormWrong as error:
        url = url_for("intake.change_donor", donor_id=donor_id)
        return _donor_form(request.form, url, donor_id=donor_id, wrong=error.wrong), 422
    flash(translate("The donor's particulars are corrected."), "ok")
    return done(url_for("intake.donor", donor_id=donor_id))


def _donor_form(
    said: Mapping[str, Any],
    url: str,
    *,
    donor_id: int | None = None,
    wrong: Wrong | None = None,
    there: actions.DonorThere | None = None,
) -> str:
    db.session.rollback()
    return show(
        "intake/donor_form.html",
        said=said,
        url=url,
        donor_id=donor_id,
        wrong=wrong or {},
        there=there,
        there_id=queries.donor_by_name(db.session(), said.get("name", "")) if there else None,
        kinds=[(kind, kind.label, "", KIND_ICONS[kind]) for kind in DonorKind],
    )


KIND_ICONS = {DonorKind.AGENCY: "building", DonorKind.COMPANY: "boxes", DonorKind.PERSON: "person"}
