"""What the proof of a finished PDF of labels costs, in CPU time, as a multiple of what making it costs.

Once for whole jobs, from the click on *print* to the paper in the browser, and once beside the mere writing of the PDF.
"""

import statistics
import tempfile
import time
import uuid
from functools import partial
from itertools import groupby
from pathlib import Path
from unittest import mock
from urllib.parse import urlencode

from labels.job import Job, ready
from labels.proof import SAMPLE, Proof, proof
from labels.reading import Paper
from labels.sample import chosen, placed
from labels.sheets import sheet
from labels.stock import find
from tests.bench.labels import Figure, cpu
from tests.bench.web import Bench
from tests.labels.makers import some_labels
from tracker.db import db

JOBS, ROUNDS = (24, 100, 200, 240, 2_000), 5


def opened(job: Job, pdf: bytes) -> None:
    """Open the sheets a proof opens, and draw nothing."""
    with Paper(pdf) as paper:
        for number, _ in groupby(chosen(placed(job), SAMPLE), key=lambda one: one.sheet):
            paper.seen(number, [])


def unread(job: Job, _pdf: bytes, **_options: object) -> Proof:
    """Read nothing."""
    return Proof(len(job.stickers), 0)


def clicked(bench: Bench, count: int) -> float:
    """Print blank labels as a browser does, and return what it cost: seconds of CPU time until the paper is there."""
    client, signed_in = bench.app.test_client(use_cookies=False), {"Cookie": bench.cookie}
    form = {"csrf_token": bench.token, "event_id": uuid.uuid4().hex, "count": count, "stock": "L7160"}
    sent = {
        "data": urlencode(form | {"design": "blank"}),
        "content_type": "application/x-www-form-urlencoded",
    }
    start = time.process_time()
    where = client.post("/prints/blank", headers=signed_in, **sent).location
    paper = client.get(f"{where}/labels.pdf", headers=signed_in).data
    assert paper.startswith(b"%PDF")
    return time.process_time() - start


def jobs() -> list[Figure]:
    """Measure whole jobs, with the proof and without it in turn."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(f"sqlite:///{name}/bench.db", Path(name), 100)
        for count in JOBS:
            pairs = []
            for _round in range(ROUNDS):
                with mock.patch("labels.proof.proof", unread):
                    without = clicked(bench, count)
                pairs.append((clicked(bench, count) - without, without))
            added, whole = (statistics.median(each) for each in zip(*pairs, strict=True))
            value = f"{added * 1e3:.0f} ms beside {whole * 1e3:.0f} ms"
            found.append(
                Figure(
                    f"proof in a job of {count:,} labels of L7160",
                    value,
                    statistics.median(more / base for more, base in pairs),
                    "at most 1 ×",
                )
            )
        with bench.app.app_context():
            db.engine.dispose()
    return found


def figures() -> list[Figure]:
    """Measure everything in this process, one thing after the other."""
    return [*jobs(), *files()]


def files() -> list[Figure]:
    """Measure the proof beside the mere writing of the PDF."""
    found = []
    for count, stock, rounds in (
        (24, "L7160", 9),
        (200, "L7160", 5),
        (240, "L7160", 5),
        (2_400, "L7160", 3),
        (240, "50x30", 5),
    ):
        labels = some_labels(count)
        job = ready(labels, stock=find(stock), dpi=203)
        pdf = sheet(labels, stock=stock)
        making = cpu(partial(sheet, labels, stock=stock), rounds)
        proving = cpu(partial(proof, job, pdf), rounds)
        sheets = cpu(partial(opened, job, pdf), rounds)
        said = str(proof(job, pdf))
        value = f"{proving * 1e3:.1f} ms ({sheets / proving:.0%} to open)"
        name = f"  beside the writing of {count:,} labels of {stock}: {said}"
        found.append(Figure(name, value, proving / making, "at most 1 ×"))
    return found


def main() -> None:
    """Print the figures."""
    for name, value, ratio, target in figures():
        print(f"{name:<60} {value:<28} {f'{ratio:.2f} ×' if ratio else '':>9}  {target}")


if __name__ == "__main__":
    main()
