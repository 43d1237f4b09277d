"""The parts of the pages: all shown on one page, for everybody, at arm's length, with and without a script."""

import io
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import qrcode
from jinja2 import nodes
from PIL import Image
from playwright.sync_api import expect

from tests.web import parts_page
from tracker.web.headers import POLICY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = parts_page.ROOT
PARTS = sorted((ROOT / "templates" / "parts").glob("*.html"))
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = (360, 740), (1280, 900)


def code_picture(text: str) -> Image.Image:
    """Return a frame of a film that shows a label with `text`."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=4, box_size=9)
    code.add_data(text)
    frame = Image.new("RGB", (640, 480), "#9a9a94")
    picture = code.make_image().get_image().convert("RGB")
    frame.paste(picture, ((640 - picture.width) // 2, (480 - picture.height) // 2))
    return frame


def film(path: Path, *texts: str) -> Path:
    """Write a film of labels as MJPEG: one JPEG after another, half a second a label and a blank between."""
    frames = [
        frame for text in texts for frame in [code_picture(text)] * 15 + [Image.new("RGB", (640, 480))] * 15
    ]
    with path.open("wb") as file:
        for frame in frames:
            jpeg = io.BytesIO()
            frame.save(jpeg, "JPEG", quality=85, subsampling="4:2:0")
            file.write(jpeg.getvalue())
    return path


class Pages(SimpleHTTPRequestHandler):
    """Serve the static files, and any other address as one of the pages given to the server."""

    def __init__(self, *arguments: Any, pages: dict[str, str], asked: list[str]) -> None:
        self.pages, self.asked = pages, asked
        super().__init__(*arguments, directory=str(ROOT / "tracker"))

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            super().do_GET()
            return
        self.asked.append(self.path)
        body = self.pages.get(urlsplit(self.path).path, "<!doctype html><title>-</title>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing: the tests do."""


class Site:
    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []
        handler = partial(Pages, pages=self.pages, asked=self.asked)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def show(self, html: str) -> str:
        self.pages["/"] = html
        return self.url + "/"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


@pytest.fixture
def open_page(browser: "Browser", site: Site) -> Iterator[Callable[..., "Page"]]:
    """Open HTML in the browser; a script error or a refusal by the content policy fails the test."""
    contexts, errors = [], []

    def open_it(html: str, size: tuple[int, int] = PHONE, address: str = "", **options: Any) -> "Page":
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(site.show(html) + address)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert errors == []


def scan_page(call: str) -> str:
    """Return a page with one scan box in a form."""
    source = '{% extends "base.html" %}{% from "parts/scan.html" import scan_box %}{% block title %}Quét{% endblock %}'
    source += "{% block main %}" + call + "{% endblock %}{% block scan_button %}{% endblock %}"
    words = parts_page.catalogue()
    return parts_page.environment(words).from_string(source).render(**parts_page.signed_in())


def macros(path: Path) -> set[str]:
    tree = parts_page.environment().parse(path.read_text(encoding="utf-8"))
    return {macro.name for macro in tree.find_all(nodes.Macro) if not macro.name.startswith("_")}


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_every_part_is_shown_on_the_parts_page(path: Path) -> None:
    tree = parts_page.environment().parse((ROOT / "templates/web/parts.html").read_text(encoding="utf-8"))
    called = {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}

    assert macros(path) - called == set(), "Show it in templates/web/parts.html."


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_a_part_takes_values_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\b(request|session|current_user|me|g|nav)\.", text)
    assert "with context" not in text


PAGES = {
    "parts": parts_page.page,
    "parts in English": lambda: parts_page.page(locale="en"),
    "for a stranger": lambda: parts_page.page("errors/404.html", **parts_page.stranger()),
    "broken": lambda: parts_page.page("errors/500.html", reference="7f3a-01"),
}


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("which", PAGES)
def test_a_page_is_accessible_and_fits(
    which: str, size: tuple[int, int], open_page: Callable[..., "Page"]
) -> None:
    page = open_page(PAGES[which](), size)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")
    complaints = [(v["id"], [node["html"] for node in v["nodes"]]) for v in found["violations"]]

    assert complaints == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_what_is_touched_is_44_pixels_high(size: tuple[int, int], open_page: Callable[..., "Page"]) -> None:
    page = open_page(parts_page.page(), size)
    small = page.evaluate(
        """() => [...document.querySelectorAll(
             '.btn, .form-control, .form-select, .tile, nav a, summary, .worklist a, .foot a')]
           .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
           .map((e) => e.outerHTML.slice(0, 120))"""
    )

    assert small == []


def test_a_page_works_without_a_script(open_page: Callable[..., "Page"], site: Site) -> None:
    page = open_page(parts_page.page(), java_script_enabled=False)

    assert page.get_by_label("Các mã, mỗi dòng một mã").is_visible()
    assert not page.get_by_role("button", name="Dùng máy ảnh").is_visible()
    assert page.get_by_text("Người ký xác nhận bằng họ tên đã ghi").is_visible()
    page.locator("summary", has_text="Trình đơn").click()
    assert page.get_by_role("button", name="Đăng xuất").is_visible()
    page.locator("form[data-go] [name=q]").fill("7K3M 9QX2")
    page.locator("form[data-go] [name=q]").press("Enter")
    page.wait_for_url("**/scan/station?q=*")
    assert parse_qs(urlsplit(page.url).query) == {"q": ["7K3M 9QX2"]}


def test_the_slash_goes_to_the_search_box(open_page: Callable[..., "Page"]) -> None:
    page = open_page(parts_page.page("errors/404.html"))
    page.keyboard.press("/")

    assert page.evaluate("document.activeElement.id") == "search"
    assert page.locator("#search").input_value() == ""


def test_what_was_refused_has_the_focus(open_page: Callable[..., "Page"]) -> None:
    page = open_page(parts_page.page("errors/404.html"))

    assert page.evaluate("document.activeElement.className") == "refusal"


def test_a_hand_scanner_opens_the_page_of_a_code(open_page: Callable[..., "Page"], site: Site) -> None:
    page = open_page(scan_page('{{ scan_box("/scan") }}'))
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.insert_text("HTTPS://SMT.LAN/T/7K3M9QX2")  # and no suffix: the pause says it is complete
    page.wait_for_url("**/scan?q=*")

    assert parse_qs(urlsplit(page.url).query) == {"q": ["HTTPS://SMT.LAN/T/7K3M9QX2"]}


def test_a_person_who_types_slowly_is_not_interrupted(open_page: Callable[..., "Page"], site: Site) -> None:
    page = open_page(scan_page('{{ scan_box("/scan") }}'))
    page.keyboard.type("7K3M9QX2", delay=110)
    page.wait_for_timeout(300)
    asked = list(site.asked)
    page.keyboard.press("Enter")
    page.wait_for_url("**/scan?q=7K3M9QX2")

    assert [path for path in asked if path.startswith("/scan")] == []


def test_a_long_text_that_comes_in_pieces_is_not_cut(open_page: Callable[..., "Page"]) -> None:
    page = open_page(scan_page('<form>{{ scan_box(collect="codes", camera=false) }}</form>'))
    page.evaluate(
        """async () => {
             const input = document.querySelector("[data-wedge]");
             for (const piece of ["HTTPS://SMT.LA", "N/T/7K3M", "9QX2"]) {
               input.value += piece;
               input.dispatchEvent(new InputEvent("input", { bubbles: true }));
               await new Promise((resolve) => setTimeout(resolve, 100));
             }
           }"""
    )

    expect(page.locator("[data-count]")).to_have_text("1")
    assert page.locator("[name=codes]").input_value() == "HTTPS://SMT.LAN/T/7K3M9QX2"


@pytest.mark.parametrize("suffix", ["Enter", "Tab"])
def test_codes_are_collected_once_each(suffix: str, open_page: Callable[..., "Page"]) -> None:
    box = '<form>{{ scan_box(collect="codes", expected=3) }}</form>'
    page = open_page(scan_page(box))
    page.clock.install(time=0)
    page.clock.pause_at(1_000)  # a code ends with its suffix here, however slowly a busy machine types it
    for text in ["7K3M9QX2", "https://smt.lan/t/prt4v8zn", "7k3m 9qx2"]:
        page.keyboard.type(text)
        page.keyboard.press(suffix)

    assert page.locator("[name=codes]").input_value().split("\n") == [
        "7K3M9QX2",
        "https://smt.lan/t/prt4v8zn",
    ]
    assert page.locator("[data-count]").inner_text() == "2"
    assert page.locator("[data-said]").inner_text() == "Đã quét: 7k3m 9qx2"
    page.get_by_role("button", name="Bỏ ra").last.click()
    assert page.locator("[name=codes]").input_value() == "https://smt.lan/t/prt4v8zn"
    assert page.evaluate("document.activeElement.id") == "f-scan"


def test_the_secret_leaves_the_address(open_page: Callable[..., "Page"], site: Site) -> None:
    source = '<form><input type="hidden" name="secret" data-fragment></form>'
    source += '<script type="module" src="{{ static(\'js/fragment.js\') }}"></script>'
    page = open_page(parts_page.environment().from_string(source).render(), address="?a=1#K3-x_9")
    expect(page.locator("[name=secret]")).to_have_value("K3-x_9")

    assert page.url == f"{site.url}/?a=1"
    assert not any("K3" in path for path in site.asked)


SIGNING = (
    '{% from "parts/signature.html" import signature %}<form action="/signed">{{ signature() }}'
    "<button>Gửi</button></form>"
)


def test_a_signature_is_sent_as_whole_numbers(open_page: Callable[..., "Page"], site: Site) -> None:
    page = open_page(scan_page(SIGNING))
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + box["height"], steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Gửi").click()
    page.wait_for_url("**/signed?*")
    strokes = json.loads(parse_qs(urlsplit(page.url).query)["signature"][0])

    assert len(strokes) == 1
    assert all(isinstance(n, int) for n in strokes[0])
    assert strokes[0][:2] == [pytest.approx(500, abs=6), pytest.approx(200, abs=6)]
    assert 800 < strokes[0][-2] <= 1000
    assert 300 < strokes[0][-1] <= 400


def test_a_signature_is_asked_for_and_has_a_way_without_drawing(open_page: Callable[..., "Page"]) -> None:
    page = open_page(scan_page(SIGNING))
    page.locator("canvas").wait_for()
    page.get_by_role("button", name="Gửi").click()
    page.get_by_text("Hãy ký vào ô, hoặc đánh dấu vào dòng bên dưới.").wait_for()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Gửi").click()

    page.wait_for_url("**/signed?signature=&signature_typed=1")


def test_the_camera_reads_a_film_of_labels(browser: "Browser", site: Site, tmp_path: Path) -> None:
    shown = film(tmp_path / "labels.mjpeg", "HTTPS://SMT.LAN/T/7K3M9QX2", "HTTPS://SMT.LAN/T/PRT4V8ZN")
    flags = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with_camera = browser.browser_type.launch(
        executable_path=browser_path(browser), args=[*flags, f"--use-file-for-fake-video-capture={shown}"]
    )
    errors: list[str] = []
    context = with_camera.new_context(permissions=["camera"], viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda request: errors.append(request.url) if not request.url.startswith(site.url) else None,
    )
    page.goto(site.show(scan_page('<form>{{ scan_box(collect="codes") }}</form>')))
    page.get_by_role("button", name="Dùng máy ảnh").click()
    expect(page.locator("[data-count]")).to_have_text("2", timeout=20_000)
    read = page.locator("[name=codes]").input_value()
    page.get_by_role("button", name="Tắt máy ảnh").click()
    stopped = page.evaluate("document.querySelector('video').srcObject === null")
    with_camera.close()

    assert set(read.split("\n")) == {"HTTPS://SMT.LAN/T/7K3M9QX2", "HTTPS://SMT.LAN/T/PRT4V8ZN"}
    assert stopped
    assert errors == []


def test_a_photograph_is_read_where_there_is_no_camera(open_page: Callable[..., "Page"]) -> None:
    page = open_page(scan_page('<form>{{ scan_box(collect="codes") }}</form>'))
    jpeg = io.BytesIO()
    code_picture("HTTPS://SMT.LAN/T/7K3M9QX2").save(jpeg, "JPEG")
    photograph = {"name": "tem.jpg", "mimeType": "image/jpeg", "buffer": jpeg.getvalue()}
    page.locator("[data-camera] input[type=file]").set_input_files(photograph)  # type: ignore[arg-type]
    expect(page.locator("[data-count]")).to_have_text("1")

    assert page.locator("[name=codes]").input_value() == "HTTPS://SMT.LAN/T/7K3M9QX2"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotAllowedError", "Máy ảnh chưa được cho phép."),
        ("NotFoundError", "Không tìm thấy máy ảnh."),
        ("NotReadableError", "Chương trình khác đang dùng máy ảnh."),
    ],
)
def test_the_page_says_why_the_camera_cannot_be_used(
    error: str, sentence: str, open_page: Callable[..., "Page"]
) -> None:
    page = open_page(scan_page('{{ scan_box("/scan") }}'))
    page.evaluate(
        f"() => {{ navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{error}')); }}"
    )
    page.get_by_role("button", name="Dùng máy ảnh").click()

    page.get_by_text(sentence).wait_for()


def test_without_a_secure_address_the_page_says_so_and_offers_a_photograph(
    open_page: Callable[..., "Page"],
) -> None:
    html = scan_page('{{ scan_box("/scan") }}')
    page = open_page(html)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.reload()

    page.get_by_text("Máy ảnh cần địa chỉ an toàn (https).").wait_for()
    assert not page.get_by_role("button", name="Dùng máy ảnh").is_visible()
    assert page.get_by_text("Từ ảnh chụp").is_visible()
    assert page.get_by_role("link", name="Cách làm cho địa chỉ này an toàn").get_attribute("href") == "/trust"


def browser_path(browser: "Browser") -> str:
    """Return the programme that the tests' browser runs."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or browser.browser_type.executable_path
