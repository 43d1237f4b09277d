"""The connections of pages that only read: they cannot write, see one state, and outlive the server's restarts."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import create_engine, insert, select, text

from tests.makers import a_device, a_person
from tracker import db
from tracker.connections import Readers
from tracker.hot import Hot, Write, given
from tracker.people.models import Organisation
from tracker.people.roles import Role

_NAMES = Hot(select(Organisation.name).where(Organisation.id >= given("first")))
_ADD = Write(
    insert(Organisation).values({name: given(name) for name in ("code", "name", "kind", "created_at")})
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def readers(app: Flask) -> Readers:
    with app.app_context():
        a_person(db.db.session(), role=Role.TECHNICIAN)
        db.db.session.commit()
        db.db.session.remove()
    found: Readers = app.extensions["readers"]
    return found


def test_a_reader_cannot_write(readers: Readers) -> None:
    reader = readers.take()
    errors = reader.dialect.dbapi.Error  # type: ignore[union-attr]
    with pytest.raises(errors, match=r"readonly|read-only"):
        _ADD.rows(reader, code="X", name="X", kind="school", created_at=NOW)  # type: ignore[arg-type]
    readers.give_back(reader)


def test_a_reader_is_used_again_and_sees_what_was_committed_since(app: Flask, readers: Readers) -> None:
    first = readers.take()
    before = len(_NAMES.all(first, first=0))
    readers.give_back(first)
    with app.app_context():
        a_device(db.db.session())
        db.db.session.commit()

    second = readers.take()
    assert second is first
    assert len(_NAMES.all(second, first=0)) > before
    readers.give_back(second)


def test_two_pages_at_once_have_a_reader_each(readers: Readers) -> None:
    taken = [readers.take() for _page in range(5)]
    assert len({id(reader.connection) for reader in taken}) == 5
    for reader in taken:
        readers.give_back(reader)


def test_only_so_many_wait_for_nobody(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Readers, "MOST", 2)
    taken = [readers.take() for _page in range(4)]
    for reader in taken:
        readers.give_back(reader)
    assert len(readers.idle) == 2


def test_on_sqlite_a_page_sees_one_state(sqlite_url: str) -> None:
    engine = db.engine_for(sqlite_url)
    readers = Readers(engine)
    reader = readers.take()
    assert _NAMES.all(reader, first=0) == []
    with engine.begin() as writer:
        writer.execute(insert(Organisation), {"code": "X", "name": "X", "kind": "school", "created_at": NOW})
    assert _NAMES.all(reader, first=0) == [], "the page goes on with the state it began with"
    readers.give_back(reader)
    again = readers.take()
    assert len(_NAMES.all(again, first=0)) == 1
    readers.give_back(again)
    engine.dispose()
    assert not readers.idle


def cut(url: str) -> None:
    """End every other connection to this database, as a restarted server does."""
    engine = create_engine(db.address(url))
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_a_page_finds_a_postgresql_that_was_started_anew(postgres_url: str) -> None:
    engine = db.engine_for(postgres_url)
    readers = Readers(engine)
    for reader in [readers.take() for _page in range(3)]:
        _NAMES.all(reader, first=0)
        readers.give_back(reader)
    cut(postgres_url)

    for _page in range(3):
        reader = readers.take()
        assert _NAMES.all(reader, first=0) == []
        readers.give_back(reader)
    engine.dispose()


def test_a_connection_lost_in_the_middle_of_a_page_is_an_error(postgres_url: str) -> None:
    engine = db.engine_for(postgres_url)
    readers = Readers(engine)
    reader = readers.take()
    _NAMES.all(reader, first=0)
    cut(postgres_url)
    with pytest.raises(reader.dialect.dbapi.OperationalError):  # type: ignore[union-attr]
        _NAMES.all(reader, first=0)
    reader.close()
    engine.dispose()


def test_many_threads_share_them(readers: Readers) -> None:
    wrong: list[Exception] = []

    def read() -> None:
        try:
            for _page in range(30):
                reader = readers.take()
                assert _NAMES.all(reader, first=0)
                readers.give_back(reader)
        except Exception as error:  # noqa: BLE001
            wrong.append(error)

    threads = [threading.Thread(target=read) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(readers.idle) <= 8
