"""Pages of donations, and what all pages of intake share."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from tracker.custody.facts import Category
from tracker.custody.road import Status
from tracker.db import db
from tracker.intake import actions, papers, queries
from tracker.intake.forms import donation_form
from tracker.intake.queries import PAGE, Gift
from tracker.intake.rules import DonationKind, FormWrong, Wrong
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.prints.views import choices, print_now
from tracker.refused import Refused
from tracker.web import done, show
from tracker.web.filters import VIETNAM
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _

bp = Blueprint("intake", __name__)

#: Who works at the door, and who reads beside them.
DOOR = (Role.STOREKEEPER, Role.TECHNICIAN)
READERS = (*DOOR, Role.COORDINATOR, Role.AUDITOR, Role.ADMIN)
LABELLERS = (*DOOR, Role.COORDINATOR)


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


def print_labels_of(
    rows: Sequence[Row[Any]], subject: str, *, donation: str | dict[int, str]
) -> ResponseReturnValue:
    """Print the labels of devices as the form asks, one part of them if they are many."""
    number = request.form.get("part", 1, type=int)
    wanted = papers.part(rows, number) if number > 0 else ()
    if not wanted:
        raise Refused(_("There are no labels to print."), out=_("Receive the devices first."))
    base = current_app.config["TRACKER"].public_url
    return print_now(papers.labels_of(wanted, base=base, donation=donation), subject)


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
        **choices(),
    )


@bp.post("/donations/<int:donation_id>/labels")
@allowed(*LABELLERS)
@once
def donation_labels(donation_id: int) -> ResponseReturnValue:
    """Print the labels of a donation's devices, in the order in which they were received."""
    gift = queries.donation(db.session(), donation_id, to=me())
    rows = queries.devices_of(db.session(), [donation_id])
    return print_labels_of(
        rows, translate("Donation %(number)s") % {"number": gift.number}, donation=gift.number
    )


@bp.get("/donations/<int:donation_id>/receipt.pdf")
@allowed(*READERS)
def donation_receipt(donation_id: int) -> ResponseReturnValue:
    """Print the receipt that the donor gets, with the list of devices."""
    session = db.session()
    gift = queries.donation(session, donation_id, to=me())
    body = papers.receipt_pdf(
        gift,
        queries.parties(session, donation_id),
        queries.devices_of(session, [donation_id]),
        base=current_app.config["TRACKER"].public_url,
    )
    return pdf(body, f"bien-ban-tiep-nhan-{gift.number.replace('/', '-')}")
