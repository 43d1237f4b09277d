"""The camera of a scan station in Chromium: from a code in view to its outcome on the screen, by a film.

Chromium plays the film as its camera at 30 frames a second, and the page reads it as it reads a real one. A frame
carries its number; the time of a code's first frame is taken from the frames that the page was given, and its
outcome counts when it has been painted.
"""

import json
import os
import random
import shutil
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.bench.labels import Figure
from tests.bench.load import served
from tests.bench.web import Bench
from tests.conftest import CHROMIUM_FLAGS
from tests.stations import films

DEVICES = 60
HELD = 12  # frames that each label is held before the camera
BASE = "HTTP://127.0.0.1:5000"  # as the address of `served`
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
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
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
        notes: dict[str, Any] = json.loads(page.evaluate("JSON.stringify(notes)"))
        browser.close()
    return notes


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


Harm = Callable[[Image.Image, int, random.Random], Image.Image]

#: What is done to ten labels each: the label, its number, and a source of chance.
HARMS: dict[str, Harm] = {
    "turned by any angle": lambda paper, at, _drawn: films.held(paper, angle=36 * at + 11, size=480),
    "seen from the side": lambda paper, at, _drawn: films.slanted(films.held(paper), by=0.3 + 0.03 * at),
    "a fifth of the light": lambda paper, _at, drawn: films.dim(films.held(paper), light=0.2, drawn=drawn),
    "blurred by 0.4 of a module": lambda paper, _at, _drawn: films.blurred(films.held(paper), pixels=2.8),
    "a spot of 10 %, anywhere on the QR": lambda paper, _at, drawn: films.held(
        films.spotted(paper, share=0.1, drawn=drawn)
    ),
}
HARMED = 10


def harmed(codes: list[str]) -> list[films.Shot]:
    """Return the film of harmed labels: ten of each harm, one after another."""
    drawn, papers = random.Random(7), films.labels(codes, BASE)
    held = [
        films.Shot(harm(papers[HARMED * kind + at], at, drawn), HELD)
        for kind, harm in enumerate(HARMS.values())
        for at in range(HARMED)
    ]
    empty = films.nothing()
    return [films.Shot(empty, LEAD), *held, films.Shot(empty, TAIL)]


def counts(database: Path) -> tuple[int, int]:
    """Return how many scans are kept, and how many devices are being inspected."""
    with closing(sqlite3.connect(database)) as opened:
        (kept,) = opened.execute("SELECT count(*) FROM scan").fetchone()
        (begun,) = opened.execute("SELECT count(*) FROM device WHERE status = 'inspecting'").fetchone()
    return kept, begun


def figures() -> list[Figure]:
    """Measure a film of 60 devices, and one of harmed labels."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"sqlite:///{home}/tracker.db"
        bench = Bench(url, home, DEVICES + HARMED * len(HARMS))
        codes, spoilt = bench.codes[:DEVICES], bench.codes[DEVICES:]
        scenes = shots(codes, BASE)
        film = films.film(scenes, home / "film.mjpeg", count=True)
        worse = films.film(harmed(spoilt), home / "harmed.mjpeg")
        firsts = dict(zip(codes, films.starts(scenes)[1:-1], strict=True))
        with served(home, url) as port:
            notes = watch(film, port, bench.cookie, DEVICES)
            kept, begun = counts(home / "tracker.db")
            read = [name(text) for text, _at in watch(worse, port, bench.cookie, len(spoilt))["scans"]]
    return clean(notes, firsts, kept, begun) + spoiled(read, spoilt)


def clean(notes: dict[str, Any], firsts: dict[str, int], kept: int, begun: int) -> list[Figure]:
    taken = sorted(latencies(notes, firsts))
    read = [name(text) for text, _at in notes["scans"]]
    misses, doubles = len(set(firsts) - set(read)), len(read) - len(set(read))
    pace = f"{1000 * HELD / films.RATE:.0f} ms each"
    middle, late = statistics.median(taken), taken[round(len(taken) * 0.95) - 1]
    return [
        Figure("a code in view to its outcome painted, median", f"{middle:.0f} ms", None, "at most 300 ms"),
        Figure("the same, 95 of 100", f"{late:.0f} ms", None, ""),
        Figure(f"{DEVICES} devices, {pace}: missed, counted twice", f"{misses}, {doubles}", None, "0, 0"),
        Figure("scans kept, devices now inspecting", f"{kept}, {begun}", None, f"{DEVICES}, {DEVICES}"),
    ]


def spoiled(read: list[str], codes: list[str]) -> list[Figure]:
    found = []
    for kind, harm in enumerate(HARMS):
        these = codes[HARMED * kind : HARMED * (kind + 1)]
        found.append(Figure(harm, f"{len(set(these) & set(read))} of {HARMED} read", None, ""))
    return [*found, Figure("harmed labels read wrongly", str(len(set(read) - set(codes))), None, "0")]


def name(text: str) -> str:
    """Return the code of an address or of bars."""
    return text.rpartition("/")[2]


def main() -> None:
    """Print the figures."""
    for name, value, _ratio, target in figures():
        print(f"{name:<60} {value:<20} {target}")


if __name__ == "__main__":
    main()
