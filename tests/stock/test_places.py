"""Places and what stands in them: where a place may stand, when it may be closed, moving by scan, counts."""

import re
import uuid
from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.makers import AT, a_device, a_person, an_organisation, ask, sign_in_as
from tests.people.browsers import token
from tracker.custody import labels
from tracker.custody.codes import check_symbol
from tracker.custody.models import Device, Event
from tracker.custody.queries import code_of
from tracker.custody.replay import differences
from tracker.custody.road import Status
from tracker.db import db
from tracker.intake.actions import replace_label
from tracker.people.roles import Actor, OrgKind, Role
from tracker.refused import Missing, Refused
from tracker.stock import actions, queries
from tracker.stock.models import Place
from tracker.stock.rules import INSIDE, MOST_CODES, DoesNotFit, PlaceKind, must_fit

HOSTS = {"127.0.0.1:5000"}
K = PlaceKind


def a_place(
    by: Actor, kind: PlaceKind = K.WAREHOUSE, name: str = "Kho chính", inside: int | None = None
) -> int:
    return actions.add_place(db.session(), kind=kind, name=name, inside=inside, by=by, at=AT)


@pytest.mark.parametrize("kind", PlaceKind)
@pytest.mark.parametrize("inside", [None, *PlaceKind])
def test_stores_hold_rooms_and_shelves_and_rooms_hold_shelves(kind: PlaceKind, inside: PlaceKind | None):
    allowed = {
        (K.WAREHOUSE, None),
        (K.ROOM, None),
        (K.ROOM, K.WAREHOUSE),
        (K.SHELF, K.WAREHOUSE),
        (K.SHELF, K.ROOM),
    }
    assert (inside in INSIDE[kind]) == ((kind, inside) in allowed)

    if (kind, inside) in allowed:
        must_fit(kind, inside)
    else:
        with pytest.raises(DoesNotFit):
            must_fit(kind, inside)


def test_a_place_is_called_by_its_whole_path(app: Flask):
    with app.app_context():
        me = a_person(db.session())
        store = a_place(me, name="  Kho   chính › ")
        room = a_place(me, K.ROOM, "Phòng 2", store)
        shelf = a_place(me, K.SHELF, "Kệ A", room)

        assert [place.path for place in queries.places(db.session(), org=me.org)] == [
            "Kho chính",
            "Kho chính › Phòng 2",
            "Kho chính › Phòng 2 › Kệ A",
        ]
        assert db.session.get_one(Place, shelf).parent_id == room


def test_a_name_stands_once_in_a_place_and_again_in_another_organisation(app: Flask):
    with app.app_context():
        me, other = a_person(db.session()), a_person(db.session())
        a_place(me)
        a_place(other)
        db.session.commit()
        with pytest.raises(actions.NameTaken):
            a_place(me)


def test_a_place_stands_only_in_places_of_its_own_organisation(app: Flask):
    with app.app_context():
        me, other = a_person(db.session()), a_person(db.session())
        with pytest.raises(Missing):
            a_place(me, K.SHELF, "Kệ A", a_place(other))


def test_a_nameless_place_is_refused(app: Flask):
    with app.app_context(), pytest.raises(Refused):
        a_place(a_person(db.session()), name=" › ")


def test_a_place_is_closed_once_nothing_stands_in_it(app: Flask):
    with app.app_context():
        session, me = db.session(), a_person(db.session())
        store = a_place(me)
        shelf = a_place(me, K.SHELF, "Kệ A", store)
        code = code_of(session, a_device(session, holder=me.org))
        move(me, [code], shelf)
        for full in (store, shelf):
            with pytest.raises(Refused):
                actions.close_place(session, full, by=me, at=AT)
        elsewhere = a_place(me, name="Kho hai")
        move(me, [code], elsewhere)

        actions.close_place(session, shelf, by=me, at=AT)
        actions.close_place(session, store, by=me, at=AT)

        assert [place.id for place in queries.places(session, org=me.org)] == [elsewhere]
        for use in (
            lambda: move(me, [code], shelf),
            lambda: a_place(me, K.SHELF, "Kệ B", store),
            lambda: actions.close_place(session, store, by=me, at=AT),
        ):
            with pytest.raises(Missing):
                use()


def test_a_closed_place_is_opened_again_by_adding_it(app: Flask):
    with app.app_context():
        session, me = db.session(), a_person(db.session())
        store = a_place(me)
        actions.close_place(session, store, by=me, at=AT)

        assert a_place(me) == store
        assert [place.id for place in queries.places(session, org=me.org)] == [store]


# Moving by scan


def move(by: Actor, texts: list[str], place: int):
    return actions.move_here(db.session(), texts, place, by=by, ask=ask(), hosts=HOSTS)


def place_of(device: int) -> int | None:
    return db.session.execute(select(Device.place_id).where(Device.id == device)).scalar_one()


def test_every_line_has_its_own_outcome_in_its_order(app: Flask):
    with app.app_context():
        session = db.session()
        me, other = a_person(session), a_person(session)
        shelf = a_place(me)
        devices = {
            "mine": a_device(session, holder=me.org),
            "foreign": a_device(session, holder=other.org),
            "in transit": a_device(session, holder=me.org, status=Status.ON_THE_WAY),
            "missing": a_device(session, holder=me.org, status=Status.MISSING),
            "relabelled": a_device(session, holder=me.org),
        }
        codes = {name: code_of(session, device) for name, device in devices.items()}
        old = codes["relabelled"]
        fresh = labels.mint(session, 1, by=me, at=AT)[0]
        relabel(session, devices["relabelled"], fresh, by=me)
        body = "2222222"
        mistyped = body + ("2" if check_symbol(body) != "2" else "3")
        lines = [
            codes["mine"],
            codes["mine"].lower(),
            f"HTTP://127.0.0.1:5000/T/{codes['mine']}",
            "hello",
            mistyped,
            body + check_symbol(body),
            codes["foreign"],
            codes["foreign"],
            codes["in transit"],
            codes["missing"],
            old,
            f"https://evil.example/T/{codes['mine']}",
        ]

        outcomes = move(me, lines, shelf)

        assert len(outcomes) == len(lines)
        assert [outcome.done for outcome in outcomes] == [True] * 3 + [False] * 9
        said = [str(outcome.sentence) for outcome in outcomes]
        assert said[1] == said[2] == said[7] == "Quét hai lần; chỉ tính một lần."
        assert said[5] == said[6]  # a code of others looks as one that never was
        assert codes["foreign"] not in said[6]
        assert fresh[:4] in str(outcomes[10].out)
        assert [name for name, device in devices.items() if place_of(device) == shelf] == ["mine"]


def relabel(session, device: int, fresh: str, *, by: Actor) -> None:
    replace_label(session, device, code=fresh, by=by, ask=ask())


def test_a_device_that_stands_there_already_is_not_written_again(app: Flask):
    with app.app_context():
        session, me = db.session(), a_person(db.session())
        shelf, device = a_place(me), a_device(session, holder=me.org)
        for _twice in range(2):
            assert move(me, [code_of(session, device)], shelf)[0].done

        events = session.execute(select(Event.kind).where(Event.device_id == device)).scalars().all()
        assert Counter(events)["place"] == 1
        assert list(differences(session)) == []


def test_no_more_than_a_trolley_of_codes_fits_one_form(app: Flask):
    with app.app_context():
        me = a_person(db.session())
        with pytest.raises(Refused):
            move(me, ["x"] * (MOST_CODES + 1), a_place(me))


def test_a_page_moves_what_was_scanned_and_says_what_became_of_each_line(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        me = a_person(session, role=Role.STOREKEEPER, org=an_organisation(session))
        shelf = a_place(me, name="Kho Tiên Sơn")
        devices = [a_device(session, holder=me.org) for _one in range(3)]
        codes = [code_of(session, device) for device in devices]
        sign_in_as(client, me, session)
    form = {"csrf_token": token(client), "event_id": uuid.uuid4().hex, "place": shelf}
    form["codes"] = "\r\n".join([*codes, "", "rubbish"])

    page = client.post("/stock/move", data=form).get_data(as_text=True)

    assert page.count("Đã chuyển đến Kho Tiên Sơn.") == 3
    assert "rubbish" in page
    again = client.post("/stock/move", data=form)
    assert (again.status_code, again.location) == (303, f"/devices?place={shelf}")
    with app.app_context():
        assert {place_of(device) for device in devices} == {shelf}
    assert (
        client.post("/stock/move", data={"csrf_token": form["csrf_token"], "place": shelf}).status_code == 400
    )


def test_places_are_added_and_closed_on_their_page(app: Flask, client: FlaskClient):
    with app.app_context():
        me = a_person(db.session(), role=Role.SCHOOL)
        sign_in_as(client, me, db.session())
    form = {"csrf_token": token(client), "kind": "warehouse", "name": "Phòng tin học"}
    client.post("/places", data=form | {"event_id": uuid.uuid4().hex})
    page = client.get("/places").get_data(as_text=True)
    assert "Phòng tin học" in page

    closing = re.search(r"/places/\d+/close", page)
    assert closing is not None
    client.post(closing[0], data=form | {"event_id": uuid.uuid4().hex})
    assert closing[0] not in client.get("/places").get_data(as_text=True)


# Counts


def test_counts_add_up_to_the_devices_one_sees(app: Flask):
    with app.app_context():
        session = db.session()
        me, twin = (
            a_person(session, org=an_organisation(session, kind=OrgKind.WORKSHOP, name="Xưởng cùng tên"))
            for _each in range(2)
        )
        shelf = a_place(me)
        mine = [
            a_device(session, holder=me.org, status=status)
            for status in (Status.RECEIVED,) * 3 + (Status.READY,)
        ]
        a_device(session, holder=twin.org, category="tablet")
        move(me, [code_of(session, mine[0])], shelf)
        session.commit()

        own = queries.counts(session, to=me)
        everyones = queries.counts(session, to=Actor(0, 0, Role.COORDINATOR))

        assert {(c.place, c.category, c.status): c.number for c in own} == {
            ("", "laptop", "received"): 2,
            ("Kho chính", "laptop", "received"): 1,
            ("", "laptop", "ready"): 1,
        }
        assert sum(count.number for count in everyones) == 5
        assert {count.org_id: count.org for count in everyones} == {
            me.org: "Xưởng cùng tên",
            twin.org: "Xưởng cùng tên",
        }


def test_the_page_of_counts_keeps_organisations_of_one_name_apart(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        for n in range(2):
            org = an_organisation(session, kind=OrgKind.WORKSHOP, name="Xưởng cùng tên")
            for _device in range(n + 1):
                a_device(session, holder=org)
        sign_in_as(client, a_person(session, role=Role.AUDITOR), session)

    page = client.get("/stock").get_data(as_text=True)

    assert page.count("<h2>Xưởng cùng tên</h2>") == 2
    assert re.findall(r'<strong class="stat-value">(\d+)</strong>', page) == ["3"]
