"""Small true ledgers, and bundles of them: what the tests of the verifier start from.

All organisations, people and devices are invented.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from tracker.custody import checkpoint, merkle, verify
from tracker.custody.canonical import canonical

ORIGIN = "so-cai.example.vn/thiet-bi/1"
Event = dict[str, Any]


class Person(NamedTuple):
    actor: int
    role: str
    org: int


COORDINATOR = Person(1, "coordinator", 1)
STOREKEEPER = Person(2, "storekeeper", 11)
TECHNICIAN = Person(3, "technician", 12)
SCHOOL = Person(4, "school", 20)
OTHER_SCHOOL = Person(5, "school", 21)


class Story:
    """Events as the application would record them, one after another.

    `add` knows the road and the ordinary custody; name what should differ. Nothing is checked here.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, dev: int, kind: str, by: Person, data: Event | None = None, **differs: Any) -> Event:
        own = [event for event in self.events if event["dev"] == dev]
        number = len(self.events)
        state = verify.MOVES[kind]["to"] if kind in verify.MOVES else own[-1]["state"] if own else ""
        cust = dict(own[-1]["cust"]) if own else {"org": by.org, **dict.fromkeys(verify.CUSTODY - {"org"})}
        cust.update(differs.pop("cust", {}))
        event = {
            "v": 1,
            "id": str(uuid5(NAMESPACE_URL, f"{ORIGIN}/{number}")),
            "dev": dev,
            "kind": kind,
            "batch": None,
            **by._asdict(),
            "at": f"2026-11-22T{8 + number // 3600 % 12:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
            "client_at": None,
            "salt": f"{number:032x}",
            "data": data or {},
            "state": state,
            "cust": cust,
        } | differs
        self.events.append(event)
        return event

    def ready(self, dev: int) -> None:
        """Bring a device from the donor through the workshop back to the warehouse."""
        received = {"donation": 5, "category": "laptop", "code": f"7K3M9Q{dev:02d}"}
        self.add(dev, "receive", STOREKEEPER, received, cust={"place": 3})
        away = {"transit": 100 + dev, "toward": 12, "place": None}
        self.add(dev, "dispatch", STOREKEEPER, {"handover": 100 + dev}, cust=away)
        here = {"org": 12, "transit": None, "toward": None}
        self.add(dev, "arrive", TECHNICIAN, {"handover": 100 + dev}, cust=here)
        self.add(dev, "inspect", TECHNICIAN)
        self.add(dev, "erase", TECHNICIAN, {"erasure": 40 + dev, "method": "Purge"})
        passed = {"inspection": 9, "checklist": "laptop/1", "grade": "F4 C3", "erasure": 40 + dev}
        self.add(dev, "pass", TECHNICIAN, passed)
        away = {"transit": 200 + dev, "toward": 11}
        self.add(dev, "dispatch", TECHNICIAN, {"handover": 200 + dev}, cust=away)
        here = {"org": 11, "transit": None, "toward": None, "place": 4}
        self.add(dev, "arrive", STOREKEEPER, {"handover": 200 + dev}, cust=here)

    def bind(self, dev: int, support: str) -> Event:
        return self.add(dev, "bind", COORDINATOR, {"support": support})

    def send(self, dev: int, handover: int, toward: int = 20) -> Event:
        away = {"transit": handover, "toward": toward, "place": None}
        return self.add(dev, "send", STOREKEEPER, {"handover": handover, "toward": toward}, cust=away)

    def confirm(self, dev: int, handover: int, by: Person = SCHOOL) -> Event:
        here = {"org": by.org, "transit": None, "toward": None}
        return self.add(dev, "confirm", by, {"handover": handover, "condition": "received"}, cust=here)

    def give(self, dev: int, support: str) -> Event:
        data = {"support": support, "taken_by": "guardian", "commitment": "ab" * 32}
        return self.add(dev, "give", SCHOOL, data, cust={"support": support})


def a_story() -> Story:
    """Tell of two devices that reach their pupils, and one that is repaired, lost, found and retired."""
    story = Story()
    story.ready(1)
    story.ready(2)
    story.bind(1, "hỗ-trợ-01")
    story.add(1, "undo", COORDINATOR, {"of": story.events[-1]["id"]}, state="ready")
    story.bind(2, "hỗ-trợ-01")
    story.bind(1, "hỗ-trợ-02")
    story.add(1, "release", COORDINATOR, {"reason": "moved-away"})
    story.add(1, "place", STOREKEEPER, cust={"place": 6})
    story.bind(1, "hỗ-trợ-03")
    story.send(1, 300)
    story.send(2, 300)
    story.confirm(1, 300)
    story.confirm(2, 300)
    story.give(1, "hỗ-trợ-03")
    story.give(2, "hỗ-trợ-01")
    story.add(3, "receive", TECHNICIAN, {"donation": 6, "category": "phone", "code": "QX29M7K3"})
    story.add(3, "inspect", TECHNICIAN)
    story.add(3, "send-to-repair", TECHNICIAN, {"faults": [7]})
    story.add(3, "block", TECHNICIAN, {"blocker": "needs-part"})
    story.add(3, "unblock", TECHNICIAN, {"blocker": "needs-part"})
    story.add(3, "finish-repair", TECHNICIAN, {"outcomes": ["7:not-repairable"]})
    story.add(3, "label", TECHNICIAN, {"code": "QX29M7K4"})
    story.add(3, "lose", TECHNICIAN, {"reason": "not-at-count"})
    story.add(3, "find", TECHNICIAN, {"reason": "other-shelf"})
    story.add(3, "retire", COORDINATOR, {"reason": "parts", "data_fate": "destroyed", "erasure": None})
    story.add(2, "take-back", SCHOOL, {"reason": "broken"}, cust={"support": None})
    return story


def chained(events: Iterable[Event]) -> list[bytes]:
    """Write events as bytes, each with its number and the hash of its device's event before it.

    What an event says of itself in `dseq` or `prev` is kept, and so a test can say something false.
    """
    last: dict[int, tuple[int, str]] = {}
    bodies = []
    for event in events:
        dseq, prev = last.get(event["dev"], (0, ""))
        body = canonical({"dseq": dseq + 1, "prev": prev} | event)
        last[event["dev"]] = (dseq + 1, merkle.leaf_hash(body).hex())
        bodies.append(body)
    return bodies


def note(bodies: Sequence[bytes], size: int, key: checkpoint.Key, origin: str = ORIGIN) -> str:
    """Sign the checkpoint over the first `size` events."""
    return checkpoint.sign(origin, size, merkle.root(map(merkle.leaf_hash, bodies[:size])), key)


def write(folder: Path, bodies: Sequence[bytes], key: checkpoint.Key, sizes: Iterable[int]) -> list[str]:
    """Write a bundle with checkpoints of these sizes and return their notes."""
    notes = [note(bodies, size, key) for size in sizes]
    folder.mkdir(exist_ok=True)
    (folder / "events.jsonl.b64").write_bytes(b"".join(base64.b64encode(body) + b"\n" for body in bodies))
    (folder / "checkpoints.txt").write_text(checkpoint.join(notes), encoding="utf-8", newline="\n")
    (folder / "keys.txt").write_text(f"# The ledger's key\n{key.public}\n", encoding="utf-8", newline="\n")
    (folder / "road.json").write_text(json.dumps(verify.ROAD, indent=1), encoding="utf-8", newline="\n")
    return notes
