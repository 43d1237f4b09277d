"""`make bench`: figures of one run, as ratios. Not a test; a busy machine only makes it noisier."""

from tests.bench import camera, evidence, labels, load, memory, proof, rivals, stations, web, workshop


def main() -> None:
    parts = {
        "Pages and moves (CPU time)": web,
        "Under load": load,
        "Paper": labels,
        "Labels beside those of other tools": rivals,
        "Memory and the first byte of labels": memory,
        "Proof before print": proof,
        "The scan station": stations,
        "The camera of the station": camera,
        "Evidence from the hardware": evidence,
        "The workshop": workshop,
    }
    for title, part in parts.items():
        print(f"\n{title}")
        for figure in part.figures():
            name, value, ratio, *target = figure
            shown = f"{ratio:6.2f} ×" if isinstance(ratio, float) else f"{ratio or '':>8}"
            print(f"  {name:<60} {value:>34} {shown}  {' '.join(target)}")


if __name__ == "__main__":
    main()
