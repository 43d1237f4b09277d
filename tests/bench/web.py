"""What a page, a move and a list cost: CPU time in process, as multiples of a bare Flask hello.

The machine's speed changes while we measure, so each round of a page has a round of the hello beside it, and
the ratio is the median of the rounds' ratios. Pages are of fifty devices in turn: what is kept of one page
does not help the next.
"""

import io
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask

from tests import postgres
from tests.bench.world import a_workshop, many_devices
from tests.makers import a_device, sign_in_as
from tracker import create_app, db
from tracker.config import Config
from tracker.custody.queries import code_of
from tracker.custody.road import Status

ROUNDS = 15


#: Devices whose pages are shown in turn, and how many are there to be moved, each once.
SHOWN, MOVED = 50, 1000


class Figure(NamedTuple):
    """One line of the report."""

    name: str
    value: str
    ratio: float | None
    target: str


def cpu(run: Callable[[], Any], times: int = 150, *, rounds: int = ROUNDS) -> float:
    """Return the CPU time of one run in microseconds: the median of several rounds."""
    costs = []
    for _round in range(rounds):
        start = time.process_time()
        for _time in range(times):
            run()
        costs.append((time.process_time() - start) / times * 1e6)
    return statistics.median(costs)


def against(base: Callable[[], Any], run: Callable[[], Any], times: int) -> tuple[float, float]:
    """Return the CPU time of one run in microseconds and as a multiple of the base, round by round."""
    costs, ratios = [], []
    for _round in range(ROUNDS):
        one, other = cpu(base, 60, rounds=1), cpu(run, times, rounds=1)
        costs.append(other)
        ratios.append(other / one)
    return statistics.median(costs), statistics.median(ratios)


def request(app: Flask, path: str, cookie: str, *, form: bytes | None = None) -> tuple[str, bytes]:
    """Call the application as a server would and return the status and the body."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if form is None else "POST",
        "PATH_INFO": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "5000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:5000",
        "HTTP_COOKIE": cookie,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(form or b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if form is not None:
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
        environ["CONTENT_LENGTH"] = str(len(form))
    seen: list[str] = []
    answer = app.wsgi_app(environ, lambda status, _headers, _error=None: seen.append(status))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return seen[0], body


def hello() -> Flask:
    app = Flask("hello")
    app.add_url_rule("/", view_func=lambda: "hello")
    return app


class Bench:
    """The application on one database with some devices, and somebody signed in."""

    def __init__(self, url: str, home: Path, devices: int) -> None:
        db.migrate(url)
        self.app = create_app(
            Config(home=home, database_url=url, public_url="http://127.0.0.1:5000", secret="x" * 40)
        )
        with self.app.app_context():
            session = db.db.session()
            self.technician, donation = a_workshop(session)
            self.codes = many_devices(session, devices, by=self.technician, donation=donation)
            ready = [
                a_device(session, status=Status.READY, holder=self.technician.org) for _device in range(SHOWN)
            ]
            shown = [code_of(session, device) for device in ready]
            client = self.app.test_client()
            sign_in_as(client, self.technician, session)
            page = client.get(f"/t/{shown[0]}")
            kept = client.get_cookie("tracker")
            assert page.status_code == 200
            assert kept is not None
            self.cookie = f"tracker={kept.value}"
            self.token = (
                page.get_data(as_text=True).partition('name="csrf_token" value="')[2].partition('"')[0]
            )
        self.moved = iter(self.codes)
        self.shown = cycle(shown)

    def page(self) -> None:
        status, _body = request(self.app, f"/t/{next(self.shown)}", self.cookie)
        assert status.startswith("200")

    def list_of_fifty(self) -> None:
        status, _body = request(self.app, "/devices", self.cookie)
        assert status.startswith("200")

    def move(self) -> None:
        form = f"csrf_token={self.token}&event_id={uuid.uuid4().hex}".encode()
        status, body = request(self.app, f"/workshop/{next(self.moved)}/inspect", self.cookie, form=form)
        assert status.startswith("303"), body[-3000:].decode()


def raw_transaction(folder: Path) -> Callable[[], None]:
    """Return one durable SQLite transaction without anything around it."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("CREATE TABLE event(n INTEGER PRIMARY KEY, body BLOB)")

    def run() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO event(body) VALUES (?)", (b"x" * 300,))
        connection.execute("COMMIT")

    return run


def figures() -> list[Figure]:
    """Measure everything in one run, on both databases and at both sizes."""
    with tempfile.TemporaryDirectory() as name, postgres.cluster() as cluster:
        folder = Path(name)
        bare = hello()
        base = cpu(lambda: request(bare, "/", ""), 500)
        raw = cpu(raw_transaction(folder), 200)
        found = [
            Figure("bare Flask hello", f"{base:.0f} µs", 1.0, ""),
            Figure("raw SQLite FULL transaction", f"{raw:.0f} µs", raw / base, ""),
        ]
        sizes: dict[tuple[str, int], dict[str, float]] = {}
        for kind, limit in (("SQLite", 8), ("PostgreSQL", 11)):
            for devices in (1000, 100_000):
                if kind == "SQLite":
                    url = f"sqlite:///{folder / f'{devices}.db'}"
                else:
                    url = cluster.url(cluster.create())
                bench = Bench(url, folder, max(devices, MOVED))
                costs = sizes[kind, devices] = {}
                for what, run, times, target in (
                    ("device page", bench.page, 60, f"≤ {limit}"),
                    ("a move", bench.move, 60, "≤ 12"),
                    ("list of 50", bench.list_of_fifty, 20, ""),
                ):
                    cost, costs[what] = against(lambda: request(bare, "/", ""), run, times)
                    label = f"{what}, {kind}, {devices:,} devices"
                    found.append(Figure(label, f"{cost:.0f} µs", costs[what], target))
                with bench.app.app_context():
                    db.db.engine.dispose()
            for what, ratio in sizes[kind, 100_000].items():
                label = f"{what}, {kind}: 100,000 against 1,000 devices"
                found.append(Figure(label, "", ratio / sizes[kind, 1000][what], "≤ 1.5"))
        return found
