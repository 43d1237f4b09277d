"""The same sheets of labels by other tools, in CPU time of one run, as multiples of what ours take.

reportlab, fpdf2 and typst are no part of this project, not even of its tools: whoever wants them in the comparison
installs them (`pip install reportlab fpdf2 typst`), and what is not installed says so. Each draws the codes as its own
manual shows: reportlab with its two widgets, fpdf2 with the pictures of `qrcode` and python-barcode, and typst, whose code
widgets are packages that it fetches from the network, with SVG images (here of our own drawings, made beforehand).

The best way in HTML is that of `labels.flow` without what a label may need: codes as ready drawings, labels that float,
one element of text each. The writer with no layout is given every text, size and place, and writes the same operators.
"""

import gc
import importlib
import statistics
import time
import zlib
from collections.abc import Callable
from functools import partial
from types import ModuleType

from labels.codes import bars, url_code
from labels.designs import POINT
from labels.faces import kept
from labels.job import Job, Label
from labels.sheets import MOST_LABELS, prepared, sheet
from labels.stamp import ZLIB_LEVEL
from tests.bench.labels import STOCK, Figure, library_sheet
from tests.bench.tools import texts, typst_source, with_fpdf2, with_html, with_reportlab
from tests.labels.makers import some_labels

#: Labels of each way: enough to be mostly labels, and few enough for the slow ones.
MANY, SOME, FEW = MOST_LABELS, 420, 105


def module(name: str) -> ModuleType | None:
    """Return a module that may not be installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


Placed = tuple[float, float, str, str, list[tuple[str, float, float, bool]]]


def placed(job: Job) -> list[list[Placed]]:
    """Return the labels of each page with all that layout decides: places, and lines with their sizes."""
    height = job.stock.page_height * POINT
    return [
        [
            (
                left * POINT,
                height - top * POINT,
                sticker.url,
                sticker.code,
                [(row, size, -down, bold) for row, size, bold, down in texts(job, sticker)],
            )
            for left, top, sticker in page
        ]
        for page in job.pages()
    ]


def bare(job: Job, pages: list[list[Placed]]) -> bytes:
    """Write the same operators without layout, into the plainest file; its fonts are named and not there."""
    plan, one = job.plan, job.stickers[0]
    assert plan.bars
    qr, strip = (
        f"q {across * POINT:.5f} 0 0 {-down * POINT:.5f} {box.x * POINT:.4f} {-box.y * POINT:.4f} cm "
        for box, across, down in (
            (plan.qr, plan.module, plan.module),
            (plan.bars, plan.bar_module, plan.bars.height),
        )
    )
    beside, faces = plan.text.x * POINT, (kept().regular, kept().bold)
    found = [b"%PDF-1.7\n"]
    for number, page in enumerate(pages):
        parts = ["0 g"]
        for x, y, url, code, lines in page:
            words = "".join(
                [
                    f"/{faces[bold].name} {size:.2f} Tf 1 0 0 1 {beside:.2f} {down:.2f} Tm {faces[bold].shown(row)} Tj "
                    for row, size, down, bold in lines
                ]
            )
            square, bar = url_code(url, one.version, one.alike).path.decode(), bars(code).path.decode()
            parts.append(f"q 1 0 0 1 {x:.4f} {y:.4f} cm {qr}{square}f Q {strip}{bar}f Q BT {words}ET Q")
        content = zlib.compress("\n".join(parts).encode(), ZLIB_LEVEL)
        found.append(b"%d 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % (number + 9, len(content)))
        found += [content, b"\nendstream endobj\n"]
    return b"".join(found)


def in_rotation(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median CPU seconds of each, after a first time, one after the other in each round."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _round in range(rounds + 1):
        for name, run in runs.items():
            gc.collect()
            start = time.process_time()
            run()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def rivals() -> dict[str, tuple[str, Callable[[Job], object]]]:
    """Return the other tools by name: the package to install, and how each makes a job."""
    typst = module("typst")
    return {
        "reportlab, its QR and Code 128 widgets": ("reportlab", with_reportlab),
        "fpdf2, the libraries' pictures": ("fpdf2", with_fpdf2),
        "typst, codes as ready SVG images": (
            "typst",
            lambda job: typst and typst.compile(sources[len(job.stickers)]),
        ),
    }


#: What typst is given, made beforehand, by the number of labels.
sources: dict[int, bytes] = {}


def jobs(count: int) -> tuple[list[Label], Job]:
    """Return some labels, and their job."""
    labels = some_labels(count)
    return labels, prepared(labels, stock=STOCK)


def figures() -> list[Figure]:
    """Measure everything in this process; ours beside each other way, as many labels."""
    labels, job = jobs(MANY)
    pages = placed(job)
    took = in_rotation({"ours": partial(sheet, labels, stock=STOCK), "bare": partial(bare, job, pages)}, 3)
    ours, least = took["ours"], took["bare"]
    found = [
        Figure(f"ours, {MANY:,} labels", f"{MANY / ours:,.0f} a second", None, "at least 10,000 a second"),
        Figure(
            "  against the same operators with no layout", _each(least, MANY), ours / least, "at most 1.5 ×"
        ),
    ]
    labels, job = jobs(SOME)
    runs: dict[str, Callable[[], object]] = {"the best way in HTML": partial(with_html, job)}
    for name, (package, way) in rivals().items():
        if module({"fpdf2": "fpdf"}.get(package, package)) is None:
            found.append(Figure(name, f"not installed: pip install {package}", None, "more than 1 ×"))
        else:
            runs[name] = partial(way, job)
    sources[SOME] = typst_source(job)
    for name, taken in in_rotation(runs, 1).items():
        target = "at least 20 ×" if "HTML" in name else "more than 1 ×"
        found.append(Figure(f"{name}, {SOME}", _each(taken, SOME), taken / SOME / (ours / MANY), target))
    taken = in_rotation({"plain": partial(library_sheet, some_labels(FEW))}, 1)["plain"]
    plain = taken / FEW / (ours / MANY)
    found.append(
        Figure(f"the libraries' pictures in HTML, {FEW}", _each(taken, FEW), plain, "at least 200 ×")
    )
    return found


def _each(seconds: float, count: int) -> str:
    return f"{seconds / count * 1e6:,.0f} µs a label"


def main() -> None:
    """Print the figures."""
    for name, value, ratio, target in figures():
        print(f"{name:<50} {value:<36} {f'{ratio:.2f} ×' if ratio else '':>9}  {target}")


if __name__ == "__main__":
    main()
