"""Every page of these rooms through one check: one heading, labelled, readable, nothing cut off on a phone."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from tests.conftest import ROOT, LiveServer
from tests.house.foreign import World, a_world
from tests.makers import AT, sign_in_as
from tracker.custody import labels, seal
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.models import Organisation
from tracker.people.roles import Role

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
        "/T/{given}",
        "/T/ZZZZZZZZ",
        "/no/such/page",
    ),
    Role.TECHNICIAN: (
        "/",
        "/devices",
        "/stock",
        "/places",
        "/stock/move",
        "/scan",
        "/scan?q=hello",
        "/T/{inspecting}",
        "/workshop",
        "/workshop/{inspecting}",
    ),
    Role.STOREKEEPER: (
        "/",
        "/devices?q=kkkk",
        "/T/{blank}",
        "/T/{missing}",
        "/T/{on-the-way}",
        "/donations",
        "/donors",
        "/device-lists",
        "/handovers",
    ),
    Role.SCHOOL: (
        "/",
        "/T/{given}",
        "/stock/move",
        "/people",
        "/giving",
        "/pupils",
        "/pupils/new",
        "/pupils/import",
        "/handovers",
    ),
    Role.COORDINATOR: (
        "/",
        "/stock",
        "/ledger",
        "/organisations",
        "/organisations/{org_id}",
        "/T/{retired}",
        "/matching",
        "/pupils",
        "/schools",
        "/donations/new",
    ),
    Role.AUDITOR: ("/", "/devices", "/T/{bound}"),
    Role.ADMIN: ("/people", "/organisations/new", "/organisations/{org_id}", "/organisations?q=kkkk"),
}


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
        session.commit()
    return made


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
        page.goto(where)
        page.evaluate(axe)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
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
            wrong += [f"{where} on a {size}: {each}" for each in found]

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
