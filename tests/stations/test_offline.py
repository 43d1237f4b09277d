"""The station without a network: nothing is lost, nothing counts twice, and what came back refused stays until it is read."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tests.handover.test_browser import come_in
from tests.makers import a_device, a_person
from tests.stations.makers import sent
from tests.stations.test_settling import a_shelf
from tracker.custody import queries
from tracker.custody.models import Device
from tracker.db import db
from tracker.people.models import User
from tracker.people.roles import Role
from tracker.stations.models import Scan, StationRun
from tracker.workshop import actions as workshop

SETTLE = "**/stations/settle"


@pytest.fixture
def session(live_server):
    with live_server.app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


@pytest.fixture
def technician(session, live_server, context):
    actor = a_person(session)
    come_in(context, live_server, session, actor)
    return actor


def shelved(session: Session, shelf: int, by, count: int) -> list[str]:
    """Return the codes of devices on a shelf: as a move would leave them, without two hundred moves."""
    first = a_device(session, holder=by.org)
    row = session.execute(select(Device.__table__).where(Device.id == first)).one()._asdict()
    codes = []
    from tracker.custody.codes import mint

    for _n in range(count):
        codes.append(mint(codes))
        session.execute(insert(Device).values({**row, "id": None, "code": codes[-1], "place_id": shelf}))
    session.commit()
    return codes


def opened(page: Page, action: str, **chosen: int) -> None:
    page.goto(f"/stations/#{action}")
    page.wait_for_selector("body[data-ready]")
    for name, value in chosen.items():
        page.wait_for_selector(f"#f-{name} option[value='{value}']", state="attached")
        page.select_option(f"#f-{name}", str(value))


def scan(page: Page, text: str) -> None:
    page.fill("[data-wedge]", text)
    page.press("[data-wedge]", "Enter")


def scan_all(page: Page, texts: list[str]) -> None:
    """As a hand scanner types them, one right after the other."""
    page.evaluate(
        """texts => { const field = document.querySelector("[data-wedge]"); for (const text of texts) {
            field.value = text;
            field.dispatchEvent(new InputEvent("input", {bubbles: true}));
            field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
        } }""",
        texts,
    )


def unsent(page: Page, count: int) -> None:
    expect(page.locator("body")).to_have_attribute("data-unsent", str(count))


def verdict(page: Page, word: str) -> None:
    expect(page.locator("[data-outcome] .outcome")).to_have_class(f"outcome v-{word}")


def offline_ready(page: Page) -> None:
    page.wait_for_selector("body[data-offline-ready]")


def test_a_count_of_two_hundred_is_right_to_the_device_though_all_goes_wrong(
    page: Page, context: BrowserContext, session, technician
):
    shelf = a_shelf(session, technician)
    codes = shelved(session, shelf, technician, 200)
    stray = queries.code_of(session, a_device(session, holder=technician.org))
    session.commit()
    opened(page, "count", place=shelf)
    offline_ready(page)

    scan_all(page, codes[:60])
    expect(page.locator("[data-of=done] dd")).to_have_text("60")
    context.set_offline(True)  # the network goes
    scan_all(page, [*codes[60:110], codes[5], "không phải mã"])
    unsent(page, 52)
    page.close()  # the battery dies
    again = context.new_page()
    again.goto("/stations/#count")
    again.wait_for_selector("body[data-ready]")
    expect(again.locator("[data-all]")).to_have_text("200")
    scan_all(again, codes[110:150])
    lost: list[int] = []

    def lose(route: Route) -> None:  # the server has it, and its answer is lost
        route.fetch()
        lost.append(1)
        route.abort()

    context.route(SETTLE, lose, times=1)
    context.set_offline(False)
    scan_all(again, [*codes[150:195], stray])
    unsent(again, 0)

    assert lost == [1]
    unread = again.locator(".station-list .unread")  # what waited and was refused
    expect(unread.filter(has_text="không phải mã")).to_have_count(1)
    expect(unread.filter(has_text=f"{stray[:4]} {stray[4:]}")).to_have_count(1)
    expect(unread).to_have_count(2)
    for left in (1, 0):
        unread.first.locator("button").click()
        expect(unread).to_have_count(left)
    again.get_by_role("button", name="Kết thúc").click()
    again.wait_for_url("**/stations/sittings/*")
    run = session.execute(select(StationRun)).scalar_one()
    missing = session.scalars(select(Device.code).where(Device.id.in_(json.loads(run.missing)))).all()
    assert sorted(missing) == sorted(codes[195:])
    marks = dict(
        session.execute(select(Scan.mark, func.count(Scan.device_id.distinct())).group_by(Scan.mark)).all()
    )
    assert marks["here"] == 195
    assert marks["elsewhere"] == 1
    assert session.scalar(select(func.count()).select_from(Scan)) == 195 + 3
    figures = again.locator(".stat-value").all_inner_texts()
    assert figures[:4] == ["200", "195", "5", "1"]


def test_the_same_outbox_in_two_tabs_sends_each_scan_once(
    page: Page, context: BrowserContext, session, technician
):
    shelf = a_shelf(session, technician)
    codes = shelved(session, shelf, technician, 20)
    opened(page, "count", place=shelf)
    other = context.new_page()
    other.goto("/stations/#count")
    other.wait_for_selector("body[data-ready]")
    context.set_offline(True)
    for mine, theirs in zip(codes[:10], codes[10:], strict=True):
        scan(page, mine)
        scan(other, theirs)
    unsent(page, 20)
    requests: list[str] = []
    context.on(
        "requestfinished",
        lambda request: requests.append(request.post_data or "") if request.url.endswith("/settle") else None,
    )
    context.set_offline(False)
    unsent(page, 0)
    unsent(other, 0)

    rows = session.execute(select(Scan.verdict, func.count()).group_by(Scan.verdict)).all()
    assert [tuple(row) for row in rows] == [("done", 20)]
    ids = [one["id"] for body in requests for one in json.loads(body)["scans"]]
    assert len(ids) == len(set(ids)) == 20


def test_what_somebody_else_did_meanwhile_comes_back_and_stays_until_it_is_read(
    page: Page, context: BrowserContext, session, technician
):
    colleague = a_person(session, org=technician.org)
    device = a_device(session, holder=technician.org)
    code = queries.code_of(session, device)
    session.commit()
    opened(page, "inspect")
    context.set_offline(True)
    scan(page, code)
    verdict(page, "queued")
    workshop.start(
        session,
        queries.locked(session, device),
        by=colleague,
        ask=workshop.Ask("theirs-1", datetime.now(UTC)),
    )
    session.commit()
    workshop.report_fault(
        session, queries.locked(session, device), "screen", "", by=colleague, at=datetime.now(UTC)
    )
    workshop.send_to_repair(
        session,
        queries.locked(session, device),
        by=colleague,
        ask=workshop.Ask("theirs-2", datetime.now(UTC)),
    )
    session.commit()
    context.set_offline(False)
    verdict(page, "blocked")

    page.get_by_role("button", name="Kết thúc").click()
    expect(page.locator("[data-trouble]")).to_contain_text("Đã đọc")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator(".station-list .unread")).to_have_count(1)
    page.locator(".station-list .unread button").click()
    expect(page.locator(".station-list .unread")).to_have_count(0)
    page.get_by_role("button", name="Kết thúc").click()
    page.wait_for_url("**/stations/sittings/*")


def test_a_station_is_not_finished_while_something_is_unsent(
    page: Page, context: BrowserContext, session, technician
):
    code = queries.code_of(session, a_device(session, holder=technician.org))
    session.commit()
    opened(page, "inspect")
    context.set_offline(True)
    scan(page, code)
    verdict(page, "queued")

    page.get_by_role("button", name="Kết thúc").click()

    expect(page.locator("[data-trouble]")).to_contain_text("chưa gửi")
    assert session.scalar(select(func.count()).select_from(StationRun)) == 0


def stores(page: Page) -> list[str]:
    return page.evaluate(
        "async () => [...(await indexedDB.databases()).map(({name}) => name), ...await caches.keys(), "
        "...(await navigator.serviceWorker.getRegistrations()).map(({scope}) => new URL(scope).pathname)]"
    )


@pytest.mark.parametrize("leave", [True, False])
def test_signing_out_wipes_what_is_kept_and_asks_when_something_is_unsent(
    page: Page, context: BrowserContext, session, technician, leave: bool
):
    code = queries.code_of(session, a_device(session, holder=technician.org))
    session.commit()
    opened(page, "inspect")
    offline_ready(page)
    context.route(SETTLE, lambda route: route.abort())
    scan(page, code)
    verdict(page, "queued")
    page.goto("/")
    assert len(stores(page)) == 3
    asked: list[str] = []

    def answer(dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if leave else dialog.dismiss()

    page.on("dialog", answer)

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    if leave:
        page.wait_for_url("**/sign-in")
    else:
        page.wait_for_timeout(300)

    assert "1 lượt quét chưa gửi" in asked[0]
    assert len(stores(page)) == (0 if leave else 3)


def test_a_disabled_person_keeps_nothing(page: Page, context: BrowserContext, session, technician):
    opened(page, "inspect")
    offline_ready(page)
    session.execute(update(User).where(User.id == technician.user).values(disabled_at=datetime.now(UTC)))
    session.commit()

    page.reload()

    expect(page.locator("[data-trouble]")).to_contain_text("đã bị xóa")
    assert stores(page) == []


def test_one_whose_sign_in_ran_out_keeps_the_scans_and_is_asked_to_sign_in(
    page: Page, context: BrowserContext, live_server, session, technician
):
    code = queries.code_of(session, a_device(session, holder=technician.org))
    session.commit()
    opened(page, "inspect")
    offline_ready(page)
    page.wait_for_load_state("networkidle")
    context.clear_cookies()
    scan(page, code)
    expect(page.locator("[data-net] a")).to_have_attribute("href", "/sign-in?to=%2Fstations%2F")
    unsent(page, 1)

    come_in(context, live_server, session, technician)
    page.reload()

    unsent(page, 0)
    assert session.scalars(select(Scan.verdict)).all() == ["done"]


def test_somebody_elses_scans_are_not_sent_under_ones_own_name(
    page: Page, context: BrowserContext, live_server, session, technician
):
    code = queries.code_of(session, a_device(session, holder=technician.org))
    other = a_person(session, org=technician.org)
    session.commit()
    opened(page, "inspect")
    context.set_offline(True)
    scan(page, code)
    verdict(page, "queued")
    context.clear_cookies()
    come_in(context, live_server, session, other)
    context.set_offline(False)
    page.reload()

    expect(page.locator("[data-net-words]")).to_contain_text("người khác")
    assert session.scalars(select(Scan.user_id)).all() == []


def test_what_cannot_be_sent_is_saved_as_a_file_and_brought_in_by_the_office(
    page: Page, context: BrowserContext, live_server, session, technician, browser
):
    devices = [a_device(session, holder=technician.org) for _n in range(3)]
    codes = [queries.code_of(session, device) for device in devices]
    keeper = a_person(session, role=Role.STOREKEEPER, org=technician.org)
    session.commit()
    opened(page, "inspect")
    context.set_offline(True)
    for code in codes:
        scan(page, code)
    unsent(page, 3)
    with page.expect_download() as download:
        page.get_by_role("button", name="thành tệp").click()
    file = download.value.path()
    office = browser.new_context(base_url=live_server.url, locale="vi-VN")
    come_in(office, live_server, session, keeper)
    desk = office.new_page()
    for turn in ("first", "again"):
        desk.goto("/stations/import")
        desk.set_input_files("#f-file", file)
        desk.locator("form.panel button").click()
        expect(desk.locator(".rows tbody tr")).to_have_count(3)
        if turn == "again":
            expect(desk.locator(".flashes")).to_contain_text("Trong đó đã đến từ trước: 3")
    office.close()

    rows = session.execute(select(Scan.user_id, Scan.imported_by, Scan.verdict, Scan.queued)).all()
    assert [tuple(row) for row in rows] == [(technician.user, keeper.user, "done", True)] * 3
    session.rollback()  # reading, too, holds the lock on SQLite
    context.set_offline(False)
    unsent(page, 0)
    verdict(page, "done")


def test_a_file_of_others_an_altered_pass_and_other_files_are_refused(make_app: Callable, sqlite_url: str):
    from io import BytesIO

    from tests.makers import sign_in_as
    from tests.people.browsers import token
    from tracker.stations.passes import pass_for

    app = make_app(sqlite_url)
    client = app.test_client()
    with app.app_context():
        session = db.session()
        technician, stranger = a_person(session), a_person(session)
        session.commit()
        sign_in_as(client, stranger, session)
        given = pass_for(technician)
    scans = [sent("inspect", "x")]
    good = {"format": "tracker-scans/1", "pass": given, "scans": scans}
    bad = [
        json.dumps(good).encode(),
        json.dumps({**good, "pass": given[:-2] + "xx"}).encode(),
        json.dumps({**good, "pass": ""}).encode(),
        json.dumps({**good, "scans": []}).encode(),
        json.dumps({**good, "scans": {}}).encode(),
        json.dumps({**good, "format": "other"}).encode(),
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b"",
        b"PK\x03\x04",
    ]
    csrf = token(client)
    for body in bad:
        answer = client.post(
            "/stations/import", data={"csrf_token": csrf, "file": (BytesIO(body), "luot-quet.json")}
        )
        assert answer.status_code == 422, body[:60]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 0
