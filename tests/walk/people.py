"""The people of the walk: each with a browser of their own, some of them with a camera."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.conftest import CHROMIUM_FLAGS
from tests.walk import paper

PASSWORD = "bốn chữ thật khó đoán"
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


class Person:
    """Somebody signed in, doing what they do by clicking and typing."""

    def __init__(self, browser: Browser, url: str, *, phone: bool = False) -> None:
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 900}
        self.url = url
        self.context: BrowserContext = browser.new_context(base_url=url, viewport=size, locale="vi-VN")
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()

    def accept(self, link: str) -> "Person":
        """Follow an invitation and choose a password."""
        self.page.goto(link)
        self.page.fill("#f-password", PASSWORD)
        self.submit("form.panel")
        return self

    def go(self, path: str) -> Page:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        return self.page

    def submit(self, form: str, button: str = "button") -> None:
        """Press a form's button, wherever it stands, and wait for the next page."""
        with self.page.expect_navigation():
            self.page.locator(f"{form} {button}:visible").last.click()
        assert "errors" not in self.page.url
        refused = self.page.locator(".refusal")
        assert refused.count() == 0, refused.first.inner_text()

    def press(self, selector: str) -> None:
        """Press one button or link and wait for the next page."""
        with self.page.expect_navigation():
            self.page.locator(f"{selector}:visible").first.click()
        refused = self.page.locator(".refusal")
        assert refused.count() == 0, refused.first.inner_text()

    def download(self, selector: str) -> bytes:
        """Press a button that hands a file out, and return the file."""
        with self.page.expect_download() as waiting:
            self.page.locator(f"{selector}:visible").first.click()
        return Path(waiting.value.path()).read_bytes()

    def fetch(self, path: str) -> bytes:
        answer = self.context.request.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return answer.body()

    def choose(self, **values: Any) -> None:
        """Fill fields by name: text, a choice, a tile."""
        for name, value in values.items():
            field = self.page.locator(f'[name="{name}"]').first
            kind = field.evaluate("e => e.tagName + ':' + (e.type || '')")
            if kind.startswith("SELECT"):
                field.select_option(str(value))
            elif kind in {"INPUT:radio", "INPUT:checkbox"}:
                self.page.locator(f'[name="{name}"][value="{value}"]').check()
            else:
                field.fill(str(value))

    def sign(self) -> None:
        """Draw a signature with the mouse."""
        sheet = self.page.locator(".signature canvas")
        sheet.scroll_into_view_if_needed()
        box = sheet.bounding_box()
        assert box is not None
        x, y = box["x"], box["y"]
        self.page.mouse.move(x + 30, y + 60)
        self.page.mouse.down()
        for step in range(12):
            self.page.mouse.move(x + 30 + step * 15, y + 60 + (25 if step % 2 else -20))
        self.page.mouse.up()

    def text(self) -> str:
        return self.page.locator("main").inner_text()


@contextmanager
def with_camera(
    playwright: Playwright, person: Person, pieces: list[Image.Image], folder: Path
) -> Iterator[Person]:
    """Let a person take up a phone whose camera sees these pieces of paper; they stay signed in."""
    film = paper.film(pieces, folder / f"film-{len(list(folder.glob('film-*')))}.mjpeg")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    browser = playwright.chromium.launch(
        executable_path=path, args=[*CHROMIUM_FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={film}"]
    )
    try:
        phone = Person(browser, person.url, phone=True)
        phone.context.add_cookies(person.context.cookies())  # type: ignore[arg-type]
        phone.context.grant_permissions(["camera"])
        yield phone
        person.context.clear_cookies()
        person.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
    finally:
        browser.close()


def grouped(code: str) -> str:
    return f"{code[:4]} {code[4:]}"


def code_in(text: str) -> str:
    """Return the first device code that stands in a text."""
    found = re.search(r"\b([2-9B-Z]{4}) ([2-9B-Z]{4})\b", text)
    assert found is not None, text
    return found[1] + found[2]
