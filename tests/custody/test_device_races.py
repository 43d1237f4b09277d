"""Two people move one device at once, 1,000 times, on both databases: one wins, the other is told.

Three things guard it: who begins first (a row lock, or BEGIN IMMEDIATE), the place `(device, dseq)` in the
ledger that only one event can take, and the comparison with the device as it was read. The controls take them
away, and must find doubles: a test that cannot fail proves nothing.
"""

import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tests.makers import AT, a_donation, a_person
from tracker.custody import actions
from tracker.custody.facts import Nothing, Reason
from tracker.custody.ledger import Ask, SomebodyWasFaster
from tracker.custody.models import Device, Event
from tracker.custody.road import Move, WrongMoment
from tracker.db import engine_for
from tracker.people.roles import Actor, Role
from tracker.refused import Refused

RACES = 1_000
CONTROLS = 200

Act = Callable[[Session, int, Actor], object]


@dataclass
class Outcome:
    won: Counter[int] = field(default_factory=Counter)
    """How many won the race for each device."""
    refused: list[Refused] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)


def devices_for(engine: Engine, races: int) -> tuple[list[int], Actor, Actor]:
    """Return fresh devices, one a race, and the two technicians of their workshop."""
    with Session(engine) as session:
        first = a_person(session, role=Role.TECHNICIAN)
        second = a_person(session, role=Role.TECHNICIAN, org=first.org)
        same = {
            "category": "laptop",
            "donation_id": a_donation(session, by=first),
            "created_at": AT,
            "changed_at": AT,
            "status": "received",
            "holder_org_id": first.org,
            "dseq": 0,
            "dhash": b"",
        }
        session.execute(insert(Device), [{"code": f"{n:08d}", **same} for n in range(races)])
        session.commit()
        return list(session.scalars(select(Device.id))), first, second


def race(engine: Engine, races: int, first: Act, second: Act | None = None) -> Outcome:
    """Let two threads act on each device at the same moment, one device after the other."""
    devices, *people = devices_for(engine, races)
    barrier, lock, outcome = threading.Barrier(2, timeout=60), threading.Lock(), Outcome()

    def run(by: Actor, act: Act) -> None:
        for device in devices:
            barrier.wait()
            with Session(engine) as session:
                try:
                    act(session, device, by)
                    session.commit()
                    with lock:
                        outcome.won[device] += 1
                except Refused as refused:
                    session.rollback()
                    outcome.refused.append(refused)
                except DBAPIError as error:
                    session.rollback()
                    outcome.broken.append(error)

    threads = [
        threading.Thread(target=run, args=pair) for pair in zip(people, (first, second or first), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def fresh() -> Ask:
    return Ask(secrets.token_hex(16), AT)


def inspect(session: Session, device: int, by: Actor) -> None:
    actions.make(session, device, Move.INSPECT, Nothing(), by=by, ask=fresh())


def lose(session: Session, device: int, by: Actor) -> None:
    actions.make(session, device, Move.LOSE, Reason("lost"), by=by, ask=fresh())


def receive_at_a_place(session: Session, device: int, by: Actor) -> None:
    actions.note_fact(session, device, "place", {"place": 1}, by=by, ask=fresh())


def doubles(engine: Engine) -> int:
    """Count the places in the ledger that more than one event has taken."""
    taken = select(Event.device_id).group_by(Event.device_id, Event.dseq).having(func.count() > 1)
    with engine.connect() as connection:
        return len(connection.execute(taken).all())


def chains_are_whole(engine: Engine) -> bool:
    """Say whether each device's events follow each other, and the device shows the last."""
    with engine.connect() as connection:
        heads: dict[int, tuple[int, str]] = {}
        for row in connection.execute(select(Event.__table__).order_by(Event.device_id, Event.dseq)):
            dseq, leaf = heads.get(row.device_id, (0, ""))
            if (row.dseq, json.loads(bytes(row.body))["prev"]) != (dseq + 1, leaf):
                return False
            heads[row.device_id] = row.dseq, bytes(row.leaf).hex()
        shown = connection.execute(select(Device.id, Device.dseq, Device.dhash).where(Device.dseq > 0))
        return heads == {row.id: (row.dseq, bytes(row.dhash).hex()) for row in shown}


@pytest.fixture
def engine(database_url):
    made = engine_for(database_url)
    yield made
    made.dispose()


def test_of_two_who_move_one_device_one_wins_and_the_other_is_told(engine):
    outcome = race(engine, RACES, inspect)

    assert outcome.broken == []
    assert len(outcome.won) == RACES
    assert set(outcome.won.values()) == {1}
    assert len(outcome.refused) == RACES
    assert all(isinstance(refused, (WrongMoment, SomebodyWasFaster)) for refused in outcome.refused)
    assert all(str(refused) for refused in outcome.refused)
    assert doubles(engine) == 0
    assert chains_are_whole(engine)


def test_two_whose_facts_agree_are_written_one_after_the_other(engine):
    outcome = race(engine, CONTROLS, receive_at_a_place)

    assert (outcome.refused, outcome.broken) == ([], [])
    assert set(outcome.won.values()) == {2}
    assert chains_are_whole(engine)


def test_what_is_done_and_what_is_refused_agrees_with_the_road(engine):
    """Inspecting after the loss is refused; losing after the inspection has begun is not."""
    outcome = race(engine, CONTROLS, inspect, lose)

    assert outcome.broken == []
    assert sum(outcome.won.values()) + len(outcome.refused) == 2 * CONTROLS
    with engine.connect() as connection:
        assert set(connection.scalars(select(Device.status))) == {"missing"}
    assert chains_are_whole(engine)


# Controls: the same race by somebody who has not thought of races


def carelessly(session: Session, device: int, by: Actor) -> None:
    """Do what `inspect` does, but look without locking and write without comparing."""
    row = session.execute(select(Device.status, Device.dseq).where(Device.id == device)).one()
    if row.status != "received":
        raise SomebodyWasFaster
    event_id = secrets.token_hex(16)
    values = {"event_id": event_id, "req_hash": b"\0" * 32, "body": b"{}", "leaf": b"\0" * 32}
    session.execute(
        insert(Event).values(device_id=device, dseq=row.dseq + 1, kind="inspect", at=AT, **values)
    )
    session.execute(update(Device).where(Device.id == device).values(status="inspecting", dseq=row.dseq + 1))


@pytest.fixture
def careless(database_url):
    """Open the database without our lock and BEGIN IMMEDIATE; PostgreSQL has none to leave out."""
    made = create_engine(database_url)
    if made.dialect.name == "sqlite":
        made = create_engine(database_url, connect_args={"check_same_thread": False, "timeout": 20})
    yield made
    made.dispose()


def without_the_place_in_the_ledger(engine: Engine) -> None:
    """Take away that (device, dseq) is unique, with SQLite's trigger that says the same."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE event DROP CONSTRAINT uq_event_device_id_dseq"))
        else:
            made = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'event'"))
            loose, count = re.subn(
                r"CONSTRAINT uq_event_device_id_dseq UNIQUE \(device_id, dseq\),", "", made
            )
            assert count == 1
            connection.execute(text("DROP TABLE event"))
            connection.execute(text(loose))
        connection.commit()


def test_the_place_in_the_ledger_alone_lets_only_one_win(engine, careless):
    outcome = race(careless, CONTROLS, carelessly)

    assert doubles(engine) == 0
    assert set(outcome.won.values()) == {1}
    assert all(isinstance(error, (IntegrityError, OperationalError)) for error in outcome.broken)
    assert any(isinstance(error, IntegrityError) for error in outcome.broken)


def test_control_without_it_the_careless_make_doubles(engine, careless):
    without_the_place_in_the_ledger(engine)

    outcome = race(careless, CONTROLS, carelessly)

    print(f"{doubles(engine)} doubles in {CONTROLS} races")
    assert doubles(engine) > 0
    assert max(outcome.won.values()) == 2


def test_even_without_it_the_comparison_with_what_was_read_lets_only_one_win(engine, careless):
    without_the_place_in_the_ledger(engine)

    outcome = race(careless, CONTROLS, inspect)

    assert doubles(engine) == 0
    assert set(outcome.won.values()) == {1}
    assert len(outcome.refused) + len(outcome.broken) == CONTROLS
    assert chains_are_whole(engine)
