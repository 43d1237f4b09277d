"""What leaves for checking outside: all events, checkpoints, the public key, the road, the verifier."""

import base64
import json
import shutil
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.custody import checkpoint, verify
from tracker.custody.checkpoint import PublicKey
from tracker.custody.facts import Fact
from tracker.custody.models import Checkpoint, Event
from tracker.custody.road import MOVES, Step

EVENT = Event.__table__


def export(session: Session, folder: Path, *, keys: list[PublicKey]) -> int:
    """Write a bundle that `verify.py` can check with Python alone; return the number of events.

    Sealed events come first, in leaf order, then those not yet sealed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "events.jsonl.b64").open("wb") as file:
        for condition, order in (
            (EVENT.c.leaf_index.is_not(None), EVENT.c.leaf_index),
            (EVENT.c.leaf_index.is_(None), EVENT.c.n),
        ):
            rows = session.execute(
                select(EVENT.c.body).where(condition).order_by(order).execution_options(yield_per=5000)
            )
            for row in rows:
                file.write(base64.b64encode(bytes(row.body)) + b"\n")
                count += 1
    notes = session.scalars(select(Checkpoint.note).order_by(Checkpoint.size))
    (folder / "checkpoints.txt").write_text(checkpoint.join(notes), encoding="utf-8")
    (folder / "keys.txt").write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
    (folder / "road.json").write_text(json.dumps(road(), indent=1), encoding="utf-8")
    shutil.copyfile(Path(verify.__file__), folder / "verify.py")
    return count


def road() -> dict[str, object]:
    """Return the table of moves as the verifier has it."""
    return {
        "v": 1,
        "moves": {str(move): _step(step) for move, step in MOVES.items()},
        "still": verify.STILL,
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "from": sorted(map(str, step.start)),
        "to": str(step.end),
        "by": sorted(map(str, step.by)),
        "facts": sorted(_fields(step.needs)),
    }


def _fields(needs: type[Fact]) -> list[str]:
    return list(needs.__dataclass_fields__)
