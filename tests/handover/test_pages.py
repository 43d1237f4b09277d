import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from tests.handover import makers
from tests.handover.makers import (
    a_delivery,
    a_transfer,
    everything,
    line_of,
    received,
    send,
    sent_today,
    stage,
    states,
    status,
)
from tests.makers import a_person, sign_in_as
from tracker.custody.models import Event
from tracker.handover.models import Giving
from tracker.people.models import Access
from tracker.people.roles import Role


@pytest.fixture
def app(make_app, sqlite_url):
    """Pages on one database; what they write is tried on both, in the other files."""
    return make_app(sqlite_url)


def test_a3_looking_changes_nothing(client, session):
    way = a_delivery(session)
    session.commit()
    before = everything(session)
    for person in (way.receiver, way.sender, a_person(session, role=Role.AUDITOR)):
        sign_in_as(client, person, session)
        for address in (f"/h/{way.id}?secret={way.secret}", f"/handovers/{way.id}", "/handovers", "/giving"):
            client.get(address)

    assert everything(session) == before


def test_a_stranger_gets_the_same_card_for_every_number(client, session):
    way = a_delivery(session)
    session.commit()

    known, unknown = (client.get(f"/h/{n}") for n in (way.id, 999_999))
    sign_in_as(client, a_person(session, role=Role.SCHOOL), session)
    other = client.get(f"/h/{way.id}")

    assert known.status_code == unknown.status_code == other.status_code == 200
    assert known.get_data() == unknown.get_data()
    text = known.get_data(as_text=True)
    assert 'type="password"' not in text
    for word in ("Latitude", way.codes[0], "Đơn vị thử"):
        assert word not in text
        assert word not in re.sub(r"<header.*?</header>", "", other.get_data(as_text=True), flags=re.S)


def test_other_organisations_find_nothing(client, session):
    way = a_delivery(session, printed=True)
    session.commit()
    for stranger in (a_person(session, role=Role.SCHOOL), a_person(session, role=Role.STOREKEEPER)):
        sign_in_as(client, stranger, session)
        assert client.get(f"/handovers/{way.id}").status_code == 404
        for verb in ("send", "cancel", "settle", "print", "lines"):
            assert send(client, f"/handovers/{way.id}/{verb}").status_code == 404, verb
        assert (
            send(client, f"/h/{way.id}", name="A", signature_typed="1", secret=way.secret).status_code == 404
        )
    assert stage(session, way.id) == "sent"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "", "signature_typed": "1"}, "f-name"),
        ({"name": "Lê Thị Mẫu"}, "f-signature"),
        ({"name": "Lê Thị Mẫu", "signature": '[["a"]]'}, "f-signature"),
        ({"name": "Lê Thị Mẫu", "signature_typed": "1", "codes": "abc"}, "f-codes"),
    ],
)
def test_what_a_person_can_correct_comes_back_with_what_they_entered(client, session, values, field):
    way = sent_today(session)
    sign_in_as(client, way.receiver, session)

    answer = send(client, f"/h/{way.id}", **{"codes": way.codes[0], "secret": way.secret, **values})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"#{field}" in page
    assert way.secret in page
    assert stage(session, way.id) == "sent"


def test_the_sender_does_not_see_the_pupils_and_the_school_does_and_it_is_noted(client, session):
    way = sent_today(session)
    sign_in_as(client, way.sender, session)
    assert "Nguyễn Văn Thử" not in client.get(f"/handovers/{way.id}").get_data(as_text=True)
    sign_in_as(client, way.receiver, session)

    assert "Nguyễn Văn Thử" in client.get(f"/h/{way.id}").get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(Access)) == 1


def test_what_stayed_open_is_settled_on_the_page(client, session):
    way = sent_today(session)
    received(session, way, way.codes[:1], at=datetime.now(UTC))
    line = line_of(session, way.id, way.devices[1])
    session.commit()
    sign_in_as(client, way.sender, session)

    answer = send(
        client, f"/handovers/{way.id}/settle", **{f"line-{line}": "missing", f"note-{line}": "rơi dọc đường"}
    )

    assert answer.status_code == 303
    assert states(session, way.id)[way.devices[1]] == "missing"
    assert "rơi dọc đường" in client.get(f"/handovers/{way.id}").get_data(as_text=True)


def test_codes_put_on_a_draft_are_answered_one_by_one(client, session):
    way = a_transfer(session, sent=False)
    session.commit()
    sign_in_as(client, way.sender, session)

    page = send(client, f"/handovers/{way.id}/lines", codes=f"{way.codes[0]}\nnhầm").get_data(as_text=True)

    assert page.count("nhầm") >= 1
    assert page.count("Đã có trong danh sách.") == 1


def test_the_list_goes_on_by_key(client, session):
    way = a_transfer(session, count=1)
    from tracker.handover import actions

    for _n in range(55):
        actions.draft(session, to=way.receiver.org, note="", by=way.sender, at=makers.AT)
    session.commit()
    sign_in_as(client, way.sender, session)

    first = client.get("/handovers?side=out").get_data(as_text=True)
    onward = re.search(r'href="([^"]*before=[^"]*)"', first)[1].replace("&amp;", "&")
    second = client.get(onward).get_data(as_text=True)

    shown = [set(re.findall(r'href="/handovers/(\d+)"', page)) for page in (first, second)]
    assert len(shown[0]) == 50
    assert len(shown[1]) == 6
    assert not shown[0] & shown[1]


# Giving


def at_school(session):
    way = sent_today(session, count=1)
    received(session, way, at=datetime.now(UTC))
    session.commit()
    return way


def test_a_school_gives_a_device_and_keeps_who_took_it(client, session):
    from tracker.handover.giving import commitment
    from tracker.handover.signing import Signature

    way = at_school(session)
    sign_in_as(client, way.receiver, session)
    assert "Nguyễn Văn Thử" in client.get("/giving").get_data(as_text=True)
    assert "Nguyễn Văn Thử" in client.get(f"/devices/{way.codes[0]}/give").get_data(as_text=True)

    answer = send(
        client,
        f"/devices/{way.codes[0]}/give",
        taken_by="guardian",
        name=" Nguyễn  Văn Cha ",
        signature="[[0,0,1000,400]]",
    )

    assert answer.status_code == 303
    assert status(session, way.devices[0]) == "given"
    row = session.scalars(select(Giving)).one()
    body = session.scalar(select(Event.body).where(Event.event_id == row.event_id)).decode()
    assert row.name == "Nguyễn Văn Cha"
    assert "Nguyễn" not in body
    assert commitment(row.key, Signature(row.name, row.signature)) in body
    assert commitment("00" * 32, Signature(row.name, row.signature)) not in body


def test_a_gift_needs_a_name_and_a_signature(client, session):
    way = at_school(session)
    sign_in_as(client, way.receiver, session)

    for values in ({"name": "", "signature_typed": "1"}, {"name": "Nguyễn Văn Cha"}):
        assert send(client, f"/devices/{way.codes[0]}/give", taken_by="pupil", **values).status_code == 422
    assert send(client, f"/devices/{way.codes[0]}/give", name="A B", signature_typed="1").status_code == 409
    assert status(session, way.devices[0]) == "at-school"


def test_what_was_given_is_taken_back_lost_and_found(client, session):
    way = at_school(session)
    sign_in_as(client, way.receiver, session)
    send(client, f"/devices/{way.codes[0]}/give", taken_by="pupil", name="A B", signature_typed="1")
    steps = [
        ("take-back", "handed-back", "returned"),
        ("lose", "stolen", "missing"),
        ("find", "counted", "returned"),
    ]

    for verb, reason, end in steps:
        address = f"/devices/{way.codes[0]}/{verb}"
        assert client.get(address).status_code == 200
        assert send(client, address, reason="nothing").status_code == 422
        assert send(client, address, reason="other").status_code == 422
        assert send(client, address, reason=reason).status_code == 303
        assert status(session, way.devices[0]) == end


def test_the_pages_of_a_move_say_no_when_the_road_does(client, session):
    way = at_school(session)
    sign_in_as(client, way.receiver, session)

    assert client.get(f"/devices/{way.codes[0]}/find").status_code == 409
    sign_in_as(client, a_person(session, role=Role.SCHOOL), session)
    assert client.get(f"/devices/{way.codes[0]}/give").status_code == 404
