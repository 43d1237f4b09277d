"""The workshop's walk: a laptop from received to ready through a failure, a repair, a proved wipe, and a second look."""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import CHROMIUM_FLAGS, LiveServer
from tests.handover.test_browser import come_in, fits
from tests.makers import a_device, a_person
from tests.workshop.test_evidence import only, tools, wiped
from tracker.custody import queries, replay
from tracker.custody.road import Status
from tracker.db import db
from tracker.evidence import actions as evidence
from tracker.people.roles import Actor, Role
from tracker.photographs.models import Photograph
from tracker.spares.models import Spare


@pytest.fixture
def bench(live_server: LiveServer):
    """A technician, a coordinator, and a laptop of which intake knows nothing but that it came."""
    with live_server.app.app_context():
        session = db.session()
        technician = a_person(session, role=Role.TECHNICIAN, name="Trần Văn Thợ")
        coordinator = a_person(session, role=Role.COORDINATOR)
        device = a_device(session, holder=technician.org, category="laptop", make="", model="", serial="")
        code = queries.code_of(session, device)
        session.commit()
    return live_server, technician, coordinator, device, code


@pytest.fixture
def launch(browser, live_server: LiveServer):
    """Open a browser with a camera, Chromium's own, signed in."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    flags = [*CHROMIUM_FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    running = browser.browser_type.launch(executable_path=path, args=flags)

    def opened(actor: Actor):
        context = running.new_context(
            base_url=live_server.url,
            locale="vi-VN",
            viewport={"width": 360, "height": 740},
            permissions=["camera"],
        )
        context.set_default_timeout(10_000)
        with live_server.app.app_context():
            come_in(context, live_server, db.session(), actor)
        return context.new_page()

    yield opened
    running.close()


def collected(live_server: LiveServer, technician: Actor, code: str, folder: Path) -> str:
    """Run the collecting script as on the machine itself, with the tools of a live Linux, and return what it says."""
    with live_server.app.app_context():
        session = db.session()
        secret = evidence.make_pass(session, by=technician, at=datetime.now(UTC))
        session.commit()
        script = live_server.app.test_client().get("/evidence/collect.sh").data
    (folder / "collect.sh").write_bytes(script)
    path = f"{tools(folder / 'tools')}{os.pathsep}{only(folder / 'few', 'curl')}"
    ran = subprocess.run(
        ["/bin/sh", folder / "collect.sh", code, secret],
        env={"PATH": path, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return ran.stdout


def press(page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()
    assert fits(page)


def add_part(page, kind: str, name: str) -> None:
    page.goto("/spares")
    form = page.locator("#add-spare")
    form.locator("[name=kind]").select_option(kind)
    form.locator("[name=name]").fill(name)
    form.locator("[name=quantity]").fill("2")
    form.locator("[name=origin][value=bought]").check()
    press(page, "Nhập kho")


def answer_all(page, **bad: str) -> None:
    """Answer every check that the machine has not answered: good, but for what is bad."""
    form = page.locator("#checks-form")
    for tile in form.locator("input[type=radio][value=pass]").all():
        key = tile.get_attribute("name").removeprefix("check-")
        if key in bad:
            form.locator(f"[name=check-{key}][value=fail]").check()
        elif not form.locator(f"[name=check-{key}]:checked").count():
            tile.check()


def photograph(page, about: str) -> None:
    """Take a photograph with the camera of what a check asks for, and keep it."""
    part = page.locator("#photographs")
    part.get_by_role("button", name="Chụp bằng máy ảnh").click()
    part.get_by_role("button", name="Chụp", exact=True).click()
    part.locator("[data-previews] li").first.wait_for()
    part.get_by_label("Thời điểm").select_option("after")
    part.get_by_label("Nội dung chụp").select_option(about)
    part.get_by_role("button", name="Lưu ảnh").click()
    page.get_by_text("Đã lưu 1 ảnh").wait_for()


def test_a_laptop_goes_from_received_to_ready_over_a_repair_and_a_proved_wipe(bench, launch, tmp_path: Path):
    live_server, technician, coordinator, device, code = bench
    office = launch(coordinator)
    office.goto("/workshop/checklists/laptop/edit")
    office.locator("[name=photo-casing]").check()
    office.locator("[name=why]").fill("Sở cần ảnh vỏ máy")
    press(office, "Áp dụng phiên bản mới")
    office.get_by_text("Phiếu kiểm tra laptop/3").wait_for()

    page = launch(technician)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    add_part(page, "battery", "Pin 01AV421")
    add_part(page, "keyboard", "Bàn phím T480")

    # The machine describes itself.
    assert "Đã đọc và lưu" in collected(live_server, technician, code, tmp_path)
    page.goto(f"/workshop/{code}")
    page.get_by_text("Intel(R) Core(TM) i5-8350U").wait_for()
    press(page, "Bắt đầu kiểm tra")
    assert page.locator("[name=value-memory]").input_value() == "12"
    assert page.locator("[name=check-battery][value=fail]").is_checked()

    # The first inspection fails.
    answer_all(page, battery="", keyboard="")
    press(page, "Lưu kiểm tra")
    for kind in ("Bàn phím", "Pin"):
        press(page, f"Ghi thành lỗi: {kind}")
    assert page.get_by_text("Còn thiếu để được đạt").is_visible()
    press(page, "Chuyển sửa")

    # A repair with two parts.
    for kind in ("Pin 01AV421", "Bàn phím T480"):
        page.locator("summary", has_text="Lắp linh kiện").click()
        options = page.locator("[name=spare] option", has_text=kind)
        page.locator("[name=spare]").select_option(options.first.get_attribute("value"))
        press(page, "Lắp vào")
    for outcome in page.locator("[name^=outcome-][value=replaced-part]").all():
        outcome.check()
    press(page, "Lưu và báo sửa xong")
    page.get_by_text("Kiểm tra lần hai, sau khi sửa").wait_for()

    # A wipe that its log proves.
    log = {"name": "nwipe.log", "mimeType": "text/plain", "buffer": wiped()}
    page.locator("summary", has_text="Tải tệp lên").click()
    page.locator("#f-files").set_input_files(log)
    press(page, "Tải lên")
    page.get_by_text("Dữ liệu đã được xóa").first.wait_for()

    # The second inspection, with its photograph.
    answer_all(page)
    page.locator("[name=check-battery][value=pass]").check()
    page.locator("[name=value-battery-health]").fill("97")
    press(page, "Lưu kiểm tra")
    assert page.get_by_text("Chưa có ảnh: Vỏ máy").is_visible()
    photograph(page, "casing")
    page.locator("[name=function][value=F5]").check()
    page.locator("[name=cosmetic][value=C4]").check()
    press(page, "Đạt")

    assert errors == []
    with live_server.app.app_context():
        session = db.session()
        row = queries.locked(session, device)
        kinds = [line.kind for line in reversed(queries.history(session, device))]
        assert (row.status, row.grade, row.serial) == (Status.READY, "F5 C4", "PF1VN0T8")
        assert session.scalars(select(Spare.quantity)).all() == [1, 1]
        assert session.scalar(select(Photograph.about)) == "casing"
        assert not list(replay.differences(session))
    told = " ".join(kinds)
    assert re.search(
        "evidence.*inspect.*send-to-repair.*fit.*fit.*finish-repair.*erase.*photograph.*pass", told
    )
