"""What is read of every capture in a directory, as a table in Markdown.

    python -m tests.evidence.table DIRECTORY

Serials and addresses are not printed, only what they are worth. `checked.txt` beside this file lists the
captures whose every value was compared with the file by reading both.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tracker.evidence.facts import Battery, Cpu, Drive, Facts, Module
from tracker.evidence.read import read
from tracker.refused import Refused

CHECKED = Path(__file__).with_name("checked.txt")
HEAD = (
    "file",
    "tool",
    "make / model",
    "serials",
    "processor",
    "memory",
    "drives",
    "beside",
    "checked by eye",
)


def table(directory: Path) -> str:
    """Return the table of all files below the directory, by name."""
    checked = set(CHECKED.read_text(encoding="utf-8").split()) if CHECKED.exists() else set()
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        name = path.relative_to(directory).as_posix()
        eye = "yes" if name in checked else ""
        try:
            cells = row(read(path.name, path.read_bytes()))
        except Refused as refused:
            cells = ["refused", f"*{refused}*", "", "", "", "", ""]
        lines.append("| " + " | ".join(plain(cell) for cell in [name, *cells, eye]) + " |")
    return "\n".join(lines) + "\n"


def plain(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<", "&lt;")


def row(facts: Facts) -> list[str]:
    return [
        str(facts.kind),
        "; ".join(machine(facts)),
        ", ".join(f"{serial.where}: {serial.verdict}" for serial in facts.serials),
        processor(facts.cpu) if facts.cpu else "",
        "; ".join(memory(facts)),
        "; ".join(drive(one) for one in facts.drives),
        "; ".join(beside(facts)),
    ]


def machine(facts: Facts) -> Iterator[str]:
    if facts.make or facts.model:
        yield f"{facts.make or '?'} / {facts.model or '?'}"
    for name in ("version", "family", "board", "chassis"):
        if value := getattr(facts, name):
            yield f"{name} {value}"


def processor(cpu: Cpu) -> str:
    counts = ((cpu.cores, "cores"), (cpu.threads, "threads"), (cpu.sockets, "sockets"))
    shown = [f"{count} {name}" for count, name in counts if count and (count > 1 or name != "sockets")]
    return ", ".join([cpu.model or "?", *shown])


def memory(facts: Facts) -> Iterator[str]:
    if facts.total_memory:
        yield f"{facts.total_memory / 2**30:g} GB in all"
    for one, count in Counter(module(one) for one in facts.memory).items():
        yield f"{count} × {one}" if count > 1 else one
    if facts.slots:
        yield f"{facts.slots} slots"


def module(one: Module) -> str:
    size = f"{one.size / 2**30:g} GB" if one.size else "size unknown"
    return " ".join(part for part in (size, one.kind, f"{one.speed}" if one.speed else "", one.make) if part)


def drive(one: Drive) -> str:
    passed = {True: "SMART passed", False: "SMART failed", None: ""}[one.passed]
    counts = (
        (one.hours, "hours"),
        (one.reallocated, "reallocated"),
        (one.pending, "pending"),
        (one.uncorrectable, "uncorrectable"),
        (one.worn, "% worn"),
    )
    parts = [f"{one.make} {one.model}".strip(), f"{one.size:,} bytes" if one.size else "", str(one.kind)]
    parts += ["over USB" if one.usb else "", passed]
    parts += [f"{count} {name}" for count, name in counts if count is not None]
    return ", ".join(part for part in parts if part)


def beside(facts: Facts) -> Iterator[str]:
    if facts.firmware:
        firmware = facts.firmware
        yield "firmware " + ", ".join(
            part for part in (firmware.vendor, firmware.version, firmware.date) if part
        )
    if facts.uuid:
        yield "a UUID"
    for nic in facts.nics:
        yield f"{nic.kind or 'network'} {nic.model or nic.name}" + (" with its address" if nic.mac else "")
    for name in facts.graphics:
        yield f"graphics {name}"
    for one in facts.batteries:
        yield battery(one)
    for wipe in facts.wipes:
        yield f"wipe of {wipe.model}: {wipe.outcome}"
    if not facts.whole:
        yield "not whole"


def battery(one: Battery) -> str:
    design = f"design {one.design:g} {one.unit}" if one.design else "design unknown"
    full = f"full {one.full:g} {one.unit}" if one.full else ""
    return "battery " + ", ".join(part for part in (f"{one.make} {one.model}".strip(), design, full) if part)


def main(arguments: list[str]) -> None:
    """Print the table of the directory that is named."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        raise SystemExit(__doc__)
    print(table(Path(arguments[0])), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
