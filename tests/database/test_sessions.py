"""A transaction that the driver's statements begin is the session's: joined, committed, undone, and given back."""

import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, PendingRollbackError

from tests.makers import an_organisation
from tracker.db import db, driver, reading
from tracker.hot import Hot, Write, given
from tracker.people.models import Organisation, SignInAttempt
from tracker.sqlite import LockedConnection

KEY = "of a test"
_ADD = Write(insert(SignInAttempt).values(key=KEY, at=func.current_timestamp()))
_COUNT = Hot(select(func.count().label("rows")).where(SignInAttempt.key == given("key")))


def add() -> None:
    _ADD.rows(driver(db.session()))


def core_add() -> None:
    db.session.execute(insert(SignInAttempt).values(key=KEY, at=func.current_timestamp()))


def orm_add() -> None:
    db.session.add(SignInAttempt(key=KEY, at=func.current_timestamp()))


WAYS = {"driver": add, "core": core_add, "orm": orm_add}


def stand(app: Flask) -> int:
    """Return how many rows another connection sees, which also must not wait for a lock."""
    with app.app_context():
        engine = db.engine
        with engine.begin() as other:
            other.execute(text("DELETE FROM sign_in_attempt WHERE key = 'nobody'"))
            return other.scalar(select(func.count()).where(SignInAttempt.key == KEY)) or 0


def hot_count() -> int:
    found = _COUNT.first(driver(db.session()), key=KEY)
    assert found is not None
    return int(found.rows)


MIXES = [("driver",), ("driver", "core"), ("core", "driver"), ("driver", "orm"), ("orm", "driver"), ("driver", "orm", "driver", "core")]  # fmt: skip


@pytest.mark.parametrize("mix", MIXES, ids="-".join)
def test_what_all_ways_wrote_is_committed_together(app: Flask, mix: tuple[str, ...]) -> None:
    with app.app_context():
        for way in mix:
            WAYS[way]()
        db.session.flush()
        assert hot_count() == len(mix), "each sees what the others wrote"
        db.session.commit()
        assert hot_count() == len(mix)
    assert stand(app) == len(mix)


@pytest.mark.parametrize("mix", MIXES, ids="-".join)
@pytest.mark.parametrize("end", ["rollback", "remove"])
def test_what_all_ways_wrote_is_undone_together(app: Flask, mix: tuple[str, ...], end: str) -> None:
    with app.app_context():
        for way in mix:
            WAYS[way]()
        db.session.flush()
        if end == "rollback":
            db.session.rollback()
            assert hot_count() == 0
            db.session.rollback()
        else:
            db.session.remove()
        assert stand(app) == 0


def test_a_request_that_forgets_to_commit_leaves_nothing_and_holds_nothing(app: Flask) -> None:
    with app.app_context():
        add()
    assert stand(app) == 0


def test_one_transaction_after_the_other(app: Flask) -> None:
    with app.app_context():
        for number in range(1, 6):
            add()
            if number % 2:
                core_add()
            db.session.commit()
            db.session.execute(select(SignInAttempt.id)).all()
            db.session.commit()
    assert stand(app) == 8


def test_a_savepoint_within_is_undone_alone(app: Flask) -> None:
    with app.app_context():
        add()
        for _time in range(2):
            inner = db.session.begin_nested()
            add()
            inner.rollback()
            add()
        db.session.commit()
    assert stand(app) == 3


def test_a_commit_that_fails_can_be_undone(
    make_app, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(sqlite_url)
    true = LockedConnection.commit

    def full(_connection: LockedConnection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with app.app_context():
        add()
        monkeypatch.setattr(LockedConnection, "commit", full)
        with pytest.raises(sqlite3.OperationalError):
            db.session.commit()
        monkeypatch.setattr(LockedConnection, "commit", true)
        db.session.rollback()
        assert stand(app) == 0
        add()
        db.session.commit()
    assert stand(app) == 1


def test_the_drivers_statements_alone_trouble_neither_the_pool_nor_the_orm(make_app, sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    seen: list[str] = []
    with app.app_context():
        add()
        db.session.commit()
        db.session.remove()
        for name in ("checkout", "checkin"):
            event.listen(db.engine.pool, name, lambda *_all, name=name: seen.append(name))
        event.listen(db.engine, "begin", lambda *_all: seen.append("begin"))
        add()
        db.session.commit()
        db.session.remove()
    assert seen == []


def test_what_only_reads_cannot_write_by_any_way(app: Flask) -> None:
    with app.app_context(), reading():
        an_error = db.engine.dialect.dbapi.Error
        with pytest.raises(an_error, match=r"readonly|read-only"):
            add()
        db.session.rollback()
    with app.app_context():
        an_organisation(db.session())
        add()
        db.session.commit()
    assert stand(app) == 1


@pytest.mark.parametrize("mix", [("orm",), ("driver", "orm")], ids="-".join)
def test_after_a_flush_that_failed_nothing_more_is_taken(app: Flask, mix: tuple[str, ...]) -> None:
    with app.app_context():
        for way in mix:
            WAYS[way]()
        db.session.add(Organisation(code="X", name="Không loại", kind=None, created_at=func.now()))
        with pytest.raises(IntegrityError):
            db.session.flush()

        with pytest.raises(PendingRollbackError):
            add()

        db.session.rollback()
        add()
        db.session.commit()
    assert stand(app) == 1


def test_a_session_whose_closing_fails_gives_its_connection_back(
    make_app: Callable[..., Flask], sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(sqlite_url)

    def fails(_session: object) -> None:
        raise RuntimeError("the closing failed")

    with app.app_context():
        orm_add()
        db.session.flush()
        monkeypatch.setattr("flask_sqlalchemy.session.Session.close", fails)
        writers = app.extensions["writers"]
        with pytest.raises(RuntimeError, match="the closing failed"):
            db.session().close()
        assert db.session()._kept is None
        monkeypatch.undo()
        db.session.remove()
        assert len(writers.idle) <= 1
    assert stand(app) == 0
