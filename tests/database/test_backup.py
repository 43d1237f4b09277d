"""`tracker backup` while people write: the copy is whole, its ledger replays, and nothing acknowledged is missing."""

import secrets
import shutil
import sqlite3
import stat
import subprocess
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.database.writer import write_until
from tests.makers import a_device, a_person
from tests.migrations.standing import standing
from tracker.commands import backup
from tracker.custody import replay
from tracker.custody.models import Event
from tracker.db import db, engine_for
from tracker.people.roles import Role

BACKUPS = {"sqlite": 5, "postgresql": 2}


@contextmanager
def people_writing(url, technician):
    """Let two people move devices; give the list of what was acknowledged to them so far."""
    said: list[str] = []
    ended = threading.Event()
    engine = engine_for(url)

    def write():
        write_until(engine, technician, said.append, early=False, stop=ended.is_set)

    threads = [threading.Thread(target=write) for _one in range(2)]
    for thread in threads:
        thread.start()
    try:
        while len(said) < 10:
            assert all(thread.is_alive() for thread in threads)
            ended.wait(0.01)
        yield said
    finally:
        ended.set()
        for thread in threads:
            thread.join()
        engine.dispose()


@pytest.fixture
def technician(app):
    with app.app_context():
        found = a_person(db.session(), role=Role.TECHNICIAN)
        for _one in range(3):
            a_device(db.session(), holder=found.org)
        db.session.commit()
    return found


@pytest.fixture
def restored(database_url, request, tmp_path):
    """Return what makes a database of a backup and gives its address."""
    if database_url.startswith("sqlite"):
        return lambda file: f"sqlite:///{shutil.copyfile(file, tmp_path / f'{secrets.token_hex(4)}.db')}"
    server = request.getfixturevalue("postgres_server")

    def restore(file):
        url = server.url(server.create("template0"))
        plain = url.replace("+psycopg", "")
        subprocess.run(["pg_restore", "--dbname", plain, "--exit-on-error", file], check=True)
        return url

    return restore


def guards(connection):
    """Return the triggers and functions, and how many rules there are: PostgreSQL writes restored ones otherwise."""
    lines = standing(connection)
    return {line for line in lines if line.startswith(("trigger", "function"))}, len(lines)


def test_a_backup_while_people_write_is_whole_and_misses_nothing(
    app, database_url, technician, restored, tmp_path
):
    with app.app_context():
        guards_before = guards(db.session.connection())
    copies = []
    with people_writing(database_url, technician) as said:
        for n in range(BACKUPS[database_url.split(":")[0].split("+")[0]]):
            before, file = set(said), tmp_path / f"{n}.backup"
            with app.app_context():
                done = CliRunner().invoke(backup, [str(file)], catch_exceptions=False)
            assert done.exit_code == 0, done.output
            copies.append((before, file))
    assert len(said) > len(copies[-1][0]) > len(copies[0][0])  # they did write meanwhile

    for before, file in copies:
        engine = engine_for(restored(file))
        with Session(engine) as session:
            assert before - set(session.scalars(select(Event.event_id))) == set()
            assert list(replay.differences(session)) == []
            if engine.dialect.name == "sqlite":
                assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert guards(session.connection()) == guards_before
        engine.dispose()


def test_control_a_plain_copy_of_the_file_misses_what_was_acknowledged(make_app, sqlite_url, tmp_path):
    engine = engine_for(sqlite_url)
    with Session(engine) as session:
        technician = a_person(session, role=Role.TECHNICIAN)
        a_device(session, holder=technician.org)
        session.commit()
    with people_writing(sqlite_url, technician) as said:
        before, file = set(said), tmp_path / "plain.db"
        shutil.copyfile(engine.url.database, file)
    engine.dispose()

    with closing(sqlite3.connect(file)) as copy:
        there = {event_id for (event_id,) in copy.execute("SELECT event_id FROM event")}
    assert before - there != set()


def test_a_backup_is_for_its_owner_and_never_over_another(app, tmp_path):
    file: Path = tmp_path / "copy"
    with app.app_context():
        CliRunner().invoke(backup, [str(file)], catch_exceptions=False)
        first = file.read_bytes()
        again = CliRunner().invoke(backup, [str(file)])

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (again.exit_code, file.read_bytes()) == (1, first)
