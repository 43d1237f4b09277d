"""Work lists, the board and the figures: what they say is what the devices are."""

import contextlib
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.makers import a_device, a_person
from tests.workshop.makers import ERASED, GRADED, Bench, a_bench, everything_good, session_of, words
from tracker.custody import actions as custody
from tracker.custody.facts import Category, Reason
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.queries import locked
from tracker.custody.road import Move, Status
from tracker.db import db
from tracker.people.roles import Role
from tracker.refused import Refused
from tracker.workshop import actions, board_views, boards, worklists
from tracker.workshop.kinds import TOO_LONG, FaultKind
from tracker.workshop.worklists import List

NOW = datetime(2022, 3, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def bench(app: Flask) -> Bench:
    return a_bench(app)


@pytest.fixture
def desk(make_app, sqlite_url: str) -> Bench:
    return a_bench(make_app(sqlite_url))


def in_repair(bench: Bench) -> None:
    bench.does("inspect")
    bench.does("faults", fault="battery")
    bench.does("repair")


def on(bench: Bench, chosen: List, *, by=None, now: datetime | None = None) -> list[str]:
    with session_of(bench.app) as session:
        rows = worklists.bench(
            session, to=by or bench.technician, now=now or datetime.now(UTC), chosen=chosen
        )
        return [row.code for row in rows]


def test_each_list_has_what_it_says_and_the_tabs_count_it(bench: Bench):
    lists: dict[str, list[List]] = {}

    def note(moment: str) -> None:
        lists[moment] = [each for each in List if bench.code in on(bench, each)]
        with session_of(bench.app) as session:
            counts = worklists.waiting(session, to=bench.technician, now=datetime.now(UTC))
        assert [each for each in List if counts[each]] == lists[moment]

    note("received")
    bench.does("inspect")
    note("inspecting")
    bench.does("faults", fault="battery")
    bench.does("repair")
    note("sent to repair")
    bench.does("wait", wait="part", wait_note="chờ pin")
    note("waiting")

    late = on(bench, List.TOO_LONG, now=datetime.now(UTC) + TOO_LONG[Status.REPAIRING] + timedelta(days=1))
    assert lists == {
        "received": [List.UNASSIGNED, List.TOO_LONG],  # the makers' devices came in long ago
        "inspecting": [List.MINE],
        "sent to repair": [List.UNASSIGNED],
        "waiting": [List.MINE, List.WAITING, List.BLOCKED],
    }
    assert late == [bench.code]


def test_a_colleague_sees_who_works_on_it_and_a_stranger_sees_nothing(bench: Bench):
    in_repair(bench)
    bench.does("technician", technician=str(bench.technician.user))
    with session_of(bench.app) as session:
        colleague = a_person(session, role=Role.TECHNICIAN, org=bench.technician.org)
        stranger = a_person(session, role=Role.TECHNICIAN)
    page = words(bench.sign_in(colleague).client.get("/workshop"))
    board = words(bench.client.get("/workshop/board"))
    elsewhere = words(bench.sign_in(stranger).client.get("/workshop/board"))

    assert "Trần Văn Thợ" in page
    assert "Trần Văn Thợ" in board
    assert "Trần Văn Thợ" not in elsewhere
    assert on(bench, List.MINE, by=colleague) == []


DEVICES = st.lists(
    st.tuples(st.sampled_from(list(Status)), st.sampled_from(list(Category)), st.integers(0, 90)), max_size=12
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEVICES)
def test_the_board_counts_every_device_once_with_its_age(desk: Bench, made):
    with session_of(desk.app) as session:
        technician = a_person(session, role=Role.TECHNICIAN)
        for status, category, days in made:
            device = a_device(session, holder=technician.org, category=category)
            session.execute(
                update(Device)
                .where(Device.id == device)
                .values(status=status, since=NOW - timedelta(days=days, minutes=1))
            )
        columns = boards.board(session, org=technician.org, category=None, now=NOW)
        laptops = boards.board(session, org=technician.org, category=Category.LAPTOP, now=NOW)
        session.rollback()

    expected = Counter(status for status, _category, _days in made)
    for column in columns:
        ages = [days for status, _category, days in made if status is column.status]
        assert column.devices == expected[column.status]
        assert column.late == sum(timedelta(days=days) >= TOO_LONG[column.status] for days in ages)
        assert column.old == sum(days >= 30 for days in ages)
        assert (column.oldest and (NOW - column.oldest).days) == (max(ages) if ages else None)
    assert sum(column.devices for column in laptops) == sum(
        status in boards.COLUMNS and category is Category.LAPTOP for status, category, _days in made
    )


def test_a_board_is_counted_again_once_something_has_happened(desk: Bench, monkeypatch):
    monkeypatch.setattr("tracker.workshop.board_views.AT_MOST_EVERY", timedelta())
    counted = []
    real = boards.board
    monkeypatch.setattr(boards, "board", lambda *a, **k: counted.append(1) or real(*a, **k))

    first, second = (words(desk.client.get("/workshop/board")) for _time in range(2))
    before = len(counted)
    desk.does("inspect")
    third = words(desk.client.get("/workshop/board"))

    assert (before, len(counted)) == (1, 2)
    assert first == second != third


def test_figures_say_what_became_of_what_was_inspected(bench: Bench):
    in_repair(bench)
    bench.does("outcomes", **{f"outcome-{bench.work.open_faults[0].id}": "fixed"}, finish="1")
    bench.does("checks", **everything_good())
    bench.does("erasures", **ERASED)
    bench.does("pass", **GRADED)
    with session_of(bench.app) as session:
        other = a_device(session, holder=bench.technician.org, category="phone")
        actions.start(
            session, locked(session, other), by=bench.technician, ask=Ask(uuid.uuid4().hex, datetime.now(UTC))
        )
        year = {
            "since": datetime.now(UTC) - timedelta(days=1),
            "until": datetime.now(UTC) + timedelta(days=1),
        }
        by = {
            kind: boards.figures(session, **year, by=kind, to=bench.technician)
            for kind in ("workshop", "category", "model")
        }

    (workshop,) = by["workshop"]
    assert (workshop.received, workshop.passed, workshop.repaired, workshop.part) == (2, 1, 1, 0.5)
    assert timedelta() < workshop.turnaround < timedelta(minutes=5)
    assert [(each.received, each.passed) for each in by["category"]] == [(1, 1), (1, 0)] or [(1, 0), (1, 1)]
    assert "50%" in words(bench.client.get("/workshop/figures"))


def test_what_happens_to_a_device_in_its_status_does_not_make_it_young(bench: Bench):
    in_repair(bench)
    long_ago = datetime.now(UTC) - TOO_LONG[Status.REPAIRING] - timedelta(days=1)
    with session_of(bench.app) as session:
        session.execute(update(Device).values(since=long_ago))
    bench.does("erasures", **ERASED)

    assert bench.code in on(bench, List.TOO_LONG)
    assert bench.row.changed_at > long_ago


MOVED = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["inspect", "repair", "note", "lose", "find", "receive"])),
    min_size=1,
    max_size=12,
)


def moved(session, actor, device: int, what: str) -> None:
    """Do something to a device, or be refused."""
    this = {"by": actor, "ask": Ask(uuid.uuid4().hex, datetime.now(UTC))}
    row = locked(session, device)
    with contextlib.suppress(Refused), session.begin_nested():
        match what:
            case "inspect":
                actions.start(session, row, **this)
            case "repair":
                actions.report_fault(session, row, FaultKind.SCREEN, "", by=actor, at=this["ask"].at)
                actions.send_to_repair(session, row, **this)
            case "note":
                custody.note_fact(session, device, "erase", {"method": "clear"}, **this)
            case "lose":
                custody.make(session, device, Move.LOSE, Reason("not-found"), **this)
            case "find":
                custody.make(session, device, Move.FIND, Reason("counted"), **this)
            case "receive":
                a_device(session, holder=actor.org)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(MOVED, min_size=1, max_size=4))
def test_a_board_of_which_only_parts_are_counted_again_is_the_whole_board(app: Flask, rounds):
    with session_of(app) as session:
        actor = a_person(session, role=Role.TECHNICIAN)
        devices = [a_device(session, holder=actor.org) for _n in range(4)]
    kept = board_views.AT_MOST_EVERY
    board_views.AT_MOST_EVERY = timedelta(0)
    try:
        for steps in [[], *rounds]:
            with session_of(app) as session:
                for which, what in steps:
                    moved(session, actor, devices[which], what)
            with app.app_context():
                shown = board_views._counted(actor.org, None)
                whole = boards.board(db.session(), org=actor.org, category=None, now=datetime.now(UTC))
            assert shown.columns == whole
    finally:
        board_views.AT_MOST_EVERY = kept


def test_only_what_events_touched_is_counted_again(bench: Bench):
    with session_of(bench.app) as session:
        before = boards.newest(session)
        first = boards.touched(session, before)
    bench.does("inspect")
    with session_of(bench.app) as session:
        moved_, now = boards.touched(session, before), boards.newest(session)
    bench.does("erasures", **ERASED)
    with session_of(bench.app) as session:
        noted = boards.touched(session, now)
        all_of_them = boards.touched(session, before)

    assert (first, noted) == (frozenset(), frozenset())
    assert moved_ == all_of_them == {Status.RECEIVED, Status.INSPECTING}
