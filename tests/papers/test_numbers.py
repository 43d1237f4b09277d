"""Each organisation's papers are numbered without a gap or a double, and stay as they were issued."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.handover.makers import an_address, with_key
from tests.labels.makers import a_checkpoint
from tests.makers import a_device, a_person, ask, sign_in_as
from tests.papers.makers import INSPECTED
from tests.workshop.makers import session_of
from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.facts import Nothing
from tracker.custody.ledger import SomebodyWasFaster
from tracker.custody.road import Move, Status
from tracker.db import db
from tracker.papers import actions
from tracker.papers.known import Known
from tracker.papers.models import Paper
from tracker.papers.rules import Kind
from tracker.people.roles import OrgKind, Role

EACH = 8
AT = datetime(2026, 1, 7, 3, 0, tzinfo=UTC)


@pytest.fixture
def app(make_app, database_url):
    return with_key(make_app(database_url))


@pytest.fixture
def world(app):
    """Two workshops, each with somebody and a device that has been inspected."""
    with session_of(app) as session:
        found = []
        for _shop in range(2):
            org = an_address(session, OrgKind.WORKSHOP)
            device = devices.locked(session, a_device(session, status=Status.READY, holder=org))
            item = {"findings": "Đạt cả 16 mục kiểm tra.", "grade": "F4 C3", "passed": True}
            found.append(
                (
                    a_person(session, role=Role.TECHNICIAN, org=org),
                    Known(device=device, org_id=org, item=item),
                )
            )
        return found


def issue(session, by, known):
    return actions.issue(
        session, Kind.INSPECTION, [known], INSPECTED, stands=a_checkpoint(), base="http://x.vn", by=by, at=AT
    )


def test_numbers_of_two_at_once_have_no_gap_and_no_double(app, world):
    barrier = threading.Barrier(4)

    def run(by, known):
        with app.app_context():
            barrier.wait(timeout=60)
            for turn in range(EACH):
                with Session(db.engine) as session:
                    issue(session, by, known)
                    if turn % 4 == 3:
                        session.rollback()  # a refused one uses no number
                    else:
                        session.commit()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run, *world[n % 2]) for n in range(4)]:
            done.result()

    with session_of(app) as session:
        for by, _known in world:
            numbers = session.scalars(
                select(Paper.seq).where(Paper.org_id == by.org).order_by(Paper.seq)
            ).all()
            assert numbers == list(range(1, 2 * EACH * 3 // 4 + 1))


def test_a_paper_is_found_from_its_list_its_code_and_its_device(app, world):
    by, known = world[0]
    client = app.test_client()
    with session_of(app) as session:
        first, second = (issue(session, by, known) for _time in range(2))
        session.execute(update(Paper).where(Paper.id == first).values(replaced_by=second))
        sign_in_as(client, by, session)

    for page in ("/papers", "/papers?kind=inspection", f"/T/{known.device.code}"):
        shown = client.get(page).get_data(as_text=True)
        assert f'href="/b/{first}"' in shown, page
        assert f'href="/b/{second}"' in shown, page
    assert "02/BB-" in client.get(f"/b/{first}?p=2").get_data(as_text=True)


def test_a_device_that_moved_since_it_was_looked_at_stops_its_paper(app, world):
    by, known = world[0]
    with session_of(app) as session:
        actions.hold(session, [known])
        custody.make(session, known.device.id, Move.INSPECT, Nothing(), by=by, ask=ask())

    with app.app_context(), Session(db.engine) as session, pytest.raises(SomebodyWasFaster):
        actions.hold(session, [known])


def test_control_a_number_given_twice_is_refused_by_the_database(app, world):
    with session_of(app) as session:
        issue(session, *world[0])
    twin = {"kind": "repair", "year": 2026, "seq": 1, "on": AT.date(), "at": AT, "says": {}}

    with app.app_context(), Session(db.engine) as session:
        by, other = (who for who, _known in world)
        session.execute(insert(Paper).values(**twin, org_id=other.org, by=other.user))
        with pytest.raises(IntegrityError):
            session.execute(insert(Paper).values(**twin, org_id=by.org, by=by.user))


@pytest.mark.parametrize(
    "change",
    [
        update(Paper).values(seq=9),
        update(Paper).values(says={"number": "99/BB-X"}),
        update(Paper).values(kind="repair"),
        update(Paper).values(at=datetime(2020, 1, 1, tzinfo=UTC)),
        delete(Paper),
    ],
    ids=lambda change: str(change)[:40],
)
def test_the_database_refuses_to_change_an_issued_paper(app, world, change):
    with session_of(app) as session:
        made = issue(session, *world[0])
        session.execute(text("DELETE FROM paper_device"))

    with (
        app.app_context(),
        Session(db.engine) as session,
        pytest.raises(DBAPIError, match="as it was issued"),
    ):
        session.execute(change.where(Paper.id == made))


def test_control_a_paper_may_be_replaced_once_and_its_personal_data_deleted(app, world):
    with session_of(app) as session:
        first, second, third = (issue(session, *world[0]) for _time in range(3))
        session.execute(update(Paper).where(Paper.id == first).values(replaced_by=second))
        session.execute(update(Paper).where(Paper.id == first).values(says={}))

    with (
        app.app_context(),
        Session(db.engine) as session,
        pytest.raises(DBAPIError, match="as it was issued"),
    ):
        session.execute(update(Paper).where(Paper.id == first).values(replaced_by=third))
