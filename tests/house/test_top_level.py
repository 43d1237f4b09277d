"""What lies in the repository, and what may not."""

import re
import subprocess

from tests.conftest import ROOT

ROOMS_AND_PAPERS = {"tracker", "templates", "labels", "tests", "pyproject.toml", "README.md"}
FOR_TOOLS = {
    ".ci",
    ".gitignore",
    ".npmrc",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "constraints.txt",
    "docs",
    "package-lock.json",
    "package.json",
}
#: Packages come from wherever a machine gets its packages, and a path of one machine means nothing on another.
HOSTS_AND_PLACES = re.compile(
    rb"(py[p]i|python[h]osted|npm[j]s|(deb|snapshot)\.deb[i]an)\.(org|com)|/(wor[k]|far[m]|roo[t])/|\.pyen[v]\b"
)
LARGEST = 300_000  # bytes


def committed() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_level_is_the_rooms_the_papers_and_what_a_tool_needs():
    there = {name.split("/")[0] for name in committed()}

    assert there - FOR_TOOLS == ROOMS_AND_PAPERS


def test_no_file_names_a_registry_or_a_place_on_one_machine():
    found = [
        f"{name}:{number}"
        for name in committed()
        for number, line in enumerate((ROOT / name).read_bytes().splitlines(), 1)
        if HOSTS_AND_PLACES.search(line)
    ]

    assert found == []


def test_nothing_large_and_nothing_of_others_is_committed():
    others = re.compile(r"\.min\.(js|css)$|\.(wasm|woff2?|ttf|otf)$")

    assert [name for name in committed() if others.search(name)] == []
    assert [name for name in committed() if (ROOT / name).stat().st_size > LARGEST] == []
