"""A school sends back what was signed, from its desk: photographs, a sheet that cannot be read, and the record that then has them."""

import io

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy.orm import Session

from tests.handover.makers import sent_today, with_key
from tests.handover.test_browser import come_in, fits
from tracker.db import db


@pytest.fixture
def session(live_server):
    with_key(live_server.app)
    with live_server.app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


def photographs(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        for at in range(len(document)):
            picture = document[at].render(scale=150 / 72).to_pil().convert("L").rotate(2, fillcolor=150)
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=40)
            yield {"name": f"anh-{at}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_signed_sheets_come_back_and_one_is_filed_by_hand(
    browser, page, context, live_server, session, tmp_path
):
    way = sent_today(session, count=3)
    keeper = browser.new_context(base_url=live_server.url, accept_downloads=True)
    come_in(keeper, live_server, session, way.sender)
    desk = keeper.new_page()
    desk.goto(f"/handovers/{way.id}")
    with desk.expect_download() as given:
        desk.get_by_role("button", name="In").first.click()
    sheets = list(photographs(given.value.path().read_bytes()))
    blank = io.BytesIO()
    Image.new("L", (600, 800), 250).save(blank, "PNG")

    come_in(context, live_server, session, way.receiver)
    page.goto("/filing")
    spoilt = {"name": "mo.png", "mimeType": "image/png", "buffer": blank.getvalue()}
    page.set_input_files("[name=scans]", [*sheets[1:], spoilt])
    page.get_by_role("button", name="Lưu vào hồ sơ").click()
    assert page.get_by_text("1 trang đã lưu").count() == len(sheets) - 1
    page.goto(f"/handovers/{way.id}")
    assert page.get_by_text("còn thiếu trang 1").is_visible()

    page.goto("/filing")
    page.get_by_role("link", name="Mở khay chờ").click()
    assert fits(page)
    number = desk.get_by_role("heading", level=1).inner_text().split()[-1]
    page.get_by_label("Số ghi trên giấy").fill(number)
    page.get_by_label("Trang", exact=True).fill("1")
    page.get_by_role("button", name="Xếp trang này").click()
    assert page.get_by_text("Khay trống").is_visible()

    page.goto(f"/handovers/{way.id}")
    assert not page.get_by_text("còn thiếu trang").count()
    pictures = page.locator("#signed img")
    assert pictures.count() == len(sheets)
    assert pictures.first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert fits(page)
    keeper.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_words_without_an_end_stay_on_the_page(page, context, live_server, session, width):
    way = sent_today(session, count=1)
    come_in(context, live_server, session, way.receiver)
    blank = io.BytesIO()
    Image.new("L", (600, 800), 250).save(blank, "PNG")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/filing")
    endless = {"name": "W" * 190 + ".png", "mimeType": "image/png", "buffer": blank.getvalue()}
    page.set_input_files("[name=scans]", endless)
    page.get_by_role("button", name="Lưu vào hồ sơ").click()

    for where in ("/filing", "/filing/tray", page.url, f"/papers/new?kind=pupil&code={'W' * 300}"):
        page.goto(where)
        assert fits(page), where
