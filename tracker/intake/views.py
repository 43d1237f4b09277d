"""Pages of donors and donations."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from tracker.custody.facts import Category
from tracker.custody.road import Status
from tracker.db import db
from tracker.intake import actions, papers, queries
from tracker.intake.forms import donation_form, donor_form
from tracker.intake.queries import PAGE, Gift
from tracker.intake.rules import DonationKind, DonorKind, FormWrong, Wrong
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.refused import Missing
from tracker.web import done, show
from tracker.web.filters import VIETNAM
from tracker.web.language import translate
from tracker.web.once import once

bp = Blueprint("intake", __name__)

#: Who works at the door, and who reads beside them.
DOOR = (Role.STOREKEEPER, Role.TECHNICIAN)
READERS = (*DOOR, Role.COORDINATOR, Role.AUDITOR, Role.ADMIN)


def today() -> date:
    """Return the day it is in Vietnam."""
    return datetime.now(VIETNAM).date()


def asked_for() -> str:
    """Return what a list is searched for."""
    return request.args.get("q", "")[:100].strip()


def pdf(body: bytes, name: str) -> Response:
    """Return a paper to be shown, and saved under this name."""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(body, mimetype="application/pdf", headers=headers)


def paper_choices() -> dict[str, Any]:
    """Return what the form for printing labels offers."""
    return {"stocks": papers.stock_choices(), "dpis": [(str(dpi), f"{dpi} dpi") for dpi in papers.DPIS]}


def paper_asked() -> dict[str, Any]:
    """Return the paper, the first place and the resolution that were asked for."""
    return {
        "stock": request.args.get("stock", papers.STOCKS[0])[:20],
        "skip": request.args.get("skip", 0, type=int),
        "dpi": request.args.get("dpi", papers.DPIS[0], type=int),
        "base": current_app.config["TRACKER"].public_url,
    }


# Donors


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


# Donations


@bp.get("/donations")
@allowed(*READERS)
def donations() -> ResponseReturnValue:
    """Show the donations a person may see, found by number or donor, page by page."""
    q, before = asked_for(), request.args.get("before", type=int)
    rows = queries.donations(db.session(), q, to=me(), before=before)
    return show(
        "intake/donations.html",
        rows=rows[:PAGE],
        q=q,
        kind_of=DonationKind,
        next_url=url_for("intake.donations", q=q, before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for("intake.donations", q=q) if before else None,
    )


@bp.get("/donations/new")
@allowed(*DOOR)
def new_donation() -> ResponseReturnValue:
    """Ask for a new donation."""
    said = {"donor": request.args.get("donor", ""), "kind": DonationKind.IN_KIND, "received_on": today()}
    return _donation_form(said, url_for("intake.add_donation"))


@bp.post("/donations/new")
@allowed(*DOOR)
@once
def add_donation() -> ResponseReturnValue:
    """Enter a donation under the next number of its year."""
    try:
        form = donation_form(request.form, today=today())
        added = actions.add_donation(db.session(), form, by=me(), at=datetime.now(UTC))
    except FormWrong as error:
        return _donation_form(request.form, url_for("intake.add_donation"), wrong=error.wrong), 422
    flash(translate("The donation is entered. Now receive its devices."), "ok")
    return done(url_for("intake.donation", donation_id=added))


@bp.get("/donations/<int:donation_id>/edit")
@allowed(*DOOR)
def edit_donation(donation_id: int) -> ResponseReturnValue:
    """Ask what to correct of a donation."""
    gift = queries.donation(db.session(), donation_id, to=me(), own=True)
    return _donation_form({**gift._asdict(), "donor": gift.donor_id}, _edit(donation_id), gift=gift)


@bp.post("/donations/<int:donation_id>/edit")
@allowed(*DOOR)
@once
def change_donation(donation_id: int) -> ResponseReturnValue:
    """Correct a donation; number and donor stay."""
    gift = queries.donation(db.session(), donation_id, to=me(), own=True)
    try:
        form = donation_form(request.form, today=today())
        actions.change_donation(db.session(), donation_id, form, by=me())
    except FormWrong as error:
        return _donation_form(request.form, _edit(donation_id), gift=gift, wrong=error.wrong), 422
    flash(translate("The donation is corrected."), "ok")
    return done(url_for("intake.donation", donation_id=donation_id))


def _edit(donation_id: int) -> str:
    return url_for("intake.change_donation", donation_id=donation_id)


def _donation_form(
    said: Mapping[str, Any], url: str, *, gift: Gift | None = None, wrong: Wrong | None = None
) -> str:
    db.session.rollback()
    return show(
        "intake/donation_form.html",
        said=said,
        url=url,
        gift=gift,
        wrong=wrong or {},
        donors=[] if gift else queries.donor_choices(db.session()),
        kinds=[(kind, kind.label, "", GIFT_ICONS[kind]) for kind in DonationKind],
        latest=today(),
    )


GIFT_ICONS = {DonationKind.IN_KIND: "laptop", DonationKind.BOUGHT: "cash-coin"}


@bp.get("/donations/<int:donation_id>")
@allowed(*READERS)
def donation(donation_id: int) -> ResponseReturnValue:
    """Show a donation: its devices with their status, expected and received, and its papers."""
    session, after = db.session(), request.args.get("after", 0, type=int)
    gift = queries.donation(session, donation_id, to=me())
    rows = queries.devices_of(session, [donation_id], after=after, most=PAGE + 1)
    here: dict[str, Any] = {"donation_id": donation_id}
    return show(
        "intake/donation.html",
        gift=gift,
        own=gift.org_id == me().org and me().role in DOOR,
        kind=DonationKind(gift.kind),
        rows=rows[:PAGE],
        statuses=queries.by_status(session, donation_id),
        status_of=Status,
        category_of=Category,
        parts=papers.parts(gift.received),
        next_url=url_for("intake.donation", **here, after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for("intake.donation", **here) if after else None,
        **paper_choices(),
    )


@bp.get("/donations/<int:donation_id>/labels.pdf")
@allowed(*READERS)
def donation_labels(donation_id: int) -> ResponseReturnValue:
    """Print the labels of a donation's devices, in the order in which they were received."""
    gift = queries.donation(db.session(), donation_id, to=me())
    rows = queries.devices_of(db.session(), [donation_id])
    body = papers.labels_pdf(papers.part(rows, _part()), donation=gift.number, **paper_asked())
    return pdf(body, f"tem-{gift.number.replace('/', '-')}")


@bp.get("/donations/<int:donation_id>/receipt.pdf")
@allowed(*READERS)
def donation_receipt(donation_id: int) -> ResponseReturnValue:
    """Print the receipt that the donor gets, with the list of devices."""
    session = db.session()
    gift = queries.donation(session, donation_id, to=me())
    body = papers.receipt_pdf(
        gift, queries.parties(session, donation_id), queries.devices_of(session, [donation_id])
    )
    return pdf(body, f"bien-ban-tiep-nhan-{gift.number.replace('/', '-')}")


def _part() -> int:
    part = request.args.get("part", 1, type=int)
    if part < 1:
        raise Missing
    return part
