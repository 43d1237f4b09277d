"""What a server's process keeps and needs for labels, and when a browser gets the first of them.

All of it is measured in a process of its own, by what the kernel says about it: Linux only.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from labels.job import Label
from labels.proof import Proof, proved
from labels.sheets import MOST_LABELS, prepared, sheet
from tests.bench.labels import Figure
from tests.bench.web import Bench
from tests.labels.makers import some_labels
from tracker.db import db
from tracker.prints.actions import keep
from tracker.prints.rules import Paper

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
DOCUMENTS = 200
STOCK = "L7160"


def resident(which: str) -> float:
    """Return the resident memory of this process in megabytes: `VmRSS` now, `VmHWM` the most since it was forgotten."""
    line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(which))
    return int(line.split()[1]) * 1024 / 1e6


def most_of(run: Callable[[], object]) -> float:
    """Return the most megabytes that were resident while `run` was called."""
    FORGET.write_text("5", encoding="ascii")
    run()
    return resident("VmHWM")


def sent(bench: Bench, job: int) -> Iterator[tuple[float, int]]:
    """Ask for the paper of a job as a browser does; yield when each piece came, in seconds, and its length."""
    start = time.perf_counter()
    answer = bench.app.test_client(use_cookies=False).get(
        f"/prints/{job}/labels.pdf", headers={"Cookie": bench.cookie}, buffered=False
    )
    assert answer.status_code == 200
    for piece in answer.response:
        yield time.perf_counter() - start, len(piece)


def a_job(bench: Bench, labels: list[Label]) -> int:
    """Keep a job of labels as the page that prints does."""
    with bench.app.app_context():
        session, paper = db.session(), Paper(STOCK, 203, 0, False, "device")
        proof, now = Proof(len(labels), 0), datetime.now(UTC)
        found = keep(session, labels, paper, proof, subject="", by=bench.technician, at=now)
        session.commit()
    return found


def measured() -> dict[str, float]:
    """Measure everything in this process, which should be new."""
    many, sheets = some_labels(MOST_LABELS), some_labels(240)
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(f"sqlite:///{name}/bench.db", Path(name), 100)
        list(sent(bench, a_job(bench, many[:1])))
        idle = resident("VmRSS")
        whole = a_job(bench, many)
        found = {"sent": most_of(lambda: list(sent(bench, whole))) - idle}
        pieces = list(sent(bench, whole))
        with bench.app.app_context():
            db.engine.dispose()
    found |= {"first": pieces[0][0], "last": pieces[-1][0], "bytes": sum(size for _, size in pieces)}
    found["proved"] = most_of(lambda: proved(prepared(many, stock=STOCK))) - idle
    sheet(sheets, stock=STOCK)
    before = resident("VmRSS")
    for _document in range(DOCUMENTS):
        sheet(sheets, stock=STOCK)
    return found | {"grown": resident("VmRSS") - before}


def figures() -> list[Figure]:
    """Measure in a new process."""
    asked = [sys.executable, "-m", "tests.bench.memory", "--json"]
    found = json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout)
    each = found["bytes"] / MOST_LABELS
    return [
        Figure(
            f"{MOST_LABELS:,} labels to a browser: the first byte",
            f"{found['first']:.2f} s of {found['last']:.2f} s",
            None,
            "under 1 s",
        ),
        Figure(
            "  the most memory above the idle process",
            f"{found['sent']:.0f} MB, {each:.0f} bytes each",
            None,
            "≤ 60 MB",
        ),
        Figure("  the same while they are proved", f"{found['proved']:.0f} MB", None, "≤ 60 MB"),
        Figure(f"memory grown by {DOCUMENTS} jobs of 240", f"{found['grown']:.2f} MB", None, "none"),
    ]


def main() -> None:
    """Print the figures, or as JSON what was measured in this process."""
    if "--json" in sys.argv:
        print(json.dumps(measured()))
        return
    for name, value, _ratio, target in figures():
        print(f"{name:<60} {value:<28} {target}")


if __name__ == "__main__":
    main()
