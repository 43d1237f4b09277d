"""The scan station: queued scans settled, a full outbox sent, the first load over a slow network, the next one without.

A real server and Chromium; the times are of the clock.
"""

import gzip
import json
import os
import shutil
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.bench.load import served
from tests.bench.web import Bench, Figure
from tests.conftest import CHROMIUM_FLAGS
from tests.web.test_assets import STATION
from tracker import db
from tracker.stations.rules import MOST_SCANS
from tracker.web.pages import STATIC

#: As a browser's tools call slow 3G: 400 ms, 400 kbit/s either way.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
OWN = STATION
QUEUED, FULL, TYPED = 1_000, 10_000, 600


def _scans(codes: list[str]) -> list[dict[str, Any]]:
    run, now = str(uuid.uuid4()), round(time.time() * 1000)
    common = {"run": run, "action": "inspect", "via": "camera", "at": now, "offset": 0, "queued": True}
    return [{**common, "id": str(uuid.uuid4()), "text": code} for code in codes]


def _settled(port: int, bench: Bench, codes: list[str]) -> tuple[float, int, int]:
    """Send scans as the outbox does; return the seconds, the requests, and how many were done."""
    base, cookie = f"http://127.0.0.1:{port}/stations", {"Cookie": bench.cookie, "Host": "127.0.0.1:5000"}
    with urllib.request.urlopen(urllib.request.Request(f"{base}/state", headers=cookie)) as answer:
        token = json.load(answer)["token"]
    scans, done, requests = _scans(codes), 0, 0
    start = time.perf_counter()
    for at in range(0, len(scans), MOST_SCANS):
        body = json.dumps({"scans": scans[at : at + MOST_SCANS]}).encode()
        headers = {**cookie, "X-CSRFToken": token, "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{base}/settle", body, headers)) as answer:
            done += sum(one["verdict"] == "done" for one in json.load(answer)["told"])
        requests += 1
    return time.perf_counter() - start, requests, done


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def _context(browser: Browser, port: int, bench: Bench) -> BrowserContext:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{port}", viewport={"width": 360, "height": 740}, locale="vi-VN"
    )
    for pair in bench.cookie.split("; "):
        name, value = pair.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
    return context


def _ready(page: Page, action: str) -> float:
    """Open the station and return the seconds until a scan can be made."""
    start = time.perf_counter()
    page.goto(f"/stations/#{action}", wait_until="commit")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert page.evaluate("document.activeElement.matches('[data-wedge]')")
    return time.perf_counter() - start


def _first_and_next(browser: Browser, port: int, bench: Bench) -> tuple[float, float]:
    context = _context(browser, port, bench)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    first = _ready(page, "inspect")
    network.send(
        "Network.emulateNetworkConditions",
        {**SLOW, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    page.wait_for_selector("body[data-offline-ready]", timeout=60_000)
    page.close()
    context.set_offline(True)
    page = context.new_page()
    following = _ready(page, "inspect")
    context.close()
    return first, following


FILL = """async ({count, user}) => {
    const db = await new Promise(done => { const asked = indexedDB.open("tracker-station"); asked.onsuccess = () => done(asked.result); });
    const writing = db.transaction("scans", "readwrite");
    for (let n = 0; n < count; n += 1) writing.objectStore("scans").add({
        id: crypto.randomUUID(), run: "full-outbox", action: "inspect", text: "không phải mã " + n, via: "typed", at: Date.now() - 60000,
        offset: 0, user, waiting: 1, tries: 1, queued: true});
    await new Promise(done => { writing.oncomplete = done; });
    db.close();
}"""
#: The longest time in which the page could not answer a finger.
WATCH = """() => { window.longest = 0; let last = performance.now();
    const look = () => { const now = performance.now(); window.longest = Math.max(window.longest, now - last); last = now; setTimeout(look, 10); }; look(); }"""


def _full(browser: Browser, port: int, bench: Bench) -> tuple[float, float]:
    """Fill the outbox and send it; return the seconds, and the longest time the page did not answer."""
    context = _context(browser, port, bench)
    page = context.new_page()
    _ready(page, "inspect")
    page.evaluate(FILL, {"count": FULL, "user": int(page.evaluate("document.body.dataset.user"))})
    page.evaluate(WATCH)
    start = time.perf_counter()
    page.wait_for_selector("body:not([data-unsent='0'])", timeout=30_000)
    page.wait_for_selector("body[data-unsent='0']", timeout=300_000)
    seconds = time.perf_counter() - start
    longest = page.evaluate("window.longest") / 1000
    context.close()
    return seconds, longest


#: Types each code with its address key by key, at ten scans a second by the clock.
TYPE = """async ([codes, base]) => {
    const field = document.querySelector("[data-wedge]"), start = performance.now();
    for (const [n, code] of codes.entries()) {
        for (const key of `${base}/T/${code}`) {
            field.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
            field.value += key;
            field.dispatchEvent(new InputEvent("input", {bubbles: true}));
        }
        field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
        const wait = start + (n + 1) * 100 - performance.now();
        if (wait > 0) await new Promise(done => setTimeout(done, wait));
    }
    return performance.now() - start;
}"""


def _typed(browser: Browser, port: int, bench: Bench, codes: list[str]) -> tuple[float, float, int]:
    """Scan ten times a second; return the seconds, how long the last outcome took after, and how many were done."""
    context = _context(browser, port, bench)
    page = context.new_page()
    _ready(page, "inspect")
    seconds = page.evaluate(TYPE, [codes, "HTTP://127.0.0.1:5000"]) / 1000
    start = time.perf_counter()
    with suppress(PlaywrightTimeout):
        page.wait_for_selector(f"[data-of=done] dd:text-is('{len(codes)}')", timeout=10_000)
    late = time.perf_counter() - start
    done = int(page.inner_text("[data-of=done] dd"))
    context.close()
    return seconds, late, done


def figures() -> list[Figure]:
    """Measure on SQLite, with two workers."""
    own = sum(len(gzip.compress((STATIC / "js" / f"{name}.js").read_bytes(), 9)) for name in OWN)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        bench = Bench(f"sqlite:///{home / 'stations.db'}", home, 4000)
        codes = [next(bench.moved) for _n in range(QUEUED)]
        with bench.app.app_context():
            db.db.engine.dispose()
        with served(home, f"sqlite:///{home / 'stations.db'}") as port, _chromium() as browser:
            settled, requests, done = _settled(port, bench, codes)
            first, following = _first_and_next(browser, port, bench)
            sent, longest = _full(browser, port, bench)
            typed = [next(bench.moved) for _n in range(TYPED)]
            seconds, late, kept_up = _typed(browser, port, bench, typed)
    return [
        Figure(
            f"{QUEUED:,} queued scans, {requests} requests: {done:,} done",
            f"{settled:.2f} s",
            None,
            "at most 10 s",
        ),
        Figure("first load over slow 3G until a scan can be made", f"{first:.2f} s", None, "at most 6 s"),
        Figure("the next load without a network", f"{following:.2f} s", None, "at most 1 s"),
        Figure("JavaScript of our own, gzip", f"{own / 1000:.1f} kB", None, "at most 25 kB"),
        Figure(
            f"{TYPED} wedge scans in {seconds:.0f} s: {kept_up} done",
            f"the last {late:.2f} s after",
            None,
            "all, for 60 s",
        ),
        Figure(
            f"{FULL:,} in the outbox, sent", f"{sent:.1f} s (stood still {longest:.2f} s at most)", None, ""
        ),
    ]


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name:<60} {figure.value:<40} {figure.target}")
