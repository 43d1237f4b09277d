"""Whatever is scanned and taken back, in whatever order: the ledger and the tables agree, and every scan is kept."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.makers import a_device, a_person
from tests.stations.makers import HOSTS, NOW, a_scan, millis, undo_of
from tests.stations.test_settling import a_shelf
from tracker.custody import queries, replay
from tracker.custody.models import Event
from tracker.db import db
from tracker.stations.actions import Context, settle
from tracker.stations.models import Scan
from tracker.stations.rules import STATIONS, Garbled, happened, one_line, scan_of

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["inspect", "send-to-repair", "ready", "move", "count", "undo", "again", "other"]),
        st.integers(0, 2),  # which device
        st.integers(0, 1),  # which person
        st.booleans(),  # whether it waited
    ),
    max_size=14,
)


@pytest.fixture
def app(make_app, sqlite_url):
    return make_app(sqlite_url)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_tables_agree_with_the_ledger_and_every_scan_is_kept(app, steps):
    with app.test_request_context():
        session = db.session()
        one = a_person(session)
        people = [one, a_person(session, org=one.org)]
        shelves = [a_shelf(session, one, f"Kệ {name}") for name in "AB"]
        codes = [queries.code_of(session, a_device(session, holder=one.org)) for _n in range(3)]
        before = session.scalar(select(func.count()).select_from(Scan))
        session.commit()
        made = {person: [] for person in people}
        for n, (what, which, who, waited) in enumerate(steps):
            by, run = people[who], f"{uuid.uuid4()}"
            more = {"queued": waited, "offset": 0, "at": millis(NOW + timedelta(minutes=n)), "run": run}
            if what == "undo" and made[by]:
                scan = undo_of(made[by][which % len(made[by])], **more)
            elif what == "again" and made[by]:
                scan = made[by][which % len(made[by])]
            else:
                action = what if what in STATIONS else "inspect"
                scan = a_scan(
                    action, codes[which], place=shelves[n % 2], fault="screen", grade="F4 C3", **more
                )
            settle(session, scan, Context(by, NOW + timedelta(minutes=n), HOSTS))
            session.commit()
            if scan not in made[by]:
                made[by].append(scan)
            assert list(replay.differences(session)) == []
        kept = session.scalar(select(func.count()).select_from(Scan)) - before
        assert kept == sum(len(scans) for scans in made.values())
        caused = (
            select(func.count())
            .select_from(Event)
            .where(Event.kind.in_(("undo", "inspect", "send-to-repair", "place")))
        )
        assert session.scalar(caused) == session.scalar(select(func.count(Scan.event_id)))


@given(st.text(max_size=300))
def test_any_text_is_kept_on_one_line(text):
    kept = one_line(text)

    assert len(kept) <= 200
    assert kept == one_line(kept)
    assert kept.isprintable()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from("id run action text via at offset queued place handover giving undoes operator".split()),
            inner | st.sampled_from(["inspect", "run-00001", "id-000001"]),
        ),
        max_leaves=15,
    )
)  # fmt: skip
def test_anything_sent_is_a_scan_or_no_scan(sent):
    try:
        scan = scan_of(sent)
    except Garbled:
        return
    assert scan.action in STATIONS
    at = happened(scan, now=NOW)
    assert at is None or at <= NOW
