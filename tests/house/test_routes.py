"""Every route says who may use it, nobody reaches another organisation's things by an id, and no GET writes.

The walks are over all routes there are: a new one is in them from its first day.
"""

import hashlib
import re
import shutil
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.house.foreign import SHARED, World, a_world, nothing
from tests.makers import a_person, sign_in_as
from tests.people.browsers import token
from tracker.custody import seal
from tracker.db import Base, db, engine_for
from tracker.people.permissions import allowed, declared
from tracker.people.roles import Role
from tracker.web.headers import HEADERS

SAFE = {"GET", "HEAD", "OPTIONS"}
#: The mark is shown on the page without TLS, which is another origin.
OTHERWISE = {"/trust/mark.svg": {"Cross-Origin-Resource-Policy": "cross-origin"}}
#: Pages that the walk over all links opens of one route for one role.
EACH = 6


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def who(app: Flask, rule: Rule) -> frozenset[Role]:
    with app.app_context():
        return declared(rule.endpoint) or frozenset()


def address(app: Flask, rule: Rule, values: dict[str, object]) -> str:
    return app.url_map.bind("localhost").build(rule.endpoint, values, append_unknown=False)


def ask(client: FlaskClient, rule: Rule, where: str, csrf: str) -> TestResponse:
    if "POST" in rule.methods:
        return client.post(where, data={"csrf_token": csrf, "event_id": uuid.uuid4().hex})
    return client.get(where)


@pytest.fixture(scope="session")
def world_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    path = tmp_path_factory.mktemp("world") / "tracker.db"
    shutil.copyfile(sqlite_template, path)
    engine = engine_for(f"sqlite:///{path}")
    with Session(engine) as session:
        world = a_world(session)
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:  # nothing may be left beside the file
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path, world


@pytest.fixture
def world(world_file: tuple[Path, World]) -> World:
    return world_file[1]


@pytest.fixture
def app(make_app: Callable[..., Flask], world_file: tuple[Path, World], tmp_path: Path) -> Flask:
    path = tmp_path / "tracker.db"
    shutil.copyfile(world_file[0], path)
    made = make_app(f"sqlite:///{path}")
    seal.make_key(made.config["TRACKER"].home, made.config["TRACKER"].origin)
    return made


# Who may


def test_every_route_declares_who_may_use_it(app: Flask):
    with app.app_context():
        silent = [rule.endpoint for rule in rules(app) if declared(rule.endpoint) is None]

    assert not silent, f"put @allowed(Role.…), @signed_in or @public under the route of: {silent}"


def test_a_route_that_names_no_role_is_a_mistake_and_not_public():
    with pytest.raises(TypeError):
        allowed()


def test_a_route_that_declares_nothing_is_refused_to_everybody(app: Flask):
    app.add_url_rule("/forgotten", view_func=lambda: "secret")
    client = app.test_client()
    assert client.get("/forgotten").status_code == 403
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=Role.ADMIN), db.session())
    assert client.get("/forgotten").status_code == 403


def test_no_route_takes_get_and_post(app: Flask):
    both = [rule.endpoint for rule in rules(app) if "GET" in rule.methods and rule.methods - SAFE]

    assert not both, f"what writes has a route of its own; split {both}"


def test_every_room_has_a_name_for_each_of_its_arguments(app: Flask, world: World):
    for rule in rules(app):
        world.of(rule.endpoint, rule.arguments)


def test_strangers_are_sent_to_sign_in_or_refused(app: Flask, world: World):
    client = app.test_client()
    csrf = token(client)
    for rule in rules(app):
        if not who(app, rule):
            continue
        where = address(app, rule, world.of(rule.endpoint, rule.arguments))
        answer = ask(client, rule, where, csrf)
        if "POST" in rule.methods:
            assert answer.status_code == 401, rule.endpoint
        else:
            assert (answer.status_code, urlsplit(answer.location).path) == (303, "/sign-in"), rule.endpoint


# Whose


@pytest.mark.parametrize("role", Role)
def test_what_belongs_to_others_is_not_there(app: Flask, world: World, role: Role):
    client = app.test_client()
    with app.app_context():
        sign_in_as(client, a_person(db.session(), role=role), db.session())
    csrf = token(client)
    wrong = []
    for rule in rules(app):
        roles = who(app, rule)
        if not rule.arguments or not roles:
            continue
        theirs = address(app, rule, world.of(rule.endpoint, rule.arguments))
        nobodys = address(app, rule, nothing(rule.arguments))
        answers = [ask(client, rule, where, csrf) for where in (theirs, nobodys)]
        codes = [answer.status_code for answer in answers]
        if role not in roles:
            wanted = [403, 403]
        elif role.sees_everything or rule.endpoint in SHARED:
            wanted = [codes[0], 404]  # it is there for them; the walk over all pages looks at it
        else:
            wanted = [404, 404]
        if codes != wanted:
            wrong.append(f"{rule.endpoint}: {codes} where {wanted} was due")
        elif codes[0] == codes[1] and plain(answers[0]) != plain(answers[1]):
            wrong.append(f"{rule.endpoint}: the page tells whether there is one")

    assert not wrong, "\n".join(wrong)


def plain(answer: TestResponse) -> str:
    """Return a page without what differs from one asking to the next."""
    page = answer.get_data(as_text=True)
    return re.sub(r'(name="(?:csrf_token|event_id)" value=)"[^"]+"', r"\1", page)


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_numbers_that_no_column_holds_are_not_there(app: Flask, world: World, number: int):
    client = app.test_client()
    with app.app_context():
        sign_in_as(client, world.people[Role.ADMIN], db.session())

    assert client.get(f"/organisations/{number}").status_code == 404
    assert client.get(f"/handovers/{number}").status_code == 404
    for address_with in ("/devices?before=", "/devices?place=", "/organisations?after=", "/people?after="):
        assert client.get(f"{address_with}{number}").status_code in {200, 400}, address_with
        assert client.get(f"{address_with}-{number}").status_code in {200, 400}, address_with


# No token, no write; no GET, no write


#: Asked by programs: the session of a browser counts for nothing here, only the code that is sent along.
BY_BEARER = {"workshop.collected_file"}


@pytest.mark.parametrize("role", Role)
def test_every_form_needs_its_token_and_comes_from_our_own_pages(app: Flask, world: World, role: Role):
    client = app.test_client()
    with app.app_context():
        sign_in_as(client, world.people[role], db.session())
    csrf, before = token(client), content(app)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = True
    for rule in rules(app):
        if "POST" not in rule.methods:
            continue
        where = address(app, rule, world.of(rule.endpoint, rule.arguments))
        if rule.endpoint in BY_BEARER:
            assert client.post(where, data={}).status_code == 401, rule.endpoint
            continue
        assert client.post(where, data={}).status_code == 400, rule.endpoint
        assert client.post(where, data={"csrf_token": "x" + csrf}).status_code == 400, rule.endpoint
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert client.post(where, data={"csrf_token": csrf}, headers=headers).status_code == 403, (
            rule.endpoint
        )

    assert changed(before, content(app)) == []


def content(app: Flask) -> dict[str, str]:
    """Return a digest of each table's rows."""
    digests = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(*table.c)))
            digests[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return digests


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


@pytest.mark.parametrize("role", [*Role, None])
def test_reading_every_page_breaks_nothing_and_writes_nothing(app: Flask, world: World, role: Role | None):
    client = app.test_client()
    if role:
        with app.app_context():
            sign_in_as(client, world.people[role], db.session())
    before = content(app)
    starts = [
        address(app, rule, world.of(rule.endpoint, rule.arguments))
        for rule in rules(app)
        if "GET" in rule.methods
    ]
    starts += [f"/T/{code}" for code in world.codes.values()]
    seen = walk(app, client, starts)

    assert changed(before, content(app)) in ([], ["access"])
    assert role is None or seen["stock.devices"] > 1


def walk(app: Flask, client: FlaskClient, starts: list[str]) -> Counter[str]:
    """Open the addresses and all pages they lead to, a few of each route; return how many of which."""
    routes = app.url_map.bind("localhost")
    waiting, known, seen = list(starts), set(starts), Counter[str]()
    while waiting:
        where = waiting.pop(0)
        parts = urlsplit(where)
        endpoint, _values = routes.match(parts.path, method="GET")
        if endpoint == "static" or seen[endpoint] >= EACH:
            continue
        seen[endpoint] += 1
        answer = client.get(where)
        assert answer.status_code < 500, f"{where} answers {answer.status_code}"
        guarded(answer, where)
        if answer.mimetype != "text/html":
            continue
        page = answer.get_data(as_text=True)
        links = [answer.location or "", *re.findall(r'(?:href|action)="([^"]+)"', page)]
        for link in links:
            target = urljoin(where, unescape(link)).partition("#")[0]
            if target not in known and ours(routes, target):
                known.add(target)
                waiting.append(target)
    return seen


def ours(routes, target: str) -> bool:
    parts = urlsplit(target)
    return not parts.netloc and not parts.scheme and routes.test(parts.path, method="GET")


def guarded(answer: TestResponse, where: str) -> None:
    for name, value in (HEADERS | OTHERWISE.get(where, {})).items():
        assert answer.headers.get(name) == value, f"{where} lacks {name}"
    assert answer.headers["Cache-Control"] == "no-store", where


def test_every_link_and_form_of_a_page_leads_to_a_route(app: Flask, world: World):
    client = app.test_client()
    routes, dead = app.url_map.bind("localhost"), set()
    for role in Role:
        with app.app_context():
            sign_in_as(client, world.people[role], db.session())
        for where in ("/", "/devices", "/stock", *(f"/T/{code}" for code in world.codes.values())):
            page = client.get(where).get_data(as_text=True)
            forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page)
            links = [link for link in re.findall(r'href="(/[^"]*)"', page) if not link.startswith("/static/")]
            for method, found in (("POST", forms), ("GET", links)):
                dead |= {
                    link for link in found if not routes.test(urlsplit(unescape(link)).path, method=method)
                }

    assert not dead
