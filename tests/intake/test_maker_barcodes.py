"""At the door the barcodes of a machine are scanned in any order, and each goes into its field."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.handover.test_browser import come_in
from tests.makers import a_donation, a_person
from tests.stations.makers import NOW
from tracker.custody import labels
from tracker.db import db
from tracker.people.roles import Role

IMEI, OTHER = "351823086763117", "358240051111110"


@pytest.fixture
def form(page: Page, context, live_server) -> tuple[Page, str]:
    with live_server.app.app_context():
        engine = db.engine
    with Session(engine) as session:
        keeper = a_person(session, role=Role.STOREKEEPER)
        donation = a_donation(session, by=keeper)
        code = labels.mint_one(session, by=keeper, at=NOW)
        come_in(context, live_server, session, keeper)
        session.commit()
    page.goto(f"/donations/{donation}/receive")
    return page, code


def scan(page: Page, text: str) -> None:
    page.fill("[data-wedge]", text)
    page.press("[data-wedge]", "Enter")


def test_each_barcode_goes_into_its_field_and_nothing_is_replaced_unasked(form):
    page, code = form
    for text in (f"IMEI:{IMEI}", "8934563138165", OTHER, "1S20L6S0XX00PF1ABC23", code, IMEI):
        scan(page, text)
        page.wait_for_timeout(150)

    values = {name: page.input_value(f"[name={name}]") for name in ("serial", "imei1", "imei2", "code")}
    assert values == {"serial": "PF1ABC23", "imei1": IMEI, "imei2": OTHER, "code": code}
    expect(page.locator("[data-said] li").first).to_contain_text("Đã có sẵn")

    scan(page, "5CD9014XYZ")
    expect(page.locator("[data-said] li").first).to_contain_text("đang có số khác")
    assert page.input_value("[name=serial]") == "PF1ABC23"
    page.locator("[data-said] li button").first.click()
    assert page.input_value("[name=serial]") == "5CD9014XYZ"


def test_a_scan_straight_into_the_serial_is_looked_at_and_typing_is_kept(form):
    page, _code = form
    page.fill("[name=serial]", IMEI)
    page.press("[name=serial]", "Enter")
    expect(page.locator("[name=imei1]")).to_have_value(IMEI)
    assert page.input_value("[name=serial]") == ""

    page.fill("[name=serial]", "KHONGCOSO")
    page.press("[name=serial]", "Enter")
    expect(page.locator("[data-said] li").first).to_contain_text("KHONGCOSO")
    expect(page.locator("[name=serial]")).to_have_value("KHONGCOSO")
