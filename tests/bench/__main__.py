"""`make bench`: figures of one run, as ratios. Not a test; a busy machine only makes it noisier."""

from tests.bench import labels, load, web


def main() -> None:
    for title, part in (("Pages and moves (CPU time)", web), ("Under load", load), ("Paper", labels)):
        print(f"\n{title}")
        for figure in part.figures():
            name, value, ratio, *target = figure
            shown = f"{ratio:6.1f} ×" if isinstance(ratio, float) else f"{ratio or '':>8}"
            print(f"  {name:<52} {value:>34} {shown}  {' '.join(target)}")


if __name__ == "__main__":
    main()
