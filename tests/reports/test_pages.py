"""Every page of these rooms through one check: one heading, labelled, readable, nothing cut off on a phone."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from tests.allocation import forms
from tests.conftest import ROOT, LiveServer
from tests.house.foreign import World, a_world
from tests.intake import makers as intake
from tests.makers import AT, sign_in_as
from tracker.custody import labels, seal
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.db import db
from tracker.handover.models import Handover
from tracker.lists.models import ImportedList
from tracker.people.models import Invitation, Organisation
from tracker.people.roles import Role
from tracker.trust import actions as trust
from tracker.trust.rules import names

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"phone": (360, 740), "desk": (1280, 900)}
#: What stands out to the right of the screen: the last elements and words.
WIDE = """(() => {
    const wide = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ALL);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const range = document.createRange();
        range.selectNode(node);
        if (range.getBoundingClientRect().right > innerWidth + 0.5)
            wide.push((node.outerHTML || node.parentElement.outerHTML).slice(0, 160));
    }
    return wide.slice(-3);
})()"""
#: A bare system has no other typeface than a wide one: a page must fit whatever it is set in.
MONOSPACE = "'Liberation Mono', 'DejaVu Sans Mono', monospace, monospace"  # twice: once alone means smaller
SET_IN = """family => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { font-family: ${family} !important }`);
    document.adoptedStyleSheets = [sheet];
}"""
RUN = "axe.run({resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join()))"
#: What is pressed and is less than 44 px high or wide, but for the half pixel of rounding.
SMALL = """() => [...document.querySelectorAll("button, .btn, select, summary, input:not([type=hidden], [type=radio], [type=checkbox])")]
  .filter(each => each.checkVisibility() && !each.closest(".visually-hidden") && !each.parentElement.matches("label.btn"))
  .filter(each => { const box = each.getBoundingClientRect(); return box.width > 1 && Math.min(box.width, box.height) < 43.5; })
  .map(each => each.outerHTML.slice(0, 80))"""

PAGES = {
    None: (
        "/",
        "/sign-in",
        "/invitation/{secret}",
        "/help/ledger",
        "/trust",
        "/T/{given}",
        "/T/ZZZZZZZZ",
        "/no/such/page",
        "/h/{sent}",
    ),
    Role.TECHNICIAN: (
        "/",
        "/devices",
        "/stock",
        "/places",
        "/stock/move",
        "/scan",
        "/scan?q=hello",
        "/stations/",
        "/stations/log",
        "/stations/log?verdict=retired",
        "/stations/import",
        "/T/{inspecting}",
        "/workshop",
        "/workshop/{inspecting}",
        "/workshop/{repairing}",
        "/workshop/checklists",
        "/workshop/checklists/laptop",
        "/spares",
        "/spares/{spare_id}",
        "/workshop/retired",
        "/devices/{retired}/harvest",
        "/workshop/board",
        "/workshop/figures",
        "/workshop?status=mine",
        "/photographs/of/{received}",
        "/photographs/{photograph_id}",
        "/devices/{ready}/lose",
        "/papers/new",
        "/papers/new?kind=erasure&code={ready}",
        "/b/{paper_id}",
        "/filing/{file_id}",
        "/filing/tray",
    ),
    Role.STOREKEEPER: (
        "/",
        "/devices?q=kkkk",
        "/T/{blank}",
        "/T/{missing}",
        "/T/{on-the-way}",
        "/donations",
        "/donations/new",
        "/donors",
        "/device-lists",
        "/device-lists/{device_list}",
        "/device-lists/{device_list}/questions",
        "/device-lists/{devices_to_be}",
        "/donors/{donor_id}",
        "/donors/{donor_id}/edit",
        "/donations/{donation_id}",
        "/donations/{donation_id}/receive",
        "/devices/{received}/label",
        "/devices/{received}/received",
        "/devices/{missing}/find",
        "/stock/move?codes={received}",
        "/handovers",
        "/handovers/new",
        "/handovers/{handover_id}",
        "/handovers/{sent}",
        "/prints",
        "/prints/{job_id}",
        "/prints/blank",
        "/prints/paper",
    ),
    Role.SCHOOL: (
        "/",
        "/T/{given}",
        "/stock/move",
        "/people",
        "/photographs/of/{given}",
        "/giving",
        "/pupils",
        "/pupils/new",
        "/pupils/import",
        "/pupils/lists/{pupil_list}",
        "/pupils/lists/{pupils_to_be}",
        "/handovers",
        "/handovers/{sent}",
        "/h/{sent}",
        "/devices/{at-school}/give",
        "/devices/{given}/take-back",
        "/filing",
        "/papers/new?kind=pupil&code={given}",
    ),
    Role.COORDINATOR: (
        "/",
        "/stock",
        "/ledger",
        "/organisations",
        "/organisations/{org_id}",
        "/T/{retired}",
        "/matching",
        "/matching?school={school_id}",
        "/matching/pairs?school={school_id}&n=2",
        "/bindings/{bound}/release",
        "/devices/{returned}/retire",
        "/workshop/checklists/laptop/edit",
        "/schools/{school_id}",
        "/schools/import",
        "/pupils/{pupil_id}",
        "/pupils/import",
        "/pupils",
        "/schools",
        "/papers",
        "/filing",
    ),
    Role.AUDITOR: ("/", "/devices", "/T/{bound}"),
    Role.ADMIN: ("/people", "/organisations/new", "/organisations/{org_id}", "/organisations?q=kkkk"),
}
#: The only addresses above that answer with a refusal.
REFUSED = {(None, "/T/ZZZZZZZZ"), (None, "/no/such/page"), (Role.SCHOOL, "/people")}


@pytest.fixture
def world(live_server: LiveServer) -> World:
    app = live_server.app
    with app.app_context():
        session = db.session()
        made = a_world(session)
        made.values["blank"] = _a_label(session, made)
        long = "Trường Phổ thông Dân tộc nội trú Trung học cơ sở và Trung học phổ thông Phúc Yên"
        session.execute(update(Organisation).where(Organisation.kind == "school").values(name=long))
        session.execute(
            update(Device).values(make="Lenovo", model="ThinkPad X1 Carbon Thế hệ 9 (20XW)", note="Bể góc")
        )
        seal.make_key(app.config["TRACKER"].home, app.config["TRACKER"].origin)
        trust.make(
            app.config["TRACKER"].home,
            names(["smt.lan"], ["192.168.1.20"]),
            new_authority=False,
            at=datetime.now(UTC),
        )
        made.values["sent"] = session.scalar(select(Handover.id).where(Handover.status == "sent"))
        session.execute(update(Invitation).values(expires_at=datetime.now(UTC) + timedelta(days=1)))
        session.execute(update(ImportedList).values(applied_at=AT))
        made.values["device_list"] = made.values["intake.list_id"]
        made.values["pupil_list"] = made.values["allocation.list_id"]
        session.commit()
    made.values["devices_to_be"] = _sent(
        live_server,
        made,
        Role.STOREKEEPER,
        "/device-lists",
        intake.a_list([intake.a_row(), intake.a_row(make="")]),
    )
    made.values["pupils_to_be"] = _sent(
        live_server, made, Role.SCHOOL, "/pupils/import",
        forms.a_list("Lê Thị Thử;05/09/2010;Nữ;6A;;;Hộ nghèo;x;;", ";01/02/2010;Nam;6B;;;;x;;"),
    )  # fmt: skip
    return made


def _sent(live_server: LiveServer, world: World, role: Role, where: str, data: bytes) -> str:
    """Send a list by the form of its page; return the id under which it waits to be taken in."""
    client = live_server.app.test_client()
    with live_server.app.app_context():
        sign_in_as(client, world.people[role], db.session())
    name = "danh_sach_thiet_bi_va_hoc_sinh_dot_1.xlsx" if data.startswith(b"PK") else "danh_sach.csv"
    answer = forms.send(client, where, sheet=(io.BytesIO(data), name))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location.rpartition("/")[2])


def _a_label(session, world: World) -> str:

    return labels.mint(session, 1, by=world.people[Role.STOREKEEPER], at=AT)[0]


@pytest.fixture
def enter(live_server: LiveServer, context: "BrowserContext", world: World) -> Callable[[Role], None]:
    """Sign the browser in as somebody of a role."""

    def signed_in(role: Role) -> None:
        client = live_server.app.test_client()
        with live_server.app.app_context():
            sign_in_as(client, world.people[role], db.session())
        cookie = client.get_cookie("tracker")
        assert cookie is not None
        context.add_cookies([{"name": "tracker", "value": cookie.value, "url": live_server.url}])

    return signed_in


@pytest.mark.parametrize("role", PAGES, ids=lambda role: role or "stranger")
def test_every_page_is_sound_on_a_phone_and_on_a_desk(
    page: "Page", enter: Callable[[Role], None], world: World, role: Role | None
):
    if role:
        enter(role)
    axe, wrong = AXE.read_text(encoding="utf-8"), []
    for address in PAGES[role]:
        where = address.format(**world.values, **{str(status): code for status, code in world.codes.items()})
        answer = page.goto(where)
        if answer is None or answer.ok is ((role, address) in REFUSED):
            wrong.append(f"{where} answers {answer and answer.status}")
        page.evaluate(axe)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            wrong += [f"{where} on a {size}: {each}" for each in _faults(page, size)]

    assert not wrong, "\n".join(wrong)


def test_a_stranger_scans_signs_in_and_works_on_without_a_script(
    browser, live_server: LiveServer, world: World
):
    from tests.people.browsers import PASSWORD, PASSWORD_HASH
    from tracker.people.models import User

    keeper, code = world.people[Role.STOREKEEPER], world.codes[Status.READY]
    with live_server.app.app_context():
        db.session.execute(update(User).where(User.id == keeper.user).values(password_hash=PASSWORD_HASH))
        email = db.session.execute(select(User.email).where(User.id == keeper.user)).scalar_one()
        db.session.commit()
    opened = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    try:
        page = opened.new_page()
        page.goto(f"/scan?q={code}")
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("#sign-in button")
        assert page.url.endswith(f"/T/{code}")
        page.click("a[href*='/stock/move']")
        assert code in page.input_value("[name=codes]").replace(" ", "")
        page.click("button[form=move]")
        assert "Kho chính" in page.locator("h1").inner_text()
        page.goto(f"/T/{code}")
        assert "Kho chính" in page.locator(".facts").inner_text()
    finally:
        opened.close()


def _faults(page: "Page", size: str) -> list[str]:
    """Say what is wrong with the page as it stands, in its own typeface and in a wide one."""
    found = page.evaluate(RUN)
    if page.locator("h1").count() != 1:
        found.append("not one h1")
    if size == "phone":
        found += [f"too small for a thumb: {each}" for each in page.evaluate(SMALL)]
    for typeface in ("its own", MONOSPACE):
        if typeface != "its own":
            page.evaluate(SET_IN, typeface)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"wider than the screen in {typeface}: {page.evaluate(WIDE)}")
    page.evaluate("document.adoptedStyleSheets = []")
    if re.search(r"%\(\w+\)s|Words\(|&lt;|None\b", page.locator("main").inner_text()):
        found.append("shows what is for the machine")
    return found
