"""One writes at a time on SQLite: in turn, without errors, and whoever dies holds nobody up."""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.conftest import ROOT
from tracker.db import reading

THREADS, WRITES = 8, 50
#: Far above what is measured (0.02 s), far below what SQLite's own waiting does (2 to 18 s).
LONGEST = 2.0  # seconds

WRITE = text("INSERT INTO sign_in_attempt (key, at) VALUES (:key, '2021-11-15')")
COUNT = text("SELECT count(*) FROM sign_in_attempt")


def count(engine):
    with reading(), engine.connect() as connection:
        return connection.scalar(COUNT)


@pytest.fixture
def is_free(engine):
    """Return a question: could somebody else write now?"""
    file = os.open(engine.url.database + ".lock", os.O_RDWR | os.O_CREAT)

    def ask():
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        return True

    yield ask
    os.close(file)


def test_writing_begins_at_once_and_reading_does_not(engine):
    said = []
    with engine.connect() as connection:
        connection.connection.dbapi_connection.set_trace_callback(said.append)
        connection.execute(COUNT)  # even if it only reads: it may want to write next
        connection.rollback()
        with reading():
            connection.execute(COUNT)
            connection.rollback()

    assert [statement for statement in said if statement.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_the_second_waits_for_the_first_and_then_writes(engine):
    order, begun = [], threading.Event()

    def second():
        begun.wait()
        with engine.begin() as connection:
            connection.execute(WRITE, {"key": "second"})
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with engine.begin() as connection:
        connection.execute(WRITE, {"key": "first"})
        begun.set()
        time.sleep(0.3)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]
    assert count(engine) == 2


def hammer(engine, threads, writes):
    """Write from many threads; return how long each write took, and what went wrong."""
    barrier = threading.Barrier(threads)

    def run(name):
        took, wrong = [], []
        barrier.wait()
        for n in range(writes):
            start = time.monotonic()
            try:
                with engine.connect() as connection:
                    connection.execute(COUNT)  # as an action does: first look, then write
                    connection.execute(WRITE, {"key": f"{name} {n}"})
                    connection.commit()
            except DBAPIError as error:
                wrong.append(str(error.orig))
            took.append(time.monotonic() - start)
        return took, wrong

    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(run, range(threads)))
    return [one for took, _wrong in done for one in took], [one for _took, wrong in done for one in wrong]


def test_many_writers_all_succeed_and_none_waits_long(engine):
    took, wrong = hammer(engine, THREADS, WRITES)

    print(f"{len(took)} writes by {THREADS} threads, the longest took {max(took):.3f} s")
    assert wrong == []
    assert count(engine) == THREADS * WRITES
    assert max(took) < LONGEST


def test_control_without_our_beginning_the_database_is_locked(engine, sqlite_url):
    careless = create_engine(sqlite_url, connect_args={"check_same_thread": False, "timeout": 5})
    event.listen(careless, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
    event.listen(careless, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    _took, wrong = hammer(careless, THREADS, 10)
    careless.dispose()

    assert "database is locked" in wrong


# The lock is let go


def commits(connection):
    connection.commit()


def rolls_back(connection):
    connection.rollback()


def closes(connection):
    connection.close()


def breaks(connection):
    with pytest.raises(DBAPIError):
        connection.execute(text("INSERT INTO event (n) VALUES (1)"))
    connection.rollback()


def is_thrown_away(connection):
    connection.invalidate()


@pytest.mark.parametrize("ends", [commits, rolls_back, closes, breaks, is_thrown_away])
def test_the_lock_is_held_until_the_transaction_ends(engine, is_free, ends):
    with engine.connect() as connection:
        assert is_free()
        connection.execute(WRITE, {"key": "x"})
        assert not is_free()

        ends(connection)

        assert is_free()


def test_the_lock_is_let_go_by_an_error_in_the_middle(engine, is_free):
    def fails():
        with engine.begin() as connection:
            connection.execute(WRITE, {"key": "x"})
            assert not is_free()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()

    assert is_free()
    assert count(engine) == 0


def test_the_lock_is_let_go_if_the_database_does_not_let_us_begin(engine, sqlite_url, is_free):
    intruder = sqlite3.connect(
        engine.url.database, isolation_level=None
    )  # another programme, without our lock
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
        connection.rollback()
        intruder.execute("BEGIN IMMEDIATE")

        with pytest.raises((OperationalError, sqlite3.OperationalError), match="locked"):
            connection.execute(WRITE, {"key": "x"})
        connection.rollback()

        assert is_free()
        intruder.close()
        connection.execute(WRITE, {"key": "x"})
        connection.commit()
    assert count(engine) == 1


HOLDER = """
import sys, time
from sqlalchemy import text
from tracker.db import engine_for
with engine_for(sys.argv[1]).connect() as connection:
    connection.execute(text("INSERT INTO sign_in_attempt (key, at) VALUES ('never', '2021-11-15')"))
    print("holds", flush=True)
    time.sleep(60)
"""


def test_whoever_is_killed_while_holding_the_lock_holds_nobody_up(engine, sqlite_url, is_free):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, sqlite_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "holds\n"
    assert not is_free()
    written = threading.Event()

    def write():
        with engine.begin() as connection:
            connection.execute(WRITE, {"key": "x"})
        written.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not written.wait(0.3)

    holder.send_signal(signal.SIGKILL)

    assert written.wait(LONGEST)
    thread.join()
    holder.wait()
    holder.stdout.close()
    assert count(engine) == 1
