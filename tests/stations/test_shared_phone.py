"""One phone, several people: each one's scans are theirs, and nobody's sign-in deletes those of another."""

from datetime import UTC, datetime
from functools import wraps

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update

from tests.handover.test_browser import come_in
from tests.makers import a_device, a_person
from tests.stations.test_offline import (  # noqa: F401
    SETTLE,
    offline_ready,
    opened,
    scan,
    session,
    technician,
    unsent,
    verdict,
)
from tracker.custody import queries
from tracker.people.models import User
from tracker.people.roles import Role
from tracker.stations.models import Scan

pytestmark = pytest.mark.filterwarnings("error")
WAITING = """() => new Promise((done) => { const opening = indexedDB.open("tracker-station"); opening.onsuccess = () => {
    const base = opening.result;
    if (!base.objectStoreNames.contains("scans")) { base.close(); done([]); return; }
    const asked = base.transaction("scans").objectStore("scans").getAll();
    asked.onsuccess = () => { base.close(); done(asked.result.filter((row) => row.waiting).map((row) => row.user)); }; }; })"""


@pytest.fixture
def waits(page: Page, context: BrowserContext, session, technician) -> str:  # noqa: F811
    """Scan a device at a station that is kept for the time without a network, and leave the scan unsent."""
    code = queries.code_of(session, a_device(session, holder=technician.org))
    session.commit()
    opened(page, "inspect")
    offline_ready(page)
    context.set_offline(True)
    scan(page, code)
    verdict(page, "queued")
    return code


@pytest.mark.parametrize("open_still", [True, False])
def test_scans_of_one_are_not_sent_as_those_of_the_next(
    page: Page,
    context: BrowserContext,
    live_server,
    session,  # noqa: F811
    technician,  # noqa: F811
    waits,
    open_still: bool,
):
    other = a_person(session, org=technician.org)
    session.commit()
    context.clear_cookies()
    come_in(context, live_server, session, other)
    context.set_offline(False)
    if not open_still:
        page.reload()

    expect(page.locator("[data-net-words]")).to_contain_text("người khác", timeout=15_000)
    expect(page.locator("body")).to_have_attribute("data-user", str(other.user))
    assert session.scalars(select(Scan.user_id)).all() == []
    assert page.evaluate(WAITING) == [technician.user]


def test_an_office_signing_in_on_the_phone_deletes_nothing(
    page: Page,
    context: BrowserContext,
    live_server,
    session,  # noqa: F811
    technician,  # noqa: F811
    waits,
):
    office = a_person(session, role=Role.COORDINATOR)
    session.commit()
    context.clear_cookies()
    come_in(context, live_server, session, office)
    context.set_offline(False)
    page.reload()

    expect(page.locator("[data-net] a")).to_have_attribute("href", "/sign-in?to=%2Fstations%2F")
    assert page.evaluate(WAITING) == [technician.user]
    context.clear_cookies()
    come_in(context, live_server, session, technician)
    page.reload()
    unsent(page, 0)
    assert session.scalars(select(Scan.verdict)).all() == ["done"]


def test_one_who_is_disabled_loses_only_their_own(
    page: Page,
    context: BrowserContext,
    live_server,
    session,  # noqa: F811
    technician,  # noqa: F811
    waits,
):
    other = a_person(session, org=technician.org)
    session.commit()
    context.clear_cookies()
    come_in(context, live_server, session, other)
    context.set_offline(False)
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-user", str(other.user))
    page.wait_for_selector("body[data-ready]")
    context.route(SETTLE, lambda route: route.abort())
    scan(page, waits)
    unsent(page, 1)
    session.execute(update(User).where(User.id == other.user).values(disabled_at=datetime.now(UTC)))
    session.commit()

    page.reload()

    expect(page.locator("[data-trouble]")).to_contain_text("đã bị xóa")
    page.wait_for_function(f"async () => String(await ({WAITING})()) === '{technician.user}'")


def test_signatures_of_many_pages_are_sent_in_several_requests(
    page: Page,
    session,  # noqa: F811
    technician,  # noqa: F811
):
    code = queries.code_of(session, a_device(session, holder=technician.org))
    session.commit()
    opened(page, "inspect")

    page.evaluate(
        """async (code) => {
            const { Outbox } = await import(document.body.dataset.outbox);
            const box = await Outbox.open(await import(document.body.dataset.idb), Number(document.body.dataset.user));
            const giving = { taken_by: "pupil", name: "Mẫu", strokes: JSON.stringify([Array(19998).fill(1000)]), declared: false };
            for (let n = 0; n < 50; n += 1) await box.put({ run: "many-signatures", action: "look", text: code, via: "typed", giving });
        }""",
        code,
    )
    page.reload()

    unsent(page, 0)
    assert len(session.scalars(select(Scan.n)).all()) == 50


def test_a_station_left_open_in_another_tab_says_so_after_sign_out(
    page: Page,
    context: BrowserContext,
    session,  # noqa: F811
    technician,  # noqa: F811
):
    opened(page, "inspect")
    desk = context.new_page()
    desk.goto("/")

    desk.locator("details.menu summary").click()
    desk.get_by_role("button", name="Đăng xuất").click()
    desk.wait_for_url("**/sign-in")

    expect(page.locator("[data-net] a")).to_have_attribute("href", "/sign-in?to=%2Fstations%2F")
    expect(page.locator("[data-wedge]")).to_be_hidden()
    page.wait_for_timeout(4500)  # the next turn of what is sent again and again; a script error fails the test
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0


def test_a_page_of_a_newer_version_is_not_kept_with_the_scripts_of_an_older(
    page: Page,
    context: BrowserContext,
    live_server,
    session,  # noqa: F811
    technician,  # noqa: F811
    monkeypatch,
):
    opened(page, "inspect")
    offline_ready(page)
    newer = live_server.app.view_functions["stations.station"]

    @wraps(newer)
    def station():
        answer = newer()
        body = answer if isinstance(answer, str) else answer.get_data(as_text=True)
        return body.replace("js/station.js?v=", "js/station.js?v=newer")

    monkeypatch.setitem(live_server.app.view_functions, "stations.station", station)
    context.route("**/stations/sw.js", lambda route: route.abort())  # the network goes before the rest has come
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.wait_for_timeout(500)
    context.set_offline(True)

    page.reload()

    page.wait_for_selector("body[data-ready]")
