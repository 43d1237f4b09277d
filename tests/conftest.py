"""What every test may ask for: both databases, the application, a server, a browser.

    database_url   an empty, migrated database; the test runs once with SQLite, once with PostgreSQL
    sqlite_url     the same with SQLite only, postgres_url with PostgreSQL only
    app, client    the application on `database_url`, and a client without a session
    live_server    the application on SQLite, served: `.url`, `.app`
    page           a page of the browser at `live_server`; a script error on it fails the test

What a machine lacks fails the tests that need it, with a sentence that says how to get it.
"""

import gc
import importlib.util
import os
import shutil
import sqlite3
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule
from werkzeug.serving import make_server

from tests import postgres

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


def in_memory(folder: str = "/dev/shm", *, least: int = 4 * 2**30) -> str | None:
    """Return a folder in memory with room for what tests write, if there is one from which programs may be run.

    Thousands of databases made and thrown away keep a disk busy for minutes. None of the tests is about losing
    power: what is killed are processes.
    """
    try:
        there = os.statvfs(folder)
    except (OSError, AttributeError):
        return None
    roomy = there.f_bavail * there.f_frsize >= least and not there.f_flag & os.ST_NOEXEC
    return folder if roomy and os.access(folder, os.W_OK) else None


if "TMPDIR" not in os.environ and (_folder := in_memory()):
    os.environ["TMPDIR"] = tempfile.tempdir = _folder

# The programs that tests start are compiled once, and not at each start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a secret of the tests, long enough to be taken for one"

# Two databases and a browser on two cores: how long one example takes says nothing.
hypothesis_settings.register_profile("house", deadline=None, print_blob=True)
hypothesis_settings.load_profile("house")


def script(name: str) -> ModuleType:
    """Load a script of .ci/ as a module."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_collection_finish() -> None:
    """Leave what was loaded and collected out of every later search for garbage: it stays anyway."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        try:
            script("translations").compile_all()
        except SystemExit as error:  # tests/house says so too; the other tests still say something
            config.issue_config_time_warning(UserWarning(f"translations: {error}"), stacklevel=2)


# Databases


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tracker import db

    path = tmp_path_factory.mktemp("template") / "tracker.db"
    db.migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:  # nothing may be left beside the file
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "tracker.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Cluster]:
    try:
        postgres.binaries()
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)
    with postgres.cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Cluster) -> str:
    from tracker import db

    name = postgres_server.create()
    db.migrate(postgres_server.url(name))
    return name


@pytest.fixture
def postgres_url(postgres_server: postgres.Cluster, postgres_template: str) -> Iterator[str]:
    name = postgres_server.create(postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])


# The application


class Templates(BytecodeCache):
    """Templates of one language, compiled once for all the applications that this process makes."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def templates() -> dict[str, Templates]:
    return defaultdict(Templates)


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """Compile each route's address once a process: werkzeug does it anew for each application, at 60 ms for all."""
    compiled: dict[object, Callable[..., tuple[str, str]]] = {}
    whole = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # All that it is made of, but for what converters make of defaults.
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if rule.defaults:
            return whole(rule, append_unknown)
        if key not in compiled:
            compiled[key] = whole(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = once
    yield
    Rule._compile_builder = whole


@pytest.fixture
def make_app(tmp_path: Path, templates: dict[str, Templates]) -> Iterator[Callable[..., Flask]]:
    """Make an application on a database: `make_app(url, hotline="1900")`."""
    # Imported where it is used: labels and lists are tested without the application.
    from tracker import create_app, db
    from tracker.config import Config

    made = []

    def make(url: str, **settings: object) -> Flask:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        config = Config(home=home, database_url=url, public_url="http://127.0.0.1:5000", secret=SECRET)
        app = create_app(replace(config, **settings), testing=True)
        for locale, pages in app.extensions["pages"].items():
            pages.bytecode_cache = templates[locale]
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    return make_app(database_url)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@dataclass(frozen=True)
class LiveServer:
    url: str
    app: Flask


@pytest.fixture
def live_server(make_app: Callable[..., Flask], sqlite_url: str) -> Iterator[LiveServer]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.port}"
    app = server.app = make_app(sqlite_url, public_url=url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield LiveServer(url=url, app=app)
    server.shutdown()
    thread.join()
    server.server_close()


# The browser

NO_CHROMIUM = (
    "Chromium was not found. Run `sh .ci/system-packages test`, or `apt-get install chromium`, "
    "or set CHROMIUM to the path of one."
)
CHROMIUM_FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    # Nothing is loaded from another host: there is none.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path or not Path(path).exists():
        pytest.fail(NO_CHROMIUM, pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: "Browser", live_server: LiveServer) -> Iterator["BrowserContext"]:
    opened = browser.new_context(
        base_url=live_server.url,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        viewport={"width": 360, "height": 740},
    )
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: "BrowserContext") -> Iterator["Page"]:
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None
    )
    yield opened
    assert errors == []
