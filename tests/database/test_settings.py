"""Every connection has our settings, and what only reads cannot write."""

import threading
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.makers import an_organisation
from tracker.db import db, reading
from tracker.people.permissions import public

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "secure_delete": 1,
    "busy_timeout": 20_000,
    "wal_autocheckpoint": 0,
}


def settings_of(connection):
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS}


def test_every_connection_has_the_settings(engine):
    with reading(), ExitStack() as opened:
        several = [opened.enter_context(engine.connect()) for _one in range(7)]  # more than the pool keeps

        assert [settings_of(connection) for connection in several] == [SETTINGS] * 7


def test_a_connection_made_again_has_them_too(engine):
    with engine.connect() as connection:
        connection.invalidate()
    with engine.connect() as connection:
        assert settings_of(connection) == SETTINGS


def test_the_application_has_them_in_each_thread(make_app, sqlite_url):
    app = make_app(sqlite_url)
    found = []

    def look():
        with app.app_context():
            found.append(settings_of(db.session.connection()))

    threads = [threading.Thread(target=look) for _one in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [SETTINGS] * 3


def test_folding_the_journal_leaves_the_settings_as_they_were(engine, monkeypatch):
    monkeypatch.setattr("tracker.sqlite.FOLD_AFTER", 1)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        connection.commit()

        assert settings_of(connection) == SETTINGS


def test_a_reference_to_nobody_is_refused(engine):
    sign_in = "INSERT INTO sign_in (id, user_id, created_at) VALUES ('x', 999, '2021-11-15')"
    with engine.connect() as connection, pytest.raises(DBAPIError, match="FOREIGN KEY"):
        connection.exec_driver_sql(sign_in)


# What only reads


@pytest.fixture
def session(app: Flask):
    with app.app_context():
        yield db.session()


WRITES = [
    "INSERT INTO sign_in_attempt (key, at) VALUES ('x', '2021-11-15')",
    "UPDATE organisation SET name = 'x'",
    "DELETE FROM organisation",
    "CREATE TABLE t (n INTEGER)",
]


@pytest.mark.parametrize("write", WRITES, ids=["insert", "update", "delete", "create"])
def test_a_reading_transaction_cannot_write(session, write):
    an_organisation(session, name="Kho huyện")
    session.commit()

    with reading(), pytest.raises(DBAPIError, match=r"readonly|read-only"):
        session.execute(text(write))
    session.rollback()

    assert session.scalar(text("SELECT count(*) FROM organisation WHERE name = 'Kho huyện'")) == 1


def test_a_connection_that_has_read_may_write_afterwards(session):
    for _turn in range(3):
        with reading():
            before = session.scalar(text("SELECT count(*) FROM organisation"))
        session.rollback()
        an_organisation(session)
        session.commit()

        assert session.scalar(text("SELECT count(*) FROM organisation")) == before + 1
        session.rollback()


def test_an_address_that_writes_does_so_by_post_and_never_by_get(make_app, database_url):
    app = make_app(database_url)
    app.config["WTF_CSRF_ENABLED"] = False

    @app.route("/writes", methods=["GET", "POST"])
    @public
    def writes():
        db.session.execute(text("INSERT INTO sign_in_attempt (key, at) VALUES ('x', '2021-11-15')"))
        db.session.commit()
        return "written"

    def attempts():
        with app.app_context():
            return db.session.scalar(text("SELECT count(*) FROM sign_in_attempt"))

    assert app.test_client().get("/writes").status_code == 500
    assert attempts() == 0

    assert app.test_client().post("/writes").text == "written"
    assert attempts() == 1


def test_readers_take_no_lock_and_see_what_stood_when_they_began(engine):
    with engine.connect() as writer, engine.connect() as reader:
        writer.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        writer.commit()
        writer.exec_driver_sql("INSERT INTO t VALUES (1)")  # holds the lock

        with reading():
            assert reader.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
            writer.commit()
            assert reader.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
            reader.rollback()
            assert reader.exec_driver_sql("SELECT count(*) FROM t").scalar() == 1
