"""Two people at once, 1,000 times, on both databases: one pupil gets one device, and one device one pupil.

A test that cannot fail proves nothing: the controls take away what guards the rule, and must find doubles.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.makers import AT, a_donation, a_person, an_organisation
from tracker.allocation import actions
from tracker.allocation.models import Binding, Pupil, Support
from tracker.allocation.rules import DeviceTaken, PupilTaken
from tracker.custody.ledger import Ask
from tracker.custody.models import Device, Event
from tracker.db import engine_for
from tracker.people.roles import Actor, OrgKind, Role
from tracker.refused import Refused

RACES = 1_000
CONTROLS = 150

Pair = tuple[int, int]


@dataclass
class Field:
    """Pupils and ready devices enough for the races, and the two coordinators."""

    pupils: list[int]
    devices: list[int]
    first: Actor
    second: Actor


@dataclass
class Outcome:
    won: int = 0
    refused: list[Refused] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)


def a_field(engine: Engine, *, pupils: int, devices: int) -> Field:
    with Session(engine) as session:
        first = a_person(session, role=Role.COORDINATOR, name="Lê Thị Nhanh")
        second = a_person(session, role=Role.COORDINATOR, name="Phạm Văn Mau")
        school = an_organisation(session, kind=OrgKind.SCHOOL)
        workshop = a_person(session, role=Role.TECHNICIAN)
        donation = a_donation(session, by=workshop)
        lacking = {
            "school_id": school,
            "name": "Hà Thử",
            "name_key": "ha thu",
            "no_device": True,
            "created_at": AT,
        }
        session.execute(insert(Pupil), [lacking] * pupils)
        codes = [f"{n:08d}" for n in range(devices)]
        ready = {
            "category": "laptop",
            "donation_id": donation,
            "created_at": AT,
            "changed_at": AT,
            "status": "ready",
            "holder_org_id": workshop.org,
            "dseq": 0,
            "dhash": b"\0" * 32,
        }
        session.execute(insert(Device), [{"code": code, **ready} for code in codes])
        session.commit()
        return Field(
            list(session.scalars(select(Pupil.id))), list(session.scalars(select(Device.id))), first, second
        )


def bind(session: Session, pupil: int, device: int, by: Actor) -> None:
    actions.bind(session, pupil, device, by=by, ask=Ask(secrets.token_hex(16), AT))


def race(
    engine: Engine, by: tuple[Actor, Actor], pairs: list[tuple[Pair, Pair]], act: Callable[..., None]
) -> Outcome:
    """Let two threads act on the pairs at the same moment, one race after the other."""
    barrier, outcome = threading.Barrier(2, timeout=60), Outcome()
    lock = threading.Lock()

    def run(side: int) -> None:
        for both in pairs:
            barrier.wait()
            with Session(engine) as session:
                try:
                    act(session, *both[side], by[side])
                    session.commit()
                    with lock:
                        outcome.won += 1
                except Refused as refused:
                    session.rollback()
                    outcome.refused.append(refused)
                except DBAPIError as error:
                    session.rollback()
                    outcome.broken.append(error)

    threads = [threading.Thread(target=run, args=(side,)) for side in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def doubles(engine: Engine, whose: Any) -> int:
    """Count who has more than one open binding."""
    open_ones = (
        select(whose)
        .select_from(Binding)
        .join(Support, Support.id == Binding.support_id)
        .where(Binding.closed_event.is_(None))
        .group_by(whose)
        .having(func.count() > 1)
    )
    with engine.connect() as connection:
        return len(connection.execute(open_ones).all())


def one_pupil_two_devices(found: Field, races: int) -> list[tuple[Pair, Pair]]:
    return [
        ((found.pupils[n], found.devices[2 * n]), (found.pupils[n], found.devices[2 * n + 1]))
        for n in range(races)
    ]


def two_pupils_one_device(found: Field, races: int) -> list[tuple[Pair, Pair]]:
    return [
        ((found.pupils[2 * n], found.devices[n]), (found.pupils[2 * n + 1], found.devices[n]))
        for n in range(races)
    ]


@pytest.fixture
def engine(database_url):
    made = engine_for(database_url)
    yield made
    made.dispose()


def test_two_coordinators_never_give_one_pupil_two_devices(engine):
    found = a_field(engine, pupils=RACES, devices=2 * RACES)

    outcome = race(engine, (found.first, found.second), one_pupil_two_devices(found, RACES), bind)

    assert (outcome.won, len(outcome.refused), outcome.broken) == (RACES, RACES, [])
    assert doubles(engine, Support.pupil_id) == 0
    assert all(isinstance(refused, PupilTaken) for refused in outcome.refused)
    assert {refused.first.who for refused in outcome.refused} <= {"Lê Thị Nhanh", "Phạm Văn Mau"}
    assert all("15/11/2021 09:00" in str(refused) for refused in outcome.refused)
    assert nothing_is_half_written(engine, RACES)


def test_two_coordinators_never_give_one_device_to_two_pupils(engine):
    found = a_field(engine, pupils=2 * RACES, devices=RACES)

    outcome = race(engine, (found.first, found.second), two_pupils_one_device(found, RACES), bind)

    assert (outcome.won, len(outcome.refused), outcome.broken) == (RACES, RACES, [])
    assert doubles(engine, Binding.device_id) == 0
    assert all(isinstance(refused, DeviceTaken) for refused in outcome.refused)
    assert nothing_is_half_written(engine, RACES)


def nothing_is_half_written(engine: Engine, races: int) -> bool:
    """Say whether each race left one support, one binding, one event and one bound device."""
    with engine.connect() as connection:
        counted = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (Support.__table__, Binding.__table__, Event.__table__)
        ]
        bound = connection.scalar(select(func.count()).select_from(Device).where(Device.status == "bound"))
    return [*counted, bound] == [races] * 4


# Controls: without the guards the same races must find doubles.


@pytest.fixture
def unguarded(database_url):
    """Open the database as if nobody had thought of races: without the rule's indexes and without BEGIN IMMEDIATE."""
    careful = engine_for(database_url)
    with careful.begin() as connection:
        connection.execute(text("DROP INDEX one_open_binding_of_a_support"))
        connection.execute(text("DROP INDEX one_open_binding_of_a_device"))
    made = careful
    if careful.dialect.name == "sqlite":
        made = create_engine(database_url, connect_args={"check_same_thread": False, "timeout": 20})
    yield careful, made
    made.dispose()
    careful.dispose()


def with_supports(engine: Engine, found: Field) -> None:
    """Give every pupil the support that stays after a release, so that only the binding's index stands guard."""
    with engine.begin() as connection:
        connection.execute(
            insert(Support),
            [
                {
                    "id": secrets.token_hex(16),
                    "pupil_id": pupil,
                    "created_at": AT,
                    "created_by": found.first.user,
                }
                for pupil in found.pupils
            ],
        )


def test_without_the_index_one_pupil_gets_two_devices(unguarded):
    careful, careless = unguarded
    found = a_field(careful, pupils=CONTROLS, devices=2 * CONTROLS)
    with_supports(careful, found)

    race(careless, (found.first, found.second), one_pupil_two_devices(found, CONTROLS), bind)

    assert doubles(careful, Support.pupil_id) > 0


def test_without_the_index_a_question_alone_gives_one_device_to_two_pupils(unguarded):
    careful, careless = unguarded
    found = a_field(careful, pupils=2 * CONTROLS, devices=CONTROLS)
    with_supports(careful, found)

    def ask_and_insert(session: Session, pupil: int, device: int, by: Actor) -> None:
        taken = session.scalar(
            select(Binding.id).where(Binding.device_id == device, Binding.closed_event.is_(None))
        )
        if taken is None:
            support = session.execute(select(Support.id).where(Support.pupil_id == pupil)).scalar_one()
            values = {"support_id": support, "device_id": device, "opened_event": "x", "opened_at": AT}
            session.execute(insert(Binding), {**values, "opened_by": by.user})

    race(careless, (found.first, found.second), two_pupils_one_device(found, CONTROLS), ask_and_insert)

    assert doubles(careful, Binding.device_id) > 0


def test_a_device_has_a_second_guard_the_order_of_its_ledger(unguarded):
    careful, careless = unguarded
    found = a_field(careful, pupils=2 * CONTROLS, devices=CONTROLS)

    race(careless, (found.first, found.second), two_pupils_one_device(found, CONTROLS), bind)

    assert doubles(careful, Binding.device_id) == 0
