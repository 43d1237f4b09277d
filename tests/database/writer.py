"""Writers that are killed: one process forks them, waits for a few answers, and kills -9.

    python -m tests.database.writer URL USER ORG KILLS [--before-commit]

A writer moves devices to and fro and says the id of each event into a pipe once it is committed; the
control, `--before-commit`, says it too early. All ids that were said are printed as JSON, one list a writer.
"""

import json
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Callable

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.makers import AT
from tracker.custody import actions, queries
from tracker.custody.facts import InspectionPassed, Nothing
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.road import Move, Status
from tracker.db import engine_for
from tracker.people.roles import Actor, Role

PASSED = InspectionPassed(1, "laptop/1", "F4 C3", 1)


def move(session: Session, device: int, by: Actor, event_id: str) -> None:
    """Begin an inspection of the device, or end the one it is in."""
    status = queries.locked(session, device).status
    step, fact = (Move.PASS, PASSED) if status == Status.INSPECTING else (Move.INSPECT, Nothing())
    actions.make(session, device, step, fact, by=by, ask=Ask(event_id, AT))


def write_until(engine: Engine, by: Actor, say: Callable[[str], object], *, early: bool, stop=lambda: False):
    """Make moves, one a transaction, and say the id of each: when it stands, or `early`."""
    with Session(engine) as session:
        devices = list(session.scalars(select(Device.id)))
        session.rollback()
        while not stop():
            event_id = secrets.token_hex(16)
            move(session, random.choice(devices), by, event_id)
            if early:
                say(event_id)
            session.commit()
            if not early:
                say(event_id)


def one_life(engine: Engine, by: Actor, *, early: bool, chance: random.Random) -> list[str]:
    """Fork a writer, kill it after a few of its answers, and return those."""
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ear)
        random.seed()
        write_until(engine, by, lambda said: os.write(mouth, f"{said}\n".encode()), early=early)
    os.close(mouth)
    heard, wanted = b"", chance.randint(1, 8)
    while heard.count(b"\n") < wanted:
        more = os.read(ear, 4096)
        if not more:
            break  # it died by itself, which the missing answers will tell
        heard += more
    if not early and chance.random() < 0.5:
        time.sleep(chance.uniform(0, 0.005))  # into the middle of the next ones
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(ear, 4096):
        heard += more
    os.close(ear)
    return heard.decode().split()


def warm(engine: Engine, by: Actor) -> None:
    """Build all statements once, so that each writer need not, and leave no connection open."""
    with Session(engine) as session:
        device = session.scalars(select(Device.id)).first()
        assert device is not None
        move(session, device, by, secrets.token_hex(16))
        session.rollback()
    engine.dispose()


def main(url: str, user: str, org: str, kills: str, *flags: str) -> None:
    by, chance = Actor(int(user), int(org), Role.TECHNICIAN), random.Random(1)
    early = "--before-commit" in flags
    engine = engine_for(url)
    warm(engine, by)
    print(json.dumps([one_life(engine, by, early=early, chance=chance) for _kill in range(int(kills))]))


if __name__ == "__main__":
    main(*sys.argv[1:])
