"""The menu: what each role comes for, in the order of the road."""

from functools import cache
from typing import NamedTuple

from flask import Flask, current_app, request, url_for

from tracker.custody.road import HOLDERS
from tracker.people.roles import Role
from tracker.people.signed_in import person
from tracker.web.language import locale_now
from tracker.web.pages import on_every_page
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
    Page(
        "intake.donations",
        _("Donations"),
        "gift",
        frozenset({R.STOREKEEPER, R.TECHNICIAN, R.COORDINATOR, R.AUDITOR}),
    ),
    Page("workshop.bench", _("Workshop"), "tools", frozenset({R.TECHNICIAN})),
    Page("stock.devices", _("Devices"), "laptop", ALL),
    Page(
        "stock.counts",
        _("Stock"),
        "boxes",
        frozenset({R.STOREKEEPER, R.TECHNICIAN, R.COORDINATOR, R.AUDITOR, R.ADMIN}),
    ),
    Page(
        "prints.jobs",
        _("Labels"),
        "tags",
        frozenset({R.STOREKEEPER, R.TECHNICIAN, R.COORDINATOR, R.AUDITOR, R.ADMIN}),
    ),
    Page("stock.places", _("Places"), "pin-map", HOLDERS),
    Page("allocation.schools", _("Schools"), "mortarboard", frozenset({R.COORDINATOR, R.AUDITOR})),
    Page("allocation.pupils", _("Pupils"), "people", frozenset({R.SCHOOL, R.COORDINATOR})),
    Page("allocation.matching", _("Bind"), "link-45deg", frozenset({R.COORDINATOR})),
    Page("handover.waiting", _("At our school"), "person-heart", frozenset({R.SCHOOL})),
    Page("handover.handovers", _("Handovers"), "truck", frozenset(Role) - {R.ADMIN}),
    Page("papers.papers", _("Papers"), "file-earmark-text", frozenset(Role) - {R.ADMIN}),
    Page("filing.files", _("Signed papers"), "inbox", HOLDERS),
    Page("admin.organisations", _("Organisations"), "building", frozenset({R.ADMIN})),
    Page("admin.users", _("People"), "person-gear", frozenset({R.ADMIN})),
    Page("home.proof", _("Ledger"), "shield-check", frozenset({R.COORDINATOR, R.AUDITOR, R.ADMIN})),
)


class Item(NamedTuple):
    """An entry as the page shows it."""

    url: str
    label: str
    icon: str
    current: bool


def items(role: Role) -> tuple[Item, ...]:
    """Return the menu of a role; the same for everybody of it, so it is made once for each page."""
    here = request.endpoint or ""
    kept: dict[tuple[Role, str, str], tuple[Item, ...]] = current_app.extensions["menus"]
    key = (role, here, locale_now())
    if key not in kept:
        kept[key] = tuple(
            Item(url_for(page.endpoint), str(page.label), page.icon, page.endpoint == here)
            for page in MENU
            if role in page.roles and page.endpoint in current_app.view_functions
        )
    return kept[key]


def _below(_locale: str) -> tuple[tuple[str, str], ...]:
    return ((url_for("home.help_page"), str(_("How the ledger proves it"))),)


def init_app(app: Flask) -> None:
    """Give every page its menu."""
    app.extensions["menus"] = {}
    below = cache(_below)

    def menu() -> dict[str, object]:
        who = person()
        return {
            "nav": items(who.role) if who else (),
            "demo": app.config["TRACKER"].demo,
            "footer_links": below(locale_now()),
        }

    on_every_page(app, menu)
