"""What a machine lacks is said in a sentence that helps; nothing is skipped in silence."""

import os
import shutil
import subprocess
import sys

import pytest

from tests import postgres
from tests.conftest import NO_CHROMIUM, ROOT

NEEDED = ["sh", "env", "true", "chmod", "python3", "ls", "grep", "cat", "make", "fc-list", "initdb"]


@pytest.fixture
def machine(tmp_path):
    """Run .ci/system-packages where only NEEDED and the given programmes are found."""
    places = f"{os.environ['PATH']}:{postgres.binaries()}"
    for name in NEEDED:
        (tmp_path / name).symlink_to(sys.executable if name == "python3" else shutil.which(name, path=places))

    def run(*groups, **programmes):
        for name, text in programmes.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            path.chmod(0o755)
        return subprocess.run(
            ["sh", ROOT / ".ci" / "system-packages", *groups],
            env={"PATH": str(tmp_path), "PYTHON": sys.executable},
            capture_output=True,
            text=True,
        )

    run.folder = tmp_path
    return run


def test_nothing_is_asked_of_apt_when_everything_is_there(machine):
    ran = machine("run", "test", chromium="", apt_get='echo "apt-get $*"; exit 1')

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_who_may_not_install_is_told_the_command(machine):
    ran = machine("run", "test", apt_get="exit 1", id="echo 1000", sudo="exit 1")

    assert ran.returncode == 1
    assert "sudo apt-get install --yes --no-install-recommends chromium\n" in ran.stderr


def test_sudo_without_a_password_is_used(machine):
    installs = (
        f'case "$*" in *chromium*) : >{machine.folder}/chromium; chmod +x {machine.folder}/chromium;; esac'
    )
    ran = machine("test", apt_get=installs, id="echo 1000", sudo='[ "$1" = -n ] && shift; exec "$@"')

    assert (ran.returncode, ran.stdout) == (0, "Installing chromium\n")


def test_another_system_is_told_what_is_missing(machine):
    ran = machine("test")

    assert ran.returncode == 1
    assert "Missing, by their names in Debian: chromium." in ran.stderr


def test_without_chromium_a_test_fails_and_says_how_to_get_it():
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/house/test_fixtures.py",
            "-k",
            "other_host",
        ],
        cwd=ROOT,
        env={**os.environ, "CHROMIUM": "/nowhere/chromium"},
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 1
    assert NO_CHROMIUM in ran.stdout


def test_without_postgresql_the_sentence_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FileNotFoundError, match=r"sh \.ci/system-packages test"):
        postgres.binaries(tmp_path)
