"""A technician photographs a device: with the camera, with files, without a script; and hides what should not be there."""

import io
import os
import re
import shutil

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import CHROMIUM_FLAGS
from tests.handover.test_browser import come_in, fits
from tests.makers import a_device, a_person
from tests.photographs.makers import SVG, a_jpeg, from_a_phone
from tracker.custody.queries import code_of
from tracker.db import db
from tracker.photographs.models import Photograph


@pytest.fixture
def session(live_server):
    with live_server.app.app_context():
        engine = db.engine
    with Session(engine) as opened:
        yield opened


@pytest.fixture
def technician(session):
    return a_person(session)


@pytest.fixture
def code(session, technician):
    return code_of(session, a_device(session, holder=technician.org))


def a_file(name, data, kind="image/jpeg"):
    return {"name": name, "mimeType": kind, "buffer": data}


def kept(session):
    rows = session.execute(select(Photograph.__table__).order_by(Photograph.id)).all()
    session.rollback()  # the server waits while we are in a transaction
    return rows


def picture(page, photograph):
    answer = page.request.get(f"/photographs/{photograph}.jpg")
    return Image.open(io.BytesIO(answer.body()))


@pytest.fixture
def filmed(browser, live_server):
    """A browser with a camera: Chromium's own, which shows a green field with a turning disc."""
    flags = [*CHROMIUM_FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    running = browser.browser_type.launch(executable_path=path, args=flags)
    context = running.new_context(
        base_url=live_server.url,
        locale="vi-VN",
        viewport={"width": 360, "height": 740},
        permissions=["camera"],
    )
    context.set_default_timeout(10_000)
    yield context
    running.close()


def test_a_device_is_photographed_with_the_camera_and_from_files(
    filmed, live_server, session, technician, code
):
    come_in(filmed, live_server, session, technician)
    page = filmed.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.goto(f"/workshop/{code}")
    page.get_by_role("button", name="Bắt đầu kiểm tra").click()
    part = page.locator("#photographs")
    previews = part.locator("[data-previews] li")

    part.get_by_label("Ảnh chụp", exact=True).set_input_files(
        [a_file("nam-ngang.jpg", from_a_phone((3000, 2000))), a_file("hai.jpg", a_jpeg((500, 400), seed=2))]
    )
    previews.nth(1).wait_for()
    part.get_by_role("button", name="Chụp bằng máy ảnh").click()
    part.get_by_role("button", name="Chụp", exact=True).click()
    previews.nth(2).wait_for()
    assert fits(page)
    part.get_by_role("button", name="Bỏ ra: hai.jpg").click()
    assert "Số ảnh sẵn sàng gửi: 2" in part.inner_text()
    part.get_by_label("Thời điểm").select_option(label="Trước khi sửa")
    part.get_by_label("Nội dung chụp").select_option("screen")
    with page.expect_request(lambda request: request.method == "POST") as posted:
        part.get_by_role("button", name="Lưu ảnh").click()
    page.get_by_text("Đã lưu 2 ảnh").wait_for()

    sent = posted.value.post_data_buffer
    if sent is not None:  # made small and clean in the browser already
        assert b"Exif" not in sent
    first = kept(session)[0]
    assert (first.width, first.height, first.stage, first.about) == (1365, 2048, "before", "screen")
    red, green, blue = picture(page, 2).convert("RGB").getpixel((10, 10))
    assert green > 100 > max(red, blue), "the camera's own green"
    assert part.locator("img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert fits(page)

    part.locator("img").first.click()
    page.locator("summary").get_by_text("Ẩn ảnh này").click()
    page.get_by_label("Vì sao").fill("lộ mặt người")
    page.get_by_role("button", name="Ẩn ảnh này").click()
    page.get_by_text("Đã ẩn ảnh").wait_for()
    assert page.get_by_text("lộ mặt người").is_visible()
    assert errors == []


def test_without_a_camera_the_page_says_so_and_files_still_go(
    page, context, live_server, session, technician, code
):
    come_in(context, live_server, session, technician)
    page.goto(f"/photographs/of/{code}")
    page.get_by_role("button", name="Chụp bằng máy ảnh").click()
    said = page.locator("#photographs [role=status]")
    said.get_by_text(re.compile("Không tìm thấy máy ảnh|Máy ảnh chưa được cho phép")).wait_for()

    page.get_by_label("Thời điểm").select_option("received")
    page.get_by_label("Ảnh chụp", exact=True).set_input_files(
        [
            a_file("mot.jpg", a_jpeg()),
            a_file("hinh.svg", SVG, "image/svg+xml"),
            a_file("hong.jpg", b"\xff\xd8\xff hong"),
        ]
    )
    page.locator("[data-previews] li").nth(2).wait_for()
    page.get_by_role("button", name="Lưu ảnh").click()
    page.get_by_text("hong.jpg").wait_for()

    assert page.locator("main").inner_text().count("Bị từ chối") == 2
    assert [row.stage for row in kept(session)] == ["received"]
    page.get_by_role("link", name="Về trang thiết bị").click()
    page.locator("#photographs img").first.wait_for()


def test_without_a_script_files_are_sent_as_they_are(browser, live_server, session, technician, code):
    plain = browser.new_context(base_url=live_server.url, locale="vi-VN", java_script_enabled=False)
    come_in(plain, live_server, session, technician)
    page = plain.new_page()
    page.goto(f"/workshop/{code}")
    assert not page.get_by_role("button", name="Chụp bằng máy ảnh").is_visible()

    page.set_input_files("#f-photographs", [a_file("a.jpg", from_a_phone()), a_file("b.jpg", a_jpeg(seed=2))])
    page.select_option("#f-stage", "after")
    page.get_by_role("button", name="Lưu ảnh").click()

    assert page.get_by_text("Đã lưu 2 ảnh").is_visible()
    assert [(row.width, row.height) for row in kept(session)] == [(600, 800), (800, 600)]
    assert b"Exif" not in page.request.get("/photographs/1.jpg").body()
    plain.close()
