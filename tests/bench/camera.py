"""The camera of a scan station in Chromium: from a code in view to its outcome on the screen, by a film.

Chromium plays the film as its camera at 30 frames a second, and the page reads it as it reads a real one. A frame
carries its number; the time of a code's first frame is taken from the frames that the page was given, and its
outcome counts when it has been painted.
"""

import json
import shutil
import sqlite3
import statistics
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.bench.labels import Figure
from tests.bench.load import served
from tests.bench.web import Bench
from tests.conftest import CHROMIUM_FLAGS
from tests.stations import films

DEVICES = 60
HELD = 12  # frames that each label is held before the camera
LEAD, TAIL = 60, 240  # frames of an empty table before and after


def shots(codes: list[str], base: str) -> list[films.Shot]:
    """Return the film of one label after another, with nothing between them."""
    empty = films.nothing()
    papers = films.labels(codes, base)
    held = [films.Shot(films.held(paper), HELD) for paper in papers]
    return [films.Shot(empty, LEAD), *held, films.Shot(empty, TAIL)]


def watch(film: Path, port: int, cookie: str, wanted: int) -> dict[str, Any]:
    """Let a station inspect what the film shows, and return what it noted."""
    flags = [*CHROMIUM_FLAGS, *films.FLAGS, f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        context = browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740})
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
        context.grant_permissions(["camera"])
        context.add_init_script(films.watching())
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/stations/#inspect")
        page.wait_for_selector("body[data-ready]")
        page.click("[data-start]")
        page.wait_for_timeout(1000 * (LEAD + HELD * wanted) / films.RATE + 1500)
        notes = noted(page)
        browser.close()
    return notes


def noted(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.evaluate("JSON.stringify(notes)"))
    found["tally"] = page.locator("[data-of=done] dd").inner_text()
    return found


def latencies(notes: dict[str, Any], firsts: dict[str, int]) -> list[float]:
    """Return for each code the milliseconds from its first frame to its painted outcome."""
    taken = {}
    for number, at in notes["frames"]:
        if number >= 0:
            taken.setdefault(number, at)
    found = []
    for code, _verdict, _said, painted in notes["outcomes"]:
        first = firsts.get(code.replace(" ", ""))
        if first is None:
            continue
        # The page may not have been given the very first frame: count back from the next it was given.
        given = next(n for n in range(first, first + HELD) if n in taken)
        found.append(painted - (taken[given] - (given - first) * 1000 / films.RATE))
    return found


def figures() -> list[Figure]:
    """Measure one film of 60 devices."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"sqlite:///{home}/tracker.db"
        bench = Bench(url, home, DEVICES)
        codes = bench.codes[:DEVICES]
        scenes = shots(codes, "HTTP://127.0.0.1:5000")
        film = films.film(scenes, home / "film.mjpeg", count=True)
        firsts = dict(zip(codes, films.starts(scenes)[1:-1], strict=True))
        with served(home, url) as port:
            notes = watch(film, port, bench.cookie, DEVICES)
        with closing(sqlite3.connect(home / "tracker.db")) as database:
            (kept,) = database.execute("SELECT count(*) FROM scan").fetchone()
            (inspecting,) = database.execute(
                "SELECT count(*) FROM device WHERE status = 'inspecting'"
            ).fetchone()
    taken = sorted(latencies(notes, firsts))
    read = {text.rpartition("/")[2] for text, _at in notes["scans"]}
    misses, doubles = len(set(codes) - read), len(notes["scans"]) - len(read)
    held = f"{1000 * HELD / films.RATE:.0f} ms each"
    return [
        Figure(
            "code in view to outcome painted, median",
            f"{statistics.median(taken):.0f} ms",
            None,
            "at most 300 ms",
        ),
        Figure("the same, 95 of 100", f"{taken[round(len(taken) * 0.95) - 1]:.0f} ms", None, ""),
        Figure(f"{DEVICES} devices, {held}: not read, counted twice", f"{misses}, {doubles}", None, "0, 0"),
        Figure("scans kept, devices now inspecting", f"{kept}, {inspecting}", None, f"{DEVICES}, {DEVICES}"),
    ]


def main() -> None:
    """Print the figures."""
    for name, value, _ratio, target in figures():
        print(f"{name:<60} {value:<20} {target}")


if __name__ == "__main__":
    main()
