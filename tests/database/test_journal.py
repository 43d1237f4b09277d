"""The journal is folded into the database once it has grown: under the lock, and waiting for nobody."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import ROOT
from tracker import sqlite
from tracker.db import engine_for, reading

GROWN = 200_000  # bytes, in these tests
WRITE = text("INSERT INTO sign_in_attempt (key, at) VALUES (:key, '2021-11-15')")


@pytest.fixture
def journal(engine):
    return Path(engine.url.database + "-wal")


def write(engine, rows=100):
    with engine.begin() as connection:
        connection.execute(WRITE, [{"key": "x" * 80}] * rows)


def sizes(engine, journal, writes=60):
    """Return the journal's size after each write."""
    found = []
    for _write in range(writes):
        write(engine)
        found.append(journal.stat().st_size)
    return found


def counted(engine):
    """Return how many commits the lock file counts since the journal was folded."""
    return int.from_bytes(Path(engine.url.database + ".lock").read_bytes()[:8], "little")


def test_after_some_commits_the_journal_is_written_over_from_its_beginning(engine, journal, monkeypatch):
    monkeypatch.setattr(sqlite, "FOLD_AFTER", 10)

    found = sizes(engine, journal)

    assert max(found[20:]) <= 1.5 * max(found[:10])
    assert min(found) > 0  # it keeps its length
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sign_in_attempt")) == 6000
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"


def test_several_processes_count_together(engine, sqlite_url, monkeypatch):
    monkeypatch.setattr(sqlite, "FOLD_AFTER", 7)
    other = engine_for(sqlite_url)
    seen = []
    for each in (engine, other) * 6:
        write(each, rows=1)
        seen.append(counted(engine))
    other.dispose()

    assert seen == [1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5]


def test_a_journal_grown_too_long_is_cut_by_the_commit_that_makes_it_so(engine, journal, monkeypatch):
    monkeypatch.setattr(sqlite, "TOO_LONG", GROWN)

    found = sizes(engine, journal)

    assert 0 in found
    assert max(found) < GROWN
    assert max(found) > GROWN / 2  # and not before


def test_control_without_folding_it_grows_and_grows(engine, journal, monkeypatch):
    monkeypatch.setattr(sqlite, "FOLD_AFTER", 1 << 40)

    found = sizes(engine, journal)

    assert found == sorted(found)
    assert found[-1] > 2 * GROWN


def test_it_is_folded_under_the_lock(engine, monkeypatch):
    monkeypatch.setattr(sqlite, "FOLD_AFTER", 1)
    other, free = os.open(engine.url.database + ".lock", os.O_RDWR | os.O_CREAT), {}

    def look(statement):
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            free[statement.split("(")[0]] = False
        else:
            fcntl.flock(other, fcntl.LOCK_UN)
            free[statement.split("(")[0]] = True

    with engine.connect() as connection:
        connection.connection.dbapi_connection.set_trace_callback(look)
        connection.execute(WRITE, {"key": "x"})
        connection.commit()
        connection.connection.dbapi_connection.set_trace_callback(None)
    os.close(other)

    assert {step: free[step] for step in ("BEGIN IMMEDIATE", "COMMIT", "PRAGMA wal_checkpoint")} == {
        "BEGIN IMMEDIATE": False,
        "COMMIT": False,
        "PRAGMA wal_checkpoint": False,
    }


def test_a_connection_closes_under_the_lock_since_the_last_one_folds(sqlite_url):
    engine = engine_for(sqlite_url)
    write(engine)
    file = os.open(engine.url.database + ".lock", os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    closing = threading.Thread(target=engine.dispose)
    closing.start()
    time.sleep(0.2)
    waited = closing.is_alive()

    os.close(file)
    closing.join(timeout=5)

    assert waited
    assert not closing.is_alive()
    assert not Path(engine.url.database + "-wal").exists()


def test_a_long_reader_holds_up_nobody_and_what_it_sees_stays(engine, journal, monkeypatch):
    monkeypatch.setattr(sqlite, "TOO_LONG", 1)
    count = text("SELECT count(*) FROM sign_in_attempt")
    with engine.connect() as reader:
        with reading():
            before = reader.scalar(count)
        start = time.monotonic()
        found = sizes(engine, journal, writes=2)
        took = time.monotonic() - start

        assert min(found) > 0  # what the reader needs is kept
        assert took < 5  # with SQLite's own patience each commit would wait 20 s
        assert reader.scalar(count) == before

    write(engine)  # the reader has gone
    assert journal.stat().st_size == 0


FULL = """
import resource, sys
from pathlib import Path
from sqlalchemy import text
from tracker import db, sqlite
engine = db.engine_for(sys.argv[1])
file = Path(engine.url.database)
write = text("INSERT INTO sign_in_attempt (key, at) VALUES (:key, '2021-11-15')")
rows = [{"key": "x" * 80}] * 200
with engine.begin() as connection:
    connection.execute(write, rows)
resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, resource.RLIM_INFINITY))
sqlite.TOO_LONG = 1
with engine.begin() as connection:
    connection.execute(write, rows)
print("committed")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with engine.begin() as connection:
    connection.execute(write, rows)
    print(connection.scalar(text("SELECT count(*) FROM sign_in_attempt")))
print(Path(f"{file}-wal").stat().st_size)
"""


def test_a_commit_that_stands_does_not_fail_because_the_journal_cannot_be_folded(sqlite_url):
    done = subprocess.run([sys.executable, "-c", FULL, sqlite_url], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.split() == ["committed", "600", "0"], done.stderr
    assert "The journal could not be folded" in done.stderr
