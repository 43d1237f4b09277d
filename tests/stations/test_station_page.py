"""The station in a browser: cards instead of the keyboard, giving with a signature, ticking off, undo, the look of it."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.handover.makers import sent_today
from tests.handover.test_browser import come_in, sign
from tests.makers import a_device, a_person, a_pupil, an_organisation
from tests.stations.test_offline import opened, scan, unsent, verdict
from tests.stations.test_settling import a_shelf
from tracker.custody import queries
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.db import db
from tracker.handover.models import Giving
from tracker.people.roles import OrgKind, Role
from tracker.stations.models import Scan


@pytest.fixture
def session(live_server):
    with live_server.app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


def test_nobody_touches_the_keyboard_mode_place_and_badge_are_scanned(
    page: Page, context: BrowserContext, live_server, session
):
    shop = an_organisation(session, kind=OrgKind.WORKSHOP)
    keeper = a_person(session, role=Role.STOREKEEPER, org=shop)
    colleague = a_person(session, role=Role.STOREKEEPER, org=keeper.org, name="Đỗ Thị Đồng Nghiệp")
    shelf = a_shelf(session, keeper)
    code = queries.code_of(session, a_device(session, holder=keeper.org))
    come_in(context, live_server, session, keeper)
    session.commit()
    page.goto("/stations/")
    page.wait_for_selector("body[data-ready]")
    base = live_server.url.upper()

    scan(page, code)  # before anything was chosen
    verdict(page, "blocked")
    scan(page, f"{base}/M/MOVE")
    expect(page.locator("[data-action]")).to_have_text("Chuyển đến vị trí")
    scan(page, code)  # before the place
    expect(page.locator(".outcome-sentence")).to_contain_text("Quét nhãn vị trí")
    scan(page, f"{base}/P/{shelf}")
    expect(page.locator("[data-context]")).to_contain_text("Kệ A")
    scan(page, f"{base}/U/{colleague.user}")
    expect(page.locator("[data-context]")).to_contain_text("Đỗ Thị Đồng Nghiệp")
    scan(page, code)
    verdict(page, "done")
    scan(page, f"{base}/M/INSPECT")  # not for a storekeeper
    verdict(page, "blocked")
    scan(page, f"{base}/M/COUNT")
    expect(page.locator("[data-action]")).to_have_text("Kiểm kê")

    rows = session.execute(select(Scan.action, Scan.operator_id).where(Scan.device_id.is_not(None))).all()
    assert [tuple(row) for row in rows] == [("move", colleague.user)]


def test_the_last_scan_is_taken_back(page: Page, context: BrowserContext, live_server, session):
    technician = a_person(session)
    device = a_device(session, holder=technician.org)
    come_in(context, live_server, session, technician)
    code = queries.code_of(session, device)
    session.commit()
    opened(page, "inspect")
    scan(page, code)
    verdict(page, "done")

    page.locator("[data-outcome]").get_by_role("button", name="Hoàn tác").click()

    expect(page.locator(".outcome-sentence")).to_contain_text("Đã hoàn tác")
    expect(page.locator(".station-list .undone")).to_have_count(1)
    expect(page.locator("[data-of=done] dd")).to_have_text("0")
    assert session.scalar(select(Device.status).where(Device.id == device)) == Status.RECEIVED


@pytest.mark.parametrize("online", [True, False])
def test_a_school_gives_a_device_and_takes_the_signature_at_the_station(
    page: Page, context: BrowserContext, live_server, session, online: bool
):
    school = an_organisation(session, kind=OrgKind.SCHOOL)
    teacher = a_person(session, role=Role.SCHOOL, org=school)
    pupil = a_pupil(session, school=school, name="Ngô Văn Học Sinh")
    device = a_device(session, status=Status.AT_SCHOOL, pupil=pupil)
    code = queries.code_of(session, device)
    come_in(context, live_server, session, teacher)
    session.commit()
    opened(page, "give")
    context.set_offline(not online)
    scan(page, code)
    taker = page.locator("[data-taker]")
    expect(taker).to_be_visible()
    expect(page.locator("[data-taker-pupil]")).to_contain_text("Ngô Văn Học Sinh" if online else "không lưu")
    taker.locator("form button.btn-primary").click()
    expect(page.locator("[data-taker-wrong]")).to_be_visible()

    taker.locator("[value=guardian]").check()
    page.fill("#f-name", "Ngô Thị Phụ Huynh")
    sign(page)
    taker.locator("form button.btn-primary").click()
    verdict(page, "done" if online else "queued")
    context.set_offline(False)
    unsent(page, 0)

    verdict(page, "done")
    given = session.execute(select(Giving.name, Giving.taken_by, Giving.signature)).one()
    assert (given.name, given.taken_by, given.signature[:2]) == ("Ngô Thị Phụ Huynh", "guardian", "[[")
    session.rollback()
    kept = page.evaluate(
        """async () => { const db = await new Promise(done => { const asked = indexedDB.open("tracker-station"); asked.onsuccess = () => done(asked.result); });
        return JSON.stringify(await new Promise(done => { const all = db.transaction("scans").objectStore("scans").getAll(); all.onsuccess = () => done(all.result); })); }"""
    )
    assert "Học Sinh" not in kept
    assert "Phụ Huynh" not in kept  # once it has been sent
    assert "strokes" not in kept


def test_a_school_ticks_off_what_arrived_and_signs_with_the_secret_of_the_paper(
    page: Page, context: BrowserContext, live_server, session
):
    way = sent_today(session, count=2)
    come_in(context, live_server, session, way.receiver)
    opened(page, "confirm")
    scan(page, f"{live_server.url.upper()}/H/{way.id}#{way.secret}")
    expect(page.locator("[data-all]")).to_have_text("2")
    for code in way.codes:
        scan(page, code)
        verdict(page, "done")
    expect(page.locator("[data-got]")).to_have_text("2")

    page.get_by_role("link", name="Ký nhận").click()

    page.wait_for_url("**/h/*")
    assert page.input_value("[name=secret]") == way.secret
    assert page.locator(".scan-list li").count() == 2
    assert way.secret not in page.url
