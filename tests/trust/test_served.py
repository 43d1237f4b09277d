"""`tracker serve --tls` as it is run, asked by Python and by Chromium."""

import ctypes.util
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import CHROMIUM_FLAGS, ROOT
from tracker import config
from tracker.__main__ import main
from tracker.refused import Refused
from tracker.trust import actions, commands, queries, rules

#: Whether the page may use the camera and work offline. Any script of ours will do as a worker.
TRIES = """async () => [isSecureContext, !!navigator.mediaDevices, await navigator.serviceWorker
    .register("/static/vendor/idb.js", {type: "module"}).then(() => "registered", error => error.name)]"""


@dataclass(frozen=True)
class Served:
    home: Path
    port: int
    plain: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


def free() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "DATABASE_"))
    }
    return {**kept, "TRACKER_HOME": str(home), "PYTHONPATH": str(ROOT), **more}


@pytest.fixture(scope="module")
def served(sqlite_template, tmp_path_factory):
    home, port, plain = tmp_path_factory.mktemp("served") / "home", free(), free()
    config.write_secret(home)
    shutil.copyfile(sqlite_template, home / "tracker.db")
    actions.make(home, rules.names(["smt.lan"], ["127.0.0.1"]), new_authority=False, at=datetime.now(UTC))
    words = ("serve", "--tls", "--port", str(port), "--trust-port", str(plain), "--workers", "1")
    with (home.parent / "log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "tracker", *words],
            env=environment(home, TRACKER_URL=f"https://127.0.0.1:{port}"),
            stdout=log,
            stderr=log,
        )
    try:
        for each in (port, plain):
            wait_for(each, running, home.parent / "log")
        yield Served(home, port, plain)
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=20)
    with pytest.raises(ConnectionRefusedError):  # the listener beside it has ended too
        socket.create_connection(("127.0.0.1", plain), 1)


def wait_for(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(log.read_text(errors="replace"))


def ask(served: Served, path: str, *, headers=None, method="GET", plain=False):
    if plain:
        connection = http.client.HTTPConnection("127.0.0.1", served.plain, timeout=10)
    else:
        context = ssl.create_default_context(cafile=queries.authority_file(served.home))
        connection = http.client.HTTPSConnection("127.0.0.1", served.port, timeout=10, context=context)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    answer.content = answer.read()
    connection.close()
    return answer


def test_it_answers_over_https_to_every_name_of_its_certificate_and_to_no_other(served):
    assert ask(served, "/trust").status == 200
    assert ask(served, "/sign-in", headers={"Host": f"smt.lan:{served.port}"}).status == 200
    assert ask(served, "/sign-in", headers={"Host": "evil.example"}).status == 400


def test_browsers_are_not_told_to_insist_on_tls(served):
    assert ask(served, "/trust").getheader("Strict-Transport-Security") is None


def test_the_listener_without_tls_has_one_page_and_shows_the_way_from_all_others(served):
    page = ask(served, "/trust", plain=True, headers={"Cookie": "__Host-tracker=x", "Host": "evil.example"})
    assert page.status == 200
    assert page.getheader("Set-Cookie") is None
    assert b"<form" not in page.content
    assert b"evil.example" not in page.content
    assert ask(served, "/trust/authority.crt", plain=True).status == 200
    for method, path in (("GET", "/"), ("GET", "/sign-in"), ("POST", "/trust"), ("GET", "//evil.example/")):
        away = ask(served, path, plain=True, method=method)
        assert (away.status, away.getheader("Location")) == (302, f"{served.url}/")


def test_no_key_comes_out_of_either(served):
    for path in ("/trust/server.pem", "/trust/../tls/authority.key", "/static/../tls/authority.key"):
        assert ask(served, path).status in {400, 404}
        assert b"PRIVATE" not in ask(served, path, plain=True).content


def test_the_command_says_what_it_made_and_shows_it_again(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path))
    said = {}
    for words in ("init --host smt.lan --address 10.0.0.2", "init", "init --host kho.smt.lan", "show"):
        answer = CliRunner().invoke(main, ["tls", *words.split()])
        assert answer.exit_code == 0, answer.output
        assert queries.standing(tmp_path).fingerprint in answer.output
        said[words] = answer.output

    assert "Every phone must trust it once" in said["init --host smt.lan --address 10.0.0.2"]
    assert "Phones that trust the authority need nothing" in said["init"]
    assert "Added: kho.smt.lan\nDropped: smt.lan, 10.0.0.2" in said["init --host kho.smt.lan"]
    assert "Server: kho.smt.lan, until" in said["show"]


def refused(monkeypatch, home: Path, *words: str, **more: str) -> str:
    for name, value in (environment(home, **more) | {"TRACKER_TLS": ""}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 1, answer.output
    assert isinstance(answer.exception, SystemExit), answer.exception
    return answer.output


@pytest.mark.parametrize("url", ["http://smt.lan", "https://other.lan", "https://smt.lan.vn:5000"])
def test_it_does_not_serve_for_an_address_that_the_certificate_is_not_for(served, monkeypatch, url):
    assert "https://smt.lan" in refused(monkeypatch, served.home, "serve", "--tls", TRACKER_URL=url)


def test_it_does_not_serve_tls_without_a_certificate(tmp_path, monkeypatch):
    config.write_secret(tmp_path)
    said = refused(monkeypatch, tmp_path, "serve", "--tls", TRACKER_URL="https://smt.lan")

    assert "tracker tls init --host" in said


@pytest.mark.parametrize(
    "words", [(), ("--host", "a b"), ("--host", "http://x"), ("--host", "*.lan"), ("--address", "192.168.1.20"),
              ("--host", "smt.lan", "--address", "8.8.8.8")]
)  # fmt: skip
def test_bad_names_make_nothing(tmp_path, monkeypatch, words):
    refused(monkeypatch, tmp_path, "tls", "init", *words)

    assert not list(tmp_path.rglob("*.*"))


def test_what_runs_out_soon_is_warned_of_and_what_ran_out_is_not_served(tmp_path, monkeypatch, capsys):
    settings = config.Config(tmp_path, "", "https://smt.lan:5000", "s")
    for days, said in ((300, ""), (380, "runs out in 15 days")):
        at = datetime.now(UTC) - timedelta(days=days)
        actions.make(tmp_path, rules.names(["smt.lan"], []), new_authority=True, at=at)
        assert commands.certificate_for(settings) == queries.server_file(tmp_path)
        assert said in capsys.readouterr().err
    actions.make(tmp_path, None, new_authority=True, at=datetime.now(UTC) - timedelta(days=397))
    with pytest.raises(Refused, match="run out"):
        commands.certificate_for(settings)


def opened_by(browser, home: Path, *, clicks: bool):
    """Start a Chromium of this home; `clicks` is a warning clicked away."""
    home.mkdir(exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return browser.browser_type.launch(
        executable_path=path, args=CHROMIUM_FLAGS, env={**os.environ, "HOME": str(home)}
    ).new_context(ignore_https_errors=clicks)


def test_a_browser_that_trusts_gets_a_service_worker_and_one_that_clicked_through_does_not(
    served, browser, tmp_path
):
    if not ctypes.util.find_library("nss3"):
        pytest.skip("libnss3 was not found: this Chromium keeps its trusted authorities elsewhere")
    (tmp_path / "authority.der").write_bytes(queries.standing(served.home).der)
    script, store = Path(__file__).with_name("nss.py"), tmp_path / "trusting" / ".pki" / "nssdb"
    subprocess.run([sys.executable, script, store, tmp_path / "authority.der"], check=True)
    found = {}
    for home, clicks in (("trusting", False), ("clicking", True)):
        context = opened_by(browser, tmp_path / home, clicks=clicks)
        try:
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{served.plain}/trust")
            mark = page.locator(".trust-mark img").evaluate("image => image.naturalWidth > 0")
            page.goto(f"{served.url}/trust")
            found[home] = [*page.evaluate(TRIES), mark]
        finally:
            context.browser.close()

    assert found["trusting"] == [True, True, "registered", True]
    assert found["clicking"][:3] == [True, True, "SecurityError"]


def test_a_browser_that_does_not_trust_sees_the_warning_and_no_green_tick(served, browser, tmp_path):
    context = opened_by(browser, tmp_path / "stranger", clicks=False)
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{served.plain}/trust")
        assert not page.locator(".trust-mark img").evaluate("image => image.naturalWidth > 0")
        with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(f"{served.url}/trust")
    finally:
        context.browser.close()
