"""What a stranger learns from a label: that it is ours, a coarse state, whom to call. Nothing else."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.makers import AT, a_device, a_donation, a_donor, a_person, a_pupil, an_organisation, sign_in_as
from tracker.custody import labels
from tracker.custody.queries import code_of
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.roles import OrgKind, Role
from tracker.scan.rules import Coarse, coarse

SECRETS = (
    "Latitude",
    "Galaxy",
    "GEHEIM",
    "35182308",
    "Sông Lô",
    "Hà Thị",
    "Trường",
    "Xưởng",
    "2021",
    "11/",
    "A1",
    "bể góc",
)


def a_code(app: Flask, status: Status, *, n: int) -> str:
    """Return the code of one of two devices that differ in everything but their coarse state."""
    with app.app_context():
        session = db.session()
        school = an_organisation(session, kind=OrgKind.SCHOOL, name=f"Trường số {n}")
        shop = an_organisation(session, kind=OrgKind.WORKSHOP, name=f"Xưởng số {n}")
        a_donation(session, by=a_person(session, org=shop), donor=a_donor(session, name=f"Sông Lô {n}"))
        device = a_device(
            session,
            status=status,
            holder=shop,
            school=school,
            pupil=a_pupil(session, school=school, name=f"Hà Thị {n}"),
            category=("laptop", "tablet")[n],
            make=("Dell", "Samsung")[n],
            model=("Latitude 5400", "Galaxy Tab A7 Lite")[n],
            serial=f"GEHEIM{n}",
            imei1=("351823086763117", None)[n],
            note=("", "bể góc")[n],
            charger=bool(n),
        )
        session.commit()
        return code_of(session, device)


def card(client: FlaskClient, code: str, path: str = "T") -> tuple[int, str]:
    """Return the card without what is new in each page."""
    answer = client.get(f"/{path}/{code}")
    page = answer.get_data(as_text=True)
    return answer.status_code, re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", page)


GROUPS = [[status for status in Status if coarse(status) is state] for state in Coarse]


@pytest.mark.parametrize("statuses", GROUPS, ids=[state.value for state in Coarse])
def test_two_devices_of_one_coarse_state_have_the_same_card_byte_for_byte(
    app: Flask, client: FlaskClient, statuses: list[Status]
):
    codes = [a_code(app, status, n=n % 2) for n, status in enumerate([statuses[0], *statuses])]
    pages = {card(client, code, path) for code in codes for path in "Tt"}

    assert len(pages) == 1
    status, page = pages.pop()
    assert status == 200
    assert not [secret for secret in (*SECRETS, *codes) if secret in page]


def test_the_card_says_the_same_to_somebody_of_another_organisation(app: Flask, client: FlaskClient):
    codes = [a_code(app, status, n=n) for n, status in enumerate((Status.AT_SCHOOL, Status.GIVEN))]
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.SCHOOL, name="Chị Lạ"), db.session())

    first, second = (card(client, code) for code in codes)

    assert first == second
    main = first[1].split("<main")[1].split("</main")[0]
    assert not [secret for secret in SECRETS if secret in main]
    assert main == card(app.test_client(), codes[0])[1].split("<main")[1].split("</main")[0]


def test_a_device_in_use_does_not_say_with_whom_or_where(app: Flask, client: FlaskClient):
    at_school, given, ready = (
        a_code(app, status, n=0) for status in (Status.AT_SCHOOL, Status.GIVEN, Status.READY)
    )

    assert card(client, at_school) == card(client, given)
    assert card(client, ready) != card(client, given)


def test_a_label_never_printed_and_a_text_that_is_none_look_the_same(client: FlaskClient):
    pages = {card(client, code) for code in ("ZZZZZZZZ", "2222222K", "hello", "%00", "x" * 300, "７K3M9QX2")}

    assert {status for status, _page in pages} <= {400, 404}
    assert len(pages) <= 2


def test_the_card_names_whom_to_call(make_app, sqlite_url: str):
    app = make_app(sqlite_url, hotline="0211 3861 000")
    page = card(app.test_client(), a_code(app, Status.GIVEN, n=0))[1]

    assert 'href="tel:0211 3861 000"' in page or 'href="tel:02113861000"' in page


def test_no_card_asks_for_a_password(app: Flask, client: FlaskClient):
    page = card(client, a_code(app, Status.GIVEN, n=0))[1]

    assert 'type="password"' not in page


# Guessing


def test_a_stranger_looks_up_thirty_labels_in_ten_minutes(make_app, sqlite_url: str):
    app = make_app(sqlite_url)
    client, code = app.test_client(), a_code(app, Status.GIVEN, n=0)
    with time_machine.travel(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), tick=False) as clock:
        assert [client.get(f"/T/{code}").status_code for _look in range(30)] == [200] * 30
        for path in (f"/T/{code}", f"/t/{code.lower()}", "/T/ZZZZZZZZ"):
            assert client.get(path).status_code == 429, path
        elsewhere = app.test_client()
        assert elsewhere.get(f"/T/{code}", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200
        assert client.get("/help/ledger").status_code == 200
        clock.shift(timedelta(minutes=10, seconds=1))
        assert client.get(f"/T/{code}").status_code == 200


def test_what_others_hold_is_limited_too_but_one_s_own_work_is_not(make_app, sqlite_url: str):
    app = make_app(sqlite_url)
    client, foreign = app.test_client(), a_code(app, Status.GIVEN, n=0)
    with app.app_context():
        session = db.session()
        me = a_person(session)
        own = code_of(session, a_device(session, holder=me.org))
        blank = labels.mint(session, 1, by=me, at=AT)[0]
        sign_in_as(client, me, session)

    assert [client.get(f"/T/{foreign}").status_code for _look in range(31)] == [200] * 30 + [429]
    assert {client.get(f"/T/{code}").status_code for _look in range(40) for code in (own, blank)} == {200}
    colleague = app.test_client()  # behind the same address
    assert colleague.get(f"/T/{foreign}").status_code == 200
