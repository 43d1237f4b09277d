"""The README stays true: what it tells people to type is there."""

import re
import subprocess

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
#: What stands in blocks of code and between backticks.
TYPED = "\n".join(
    block or inline
    for block, inline in re.findall(r"```(?:sh|console|bash)?\n(.*?)```|`([^`\n]+)`", README, re.DOTALL)
)
TARGETS = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_what_the_readme_makes_can_be_made():
    assert set(re.findall(r"\bmake ([a-z]+)", TYPED)) - TARGETS == set()


@pytest.mark.parametrize("target", ["install", "demo", "test", "check", "bench"])
def test_the_readme_names_the_ways_in(target):
    assert target in TARGETS
    assert re.search(rf"\bmake {target}\b", TYPED), f"README.md does not say `make {target}`"


def test_files_the_readme_points_to_are_there():
    linked = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", README)

    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_commands_the_readme_types_exist():
    from tracker.__main__ import main

    helped = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    unknown = [
        name
        for name in set(re.findall(r"(?:^|[ /])tracker ([a-z][a-z-]+)", TYPED))
        if name not in main.commands
    ]

    assert unknown == []
    assert all(f"make {target}" in helped for target in TARGETS)
