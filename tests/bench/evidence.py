"""What it costs to read the evidence of a typical machine: lshw, dmidecode and smartctl, 300 kB together.

The captures of the tests are small, so they are grown to the size of real ones by what real ones are full of:
bridges and capabilities, tables of the maker's own, attributes and logs.
"""

import json
from functools import partial
from typing import Any

from tests.bench.labels import Figure, cpu
from tests.evidence.samples import capture
from tracker.evidence.answers import hints, pre_answers, spec
from tracker.evidence.machines import marks
from tracker.evidence.merge import merge
from tracker.evidence.read import read

SIZES = {"lshw.json": 200_000, "dmidecode.txt": 70_000, "smartctl.json": 30_000}


def lshw(size: int) -> bytes:
    """Return lshw's tree with bridges until it has the size."""
    text = capture("lshw.json").decode()
    tree: dict[str, Any] = json.loads(text[text.index("{") : text.rindex("}") + 1])
    bridge = {
        "id": "pci",
        "class": "bridge",
        "claimed": True,
        "handle": "PCIBUS:0000:01",
        "description": "PCI bridge",
        "product": "Sunrise Point-LP PCI Express Root Port",
        "vendor": "Intel Corporation",
        "configuration": {"driver": "pcieport"},
        "capabilities": {
            name: name * 3 for name in ("pci", "pciexpress", "msi", "pm", "bus_master", "cap_list")
        },
    }
    count = (size - len(json.dumps(tree, indent=2))) // (len(json.dumps(bridge, indent=2)) + 150)
    tree["children"] += [bridge | {"physid": str(n)} for n in range(count)]
    return json.dumps(tree, indent=2).encode()


def dmidecode(size: int) -> bytes:
    """Return dmidecode's table with structures of the maker's own until it has the size."""
    data = capture("dmidecode.txt")
    own = (
        b"Handle 0x%04X, DMI type 221, 68 bytes\nOEM-specific Type\n\tHeader and Data:\n"
        + b"\t\tDD 44 4A 00 09 01\n" * 9
    )
    own += b"\tStrings:\n" + b"\t\tReference Code - CPU\n" * 6 + b"\n"
    head, end, tail = data.partition(b"Handle 0x0050")
    return head + b"".join(own % n for n in range((size - len(data)) // len(own))) + end + tail


def smartctl(size: int) -> bytes:
    """Return smartctl's object with a log of self tests until it has the size."""
    value: dict[str, Any] = json.loads(capture("smartctl.json"))
    test = {
        "type": {"value": 1, "string": "Short offline"},
        "status": {"value": 0, "passed": True},
        "lifetime_hours": 1,
    }
    value["ata_smart_self_test_log"] = {"table": [test] * (size // len(json.dumps(test, indent=2)))}
    return json.dumps(value, indent=2).encode()


def to_facts(files: dict[str, bytes]) -> None:
    """Read, merge, and ask everything that is asked of evidence."""
    whole = merge((name, read(name, data)) for name, data in files.items())
    pre_answers(whole.facts)
    hints(whole.facts)
    spec(whole.facts)
    marks(whole.facts)


def a_machine() -> dict[str, bytes]:
    """Return the files of a typical machine, by their names."""
    makers = {"lshw.json": lshw, "dmidecode.txt": dmidecode, "smartctl.json": smartctl}
    return {name: maker(SIZES[name]) for name, maker in makers.items()}


def figures() -> list[Figure]:
    """Measure reading of one machine's files."""
    files = a_machine()
    taken = cpu(partial(to_facts, files), 9)
    kilobytes = sum(len(data) for data in files.values()) / 1000
    return [
        Figure(
            "evidence of one machine to facts",
            f"{taken * 1e3:.1f} ms, {kilobytes:.0f} kB",
            None,
            "at most 100 ms",
        )
    ]
