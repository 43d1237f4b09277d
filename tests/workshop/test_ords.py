"""Repairs as Open Repair Data: what the standard's own table allows, and nothing that a person wrote."""

import csv
import io
import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from tests.makers import a_device, a_person, sign_in_as
from tests.workshop.makers import Bench, a_bench, session_of
from tracker.custody import queries as devices
from tracker.custody.facts import Category
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.people.roles import Role
from tracker.workshop.kinds import Barrier, FaultKind, Outcome
from tracker.workshop.ords import BARRIERS, CATEGORIES, Found, barrier, status

#: The values that the tables of version 0.3 allow.
STATUSES = {"Fixed", "Repairable", "End of life", "Unknown"}


@pytest.fixture
def bench(app: Flask) -> Bench:
    return a_bench(app)


def published(bench: Bench) -> list[dict[str, str]]:
    answer = bench.client.get("/workshop/repairs.csv?days=365")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))


def repaired(bench: Bench, outcome: str, *, note: str = "", **more: str) -> int:
    if bench.status is Status.RECEIVED:
        bench.does("inspect")
    bench.does("faults", fault="battery", fault_note=note)
    bench.does("repair")
    (fault,) = [fault.id for fault in bench.work.open_faults]
    sent = {f"outcome-{fault}": outcome, f"outcome-note-{fault}": note}
    bench.does("outcomes", finish="1", **sent, **{f"{name}-{fault}": value for name, value in more.items()})
    return fault


def test_a_repair_is_told_in_the_standards_words_and_without_what_people_wrote(bench: Bench):
    with session_of(bench.app) as session:
        session.execute(update(Device).values(make="=HYPERLINK(1)"))
    repaired(bench, "replaced-part", note="chị Hoa nói pin chai")
    repaired_again = repaired(bench, "cannot-fix", note="anh Nam không có keo", barrier="no-parts")

    fixed, ended = published(bench)

    assert repaired_again
    assert re.fullmatch("[a-z]+-[0-9]+", fixed["id"])
    assert fixed["id"] != ended["id"]
    assert (fixed["product_category"], fixed["product_category_id"]) == ("Laptop", "16")
    assert (fixed["repair_status"], fixed["repair_barrier_if_end_of_life"]) == ("Fixed", "")
    assert (ended["repair_status"], ended["repair_barrier_if_end_of_life"]) == (
        "End of life",
        "Spare parts not available",
    )
    assert fixed["problem"] == "battery: replaced-part"
    assert fixed["brand"] == "'=HYPERLINK(1)"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", fixed["event_date"])
    assert not {"Hoa", "Nam"} & set(" ".join([*fixed.values(), *ended.values()]).split())


def test_a_workshop_sees_its_own_repairs_and_a_coordinator_all(bench: Bench):
    repaired(bench, "fixed")
    with session_of(bench.app) as session:
        other = a_person(session, role=Role.TECHNICIAN)
        device = a_device(session, holder=other.org)
        code = devices.code_of(session, device)
        coordinator = a_person(session, role=Role.COORDINATOR)
    theirs = Bench(bench.app, bench.app.test_client(), other, device, code).sign_in(other)
    repaired(theirs, "fixed")

    assert len(published(bench)) == len(published(theirs)) == 1
    assert len(published(bench.sign_in(coordinator))) == 2


def test_a_storekeeper_is_not_given_repairs(bench: Bench):
    with session_of(bench.app) as session:
        sign_in_as(bench.client, a_person(session, role=Role.STOREKEEPER), session)

    assert bench.client.get("/workshop/repairs.csv").status_code == 403


FAULTS = st.lists(
    st.tuples(st.sampled_from(FaultKind), st.none() | st.sampled_from(Outcome)).map(
        lambda drawn: Found(*drawn, Barrier.WORN_OUT if drawn[1] is Outcome.CANNOT_FIX else None)
    ),
    max_size=4,
)


@given(st.sampled_from(["", "finished", "left"]), FAULTS)
def test_every_repair_has_a_status_of_the_standard(result: str, faults: list[Found]):
    found = status(result, faults)

    assert found in STATUSES
    assert (found == "End of life") == any(fault.outcome is Outcome.CANNOT_FIX for fault in faults)
    assert bool(barrier(faults)) == (found == "End of life")


def test_every_category_and_barrier_of_ours_has_one_of_the_standard():
    assert set(CATEGORIES) == set(Category)
    assert set(BARRIERS) == set(Barrier)
    assert len(set(BARRIERS.values())) == len(BARRIERS)
