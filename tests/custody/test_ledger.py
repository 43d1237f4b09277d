import json
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.makers import a_device, a_donation, a_person, ask
from tracker.custody import actions, labels, queries
from tracker.custody.facts import InspectionPassed, Nothing, Reason
from tracker.custody.ledger import Ask, OtherContent, SomebodyWasFaster
from tracker.custody.models import Device, Event, Label
from tracker.custody.road import Move, Status, WrongMoment
from tracker.custody.rules import InTransit, NotHere
from tracker.db import db, reading
from tracker.people.roles import Role


@pytest.fixture
def session(app: Flask):
    with app.app_context():
        yield db.session()


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


def test_a_move_and_its_event_are_written_together(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org)

    done = actions.make(session, device, Move.INSPECT, Nothing(), by=technician, ask=ask())
    session.commit()

    row = queries.locked(session, device)
    newest = queries.history(session, device)[0]
    assert (row.status, row.dseq, done.dseq) == ("inspecting", 2, 2)
    assert (newest.kind, newest.actor, newest.org, newest.state) == (
        "inspect",
        technician.user,
        technician.org,
        "inspecting",
    )


def test_the_same_id_and_content_gives_the_first_answer_again(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org)
    once = ask()

    first = actions.make(session, device, Move.INSPECT, Nothing(), by=technician, ask=once)
    again = actions.make(session, device, Move.INSPECT, Nothing(), by=technician, ask=once)

    assert again == first._replace(again=True)
    assert queries.locked(session, device).dseq == 2


def test_an_old_ask_repeated_when_the_move_is_open_again_gives_the_first_answer(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org)
    once = ask()
    first = actions.make(session, device, Move.INSPECT, Nothing(), by=technician, ask=once)
    actions.make(session, device, Move.LOSE, Reason("other"), by=technician, ask=ask())
    actions.make(session, device, Move.FIND, Reason("other"), by=technician, ask=ask())
    session.commit()
    before = queries.locked(session, device)
    assert before.status == "returned", "inspect may start from here"

    again = actions.make(session, device, Move.INSPECT, Nothing(), by=technician, ask=once)
    session.commit()

    assert again == first._replace(again=True)
    assert queries.locked(session, device) == before
    assert count(session, Event) == before.dseq


def test_a_fact_repeated_when_it_is_no_longer_possible_gives_the_first_answer(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org)
    once = ask()
    first = actions.note_fact(session, device, "place", {"place": 1}, by=technician, ask=once)
    session.execute(update(Device).where(Device.id == device).values(transit_id=7))

    again = actions.note_fact(session, device, "place", {"place": 1}, by=technician, ask=once)

    assert again == first._replace(again=True)
    with pytest.raises(InTransit):
        actions.note_fact(session, device, "place", {"place": 1}, by=technician, ask=ask())


def test_a_device_that_changed_under_our_hands_is_no_first_answer(session, monkeypatch):
    """Our own event stands in the transaction by then, and must not be taken for an earlier one."""
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org)
    session.commit()
    stale = queries.locked(session, device)
    monkeypatch.setattr(queries, "locked", lambda _session, _device: stale)
    session.execute(update(Device).where(Device.id == device).values(dseq=5))

    with pytest.raises(SomebodyWasFaster):
        actions.make(session, device, Move.INSPECT, Nothing(), by=technician, ask=ask())


def test_the_same_id_with_other_content_is_refused(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device, other = (a_device(session, holder=technician.org) for _ in range(2))
    once = ask()
    actions.make(session, device, Move.INSPECT, Nothing(), by=technician, ask=once)

    with pytest.raises(OtherContent):
        actions.make(session, other, Move.INSPECT, Nothing(), by=technician, ask=once)
    with pytest.raises(OtherContent):
        actions.make(session, device, Move.LOSE, Reason("other"), by=technician, ask=once)


def test_a_refused_move_writes_nothing(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org)
    session.commit()

    with pytest.raises(WrongMoment):
        actions.make(
            session,
            device,
            Move.PASS,
            InspectionPassed(1, "laptop/1", "F4 C3", None),
            by=technician,
            ask=ask(),
        )
    session.commit()

    assert queries.locked(session, device).dseq == 1
    assert count(session, Event) == 1


def test_a_move_must_come_with_its_fact(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org, status=Status.INSPECTING)

    with pytest.raises(TypeError, match="InspectionPassed"):
        actions.make(session, device, Move.PASS, Nothing(), by=technician, ask=ask())


def test_only_the_holder_moves_a_device(session):
    device = a_device(session)
    stranger = a_person(session, role=Role.TECHNICIAN)

    with pytest.raises(NotHere):
        actions.make(session, device, Move.INSPECT, Nothing(), by=stranger, ask=ask())


def test_nothing_happens_to_a_device_on_its_way(session):
    device = a_device(session, status=Status.ON_THE_WAY)
    holder = queries.locked(session, device).holder_org_id
    keeper = a_person(session, role=Role.STOREKEEPER, org=holder)

    with pytest.raises(InTransit):
        actions.note_fact(session, device, "place", {"place": 1}, by=keeper, ask=ask())


def test_free_text_stays_outside_the_ledger(session):
    technician = a_person(session, role=Role.TECHNICIAN)
    device = a_device(session, holder=technician.org)

    this = ask("Bà Lê Thị Kín báo mất")
    actions.make(session, device, Move.LOSE, Reason("lost"), by=technician, ask=this)

    bodies = b"".join(bytes(body) for body in session.scalars(select(Event.body)))
    assert "Kín".encode() not in bodies
    assert queries.history(session, device)[0].note == "Bà Lê Thị Kín báo mất"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET kind = 'give'",
        "UPDATE event SET body = '{}'",
        "UPDATE event SET leaf_index = 5",
        "DELETE FROM event",
        "UPDATE label SET device_id = 99",
        "DELETE FROM label",
    ],
)
def test_the_database_itself_refuses_to_change_what_happened(session, statement: str):
    a_device(session)
    session.commit()

    with pytest.raises(DBAPIError):
        session.execute(text(statement))
    session.rollback()

    assert count(session, Event) == 1


def test_insert_or_replace_does_not_pass_the_guard(sqlite_url: str, make_app: Callable[..., Flask]):
    with make_app(sqlite_url).app_context():
        session = db.session()
        device = a_device(session)
        session.commit()
        before = session.execute(text("SELECT * FROM event")).one()

        for recursive in ("ON", "OFF"):
            session.execute(text(f"PRAGMA recursive_triggers={recursive}"))
            with pytest.raises(DBAPIError):
                session.execute(text("INSERT OR REPLACE INTO event SELECT * FROM event"))
            session.rollback()

        assert session.execute(text("SELECT * FROM event")).one() == before
        assert device


def test_postgresql_refuses_truncate(postgres_url: str, make_app: Callable[..., Flask]):
    with make_app(postgres_url).app_context():
        session = db.session()
        a_device(session)
        session.commit()

        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text("TRUNCATE event CASCADE"))


def test_a_page_asked_for_by_get_cannot_write(session):
    session.rollback()
    with reading(), pytest.raises(DBAPIError):
        session.execute(text("DELETE FROM answered"))
    session.rollback()


def race(app: Flask, runs: list[Callable[[], object]]) -> list[BaseException | None]:
    """Run these at the same moment, each in its own thread and transaction."""
    barrier = threading.Barrier(len(runs))
    outcomes: list[BaseException | None] = [None] * len(runs)

    def one(i: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                runs[i]()
                db.session.commit()
            except Exception as error:  # noqa: BLE001  # whatever stops it is the outcome
                db.session.rollback()
                outcomes[i] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_who_move_one_device_at_once_one_wins_and_the_other_is_told(app: Flask):
    with app.app_context():
        session = db.session()
        technician = a_person(session, role=Role.TECHNICIAN)
        devices = [a_device(session, holder=technician.org) for _ in range(40)]
        session.commit()

    for device in devices:
        outcomes = race(
            app,
            [
                lambda device=device: actions.make(
                    db.session(), device, Move.INSPECT, Nothing(), by=technician, ask=ask()
                )
            ]
            * 2,
        )

        losers = [outcome for outcome in outcomes if outcome]
        assert len(losers) == 1
        assert isinstance(losers[0], (WrongMoment, SomebodyWasFaster))
    with app.app_context():
        assert {row.dseq for row in db.session.scalars(select(Device))} == {2}


def test_one_blank_label_is_claimed_once(app: Flask):
    with app.app_context():
        session = db.session()
        keeper = a_person(session, role=Role.STOREKEEPER)
        donation = a_donation(session, by=keeper)
        codes = labels.mint(session, 20, by=keeper, at=ask().at)
        session.commit()

    for code in codes:
        outcomes = race(
            app,
            [
                lambda code=code: actions.receive(
                    db.session(), {}, donation=donation, category="phone", code=code, by=keeper, ask=ask()
                )
            ]
            * 2,
        )

        assert sum(outcome is None for outcome in outcomes) == 1
    with app.app_context():
        assert count(db.session(), Device) == 20
        assert count(db.session(), Label) == 20


def test_a_body_says_who_when_where_and_what_before(session):
    device = a_device(session, status=Status.GIVEN)

    rows = session.scalars(select(Event).where(Event.device_id == device).order_by(Event.dseq)).all()
    bodies = [json.loads(bytes(row.body)) for row in rows]
    assert [body["dseq"] for body in bodies] == list(range(1, len(rows) + 1))
    assert [body["prev"] for body in bodies] == ["", *(bytes(row.leaf).hex() for row in rows[:-1])]
    assert all(body["actor"] and body["org"] and body["role"] and body["at"] for body in bodies)


def test_ids_of_a_batch_are_the_same_each_time():
    this = Ask("e", ask().at)

    assert this.of(5) == this.of(5)
    assert this.of(5).event_id != this.of(6).event_id
    assert this.of(5).batch == "e"
