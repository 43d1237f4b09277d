"""A cookie is believed because it was signed, also when it is known already."""

from http import HTTPStatus

import pytest
from flask import Flask, flash, get_flashed_messages, session

from tracker.web import cookie
from tracker.web.cookie import Cookies


@pytest.fixture
def small() -> Flask:
    """An application with our cookies and two views."""
    app = Flask("small")
    app.config.update(SECRET_KEY="of this test", SESSION_COOKIE_NAME="tracker")
    app.session_interface = Cookies()

    @app.get("/say")
    def say() -> str:
        return str(session.get("n", "nothing"))

    @app.get("/add")
    def add() -> str:
        session["n"] = session.get("n", 0) + 1
        return "added"

    @app.get("/list")
    def put() -> str:
        session.setdefault("rows", []).append("row")
        session.modified = True
        return str(len(session["rows"]))

    @app.get("/quiet")
    def quiet() -> str:
        return "nobody asked for the session"

    return app


def test_what_one_answer_sets_the_next_request_has(small: Flask) -> None:
    client = small.test_client()

    assert [client.get("/add").text for _time in range(3)] == ["added"] * 3
    assert [client.get("/say").text for _time in range(3)] == ["3"] * 3


def test_an_old_cookie_says_what_it_said(small: Flask) -> None:
    client = small.test_client()
    client.get("/add")
    old = client.get_cookie("tracker")
    assert old is not None
    client.get("/add")
    new = client.get_cookie("tracker")
    assert new is not None

    for _time in range(2):
        for kept, says in ((old, "1"), (new, "2")):
            assert (
                small.test_client(use_cookies=False)
                .get("/say", headers={"Cookie": f"tracker={kept.value}"})
                .text
                == says
            )


def test_one_changed_character_is_no_cookie_even_when_the_true_one_is_known(small: Flask) -> None:
    client = small.test_client()
    client.get("/add")
    client.get("/say")
    true = client.get_cookie("tracker")
    assert true is not None

    for at in range(len(true.value) - 1):  # the last digit of base64 has bits that mean nothing
        other = "A" if true.value[at] != "A" else "B"
        changed = true.value[:at] + other + true.value[at + 1 :]
        answer = small.test_client(use_cookies=False).get("/say", headers={"Cookie": f"tracker={changed}"})
        assert answer.text == "nothing", at


def test_a_list_in_the_session_is_not_shared_between_requests(small: Flask) -> None:
    client = small.test_client()
    client.get("/list")
    kept = client.get_cookie("tracker")
    assert kept is not None

    again = [
        small.test_client(use_cookies=False).get("/list", headers={"Cookie": f"tracker={kept.value}"}).text
        for _time in range(3)
    ]
    assert again == ["2"] * 3


def test_a_cookie_is_not_believed_for_ever(small: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = small.test_client()
    client.get("/add")
    assert client.get("/say").text == "1"
    small.secret_key = "another"
    assert client.get("/say").text == "1", "known for a while"

    now = cookie.time.monotonic()
    monkeypatch.setattr(cookie.time, "monotonic", lambda: now + cookie.BELIEVED + 1)
    assert client.get("/say").text == "nothing"


def test_the_memory_of_cookies_is_bounded(small: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookie, "MOST_KEPT", 5)
    interface = small.session_interface
    assert isinstance(interface, Cookies)
    client = small.test_client()
    client.get("/add")
    kept = client.get_cookie("tracker")
    assert kept is not None
    for n in range(20):
        small.test_client(use_cookies=False).get(
            "/say", headers={"Cookie": f"tracker={kept.value}; other={n}"}
        )
    small.test_client(use_cookies=False).get(
        "/say", headers={"Cookie": f"tracker={kept.value}; other={'x' * 3000}"}
    )

    assert len(interface._good) <= 5
    assert all(len(header) < 3000 for header in interface._good)


@pytest.mark.parametrize(("path", "varies"), [("/say", "Cookie"), ("/quiet", None)])
def test_a_page_that_read_the_session_says_so(small: Flask, path: str, varies: str | None) -> None:
    client = small.test_client()
    client.get("/add")

    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers.get("Vary") == varies
    assert "Set-Cookie" not in answer.headers


@pytest.fixture
def talking(small: Flask) -> Flask:
    """The small application, with views that say something to the next page."""

    @small.get("/flash/<text>")
    def flash_it(text: str) -> str:
        flash(text, "ok")
        return "said"

    @small.get("/read")
    def read() -> str:
        return " ".join(get_flashed_messages())

    return small


def test_messages_nobody_looks_at_do_not_fill_the_cookie(talking: Flask) -> None:
    client = talking.test_client()
    for n in range(30):
        client.get(f"/flash/{'x' * 100}{n}")
    kept = client.get_cookie("tracker-said")

    assert kept is not None
    assert len(kept.value) < 1500
    assert client.get("/read").text.replace("x", "") == "25 26 27 28 29"


def test_long_messages_are_cut_and_the_oldest_left_out_before_the_cookie_is_too_long(talking: Flask) -> None:
    client = talking.test_client()
    for word in ("một", "hai", "ba"):
        client.get(f"/flash/{word}" + "ệ" * 600)
    kept = client.get_cookie("tracker-said")

    assert kept is not None
    assert len(kept.value) < 3100
    assert client.get("/read").text == "ba" + "ệ" * 498


def test_a_message_is_told_once_and_its_cookie_taken_back(talking: Flask) -> None:
    client = talking.test_client()
    client.get("/flash/Đã ghi nhận: 100%")

    assert client.get("/say").text == "nothing"  # a page that shows no messages leaves them
    assert client.get("/read").text == "Đã ghi nhận: 100%"
    assert client.get("/read").text == ""
    assert client.get_cookie("tracker-said") is None


def test_a_message_leaves_the_cookie_of_the_session_as_it_is(talking: Flask) -> None:
    client = talking.test_client()
    client.get("/add")

    answers = [client.get(path) for path in ("/flash/one", "/flash/two", "/read")]

    sent = [header for answer in answers for header in answer.headers.getlist("Set-Cookie")]
    assert len(sent) == 3
    assert all(header.startswith("tracker-said=") for header in sent)
    assert all("HttpOnly; Path=/" in header for header in sent)
    assert client.get("/say").text == "1"


def test_a_message_that_we_did_not_seal_is_not_told(talking: Flask) -> None:
    client = talking.test_client()
    client.get("/flash/true")
    kept = client.get_cookie("tracker-said")
    assert kept is not None

    for at in range(len(kept.value)):
        changed = kept.value[:at] + ("A" if kept.value[at] != "A" else "B") + kept.value[at + 1 :]
        for value in (changed, kept.value[:at], changed + "ệ"):
            headers = {"Cookie": f"tracker-said={value}"}
            assert talking.test_client(use_cookies=False).get("/read", headers=headers).text == "", at


def test_what_is_emptied_is_taken_back(small: Flask) -> None:
    @small.get("/clear")
    def clear() -> str:
        session.clear()
        return "cleared"

    client = small.test_client()
    client.get("/add")
    client.get("/clear")

    assert client.get_cookie("tracker") is None
    assert client.get("/say").text == "nothing"
