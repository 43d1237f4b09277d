"""What was acknowledged is there after kill -9; and the test would notice if it were not.

Killing a process says nothing about a power cut: that the settings survive one (WAL, synchronous=FULL) was
measured elsewhere, and that every connection has them is in test_settings.py.
"""

import json
import subprocess
import sys

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.conftest import ROOT
from tests.makers import a_device, a_person
from tracker.custody import replay
from tracker.custody.models import Event
from tracker.db import engine_for
from tracker.people.roles import Role

KILLS, CONTROLS = 40, 15


@pytest.fixture
def technician(sqlite_url):
    engine = engine_for(sqlite_url)
    with Session(engine) as session:
        found = a_person(session, role=Role.TECHNICIAN)
        for _one in range(3):
            a_device(session, holder=found.org)
        session.commit()
    engine.dispose()  # nothing of ours is open when others are killed
    return found


def killed(url, technician, kills, *flags):
    """Return what the killed writers had said, one list a writer."""
    run = [sys.executable, "-m", "tests.database.writer", url, str(technician.user), str(technician.org)]
    done = subprocess.run([*run, str(kills), *flags], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lives = json.loads(done.stdout)
    assert all(lives), done.stderr
    return lives


def stands(url):
    """Open the database again; return the ids of its events, after looking whether it is sound."""
    engine = engine_for(url)
    try:
        with Session(engine) as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
            assert list(replay.differences(session)) == []
            return set(session.scalars(select(Event.event_id)))
    finally:
        engine.dispose()


def test_after_every_kill_all_that_was_acknowledged_is_there(sqlite_url, technician):
    lives = killed(sqlite_url, technician, KILLS)

    said = {event_id for life in lives for event_id in life}
    there = stands(sqlite_url)
    print(f"{KILLS} kills, {len(said)} acknowledged, {len(there)} stand")
    assert len(lives) == KILLS
    assert said - there == set()


def test_control_whoever_acknowledges_before_the_commit_loses_some(sqlite_url, technician):
    lives = killed(sqlite_url, technician, CONTROLS, "--before-commit")

    assert {event_id for life in lives for event_id in life} - stands(sqlite_url) != set()
