"""Whatever is typed wrong ends with one sentence that says what to do, never with a traceback."""

import os
import socket

import pytest

from tests.makers import a_person, sign_in_as
from tracker.db import db
from tracker.people.roles import Role


@pytest.mark.parametrize(
    "words",
    [
        ("import", "schools", "list.csv"),
        ("user", "add", "--role", "admin", "--email", "an@example.vn", "--name", "An"),
        ("ledger", "seal"),
        ("ledger", "export", "bundle"),
        ("backup", "copy"),
        ("codes", "mint", "3", "--out", "codes.csv"),
        ("serve", "--port", "5999"),
    ],
)
def test_without_an_installation_init_is_named(tracker, tmp_path, words):
    (tmp_path / "list.csv").write_text("a;b\n")

    assert "Run `tracker init` first." in tracker(*words, code=1)


@pytest.mark.parametrize("place", ["/proc/none", "/dev/null/none"])
def test_a_home_that_cannot_be_made_is_named(tracker, monkeypatch, place):
    monkeypatch.setenv("TRACKER_HOME", place)

    for command in (("init",), ("demo", "--no-serve")):
        said = tracker(*command, code=1)
        assert place in said
        assert "Choose another place" in said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "no address of a database"),
        ("postgresql://[::1/x", "no address of a database"),
        ("mysql://root@localhost/x", "names “mysql”"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://tracker@/tracker?host=/nowhere", "Check DATABASE_URL"),
    ],
)
def test_a_database_that_is_none_is_said(tracker, monkeypatch, address, said):
    monkeypatch.setenv("DATABASE_URL", address)

    assert said in tracker("init", code=1)
    if "nowhere" not in address:
        assert "sqlite:////" in tracker("init", code=1)


def test_a_database_without_tables_or_no_database_at_all_is_said(tracker, home):
    tracker("init")
    for file in home.glob("tracker.db*"):
        file.unlink()
    assert "no tables yet" in tracker("ledger", "seal", code=1)

    for file in home.glob("tracker.db*"):
        file.unlink()
    (home / "tracker.db").write_bytes(b"this is no database of any kind" * 100)
    assert "not a database" in tracker("ledger", "replay", code=1)
    assert "not a database" in tracker("init", code=1)


@pytest.mark.parametrize("kept", [b"short", b"\xff\xfe" * 40, b""])
def test_a_damaged_secret_says_how_to_go_on(tracker, home, kept):
    tracker("init")
    (home / "secret.key").write_bytes(kept)

    assert "delete it and run `tracker init`" in tracker("init", code=1)
    (home / "secret.key").unlink()
    tracker("init")


def test_a_key_that_others_read_or_that_is_none_signs_nothing(tracker, home):
    tracker("init")
    key = home / "keys" / "ledger.key"
    key.chmod(0o644)
    assert "mode to 600" in tracker("ledger", "seal", code=1)

    key.chmod(0o600)
    key.write_text("junk")
    assert "not a key file" in tracker("ledger", "seal", code=1)


@pytest.mark.parametrize("address", ["not a url", "ftp://smt.lan", "https://", "smt.lan"])
def test_an_address_that_is_none_is_refused(tracker, monkeypatch, address):
    monkeypatch.setenv("TRACKER_URL", address)

    assert "Write it as https://" in tracker("init", code=1)


@pytest.mark.parametrize("email", ["an", "@", "a b@example.vn", "an@", "@vn", "an@b@vn", " "])
def test_what_is_no_e_mail_is_refused_in_the_language_of_commands(tracker, monkeypatch, email):
    monkeypatch.setenv("TRACKER_LOCALE", "vi")
    tracker("init")

    said = tracker("user", "add", "--role", "admin", "--name", "An", "--email", email, code=1)

    assert "A person needs a name and an e-mail address." in said


def test_a_password_comes_by_the_input_and_a_weak_one_leaves_nobody(tracker):
    tracker("init")
    words = ("user", "add", "--role", "admin", "--name", "An", "--email", "an@example.vn", "--password-stdin")

    tracker(*words, given="short\n", code=1)
    tracker(*words, given="", code=1)
    assert "may sign in" in tracker(*words, given="bốn tiếng chỉ mình tôi biết\n")
    assert "taken already" in tracker(*words, given="bốn tiếng chỉ mình tôi biết\n", code=1)


def test_text_that_is_not_utf_8_is_refused(tracker):
    tracker("init")
    broken = os.fsdecode(b"\xff\xfean@example.vn")

    assert "UTF-8" in tracker("user", "add", "--role", "admin", "--name", "An", "--email", broken, code=1)


@pytest.mark.parametrize("kind", ["schools", "organisations", "devices", "pupils"])
@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"\0" * 100, "tên;tuổi\nLê;5\n".encode()]
)
def test_a_file_that_is_no_list_is_refused(tracker, tmp_path, kind, data):
    tracker("init")
    (tmp_path / "list.xlsx").write_bytes(data)

    assert tracker("import", kind, "list.xlsx", code=1).startswith("Error: ")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--demo", 0), 2),
        (("--demo", 100_000), 2),
        ((), 2),
        (("--demo", 3, "--dpi", 100), 2),
        (("--demo", 3, "--stock", "L9999"), 1),
        (("--demo", 3, "--stock", ""), 1),
        (("--demo", 3, "--skip", 21), 1),
        (("--demo", 3, "--skip", -1), 1),
        (("--demo", 3, "--url", "https://smt.lan/é"), 1),
        (("--codes", "many.csv"), 1),
        (("--codes", "junk.csv"), 1),
    ],
)
def test_labels_that_cannot_be_are_refused_and_no_file_is_left(tracker, tmp_path, words, code):
    (tmp_path / "junk.csv").write_bytes(b"\0\xff")
    from tracker.custody.codes import mint

    drawn: set[str] = set()
    while len(drawn) < (10_001 if "many.csv" in words else 0):
        drawn.add(mint(drawn))
    (tmp_path / "many.csv").write_text("code\n" + "\n".join(drawn))

    assert "Error: " in tracker("labels", *words, "-o", "labels.pdf", code=code)
    assert not (tmp_path / "labels.pdf").exists()


def test_codes_that_excel_saved_with_semicolons_print_too(tracker, tmp_path):
    tracker("init")
    tracker("codes", "mint", 3, "--out", "codes.csv")
    text = (tmp_path / "codes.csv").read_text().replace(",", ";")
    (tmp_path / "codes.csv").write_text(text, encoding="utf-8-sig")

    assert "3 labels" in tracker("labels", "--codes", "codes.csv", "-o", "labels.pdf")


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_or_an_address_that_cannot_be_served_is_said(tracker, home, command):
    tracker("init")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert "choose another: --port" in tracker(command, "--port", port, code=1)
    assert "such as --host 127.0.0.1" in tracker(command, "--host", "none.invalid", "--port", port, code=1)
    assert "range" in tracker(command, "--port", 99_999, code=2)


# Pages


@pytest.mark.parametrize(
    ("role", "url"),
    [
        (Role.STOREKEEPER, "/device-lists"),
        (Role.COORDINATOR, "/pupils/import"),
        (Role.COORDINATOR, "/schools/import"),
    ],
)
def test_a_list_above_the_limit_gets_a_page_that_says_so(app, client, role, url):
    with app.app_context():
        session = db.session()
        sign_in_as(client, a_person(session, role=role), session)
    app.config["WTF_CSRF_ENABLED"] = False
    head = b'--x\r\nContent-Disposition: form-data; name="sheet"; filename="list.csv"\r\n\r\n'
    body = head + b"x;y\n" * (11 * 1024 * 1024 // 4) + b"\r\n--x--\r\n"

    answer = client.post(url, data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 413
    assert "<h1" in answer.text
