"""Checklists as data: versions, what is measured, locks, and the second inspection."""

import uuid
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from tests.makers import a_person
from tests.stations.test_requests import at_once
from tests.workshop.makers import ERASED, GRADED, Bench, a_bench, everything_good, session_of, words
from tracker.custody.facts import Category
from tracker.custody.road import Status
from tracker.people.roles import Role
from tracker.workshop import versions
from tracker.workshop.checklists import KNOWN, NEWEST, Check
from tracker.workshop.models import ChecklistVersion
from tracker.workshop.rules import measured, with_unit
from tracker.workshop.suggestions import LOCKS
from tracker.workshop.versions import ChangedMeanwhile, change, current, edited, number_of, offered

NOW = datetime(2022, 1, 3, 2, 0, tzinfo=UTC)
LAPTOP = NEWEST[Category.LAPTOP]


@pytest.fixture
def bench(app: Flask) -> Bench:
    return a_bench(app)


def as_it_is(checklist, **changes: str) -> dict[str, str]:
    """Return the form as its page sends it when nothing was touched, but for the changes."""
    have = {check.key for check in checklist.checks}
    form = {"base": checklist.name, "why": "yêu cầu mới của Sở"}
    for at, check in enumerate(offered(checklist), 1):
        form[f"place-{check.key}"] = str(at)
        for name, on in (
            ("use", check.key in have),
            ("mandatory", check.mandatory and check.key in have),
            ("always", check.always),
            ("photo", check.photo),
        ):
            if on:
                form[f"{name}-{check.key}"] = "1"
        if check.measured:
            form[f"least-{check.key}"] = with_unit(check.least, "")
        if check.key.startswith(versions.OWN):
            form[f"label-{check.key}"] = check.label.message
    if checklist.other_person:
        form["other_person"] = "1"
    return {name: value for name, value in (form | changes).items() if value}


def changed(bench: Bench, **changes: str) -> None:
    """Let a coordinator change the laptops' checklist, and the technician go on."""
    with session_of(bench.app) as session:
        coordinator = a_person(session, role=Role.COORDINATOR)
        valid = current(session, Category.LAPTOP)
    bench.sign_in(coordinator)
    form = as_it_is(valid, **changes)
    sent = {"csrf_token": bench.token, "event_id": uuid.uuid4().hex, **form}
    answer = bench.client.post("/workshop/checklists/laptop/edit", data=sent)
    assert answer.status_code == 303, words(answer)
    bench.sign_in(bench.technician)


def test_a_changed_checklist_is_for_inspections_that_begin_after_it(bench: Bench):
    bench.does("inspect")
    changed(bench, **{"new-1": "Bản lề màn hình chắc", "mandatory-new-1": "1", "least-memory": "8"})

    before = bench.work.checklist
    page = bench.page()
    bench.does("checks", checklist=before.name, **everything_good())
    bench.does("erasures", **ERASED)
    bench.does("pass", **GRADED)
    bench.does("inspect")
    after = bench.work.checklist

    assert (before.name, after.name) == ("laptop/2", "laptop/3")
    assert "Đã có phiếu kiểm tra mới hơn" in page
    assert after.checks[-1].label.message == "Bản lề màn hình chắc"
    assert after.check("memory").least == 8
    assert "Bản lề màn hình chắc" in bench.page()


def test_answers_to_another_version_are_refused_not_dropped(bench: Bench):
    bench.does("inspect")

    answer = bench.post("checks", checklist="laptop/1", **everything_good())

    assert answer.status_code == 409
    assert "phiên bản phiếu khác" in words(answer)
    assert not bench.work.answers


def test_what_is_measured_and_too_little_keeps_it_from_passing_and_says_by_how_much(bench: Bench):
    bench.does("inspect")
    bench.does("checks", **everything_good() | {"value-memory": "1,5", "value-battery-health": "49.9"})
    bench.does("erasures", **ERASED)

    answer = bench.post("pass", **GRADED)

    assert answer.status_code == 409
    assert "Không đủ: Bộ nhớ RAM 1,5 GB, ít nhất 4 GB" in words(answer)
    assert "49,9%, ít nhất 50%" in words(answer)
    assert bench.status is Status.INSPECTING


def test_what_is_not_measured_keeps_it_from_passing_too(bench: Bench):
    bench.does("inspect")
    good = everything_good()
    del good["value-memory"]
    bench.does("checks", **good)
    bench.does("erasures", **ERASED)

    assert "Chưa kiểm tra: Bộ nhớ RAM" in words(bench.post("pass", **GRADED))


@pytest.mark.parametrize("text", ["nhiều", "-4", "4 GB", "1e9", "٤", "NaN", "999999999", "4.5.6"])
def test_what_is_no_number_is_shown_again(desk: Bench, text: str):
    desk.does("inspect")

    answer = desk.post("checks", **{"value-memory": text, "check-power": "pass"})

    assert answer.status_code == 422
    assert 'href="#f-value-memory"' in answer.get_data(as_text=True)
    assert f'value="{text}"' in answer.get_data(as_text=True)
    assert not desk.work.answers


@pytest.mark.parametrize("lock", [key for key in LOCKS if LAPTOP.check(key)])
def test_a_lock_blocks_when_it_is_found_and_no_longer_when_it_is_gone(bench: Bench, lock: str):
    bench.does("inspect")
    bench.does("erasures", **ERASED)
    bench.does("checks", **everything_good() | {f"check-{lock}": "fail", f"note-{lock}": "tài khoản cũ"})
    locked = [(blocker.kind, blocker.note) for blocker in bench.work.blockers]
    refused = bench.post("pass", **GRADED)
    bench.does("checks", **{f"check-{lock}": "pass"})

    assert locked == [(LOCKS[lock], "tài khoản cũ")]
    assert refused.status_code == 409
    assert bench.work.blockers == []
    bench.does("pass", **GRADED)


def repaired(bench: Bench) -> Bench:
    bench.does("inspect")
    bench.does("checks", **everything_good())
    bench.does("erasures", **ERASED)
    bench.does("faults", fault="battery")
    bench.does("repair")
    bench.does("outcomes", **{f"outcome-{bench.work.open_faults[0].id}": "replaced-part"}, finish="1")
    return bench


def test_what_was_answered_before_the_repair_does_not_count_after_it(bench: Bench):
    repaired(bench)

    answer = bench.post("pass", **GRADED)

    assert answer.status_code == 409
    assert words(answer).count("Chưa kiểm tra") == sum(check.mandatory for check in LAPTOP.checks)
    bench.does("checks", **everything_good())
    bench.does("pass", **GRADED)


def test_where_the_checklist_wants_it_somebody_else_inspects_what_was_repaired(bench: Bench):
    changed(bench, other_person="1")
    own = repaired(bench).post("checks", **everything_good())
    with session_of(bench.app) as session:
        colleague = a_person(session, role=Role.TECHNICIAN, org=bench.technician.org)
    bench.sign_in(colleague).does("checks", **everything_good())
    passed = bench.sign_in(bench.technician).post("pass", **GRADED)

    assert own.status_code == passed.status_code == 409
    assert "Bạn đã sửa máy này" in words(own)
    assert "Người kiểm tra cũng là người đã sửa" in words(passed)
    assert bench.status is Status.INSPECTING
    bench.sign_in(colleague).does("pass", **GRADED)


def test_two_coordinators_at_once_make_one_version(app: Flask):
    with session_of(app) as session:
        people = [a_person(session, role=Role.COORDINATOR) for _n in range(4)]
    new = LAPTOP._replace(other_person=True)

    def makes(by):
        def make() -> str:
            with session_of(app) as session:
                try:
                    return change(
                        session, LAPTOP.name, new, category=Category.LAPTOP, why="thử", by=by, at=NOW
                    )
                except ChangedMeanwhile:
                    session.rollback()
                    return "changed meanwhile"

        return make

    said = at_once(*map(makes, people))

    assert sorted(said) == ["changed meanwhile"] * 3 + ["laptop/3"]


def test_a_version_never_changes(app: Flask):
    with session_of(app) as session:
        by = a_person(session, role=Role.COORDINATOR)
        new = LAPTOP._replace(other_person=True)
        change(session, LAPTOP.name, new, category=Category.LAPTOP, why="thử", by=by, at=NOW)
    for statement in (update(ChecklistVersion).values(body="{}"), delete(ChecklistVersion)):
        with session_of(app) as session:
            with pytest.raises(DatabaseError):
                session.execute(statement)
            session.rollback()
    with session_of(app) as session:
        assert current(session, Category.LAPTOP) == new._replace(name="laptop/3")


WRONG = [
    ({"why": ""}, "why", 422),
    ({"least-memory": "nhiều"}, "least-memory", 422),
    ({"new-1": "x" * 121}, "new-1", 422),
    ({"place-power": "đầu"}, "place-power", 422),
    ({"new-1": "Một", "new-2": "một"}, "Có hai mục ghi giống nhau", 422),
    ({}, "Chưa có gì thay đổi", 409),
    ({"base": "laptop/1", "other_person": "1"}, "Người khác vừa sửa", 409),
]


@pytest.mark.parametrize(("changes", "said", "status"), WRONG)
def test_a_change_that_is_none_or_wrong_is_refused(desk: Bench, changes, said: str, status: int):
    with session_of(desk.app) as session:
        coordinator = a_person(session, role=Role.COORDINATOR)
    desk.sign_in(coordinator)
    sent = {"csrf_token": desk.token, "event_id": uuid.uuid4().hex, **as_it_is(LAPTOP, **changes)}

    answer = desk.client.post("/workshop/checklists/laptop/edit", data=sent)

    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)
    with session_of(desk.app) as session:
        assert current(session, Category.LAPTOP) is LAPTOP


def test_only_coordinators_change_checklists_and_strangers_see_none(desk: Bench):
    sent = {"csrf_token": desk.token, "event_id": "e", **as_it_is(LAPTOP, other_person="1")}

    assert desk.client.get("/workshop/checklists/laptop").status_code == 200
    assert desk.client.get("/workshop/checklists/laptop?version=1").status_code == 200
    assert desk.client.get("/workshop/checklists/laptop?version=9").status_code == 404
    assert desk.client.get("/workshop/checklists/boat").status_code == 404
    assert desk.client.get("/workshop/checklists/laptop/edit").status_code == 403
    assert desk.client.post("/workshop/checklists/laptop/edit", data=sent).status_code == 403


@pytest.fixture
def desk(make_app, sqlite_url: str) -> Bench:
    return a_bench(make_app(sqlite_url))


FORMS = st.dictionaries(
    st.builds(
        "{}-{}".format,
        st.sampled_from(["use", "mandatory", "always", "photo", "least", "place", "new", "label"]),
        st.sampled_from([*KNOWN, "1", "2", "own-1"]),
    ),
    st.text(max_size=130),
)


@given(FORMS, st.sampled_from(list(Category)))
def test_no_form_takes_a_lock_off_a_list_or_leaves_it_without_anything_mandatory(form, category: Category):
    new, wrong = edited(NEWEST[category], form, category=category)

    locks = {check.key for check in NEWEST[category].checks if check.key in LOCKS}
    kept = {check.key for check in new.checks if check.mandatory}
    assert locks <= kept
    assert kept or wrong
    assert len({check.key for check in new.checks}) == len(new.checks)


@given(st.text(max_size=12))
def test_any_text_is_a_number_not_below_nothing_or_none(text: str):
    found = number_of(text)

    assert found is None or 0 <= found < versions.LARGEST


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_what_is_measured_passes_if_and_only_if_it_is_enough(value: float, least: float):
    check = Check("memory", KNOWN["memory"].label, least=least)

    assert (measured(check, value) == "pass") == (value >= least)
