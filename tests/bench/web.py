"""What a page, a move and a list cost: CPU time in process, as multiples of a bare Flask hello."""

import io
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
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

ROUNDS = 7


class Figure(NamedTuple):
    """One line of the report."""

    name: str
    value: str
    ratio: float | None
    target: str


def cpu(run: Callable[[], Any], times: int = 150) -> float:
    """Return the CPU time of one run in microseconds: the median of several rounds."""
    rounds = []
    for _round in range(ROUNDS):
        start = time.process_time()
        for _time in range(times):
            run()
        rounds.append((time.process_time() - start) / times * 1e6)
    return statistics.median(rounds)


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
            device = a_device(session, status=Status.READY, holder=self.technician.org)
            self.code = code_of(session, device)
            client = self.app.test_client()
            sign_in_as(client, self.technician, session)
            page = client.get(f"/t/{self.code}")
            kept = client.get_cookie("tracker")
            assert page.status_code == 200
            assert kept is not None
            self.cookie = f"tracker={kept.value}"
            self.token = (
                page.get_data(as_text=True).partition('name="csrf_token" value="')[2].partition('"')[0]
            )
        self.moved = iter(self.codes)

    def page(self) -> None:
        status, _body = request(self.app, f"/t/{self.code}", self.cookie)
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
            for devices in (1000, 100_000) if kind == "SQLite" else (1000,):
                if kind == "SQLite":
                    url = f"sqlite:///{folder / f'{devices}.db'}"
                else:
                    url = cluster.url(cluster.create())
                bench = Bench(url, folder, devices)
                costs = {
                    "device page": cpu(bench.page),
                    "a move": cpu(bench.move, 100),
                    "list of 50": cpu(bench.list_of_fifty, 40),
                }
                sizes[kind, devices] = costs
                targets = {"device page": f"≤ {limit}", "a move": "≤ 12", "list of 50": ""}
                found += [
                    Figure(
                        f"{what}, {kind}, {devices:,} devices", f"{cost:.0f} µs", cost / base, targets[what]
                    )
                    for what, cost in costs.items()
                ]
                with bench.app.app_context():
                    db.db.engine.dispose()
        for what, cost in sizes["SQLite", 100_000].items():
            small = sizes["SQLite", 1000][what]
            found.append(Figure(f"{what}: 100,000 against 1,000 devices", "", cost / small, "≤ 1.5"))
        return found
