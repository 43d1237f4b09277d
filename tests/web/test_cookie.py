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


def test_messages_nobody_looks_at_do_not_fill_the_cookie(small: Flask) -> None:
    @small.get("/flash/<int:n>")
    def say_more(n: int) -> str:
        flash("x" * 100 + str(n))
        return "said"

    @small.get("/read")
    def read() -> str:
        return " ".join(message[100:] for message in get_flashed_messages())

    client = small.test_client()
    for n in range(30):
        client.get(f"/flash/{n}")
    kept = client.get_cookie("tracker")
    assert kept is not None
    assert len(kept.value) < 1500
    assert client.get("/read").text == "25 26 27 28 29"
