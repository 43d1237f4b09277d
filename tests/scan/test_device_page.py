"""The page behind a label, for those whose device it is: what it shows, and exactly the moves of the road."""

from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.handover.makers import a_transfer
from tests.makers import a_device, a_person, a_pupil, an_organisation, sign_in_as
from tracker.custody import queries
from tracker.custody.road import MOVES, Move, Status
from tracker.db import db
from tracker.people.roles import Actor, OrgKind, Role
from tracker.scan.pages import PAGES
from tracker.scan.rules import STRETCHES, stretches

S, R = Status, Role


class Buttons(HTMLParser):
    """Collects where the large buttons of a page lead, in their order, and which of them post."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.posts: list[str] = []
        self.legs: list[str] = []
        self._action, self._in_custody = "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action = has.get("action", "")
        if "move" in has.get("class", "").split():
            where = has.get("href") or self._action
            self.found.append(where)
            if tag == "button":
                self.posts.append(where)
        if tag == "ol":
            self._in_custody = has.get("class") == "custody"

    def handle_endtag(self, tag: str) -> None:
        if tag == "ol":
            self._in_custody = False

    def handle_data(self, data: str) -> None:
        if self._in_custody and data.strip():
            self.legs.append(data.strip())


def test_every_move_but_receiving_has_a_page():
    assert set(PAGES) == set(Move) - {Move.RECEIVE}


#: What the road gives to whom, once more in plain words: moves that start here, of this role, and in one's hands.
def due(status: Status, who: Actor, *, shop: int, school: int) -> set[Move]:
    with_school = status in {S.AT_SCHOOL, S.GIVEN}
    holder = school if with_school else shop
    moves = set()
    for move, step in MOVES.items():
        if status not in step.start or who.role not in step.by:
            continue
        if status is S.ON_THE_WAY:
            mine = (
                who.org == school
                if move is Move.CONFIRM
                else who.org in {shop, school} or who.role is R.COORDINATOR
            )
            if mine and move in {Move.CONFIRM, Move.LOSE}:
                moves.add(move)
        elif who.org == holder or who.role is R.COORDINATOR:
            moves.add(move)
    return moves


@pytest.mark.parametrize("status", Status)
def test_the_page_offers_exactly_the_moves_of_the_road(make_app, sqlite_url: str, status: Status):
    app = make_app(sqlite_url)
    with app.app_context():
        session = db.session()
        shop, school = an_organisation(session), an_organisation(session, kind=OrgKind.SCHOOL)
        device = a_device(session, status=status, holder=shop, pupil=a_pupil(session, school=school))
        people = [
            *(a_person(session, role=role, org=shop) for role in (R.TECHNICIAN, R.STOREKEEPER)),
            a_person(session, role=R.SCHOOL, org=school),
            *(a_person(session, role=role) for role in Role),
        ]
        code = queries.code_of(session, device)
        clients = [(who, app.test_client()) for who in people]
        for who, client in clients:
            sign_in_as(client, who, session)
        with app.test_request_context():
            urls = {move: app.url_for(PAGES[move], code=code) for move in PAGES}

    for who, client in clients:
        wanted = due(status, who, shop=shop, school=school)
        shown = Buttons(client.get(f"/T/{code}").get_data(as_text=True))
        assert sorted(shown.found) == sorted(urls[move] for move in wanted), (status, who.role)
        assert set(shown.posts) <= {urls[Move.INSPECT]}
        if wanted - {Move.LOSE, Move.RETIRE}:
            assert shown.found[0] not in {urls[Move.LOSE], urls[Move.RETIRE]}


def a_given_device(app: Flask, client: FlaskClient, role: Role) -> str:
    with app.app_context():
        session = db.session()
        shop = an_organisation(session, name="VNPT Vĩnh Phúc")
        school = an_organisation(session, kind=OrgKind.SCHOOL, name="Trường Tiểu học Đồng Tĩnh")
        pupil = a_pupil(session, school=school, name="Hà Thị Bí Mật")
        device = a_device(session, status=S.GIVEN, holder=shop, pupil=pupil)
        org = school if role is R.SCHOOL else None
        sign_in_as(client, a_person(session, role=role, org=org), session)
        return queries.code_of(session, device)


@pytest.mark.parametrize("role", [R.SCHOOL, R.AUDITOR, R.COORDINATOR, R.ADMIN])
def test_the_chain_of_custody_runs_from_donor_to_pupil_without_a_name(
    app: Flask, client: FlaskClient, role: Role
):
    code = a_given_device(app, client, role)

    page = client.get(f"/T/{code}").get_data(as_text=True)
    legs = [text for text in Buttons(page).legs if not text.startswith("từ")]

    assert legs == ["Công ty TNHH Thử Nghiệm", "VNPT Vĩnh Phúc", "Trường Tiểu học Đồng Tĩnh", "Học sinh"]
    assert "Bí Mật" not in page


def test_the_ledger_on_the_page_tells_each_step_newest_first(app: Flask, client: FlaskClient):
    code = a_given_device(app, client, R.AUDITOR)
    page = client.get(f"/T/{code}").get_data(as_text=True).split('class="ledger"')[1]

    steps = [
        "Đã trao học sinh",
        "Nhà trường xác nhận đã nhận",
        "Xuất kho đến trường",
        "Đã gán học sinh",
        "Kiểm tra đạt",
        "Bắt đầu kiểm tra",
        "Tiếp nhận từ nhà tài trợ",
    ]
    at = [page.find(f"<strong>{step}</strong>") for step in steps]
    assert all(place >= 0 for place in at), dict(zip(steps, at, strict=True))
    assert at == sorted(at)


@pytest.mark.parametrize("status", Status)
def test_the_drawn_road_has_one_now(status: Status):
    drawn = stretches(status, {S.RECEIVED, S.INSPECTING, status})

    assert [state for _label, state in drawn].count("now") == 1
    on_the_road = any(status in stretch for stretch in STRETCHES)
    assert len(drawn) == len(STRETCHES) + (not on_the_road)
    if on_the_road:
        states = [state for _label, state in drawn]
        assert states == sorted(states, key=["done", "now", "ahead"].index)


def links(client: FlaskClient, code: str) -> set[str]:
    page = client.get(f"/T/{code}").get_data(as_text=True)
    return {
        name
        for name in ("/stock/move?code=", f"/devices/{code}/label", f"/workshop/{code}")
        if f'href="{name}' in page
    }


def test_holders_find_what_else_can_be_done(app: Flask):
    with app.app_context():
        session = db.session()
        shop = an_organisation(session)
        roles = (R.TECHNICIAN, R.STOREKEEPER, R.COORDINATOR)
        people = [
            a_person(session, role=role, org=shop if role is not R.COORDINATOR else None) for role in roles
        ]
        device = a_device(session, holder=shop)
        code = queries.code_of(session, device)
        clients = {who.role: app.test_client() for who in people}
        for who in people:
            sign_in_as(clients[who.role], who, session)

    everything = {"/stock/move?code=", f"/devices/{code}/label"}
    assert links(clients[R.TECHNICIAN], code) == everything | {f"/workshop/{code}"}
    assert links(clients[R.STOREKEEPER], code) == everything
    assert links(clients[R.COORDINATOR], code) == set()


def test_on_its_way_between_organisations_a_device_can_only_be_reported_missing(app: Flask):
    with app.app_context():
        session = db.session()
        way = a_transfer(session, count=1)
        clients = [app.test_client() for _end in (way.sender, way.receiver)]
        for client, who in zip(clients, (way.sender, way.receiver), strict=True):
            sign_in_as(client, who, session)
    lose = f"/devices/{way.codes[0]}/lose"

    for client in clients:
        page = client.get(f"/T/{way.codes[0]}").get_data(as_text=True)
        assert Buttons(page).found == [lose]
        assert f'href="/handovers/{way.id}"' in page
        assert links(client, way.codes[0]) == set()
