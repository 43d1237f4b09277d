"""The wheel holds everything, and needs nothing of the checkout."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, script
from tests.house.test_top_level import committed


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True, capture_output=True
    )
    (made,) = folder.glob("tracker-*.whl")
    return made


def test_the_wheel_holds_code_pages_labels_migrations_translations_and_browser_parts(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        re.sub(r"^templates/", "tracker/templates/", name)
        for name in committed()
        if name.split("/")[0] in {"tracker", "labels", "templates"}
    }
    wanted = {name for name in wanted if not name.endswith(".po")}
    wanted |= {f"tracker/static/vendor/{name}" for name in script("vendor").recorded()}
    wanted.add("tracker/translations/vi/LC_MESSAGES/messages.mo")

    assert wanted - inside == set()


def test_the_wheel_holds_nothing_else(wheel):
    inside = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    sources = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".po", ".pyc", ".db"))]

    assert {name for name in inside if not name.endswith(".dist-info")} == {"tracker", "labels"}
    assert sources == []


def test_the_wheel_says_under_what_terms_it_is_given(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        about = archive.read(name).decode()

    assert "License-Expression: GPL-3.0-or-later" in about


def test_a_build_needs_nothing_but_what_pyproject_asks_for():
    # pip builds where only build-system.requires is installed.
    build = (
        "import sys; sys.path.insert(0, '.ci');"
        "sys.modules |= dict.fromkeys(('jinja2', 'flask', 'sqlalchemy'));"
        "import build; assert build.Build"
    )

    subprocess.run([sys.executable, "-c", build + ";import translations, vendor"], cwd=ROOT, check=True)


def test_an_installation_starts_without_the_checkout(wheel, tmp_path):
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    # The packages it depends on are those of this environment; the tracker itself is the wheel's.
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(installed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TRACKER_HOME": str(tmp_path / "home"),
    }
    look = (
        "import tracker, labels; print(tracker.__file__, labels.__file__);"
        "app = tracker.create_app(); print(app.test_client().get('/', follow_redirects=True).status_code)"
    )

    def run(*arguments: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-P", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert "serve" in run("-m", "tracker", "--help")
    run("-m", "tracker", "init")
    where, status = run("-c", look).splitlines()
    assert where == f"{installed}/tracker/__init__.py {installed}/labels/__init__.py"
    assert status == "200"
