"""What the browser loads: ours or recorded, from nowhere else, and nothing inline."""

import gzip
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import script

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "tracker" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = ROOT / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "paper" not in path.relative_to(TEMPLATES).parts)
OURS = [*STATIC.glob("*.css"), *STATIC.glob("*.svg"), *STATIC.rglob("js/*.js")]


def recorded() -> dict[str, str]:
    lines = (ROOT / ".ci" / "vendor.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def html(path: Path) -> str:
    """Return a template without what Jinja reads."""
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_vendor_folder_is_what_was_recorded() -> None:
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}

    assert found == recorded(), "Run `make install`; after a new version: python .ci/vendor.py --record"


def test_the_wasm_is_the_one_that_the_reader_expects() -> None:
    expected = re.findall(
        r'"([0-9a-f]{64})"|`([0-9a-f]{64})`', (VENDOR / "barcode-detector.js").read_text("utf-8")
    )

    assert [one or other for one, other in expected] == [recorded()["zxing_reader.wasm"]], (
        "Another build of the wasm ends in 'memory access out of bounds': take the one nested in barcode-detector."
    )


def test_the_lock_file_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert lock["lockfileVersion"] == 3
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def test_versions_are_pinned() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))

    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name}: write the one version that was tried"


@pytest.mark.parametrize("path", [*PAGES, *OURS], ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    loads = re.findall(
        r"""(?:src|srcset|url\(|import|from|@import|<link[^>]+href|fetch\()[=\s"'(]*(?:https?:)?//""", text
    )

    assert not loads, "It must work in a workshop without the internet: put the file into .ci/vendor.py."


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_has_nothing_inline(path: Path) -> None:
    text = html(path)

    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "A script is a file in tracker/static/js."
    assert "<style" not in text, "A look is a class in theme.css."
    assert not re.search(r"<[^>]*\sstyle=", text), "A look is a class in theme.css."
    assert not re.search(r"<[^>]*\son[a-z]+=", text), "A handler is added by a module in tracker/static/js."
    assert not re.search(r"\|\s*safe\b", path.read_text("utf-8")), "Values are escaped, without exception."


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_static_file_that_a_template_names_is_there(path: Path) -> None:
    for name in re.findall(r"""static\(['"]([^'"]+)['"]\)""", path.read_text(encoding="utf-8")):
        assert (STATIC / name).is_file(), name


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    icons = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text(encoding="utf-8")))
    named: dict[str, str] = {}
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        names = re.findall(r'\b(?:icon\(|drawing=)"([a-z0-9-]+)"', text)
        for table in re.findall(r"\{% set drawings = \{(.*?)\} ?%\}", text, re.DOTALL):
            names += re.findall(r': "([a-z0-9-]+)"', table)
        named |= dict.fromkeys(names, path.name)
    missing = {name: where for name, where in named.items() if name not in icons}

    assert set(script("vendor").ICONS) == icons
    assert missing == {}, "Add the name to ICONS in .ci/vendor.py, then: python .ci/vendor.py --record"


#: What the scan station loads of ours; the other pages load the rest.
STATION = "station outbox outcomes codes wedge scan signature station-worker".split()


def test_our_own_look_and_scripts_stay_small() -> None:
    def packed(*paths: Path) -> int:
        return sum(len(gzip.compress(path.read_bytes())) for path in paths)

    assert packed(STATIC / "theme.css") < 8_000  # bytes over a weak network
    ours = set(STATIC.glob("js/*.js"))
    station = {STATIC / "js" / f"{name}.js" for name in STATION}
    assert packed(*(ours - station | {STATIC / "js/scan.js", STATIC / "js/wedge.js"})) < 16_000
    assert packed(*station) <= 25_000
