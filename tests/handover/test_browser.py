"""A school confirms a receipt with a phone: opens the record's code, scans, signs with a finger."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.handover.makers import sent_today, stage, states, with_key
from tracker.db import db
from tracker.handover.models import Giving, Handover
from tracker.people import actions as people


@pytest.fixture
def session(live_server):
    with_key(live_server.app)
    with live_server.app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


def come_in(context, live_server, session, actor):
    """Give the browser the cookie of somebody who signed in a moment ago."""
    secret = people.open_sign_in(session, actor.user, at=datetime.now(UTC))
    session.commit()
    app = live_server.app
    signer = app.session_interface.get_signing_serializer(app)
    cookie = signer.dumps({"_user_id": secret, "_fresh": True, "seen": int(datetime.now(UTC).timestamp())})
    context.add_cookies([{"name": "tracker", "value": cookie, "url": live_server.url}])


def sign(page):
    sheet = page.locator("canvas")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 30 + 12 * step, box["y"] + 30 + 6 * (step % 5))
    page.mouse.up()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_school_confirms_with_its_phone_and_gives_the_device(page, context, live_server, session):
    way = sent_today(session, count=2)
    come_in(context, live_server, session, way.receiver)

    page.goto(f"/h/{way.id}#{way.secret}")
    assert page.locator("[name=secret]").input_value() == way.secret
    assert way.secret not in page.url
    assert fits(page)
    wedge = page.locator("[data-wedge]")
    for text in (way.codes[0].lower(), f"{live_server.url}/T/{way.codes[1]}"):
        wedge.fill(text)
        wedge.press("Enter")
    sign(page)
    page.get_by_role("button", name="Xác nhận đã nhận").last.click()
    page.wait_for_url("**/handovers/*")

    assert fits(page)
    assert stage(session, way.id) == "closed"
    assert set(states(session, way.id).values()) == {"received"}
    assert session.scalar(select(Handover.signature).where(Handover.id == way.id)).startswith("[[")
    session.rollback()

    page.goto("/giving")
    assert fits(page)
    page.get_by_role("link", name="Trao").first.click()
    page.locator("[name=name]").fill("Nguyễn Văn Cha")
    sign(page)
    page.get_by_role("button", name="Đã trao").click()
    page.wait_for_url("**/giving")

    assert session.scalars(select(Giving.name)).all() == ["Nguyễn Văn Cha"]


def test_without_a_script_the_same_forms_do(browser, live_server, session):
    way = sent_today(session, count=1)
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    come_in(context, live_server, session, way.receiver)
    page = context.new_page()

    page.goto(f"/h/{way.id}")
    page.locator("[name=codes]").fill(way.codes[0])
    page.locator("[name=secret]").fill(way.secret)
    page.locator("[name=signature_typed]").check()
    page.get_by_role("button", name="Xác nhận đã nhận").last.click()

    assert stage(session, way.id) == "closed"
    context.close()
