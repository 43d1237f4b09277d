"""A form sent twice is done once: after the other, at the same moment, and when it would be refused by now."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, flash, get_flashed_messages
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tracker.db import db
from tracker.people.models import SignInAttempt
from tracker.people.permissions import public
from tracker.refused import Refused
from tracker.web.models import Answered
from tracker.web.once import done, once
from tracker.words import _


@pytest.fixture
def forms(app: Flask) -> Iterator[FlaskClient]:
    """Views that write one row for each form they answer, in several ways."""
    app.config["WTF_CSRF_ENABLED"] = False

    def write() -> None:
        db.session.add(SignInAttempt(key="form", at=func.now()))
        db.session.flush()

    @app.post("/write/<where>")
    @public
    @once
    def write_row(where: str):
        write()
        flash(f"written {where}")
        return done(f"/written/{where}")

    @app.get("/said")
    @public
    def said():
        return ", ".join(get_flashed_messages())

    @app.post("/only-first")
    @public
    @once
    def only_first():
        if rows(app):
            raise Refused(_("There is one already."), out=_("Look at it."))
        write()
        return done("/the/first")

    @app.post("/shown-again")
    @public
    @once
    def shown_again():
        if rows(app):
            db.session.rollback()
            return "wrong", 422
        write()
        return done("/the/first")

    @app.post("/breaks-late")
    @public
    @once
    def breaks_late():
        write()
        done("/the/first")
        raise RuntimeError("a bug after the work was done")

    @app.post("/breaks")
    @public
    @once
    def breaks():
        write()
        raise RuntimeError("a bug")

    return app.test_client()


def rows(app: Flask) -> int:
    return db.session.scalar(select(func.count()).select_from(SignInAttempt)) or 0


def counted(app: Flask) -> tuple[int, int]:
    with app.app_context():
        return rows(app), db.session.scalar(select(func.count()).select_from(Answered)) or 0


def test_the_second_gets_the_first_answer(app: Flask, forms: FlaskClient) -> None:
    answers = [
        forms.post("/write/here", data={"event_id": "a" * 32, "note": "ghi chú"}) for _time in range(3)
    ]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/written/here")] * 3
    assert [answer.headers["Content-Length"] for answer in answers] == ["0"] * 3
    assert counted(app) == (1, 1)
    assert forms.get("/said").text == "written here"
    forms.post("/write/here", data={"event_id": "a" * 32, "note": "ghi chú"})
    assert forms.get("/said").text == ""


@pytest.mark.parametrize("path", ["/only-first", "/shown-again"])
def test_what_would_be_refused_by_now_gets_the_first_answer(
    app: Flask, forms: FlaskClient, path: str
) -> None:
    first = forms.post(path, data={"event_id": "a" * 32})
    again = forms.post(path, data={"event_id": "a" * 32})
    other = forms.post(path, data={"event_id": "b" * 32})

    assert (first.status_code, first.location) == (again.status_code, again.location) == (303, "/the/first")
    assert other.status_code in {409, 422}
    assert counted(app) == (1, 1)


def test_other_content_under_the_same_id_is_refused(app: Flask, forms: FlaskClient) -> None:
    forms.post("/write/here", data={"event_id": "a" * 32, "note": "một"})

    answers = [
        forms.post("/write/here", data={"event_id": "a" * 32, "note": "hai"}),
        forms.post("/write/there", data={"event_id": "a" * 32, "note": "một"}),
        forms.post("/write/here", data={"event_id": "a" * 32, "note": ["một", "hai"]}),
    ]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert counted(app) == (1, 1)


def test_a_form_without_an_id_is_done_each_time(app: Flask, forms: FlaskClient) -> None:
    for _time in range(2):
        assert forms.post("/write/here").status_code == 303
    assert counted(app) == (2, 0)


def test_what_broke_leaves_nothing_and_may_be_sent_again(app: Flask, forms: FlaskClient) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for _time in range(2):
        assert forms.post("/breaks", data={"event_id": "a" * 32}).status_code == 500
    assert counted(app) == (0, 0)


def test_what_breaks_after_it_was_done_is_answered_and_written_down(
    app: Flask, forms: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [forms.post("/breaks-late", data={"event_id": "a" * 32}) for _time in range(2)]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/the/first")] * 2
    assert counted(app) == (1, 1)
    told = [record for record in caplog.records if record.name == "tracker.web.once"]
    assert [record.exc_info is not None for record in told] == [True]


def at_once(app: Flask, path: str, event_id: str) -> list[tuple[int, str | None]]:
    """Let four browsers send the same form at the same moment."""
    barrier = threading.Barrier(4, timeout=60)
    answers: list[tuple[int, str | None]] = []

    def send(client: FlaskClient) -> None:
        barrier.wait()
        answer = client.post(path, data={"event_id": event_id})
        answers.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=send, args=(app.test_client(),)) for _twin in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.usefixtures("forms")
def test_twins_at_the_same_moment_are_done_once(app: Flask) -> None:
    for number in range(12):
        assert at_once(app, "/write/here", f"{number:032d}") == [(303, "/written/here")] * 4
    assert counted(app) == (12, 12)


@pytest.mark.usefixtures("forms")
@pytest.mark.parametrize("path", ["/only-first", "/shown-again"])
def test_twins_of_what_can_be_done_once_all_get_its_answer(app: Flask, path: str) -> None:
    assert at_once(app, path, "a" * 32) == [(303, "/the/first")] * 4
    assert {code for code, _location in at_once(app, path, "b" * 32)} <= {409, 422}
    assert counted(app) == (1, 1)


@pytest.mark.usefixtures("forms")
@pytest.mark.parametrize("odd", ["a b", "é😀", "\x85", "\u202e", "a" * 65, "a\nb"])
def test_an_id_that_no_verifier_would_take_is_refused(app: Flask, odd: str) -> None:
    assert app.test_client().post("/write/here", data={"event_id": odd}).status_code == 400
    assert counted(app) == (0, 0)
