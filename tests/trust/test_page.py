"""The page: states, whose steps are open, what it hands out, and that no key is among it."""

import plistlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from tracker.trust import actions, queries, rules

NOW = datetime.now(UTC)
ANDROID = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/140"}


@pytest.fixture
def client(make_app, sqlite_url):
    return make_app(sqlite_url).test_client()


@pytest.fixture
def home(client):
    return client.application.config["TRACKER"].home


def a_made(home, at=NOW):
    actions.make(home, rules.names(["smt.lan"], ["127.0.0.1"]), new_authority=False, at=at)
    return queries.standing(home)


def test_before_there_is_one_the_page_says_who_makes_it_and_how(client):
    page = client.get("/trust").get_data(as_text=True)

    assert "tracker tls init" in page
    assert "authority.crt" not in page
    assert client.get("/trust/authority.crt").status_code == 404
    assert client.get("/trust/authority.mobileconfig").status_code == 404


def test_the_page_shows_the_fingerprint_that_the_command_prints(client, home):
    standing = a_made(home)
    page = client.get("/trust", headers=ANDROID).get_data(as_text=True)

    assert re.findall(r"<span>([0-9A-F]{4})</span>", page)[:16] == standing.fingerprint.split()
    assert "smt.lan, 127.0.0.1" in page


@pytest.mark.parametrize(
    ("agent", "title"),
    [("Android 14", "Android"), ("iPhone", "iPhone, iPad, Mac"), ("Windows NT", "Windows"), ("X11", "Linux")],
)
def test_the_steps_of_the_readers_own_system_come_first_and_are_the_only_ones_open(
    client, home, agent, title
):
    a_made(home)
    page = client.get("/trust", headers={"User-Agent": agent}).get_data(as_text=True)
    sections = re.findall(r'<details class="panel"( open)?>\s*<summary>([^<]+?)\s*<', page)

    assert [name for is_open, name in sections if is_open] == [title]
    assert sections[0][1] == title
    assert len(sections) == 4


def test_what_ran_out_is_said_and_a_dead_authority_is_not_handed_to_anybody(client, home):
    a_made(home, NOW - timedelta(days=400))
    assert "tracker tls init" in client.get("/trust").get_data(as_text=True)
    assert "/trust/authority.crt" in client.get("/trust").get_data(as_text=True)

    queries.server_file(home).unlink()
    queries.authority_file(home).unlink()
    a_made(home, NOW - timedelta(days=4000))
    page = client.get("/trust").get_data(as_text=True)
    assert "--new-ca" in page
    assert "/trust/authority" not in page


def test_files_are_what_each_system_takes_and_hold_no_key(client, home):
    standing = a_made(home)
    bare, apple = client.get("/trust/authority.crt"), client.get("/trust/authority.mobileconfig")

    assert bare.mimetype == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(bare.data) == standing.authority
    assert apple.mimetype == "application/x-apple-aspen-config"
    profile = plistlib.loads(apple.data)
    assert profile["PayloadType"] == "Configuration"
    assert profile["PayloadContent"][0]["PayloadType"] == "com.apple.security.root"
    assert profile["PayloadContent"][0]["PayloadContent"] == standing.der
    assert client.get("/trust/authority.mobileconfig").data == apple.data, "installed twice it is one profile"
    for answer in (bare, apple, client.get("/trust")):
        assert b"PRIVATE" not in answer.data


@pytest.mark.parametrize(
    "path",
    [
        "authority.key",
        "server.pem",
        "../tls/authority.key",
        "%2e%2e/tls/server.pem",
        "authority.crt/../authority.key",
    ],
)
def test_no_key_is_ever_served(client, home, path):
    a_made(home)

    assert client.get(f"/trust/{path}").status_code == 404


def test_a_file_that_may_not_be_read_is_a_sentence_and_not_a_crash(client, home):
    a_made(home)
    queries.authority_file(home).write_bytes(b"rubbish")

    answer = client.get("/trust")
    assert answer.status_code == 409
    assert "authority.crt" in answer.get_data(as_text=True)
