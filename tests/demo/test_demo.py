"""The demonstration is as large as it says, could have happened, and is no other than what is served."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.people.browsers import token
from tracker.custody.road import Status
from tracker.people.roles import Role

ALONE = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


def tracker(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tracker", *map(str, arguments)],
        cwd=home.parent,  # nothing lies beside it that a checkout has
        env={**ALONE, "TRACKER_HOME": str(home)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("demo") / "home"
    ran = tracker(home, "demo", "--no-serve")
    assert ran.returncode == 0, ran.stderr
    return home, ran.stdout


def rows(home: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(home / "tracker.db")) as connection:
        return connection.execute(question).fetchall()


def test_the_demonstration_has_the_size_it_promises(told):
    home, _printed = told
    (counts,) = rows(
        home,
        "SELECT (SELECT count(*) FROM device), (SELECT count(*) FROM pupil), (SELECT count(*) FROM donor)",
    )

    assert counts == (600, 900, 12)
    assert dict(rows(home, "SELECT kind, count(*) FROM organisation GROUP BY kind")) == {
        "programme": 1,
        "school": 31,
        "warehouse": 2,
        "workshop": 3,
    }
    assert rows(home, "SELECT count(DISTINCT district) FROM organisation WHERE kind = 'school'") == [(9,)]


def test_there_are_devices_in_every_status_over_eight_weeks(told):
    home, _printed = told
    statuses = Counter(status for (status,) in rows(home, "SELECT status FROM device"))
    ((first, last),) = rows(home, "SELECT min(at), max(at) FROM event")

    assert set(statuses) == set(Status)
    span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    assert timedelta(weeks=7) < span <= timedelta(weeks=8)
    assert datetime.fromisoformat(last) <= datetime.now(UTC).replace(tzinfo=None)


def test_one_sign_in_for_each_role_is_printed_and_works(told, make_app):
    home, printed = told
    lines = [line.split(maxsplit=1) for line in printed.splitlines() if line.startswith("  ")]
    said = dict(line for line in lines if len(line) == 2)
    client = make_app(f"sqlite:///{home / 'tracker.db'}").test_client()

    assert {role for role, who in said.items() if "@" in who} == set(Role)
    for role in Role:
        form = {"email": said[role], "password": said["password"], "csrf_token": token(client)}
        answer = client.post("/sign-in", data=form)
        assert (answer.status_code, urlsplit(answer.location).path) == (303, "/"), role
        assert client.get("/").status_code == 200
        client.post("/sign-out", data={"csrf_token": token(client)})


def test_the_ledger_of_the_demonstration_holds(told, tmp_path):
    home, _printed = told
    bundle = tmp_path / "bundle"

    assert tracker(home, "ledger", "replay").stdout == "no differences\n"
    assert tracker(home, "ledger", "export", bundle).returncode == 0
    verified = subprocess.run([sys.executable, "-I", bundle / "verify.py", bundle], capture_output=True)
    assert verified.returncode == 0, verified.stdout


def test_asking_again_changes_nothing_and_a_home_of_others_is_refused(told):
    home, _printed = told
    before = rows(home, "SELECT count(*), max(n) FROM event")
    sign_ins = home / "demo-sign-ins.txt"
    assert stat.S_IMODE(sign_ins.stat().st_mode) == 0o600

    assert tracker(home, "demo", "--no-serve").returncode == 0
    assert rows(home, "SELECT count(*), max(n) FROM event") == before

    kept = sign_ins.read_text(encoding="utf-8")
    sign_ins.unlink()
    try:
        refused = tracker(home, "demo", "--no-serve")
    finally:
        sign_ins.write_text(kept, encoding="utf-8")
    assert refused.returncode == 1
    assert "no demonstration" in refused.stderr
