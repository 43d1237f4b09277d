"""What the proof of a finished PDF of labels costs, in CPU time, as a multiple of what making it costs."""

from functools import partial
from itertools import groupby

from labels.job import Job, ready
from labels.proof import SAMPLE, proof
from labels.reading import Paper
from labels.sample import chosen, placed
from labels.sheets import sheet
from labels.stock import find
from tests.bench.labels import Figure, cpu
from tests.labels.makers import some_labels


def opened(job: Job, pdf: bytes) -> None:
    """Open the sheets a proof opens, and draw nothing."""
    with Paper(pdf) as paper:
        for number, _ in groupby(chosen(placed(job), SAMPLE), key=lambda one: one.sheet):
            paper.seen(number, [])


def figures() -> list[Figure]:
    """Measure everything in this process, one thing after the other."""
    found = []
    for count, stock, rounds in ((24, "L7160", 9), (240, "L7160", 5), (2_400, "L7160", 3), (240, "50x30", 5)):
        labels = some_labels(count)
        job = ready(labels, stock=find(stock), dpi=203)
        pdf = sheet(labels, stock=stock)
        making = cpu(partial(sheet, labels, stock=stock), rounds)
        proving = cpu(partial(proof, job, pdf), rounds)
        sheets = cpu(partial(opened, job, pdf), rounds)
        said = str(proof(job, pdf))
        value = f"{proving * 1e3:.1f} ms ({sheets / proving:.0%} to open)"
        found.append(
            Figure(f"proof of {count:,} labels of {stock}: {said}", value, proving / making, "at most 1 ×")
        )
    return found


def main() -> None:
    """Print the figures."""
    for name, value, ratio, target in figures():
        print(f"{name:<60} {value:<28} {f'{ratio:.2f} ×' if ratio else '':>9}  {target}")


if __name__ == "__main__":
    main()
