"""What the house stands on: exact, checked by hash, and without known holes.

A tool that asks a server for known holes says nothing where there is no network, so the ones that reach us
stand here.
"""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

FLOORS = {
    "weasyprint": "70.0",  # CVE-2026-55073: the document's fetcher was ignored for style sheets
    "pillow": "12.3.0",  # CVE-2026-25990, -42311, -59197, -59199, -59205: writes out of bounds
    "flask": "3.1.3",  # GHSA-68rp-wp8r-4726: a session read by key did not set Vary: Cookie
    "werkzeug": "3.1.6",  # CVE-2026-27199: device names of Windows in safe_join
    "jinja2": "3.1.6",  # CVE-2025-27516: a way out of the sandbox
    "openpyxl": "3.1.5",  # for tests; CVE-2017-5992, and entity bombs unless defusedxml is there
    "defusedxml": "0.7.1",  # which openpyxl then uses by itself
}
FILES = ["constraints.txt", ".ci/constraints.txt"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(file: str) -> dict[str, tuple[Version, int]]:
    """Return version and number of hashes by name."""
    found = {}
    for block in re.split(r"\n(?=\S)", (ROOT / file).read_text(encoding="utf-8")):
        if block.startswith("#") or not block.strip():
            continue
        wanted = Requirement(block.partition(" \\")[0])
        assert canonicalize_name(wanted.name) not in found, f"{wanted.name} is pinned twice in {file}"
        (exact,) = wanted.specifier
        found[canonicalize_name(wanted.name)] = (Version(exact.version), block.count("--hash=sha256:"))
    return found


def named(*groups: str) -> list[Requirement]:
    optional = PROJECT["optional-dependencies"]
    lines = PROJECT["dependencies"] + [line for group in groups for line in optional[group]]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_hashes_and_no_address(file):
    text = (ROOT / file).read_text(encoding="utf-8")

    assert pins(file)
    assert [name for name, (_, hashes) in pins(file).items() if not hashes] == []
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links| @ ", text) == []


@pytest.mark.parametrize(
    ("file", "groups"),
    [("constraints.txt", ["s3", "build"]), (".ci/constraints.txt", ["s3", "build", "check", "test"])],
)
def test_what_pyproject_names_is_pinned_within_its_bounds(file, groups):
    pinned = pins(file)
    lacking = [
        str(wanted)
        for wanted in named(*groups)
        if canonicalize_name(wanted.name) not in pinned
        or pinned[canonicalize_name(wanted.name)][0] not in wanted.specifier
    ]

    assert lacking == [], "run `make constraints`"


#: SQLAlchemy loads psycopg by the name in an address; WeasyPrint uses Pillow, which must not be older than FLOORS says.
NOT_IMPORTED = {"psycopg", "pillow"}
#: Parts of Flask and of WeasyPrint, which choose their versions.
COMES_ALONG = {"click", "cssselect2", "pydyf"}


def test_what_runs_names_what_it_imports_and_nothing_else():
    whose = packages_distributions()
    imported = {
        canonicalize_name(whose[name][0])
        for folder in ("tracker", "labels")
        for path in (ROOT / folder).rglob("*.py")
        for name in imports(path)
        if name in whose and name not in sys.stdlib_module_names | {"tracker", "labels"}
    }

    assert (imported - COMES_ALONG) | NOT_IMPORTED == {canonicalize_name(one.name) for one in named("s3")}


def imports(path: Path) -> set[str]:
    """Return the top names of what a file imports, also where only the type checker looks."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_tools_do_not_change_what_runs():
    everything = pins(".ci/constraints.txt")

    assert {name: everything.get(name) for name in pins("constraints.txt")} == pins("constraints.txt")


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_no_version_with_a_known_hole_can_be_installed(name, floor):
    (wanted,) = [one for one in named("test") if canonicalize_name(one.name) == name]
    lowest = [
        Version(one.version.removesuffix(".*")) for one in wanted.specifier if one.operator in {">=", "=="}
    ]

    assert lowest, f"{name} has no lower bound"
    assert max(lowest) >= Version(floor)
    assert pins(".ci/constraints.txt")[name][0] >= Version(floor)


def test_what_runs_here_is_what_is_pinned():
    from importlib.metadata import distributions

    pinned = pins(".ci/constraints.txt")
    other = {
        f"{one.name} {one.version}, not {pinned[canonicalize_name(one.name)][0]}"
        for one in distributions()
        if canonicalize_name(one.name) in pinned
        and Version(one.version) != pinned[canonicalize_name(one.name)][0]
    }

    assert default_environment()["implementation_name"] == "cpython"
    assert other == set(), "the environment is not as pinned: run `make install`"
