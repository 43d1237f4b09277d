"""Spare parts: never below nothing, never lost, and where each came from."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from tests.makers import a_device, a_person
from tests.stations.test_requests import at_once
from tests.workshop.makers import ERASED, GRADED, Bench, a_bench, everything_good, session_of, words
from tracker.custody import queries as devices
from tracker.custody import replay
from tracker.custody.facts import RetireReason
from tracker.custody.ledger import Ask
from tracker.custody.road import Status
from tracker.people.roles import Role
from tracker.refused import Missing, Refused
from tracker.spares import actions, queries
from tracker.spares.models import Spare, SpareMove
from tracker.spares.rules import Described, NotEnough, Origin, SpareKind, described, whole
from tracker.workshop import erasures, jobs, retiring
from tracker.workshop.kinds import DataFate, Method

NOW = datetime(2022, 1, 3, 2, 0, tzinfo=UTC)


def ask() -> Ask:
    return Ask(uuid.uuid4().hex, NOW)


def some(kind: SpareKind = SpareKind.BATTERY, quantity: int = 3) -> Described:
    return Described(kind, "Pin G5M10", quantity, 450_000, "Kệ 3")


@pytest.fixture
def bench(app: Flask) -> Bench:
    return in_repair(a_bench(app))


@pytest.fixture
def desk(make_app, sqlite_url: str) -> Bench:
    return in_repair(a_bench(make_app(sqlite_url)))


def in_repair(bench: Bench) -> Bench:
    bench.does("inspect")
    bench.does("faults", fault="battery")
    bench.does("repair")
    return bench


def in_stock(bench: Bench, kind: SpareKind = SpareKind.BATTERY, quantity: int = 3) -> int:
    with session_of(bench.app) as session:
        return actions.add(session, some(kind, quantity), Origin.BOUGHT, by=bench.technician, at=NOW)


def left(bench: Bench, spare: int) -> int:
    with session_of(bench.app) as session:
        return session.scalar(select(Spare.quantity).where(Spare.id == spare))


def test_a_part_goes_into_a_device_and_comes_back(bench: Bench):
    spare = in_stock(bench)
    bench.does("parts", spare=str(spare), quantity="2")
    with session_of(bench.app) as session:
        (used,) = queries.built_in(session, bench.device)
    between = left(bench, spare)
    page = bench.page()
    bench.does(f"parts/{used.id}/back")
    twice = bench.post(f"parts/{used.id}/back")

    assert (between, left(bench, spare)) == (1, 3)
    assert "2 × " in page
    assert twice.status_code == 409
    with session_of(bench.app) as session:
        kinds = [line.kind for line in devices.history(session, bench.device)]
        assert not list(replay.differences(session))
    assert kinds[:2] == ["take-out", "fit"]


def test_more_than_there_are_is_shown_again_and_changes_nothing(desk: Bench):
    spare = in_stock(desk)

    answer = desk.post("parts", spare=str(spare), quantity="4")

    assert answer.status_code == 422
    assert "chỉ còn 3 chiếc" in words(answer)
    assert left(desk, spare) == 3


@pytest.mark.parametrize("quantity", ["0", "-1", "", "viele", "10001", "1.5", "٣"])
def test_what_is_no_quantity_is_shown_again(desk: Bench, quantity: str):
    spare = in_stock(desk)

    assert desk.post("parts", spare=str(spare), quantity=quantity).status_code == 422
    assert left(desk, spare) == 3


def test_nobody_builds_in_another_workshops_parts(desk: Bench):
    with session_of(desk.app) as session:
        stranger = a_person(session, role=Role.TECHNICIAN)
        theirs = actions.add(session, some(), Origin.BOUGHT, by=stranger, at=NOW)

    assert desk.post("parts", spare=str(theirs), quantity="1").status_code == 404
    assert desk.client.get(f"/spares/{theirs}").status_code == 404
    assert left(desk, theirs) == 3


def test_five_who_take_the_last_three_at_once_leave_none_and_two_are_told(app: Flask):
    with session_of(app) as session:
        technician = a_person(session, role=Role.TECHNICIAN)
        made = [a_device(session, status=Status.REPAIRING, holder=technician.org) for _n in range(5)]
        spare = actions.add(session, some(), Origin.BOUGHT, by=technician, at=NOW)

    def taking(device: int):
        def take() -> str:
            with session_of(app) as session:
                try:
                    actions.build_in(session, spare, 1, device=device, job=None, by=technician, ask=ask())
                except NotEnough:
                    session.rollback()
                    return "not enough"
                return "taken"

        return take

    said = Counter(at_once(*map(taking, made)))

    assert said == {"taken": 3, "not enough": 2}
    with session_of(app) as session:
        assert session.scalar(select(Spare.quantity).where(Spare.id == spare)) == 0
        assert session.scalar(select(func.sum(SpareMove.quantity)).where(SpareMove.spare_id == spare)) == 0


def test_control_the_database_itself_keeps_a_stock_from_going_below_nothing(app: Flask):
    with session_of(app) as session:
        technician = a_person(session, role=Role.TECHNICIAN)
        spare = actions.add(session, some(), Origin.BOUGHT, by=technician, at=NOW)
    with session_of(app) as session:
        with pytest.raises(DatabaseError):
            session.execute(update(Spare).where(Spare.id == spare).values(quantity=Spare.quantity - 4))
        session.rollback()
        for statement in (update(SpareMove).values(quantity=1), delete(SpareMove)):
            with pytest.raises(DatabaseError):
                session.execute(statement)
            session.rollback()


def test_the_same_use_put_back_twice_at_once_counts_once(bench: Bench):
    spare = in_stock(bench)
    bench.does("parts", spare=str(spare), quantity="2")
    with session_of(bench.app) as session:
        (used,) = queries.built_in(session, bench.device)

    def putting() -> str:
        with session_of(bench.app) as session:
            try:
                actions.put_back(session, used.id, device=bench.device, by=bench.technician, ask=ask())
                session.commit()
            except Refused:
                session.rollback()
                return "refused"
            return "back"

    assert sorted(at_once(*[putting] * 3)) == ["back", "refused", "refused"]
    assert left(bench, spare) == 3


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("use"), st.integers(0, 4)),
        st.tuples(st.just("back"), st.integers(0, 5)),
        st.tuples(st.just("write off"), st.integers(0, 3)),
        st.tuples(st.just("count"), st.integers(0, 8)),
    ),
    max_size=10,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_parts_are_conserved(desk: Bench, steps):
    with session_of(desk.app) as session:
        spare = actions.add(session, some(quantity=5), Origin.DONATED, by=desk.technician, at=NOW)
        job = jobs.current(session, desk.device).id
        in_device, expected = {}, 5
        for what, n in steps:
            held = session.scalar(select(Spare.quantity).where(Spare.id == spare))
            assert held == expected
            nested = session.begin_nested()
            try:
                if what == "use":
                    move = actions.build_in(
                        session, spare, n, device=desk.device, job=job, by=desk.technician, ask=ask()
                    )
                    in_device[move], expected = n, expected - n
                elif what == "back":
                    move = sorted(in_device)[n % len(in_device)] if in_device else 10**9
                    actions.put_back(session, move, device=desk.device, by=desk.technician, ask=ask())
                    expected += in_device.pop(move)
                elif what == "write off":
                    actions.write_off(session, spare, n, "vỡ", by=desk.technician, at=NOW)
                    expected -= n
                else:
                    actions.counted(session, spare, n, held, by=desk.technician, at=NOW)
                    expected = n
                nested.commit()
            except (Refused, Missing):
                nested.rollback()
        moved = session.scalar(select(func.sum(SpareMove.quantity)).where(SpareMove.spare_id == spare))
        built = sum(-row.quantity for row in queries.built_in(session, desk.device) if row.spare_id == spare)
        assert session.scalar(select(Spare.quantity).where(Spare.id == spare)) == expected == moved
        assert built == sum(in_device.values())
        assert not list(replay.differences(session))


def test_a_count_of_an_outdated_page_is_refused(desk: Bench):
    spare = in_stock(desk)
    desk.does("parts", spare=str(spare), quantity="1")
    sent = {"csrf_token": desk.token, "event_id": "a-count", "found": "5", "seen": "3"}

    answer = desk.client.post(f"/spares/{spare}/count", data=sent)

    assert answer.status_code == 409
    assert left(desk, spare) == 2


def retired(bench: Bench, reason: RetireReason) -> None:
    with session_of(bench.app) as session:
        row = devices.locked(session, bench.device)
        erasures.record_erasure(
            session, row, method=Method.PURGE, tool="nwipe", ok=True, by=bench.technician, ask=ask()
        )
        coordinator = a_person(session, role=Role.COORDINATOR)
        row = devices.locked(session, bench.device)
        retiring.retire(session, row, reason, DataFate.ERASED, by=coordinator, ask=ask())


def harvested(bench: Bench, **form: str):
    sent = {
        "csrf_token": bench.token,
        "event_id": uuid.uuid4().hex,
        "kind": "memory",
        "quantity": "2",
        **form,
    }
    return bench.client.post(f"/devices/{bench.code}/harvest", data={"name": "SODIMM DDR4 4 GB", **sent})


def test_parts_of_a_retired_device_keep_their_origin_into_the_next_one(bench: Bench):
    with session_of(bench.app) as session:
        other = a_device(session, status=Status.REPAIRING, holder=bench.technician.org)
    retired(bench, RetireReason.PARTS)
    assert f'href="/devices/{bench.code}/harvest"' in bench.client.get(f"/t/{bench.code}").get_data(
        as_text=True
    )
    assert 'id="harvest"' in bench.client.get(f"/devices/{bench.code}/harvest").get_data(as_text=True)
    answer = harvested(bench)
    with session_of(bench.app) as session:
        (spare,) = queries.harvested(session, bench.device)
        actions.build_in(session, spare.id, 1, device=other, job=None, by=bench.technician, ask=ask())
        (fit,) = [line.data for line in devices.history(session, other) if line.kind == "fit"]
        (harvest,) = [line.data for line in devices.history(session, bench.device) if line.kind == "harvest"]

    assert answer.status_code == 303, words(answer)
    assert fit["from"] == bench.device
    assert harvest == {"spare": spare.id, "part": "memory", "quantity": 2}
    assert bench.code[:4] in bench.client.get("/spares").get_data(as_text=True)


@pytest.mark.parametrize("reason", [RetireReason.RECYCLED, RetireReason.DESTROYED, None])
def test_nothing_is_taken_out_of_what_was_not_retired_for_its_parts(desk: Bench, reason):
    if reason:
        retired(desk, reason)

    assert "harvest" not in desk.client.get(f"/t/{desk.code}").get_data(as_text=True)
    assert 'id="harvest"' not in desk.client.get(f"/devices/{desk.code}/harvest").get_data(as_text=True)
    assert harvested(desk).status_code == 409
    with session_of(desk.app) as session:
        assert queries.harvested(session, desk.device) == []


def test_a_drive_that_is_built_in_makes_earlier_erasures_worthless(bench: Bench):
    drive = in_stock(bench, SpareKind.DRIVE)
    bench.does("erasures", **ERASED)
    before = bench.work.proof
    bench.does("parts", spare=str(drive), quantity="1")
    after = bench.work.proof
    bench.does("outcomes", **{f"outcome-{bench.work.open_faults[0].id}": "replaced-part"}, finish="1")
    bench.does("checks", **everything_good())

    assert (before is not None, after) == (True, None)
    assert "Chưa xóa dữ liệu thành công" in words(bench.post("pass", **GRADED))
    bench.does("erasures", **ERASED)
    bench.does("pass", **GRADED)


def test_a_repair_waits_with_a_clock_and_a_blocker_until_it_goes_on(bench: Bench):
    bench.does("wait", wait="part", wait_note="chờ pin về")
    bench.does("wait", wait="part", wait_note="vẫn chờ")
    blockers = [blocker.kind for blocker in bench.work.blockers]
    fault = bench.work.open_faults[0].id
    early = bench.post("outcomes", **{f"outcome-{fault}": "fixed"}, finish="1")
    by_hand = bench.post("unblock", blocker="needs-part")
    bench.does("go-on", wait="part")
    with session_of(bench.app) as session:
        (wait,) = jobs.waits(session, jobs.current(session, bench.device).id)
        lasted = wait.until - wait.since
    bench.does("outcomes", **{f"outcome-{fault}": "fixed"}, finish="1")

    assert blockers == ["needs-part"]
    assert early.status_code == by_hand.status_code == 409
    assert "còn đang chờ: Linh kiện" in words(early)
    assert timedelta() <= lasted < timedelta(minutes=1)
    assert bench.work.blockers == []
    assert bench.status is Status.INSPECTING


def test_control_a_wait_that_ends_before_it_begins_is_refused_by_the_database(bench: Bench):
    bench.does("wait", wait="quote", wait_note="hỏi giá màn hình")
    with session_of(bench.app) as session:
        with pytest.raises(DatabaseError):
            session.execute(text("UPDATE job_wait SET until = '2001-01-01 00:00:00+00:00'"))
        session.rollback()


def test_a_repair_belongs_to_who_takes_it_or_does_something_first(bench: Bench):
    with session_of(bench.app) as session:
        colleague = a_person(session, role=Role.TECHNICIAN, org=bench.technician.org, name="Lê Thị Sửa")
        stranger = a_person(session, role=Role.TECHNICIAN)
        before = jobs.current(session, bench.device).technician_id
    unassigned = bench.page()
    bench.does("wait", wait="quote", wait_note="hỏi giá")
    with session_of(bench.app) as session:
        mine = jobs.current(session, bench.device).technician_id
    bench.does("technician", technician=str(colleague.user))

    assert before is None
    assert "Chưa có người làm" in unassigned
    assert mine == bench.technician.user
    assert "Lê Thị Sửa đang làm máy này" in bench.page()
    assert bench.post("technician", technician=str(stranger.user)).status_code == 404


def test_what_cannot_be_repaired_says_why(bench: Bench):
    fault = bench.work.open_faults[0].id

    silent = bench.post("outcomes", **{f"outcome-{fault}": "cannot-fix"})
    bench.does("outcomes", **{f"outcome-{fault}": "cannot-fix", f"barrier-{fault}": "parts-too-dear"})

    assert silent.status_code == 422
    assert f'href="#f-barrier-{fault}"' in silent.get_data(as_text=True)
    assert bench.work.faults[0].barrier == "parts-too-dear"
    assert "Linh kiện quá đắt" in bench.page()


def test_labour_cost_and_warranty_are_kept_or_shown_again(bench: Bench):
    until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    bench.does("job", minutes="45", cost="150.000", warranty_of="Dell Việt Nam", warranty_until=until)
    wrong = bench.post("job", minutes="-3", cost="nhiều", warranty_until="2001-01-01", warranty_of="x" * 81)

    page = bench.page()
    assert "Công sửa: 45 phút" in page
    assert "150.000" in page
    assert wrong.status_code == 422
    for field in ("minutes", "cost", "warranty_of", "warranty_until"):
        assert f'href="#f-{field}"' in wrong.get_data(as_text=True)


@given(
    st.dictionaries(
        st.sampled_from(["kind", "name", "quantity", "unit_cost", "place"]), st.text(max_size=140)
    )
)
def test_any_form_describes_parts_or_says_what_is_wrong(form: dict[str, str]):
    said, wrong = described(form)

    assert (said is None) == bool(wrong)
    assert said is None or (1 <= said.quantity <= 10_000 and said.name == said.name.strip() != "")


@given(st.text(max_size=14), st.integers(0, 10**6))
def test_any_text_is_a_whole_number_within_bounds_or_none(written: str, most: int):
    found = whole(written, most)

    assert found is None or 0 <= found <= most
