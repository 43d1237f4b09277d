"""What an administrator does: organisations, people, invitations, closing accounts."""

import re
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.makers import a_person, an_organisation, email_of, sign_in_as
from tests.people.browsers import PASSWORD, enter, somebody, token
from tracker.db import db
from tracker.people.models import Organisation, User
from tracker.people.roles import ROLES_IN, OrgKind, Role
from tracker.refused import Missing


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.ADMIN, name="Lê Quản Trị"), db.session())
    return client


def send(client: FlaskClient, url: str, event_id: str | None = None, **fields: str):
    data = {"csrf_token": token(client), "event_id": event_id or uuid.uuid4().hex, **fields}
    return client.post(url, data=data)


def an_org(app: Flask, kind: OrgKind = OrgKind.WORKSHOP, **more: str) -> int:
    with app.app_context():
        org = an_organisation(db.session(), kind=kind, **more)
        db.session.commit()
        return org


def link_on(page: str) -> str:
    found = re.search(r'value="http://127.0.0.1:5000(/invitation/[^"]+)"', page)
    assert found is not None
    return found[1]


def test_an_invited_person_comes_in_by_the_link_shown(app: Flask, admin: FlaskClient):
    org = an_org(app)
    shown = send(
        admin, f"/organisations/{org}/people", name="Trần Văn Mới", email="Moi@Example.VN", role="technician"
    )
    link = link_on(shown.get_data(as_text=True))

    newcomer = app.test_client()
    newcomer.post(link, data={"csrf_token": token(newcomer), "password": PASSWORD})

    assert newcomer.get("/devices").status_code == 200
    assert enter(app.test_client(), "moi@example.vn").status_code == 303


def test_an_invitation_sent_twice_makes_one_person_and_shows_its_link_once(app: Flask, admin: FlaskClient):
    org, event = an_org(app), uuid.uuid4().hex
    fields = {"name": "Trần Văn Một", "email": "mot@example.vn", "role": "technician"}
    send(admin, f"/organisations/{org}/people", event, **fields)

    again = send(admin, f"/organisations/{org}/people", event, **fields)

    assert (again.status_code, again.location) == (303, f"/organisations/{org}")
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(User.email == "mot@example.vn")) == 1


def test_the_link_is_kept_nowhere(app: Flask, admin: FlaskClient):
    org = an_org(app)
    shown = send(admin, f"/organisations/{org}/people", name="A B", email="ab@example.vn", role="technician")
    secret = link_on(shown.get_data(as_text=True)).rsplit("/", 1)[1]

    with app.app_context():
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(select(*table.c)):
                assert secret not in repr(tuple(row)), table.name


@pytest.mark.parametrize("kind", OrgKind)
@pytest.mark.parametrize("role", Role)
def test_only_roles_that_fit_the_organisation_are_given(make_app, sqlite_url: str, kind: OrgKind, role: Role):
    app = make_app(sqlite_url)
    client = app.test_client()
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.ADMIN), db.session())
    org = an_org(app, kind)

    answer = send(client, f"/organisations/{org}/people", name="A B", email="ab@example.vn", role=str(role))

    assert answer.status_code == (200 if role in ROLES_IN[kind] else 409)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "email": "a@example.vn", "role": "technician"},
        {"name": "A", "email": "no-address", "role": "technician"},
        {"name": "A", "email": "a@example.vn", "role": ""},
        {"name": "A", "email": "a@example.vn", "role": "god"},
        {"name": "A", "email": "a" * 300 + "@example.vn", "role": "technician"},
    ],
)
def test_a_person_without_name_e_mail_or_role_is_refused(
    app: Flask, admin: FlaskClient, fields: dict[str, str]
):
    org = an_org(app)

    assert send(admin, f"/organisations/{org}/people", **fields).status_code == 409


def test_an_e_mail_belongs_to_one_person(app: Flask, admin: FlaskClient):
    org, (_actor, email) = an_org(app), somebody(app, Role.SCHOOL)

    answer = send(admin, f"/organisations/{org}/people", name="A", email=email.upper(), role="technician")

    assert answer.status_code == 409
    assert enter(app.test_client(), email).status_code == 303


def test_disabling_and_enabling(app: Flask, admin: FlaskClient):
    actor, email = somebody(app, Role.SCHOOL)
    theirs = app.test_client()
    enter(theirs, email)

    assert send(admin, f"/people/{actor.user}/disable").location == f"/organisations/{actor.org}"
    assert theirs.get("/devices").status_code == 303
    assert enter(app.test_client(), email).status_code == 422
    assert send(admin, f"/people/{actor.user}/enable").status_code == 303
    assert theirs.get("/devices").status_code == 303  # the old sign-in stays ended
    assert enter(app.test_client(), email).status_code == 303


def test_nobody_disables_themselves(app: Flask, admin: FlaskClient):
    with app.app_context():
        me = db.session.execute(select(User.id).where(User.role == "admin")).scalar_one()

    assert send(admin, f"/people/{me}/disable").status_code == 409
    assert admin.get("/people").status_code == 200


def test_an_organisation_is_added_described_and_found_without_tones(app: Flask, admin: FlaskClient):
    added = send(
        admin,
        "/organisations/new",
        kind="school",
        code="26253301",
        name="Trường Tiểu học Đồng Tâm",
        phone="0211 3 861",
    )
    assert added.status_code == 303
    send(
        admin,
        added.location,
        name="Trường Tiểu học Đồng Tĩnh",
        representative="Bùi Thị Hoà",
        position="Hiệu trưởng",
    )

    for q in ("dong tinh", "ĐỒNG", "2625", "tinh dong"):
        page = admin.get("/organisations", query_string={"q": q, "kind": "school"}).get_data(as_text=True)
        assert "Trường Tiểu học Đồng Tĩnh" in page, q
    assert "Đồng Tĩnh" not in admin.get("/organisations?q=dong+tam").get_data(as_text=True)
    with app.app_context():
        org = db.session.execute(select(Organisation).where(Organisation.code == "26253301")).scalar_one()
        assert (org.representative, org.kind, org.phone) == ("Bùi Thị Hoà", "school", "")


@pytest.mark.parametrize("lacking", ["code", "kind", "name"])
def test_an_organisation_without_code_kind_or_name_is_refused(app: Flask, admin: FlaskClient, lacking: str):
    fields = {"code": "X1", "kind": "school", "name": "Trường X", lacking: ""}

    assert send(admin, "/organisations/new", **fields).status_code == 409


def test_codes_of_organisations_are_not_given_twice(app: Flask, admin: FlaskClient):
    an_org(app, code="X9")

    assert send(admin, "/organisations/new", code="X9", kind="school", name="Trường X").status_code == 409


def test_a_form_changes_only_what_it_is_for(app: Flask, admin: FlaskClient):
    org = an_org(app)
    every = {column.name: "1" for column in Organisation.__table__.columns} | {"name": "Tên mới"}
    send(admin, f"/organisations/{org}", **every)

    with app.app_context():
        after = db.session.get_one(Organisation, org)
        assert (after.name, after.kind, after.disabled_at) == ("Tên mới", "workshop", None)
        assert after.code != "1"


def test_long_lists_of_people_and_organisations_go_on(app: Flask, admin: FlaskClient):
    with app.app_context():
        org = an_organisation(db.session(), kind=OrgKind.SCHOOL)
        emails = {
            email_of(db.session(), a_person(db.session(), role=Role.SCHOOL, org=org)) for _one in range(60)
        }
        for n in range(60):
            an_organisation(db.session(), kind=OrgKind.SCHOOL, name=f"Trường số {n:03d}")
        db.session.commit()

    people = everything(admin, "/people")
    schools = everything(admin, "/organisations?q=truong")
    assert all(people.count(email) == 1 for email in emails)
    assert all(schools.count(f">Trường số {n:03d}</a>") == 1 for n in range(60))


def everything(client: FlaskClient, url: str | None) -> str:
    pages = []
    while url:
        page = client.get(url).get_data(as_text=True)
        pages.append(page.split("<main")[1])
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        url = onward[1].replace("&amp;", "&") if onward else None
    assert len(pages) > 1
    return "".join(pages)


def test_a_coordinator_describes_organisations_but_invites_nobody(app: Flask, client: FlaskClient):
    org = an_org(app)
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.COORDINATOR), db.session())

    page = client.get(f"/organisations/{org}").get_data(as_text=True)
    assert 'id="add-person"' not in page
    assert send(client, f"/organisations/{org}", name="Tên khác").status_code == 303
    assert (
        send(client, f"/organisations/{org}/people", name="A", email="a@b.vn", role="technician").status_code
        == 403
    )


def test_a_query_for_one_person_is_for_administrators(app: Flask):
    from tracker.people import queries

    with app.app_context():
        session = db.session()
        other, me = a_person(session), a_person(session, role=Role.COORDINATOR)
        with pytest.raises(Missing):
            queries.user(session, other.user, to=me)
