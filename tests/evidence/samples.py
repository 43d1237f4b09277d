"""Invented captures in the forms the tools write, and the real ones where they lie beside the project."""

from pathlib import Path

import pytest

from tracker.evidence.facts import Facts
from tracker.evidence.merge import Picture, merge
from tracker.evidence.read import read
from tracker.refused import Refused

CAPTURES = Path(__file__).parent / "captures"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "hardware"
ALL = sorted(path.name for path in CAPTURES.iterdir())
REFUSED = ("dmidecode-not-root.txt", "dmidecode-ports.txt", "smartctl-unopened.json")
GOOD = [name for name in ALL if name not in REFUSED]
#: One laptop, seen by several tools.
LAPTOP = (
    "dmidecode.txt", "lshw.json", "lscpu.txt", "lspci.txt", "smartctl-nvme.json", "upower.txt", "links.txt",
)  # fmt: skip


def capture(name: str) -> bytes:
    return (CAPTURES / name).read_bytes()


def facts_of(name: str) -> Facts:
    return read(name, capture(name))


def laptop() -> list[tuple[str, Facts]]:
    return [(name, facts_of(name)) for name in LAPTOP]


def picture(*names: str) -> Picture:
    return merge((name, facts_of(name)) for name in names)


def a_bundle(*names: str) -> bytes:
    parts = [b"=== tracker-evidence 1 %s ===\n%s" % (name.encode(), capture(name)) for name in names]
    return b"".join(parts)


def refusal(data: bytes, name: str = "a.txt") -> type[Refused]:
    with pytest.raises(Refused) as caught:
        read(name, data)
    assert str(caught.value)
    assert str(caught.value.out)
    return caught.type


def real_captures() -> list[Path]:
    if not REAL.is_dir():
        pytest.skip("The real captures are not on this machine: they are looked for beside the project.")
    return sorted(path for path in REAL.rglob("*") if path.is_file())
