"""The menu: what each role comes for, in the order of the road."""

from typing import NamedTuple

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from tracker.people.roles import Role
from tracker.words import Words, _

R = Role
ALL = frozenset(Role)


class Page(NamedTuple):
    """One entry of the menu."""

    endpoint: str
    label: Words
    icon: str
    roles: frozenset[Role]


MENU: tuple[Page, ...] = (
    Page("home.start", _("To do"), "list-check", ALL),
    Page("intake.donations", _("Donations"), "gift", frozenset({R.STOREKEEPER, R.TECHNICIAN, R.COORDINATOR, R.AUDITOR})),
    Page("workshop.bench", _("Workshop"), "tools", frozenset({R.TECHNICIAN})),
    Page("stock.devices", _("Devices"), "laptop", ALL),
    Page("stock.counts", _("Stock"), "boxes", frozenset({R.STOREKEEPER, R.TECHNICIAN, R.COORDINATOR, R.AUDITOR, R.ADMIN})),
    Page("stock.places", _("Places"), "pin-map", frozenset({R.STOREKEEPER})),
    Page("allocation.schools", _("Schools"), "mortarboard", frozenset({R.COORDINATOR, R.AUDITOR})),
    Page("allocation.pupils", _("Pupils"), "people", frozenset({R.SCHOOL, R.COORDINATOR})),
    Page("allocation.matching", _("Bind"), "link-45deg", frozenset({R.COORDINATOR})),
    Page("handover.handovers", _("Handovers"), "truck", frozenset(Role) - {R.ADMIN}),
    Page("people.organisations", _("Organisations"), "building", frozenset({R.ADMIN})),
    Page("people.users", _("People"), "person-gear", frozenset({R.ADMIN})),
    Page("home.proof", _("Ledger"), "shield-check", frozenset({R.COORDINATOR, R.AUDITOR, R.ADMIN})),
)


class Item(NamedTuple):
    """An entry as the page shows it."""

    url: str
    label: Words
    icon: str
    current: bool


def items() -> list[Item]:
    """Return the menu of the person signed in."""
    here = request.endpoint or ""
    return [
        Item(url_for(page.endpoint), page.label, page.icon, page.endpoint == here)
        for page in MENU
        if current_user.role in page.roles and page.endpoint in current_app.view_functions
    ]


def init_app(app: Flask) -> None:
    """Give every page its menu."""

    @app.context_processor
    def menu() -> dict[str, object]:
        return {
            "nav": items() if current_user.is_authenticated else [],
            "demo": app.config["TRACKER"].demo,
            "footer_links": [(url_for("home.help_page"), str(_("How the ledger proves it")))],
        }
