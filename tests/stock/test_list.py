"""The list of devices: complete and steady page by page, found by words, within the reader's scope."""

import csv
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from tests.makers import AT, a_device, a_donation, a_donor, a_person, an_organisation, sign_in_as
from tracker.custody import codes
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.db import db, engine_for
from tracker.lists.fold import fold
from tracker.people.roles import Actor, OrgKind, Role
from tracker.stock import exports, queries
from tracker.stock.queries import PAGE, Filters
from tracker.stock.rules import search_words

MODELS = (
    "Dell Latitude 5400",
    "Máy tính bảng Đồng Nai",
    "iPad Air 2",
    "HP 15s",
    "Vsmart Joy 4",
    "ThinkPad X1",
)
SERIALS = ("", "ABC123", "5CD9-0142", "R9/7%", "x_1", '"quoted"', "GEHEIM")
DONORS = ("Công ty Cổ phần Sông Lô", "Nguyễn Thị Ánh", "Ủy ban Vĩnh Phúc")


def a_stock(session: Session, *, devices: int, seed: int = 7) -> tuple[list[dict[str, Any]], Actor, Actor]:
    """Fill two workshops with devices in every status, and return them with a person of each."""
    chance = random.Random(seed)
    here, there = a_person(session), a_person(session)
    school = an_organisation(session, kind=OrgKind.SCHOOL)
    donations = {name: a_donation(session, by=here, donor=a_donor(session, name=name)) for name in DONORS}
    rows = []
    for _n in range(devices):
        donor, code = chance.choice(DONORS), codes.mint()
        model, serial = chance.choice(MODELS), chance.choice(SERIALS)
        status = chance.choice(list(Status))
        row = {
            "code": code,
            "category": chance.choice(["laptop", "tablet", "phone", "desktop", "other"]),
            "make": "",
            "model": model,
            "serial": serial,
            "donation_id": donations[donor],
            "search": fold(f"{code} {model} {serial} {donor}"),
            "created_at": AT,
            "changed_at": AT,
            "status": str(status),
            "holder_org_id": chance.choice([here.org, there.org]),
            "toward_org_id": school if status is Status.ON_THE_WAY else None,
        }
        rows.append(row)
    session.execute(insert(Device), rows)
    session.commit()
    ids = {row.code: row.id for row in session.execute(select(Device.code, Device.id))}
    return [row | {"id": ids[row["code"]]} for row in rows], here, there


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = engine_for(url)
    yield engine
    engine.dispose()


@pytest.fixture
def stock(database_url: str) -> Iterator[tuple[Engine, list[dict[str, Any]], Actor, Actor]]:
    with engine_of(database_url) as engine:
        with Session(engine) as session:
            rows, here, there = a_stock(session, devices=400)
        yield engine, rows, here, there


def paged(engine: Engine, filters: Filters, to: Actor) -> list[int]:
    found: list[int] = []
    with engine.connect() as connection:
        before = None
        while True:
            page = queries.devices(connection, filters, to=to, before=before)
            found += [row.id for row in page[:PAGE]]
            if len(page) <= PAGE:
                return found
            before = page[PAGE - 1].id


def fits(row: dict[str, Any], filters: Filters, to: Actor) -> bool:
    """Say plainly what the list is to hold."""
    wanted = search_words(fold(filters.q))
    text = row["search"]
    return (
        (to.role.sees_everything or to.org in {row["holder_org_id"], row["toward_org_id"]})
        and all(word in text for word in wanted.fragments)
        and all(any(each.startswith(word) for each in text.split()) for word in wanted.short)
        and filters.status in {"", row["status"]}
        and filters.category in {"", row["category"]}
        and filters.org in {None, row["holder_org_id"]}
        and filters.donation in {None, row["donation_id"]}
    )


WORDS = st.one_of(
    st.sampled_from(
        ["dell", "ĐỒNG", "Sông Lô", "5cd9-0142", "r9/7%", "x_1", '"quoted', "vi", "a", "x", "5", "Ánh", "%"]
    ),
    st.text(max_size=6),
    st.text("dell5400ipa -_%\"'*()^:", max_size=8),
)


def test_pages_hold_each_fitting_device_once_the_newest_first(stock):
    engine, rows, here, there = stock
    everyone = [here, there, Actor(0, 0, Role.COORDINATOR), Actor(0, 0, Role.TECHNICIAN)]

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(
        words=st.lists(WORDS, max_size=3).map(" ".join),
        status=st.sampled_from(["", "", *Status]),
        category=st.sampled_from(["", "", "laptop", "phone"]),
        org=st.sampled_from([None, None, here.org, there.org]),
        donation=st.sampled_from([None, None, rows[0]["donation_id"]]),
        to=st.sampled_from(everyone),
    )
    def hold(
        words: str, status: str, category: str, org: int | None, donation: int | None, to: Actor
    ) -> None:
        filters = Filters(words.replace("\0", ""), str(status), category, org, None, donation)
        wanted = [row["id"] for row in rows if fits(row, filters, to)]
        assert paged(engine, filters, to) == sorted(wanted, reverse=True)

    hold()


def test_a_device_that_comes_in_meanwhile_moves_nobody_to_another_page(stock):
    engine, _rows, here, _there = stock
    with engine.connect() as connection:
        first = queries.devices(connection, Filters(), to=here)
        before = first[PAGE - 1].id
        second = [row.id for row in queries.devices(connection, Filters(), to=here, before=before)]
    with Session(engine) as session:
        for _one in range(3):
            a_device(session, holder=here.org)
        session.commit()
    with engine.connect() as connection:
        again = [row.id for row in queries.devices(connection, Filters(), to=here, before=before)]

    assert again == second


@pytest.mark.parametrize(
    "words",
    ["song lo", "SÔNG LÔ", "sông", "Song Lo latitude", "lati", "tude 54", "5400", "GEHEIM77", "geheim", "im77",
     "35182308676", "351823086763117", "De", "la", "d l", "so"],
)  # fmt: skip
def test_words_are_found_without_tones_and_case(app: Flask, client: FlaskClient, words: str):
    with app.app_context():
        session = db.session()
        me = a_person(session)
        text = "7k3m9qx2 dell latitude 5400 geheim77 351823086763117 cong ty co phan song lo"
        a_device(session, holder=me.org, serial="GEHEIM77", search=text)
        a_device(session, holder=me.org, make="HP", model="15s", serial="ANDERS")
        sign_in_as(client, me, session)

    page = client.get("/devices", query_string={"q": words}).get_data(as_text=True)

    assert "GEHEIM77" in page
    assert "ANDERS" not in page


@pytest.mark.parametrize("words", ["sa", "atitude5", "kk", "xyz", "5401", "0 0 0"])
def test_what_stands_nowhere_is_not_found(app: Flask, client: FlaskClient, words: str):
    with app.app_context():
        session = db.session()
        me = a_person(session)
        a_device(session, holder=me.org, serial="GEHEIM77")
        sign_in_as(client, me, session)

    assert "GEHEIM77" not in client.get("/devices", query_string={"q": words}).get_data(as_text=True)


@pytest.mark.parametrize(
    "spelled", ["{0}{1}", "{0} {1}", "{0}-{1}", " {0}–{1} ", "http://127.0.0.1:5000/T/{0}{1}"]
)
def test_a_code_is_found_as_people_write_it(app: Flask, client: FlaskClient, spelled: str):
    with app.app_context():
        session = db.session()
        me = a_person(session)
        device = a_device(session, holder=me.org, serial="GEHEIM77")
        code = session.execute(select(Device.code).where(Device.id == device)).scalar_one()
        a_device(session, holder=me.org, serial="ANDERS")
        found = session.get_one(Device, device)
        found.search = fold(f"{code} dell")
        sign_in_as(client, me, session)

    for written in (spelled.format(code[:4], code[4:]), spelled.format(code[:4], code[4:]).lower()):
        page = client.get("/devices", query_string={"q": written}).get_data(as_text=True)
        assert "GEHEIM77" in page
        assert "ANDERS" not in page


@pytest.mark.parametrize(
    "q", ["\0", "a\0b", '"', '" OR 1=1 --', "*", "NEAR(", "AND", "NOT x", "^lat", "{", "%", "_", "\\"]
)
def test_no_search_breaks_the_page(app: Flask, client: FlaskClient, q: str):
    with app.app_context():
        session = db.session()
        me = a_person(session)
        a_device(session, holder=me.org)
        sign_in_as(client, me, session)

    assert client.get("/devices", query_string={"q": q}).status_code == (400 if "\0" in q else 200)


def test_a_person_lists_and_exports_what_is_theirs(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        me, other = a_person(session), a_person(session)
        a_device(session, holder=me.org, serial="MEINS")
        a_device(session, holder=other.org, serial="GEHEIM")
        sign_in_as(client, me, session)

    for where in ("/devices", "/devices.csv", f"/devices?org={other.org}", "/devices?q=geheim"):
        page = client.get(where).get_data(as_text=True)
        assert "GEHEIM" not in page, where
    assert "MEINS" in client.get("/devices.csv").get_data(as_text=True)
    assert "GEHEIM" not in shown(client.get("/devices.xlsx").data)
    assert "MEINS" in shown(client.get("/devices.xlsx").data)


def test_what_is_on_its_way_to_a_school_is_on_its_list(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        school = a_person(session, role=Role.SCHOOL)
        a_device(session, status=Status.ON_THE_WAY, school=school.org, serial="UNTERWEGS")
        a_device(session, status=Status.BOUND, school=school.org, serial="GEBUNDEN")
        sign_in_as(client, school, session)

    page = client.get("/devices").get_data(as_text=True)
    assert "UNTERWEGS" in page
    assert "GEBUNDEN" not in page


# Exports

HOSTILE = (
    "=1+1",
    "+84 211 000",
    "-2",
    "@SUM(A1)",
    "\t=1+1",
    " =1",
    "\u200b=1",
    "\ufeff@x",
    "\u00ad+1",
    "＝1+1",
    "＋1",
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "http://evil.example",
    "<script>alert(1)</script>",
    "a\nb",
    'say "hi", twice',
    "\x01\x0b",
    "\ufffe",
)
WHATEVER = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
)


def cells(data: bytes) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(data))
    return [list(row) for sheet in book.worksheets for row in sheet.iter_rows()]


def shown(data: bytes) -> str:
    return str([[cell.value for cell in row] for row in cells(data)])


class Row:
    """One device of the list, as the query gives it."""

    def __init__(self, text: str) -> None:
        self.code, self.category, self.status = "7K3M9QX2", "laptop", "ready"
        self.make = self.model = self.serial = self.grade = self.holder = self.place = self.donor = text
        self.imei1 = self.imei2 = None
        self.seq, self.year, self.created_at, self.changed_at = 5, 2021, AT, AT


@settings(max_examples=100)
@given(text=WHATEVER)
def test_no_cell_of_an_export_is_a_formula(text: str):
    rows = [Row(text)]
    written = cells(exports.xlsx(rows))
    assert {cell.data_type for row in written for cell in row} <= {"s", "n"}  # n: an empty cell
    assert all(cell.value is None or isinstance(cell.value, str) for row in written for cell in row)
    assert not any(cell.hyperlink for row in written for cell in row)

    body = b"".join(exports.csv_lines(rows)).decode()
    assert body.startswith("\ufeff")
    _head, line = csv.reader(io.StringIO(body.removeprefix("\ufeff"), newline=""))
    bare = [
        cell.lstrip(" \u200b\u200c\u200d\u2060\ufeff\u00ad\t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u3000")
        for cell in line
    ]
    assert not any(cell[:1] in set("=+-@＝＋－＠") for cell in bare)


def test_an_export_holds_what_the_filter_holds_and_reads_as_text(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        me = a_person(session)
        for n, text in enumerate(HOSTILE[:12]):
            a_device(session, holder=me.org, model=text, serial=f"S{n}", imei1="351823086763117")
        a_device(session, status=Status.MISSING, holder=me.org, serial="VERLOREN")
        sign_in_as(client, me, session)

    answer = client.get("/devices.xlsx?status=received")
    table = cells(answer.data)
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    assert [cell.value for cell in table[0]][:3] == ["Mã", "Loại máy", "Hãng"]
    assert {row[4].value for row in table[1:]} == {f"S{n}" for n in range(12)}
    assert {row[5].value for row in table[1:]} == {"351823086763117"}
    lines = list(
        csv.reader(io.StringIO(client.get("/devices.csv?status=received").get_data().decode("utf-8-sig")))
    )
    assert len(lines) == len(table)
    assert "VERLOREN" not in str(lines)


def test_a_long_export_is_whole(app: Flask, client: FlaskClient):
    with app.app_context():
        session = db.session()
        rows, here, _there = a_stock(session, devices=1_203, seed=3)
        sign_in_as(client, here, session)
        mine = {row["code"] for row in rows if row["holder_org_id"] == here.org}

    lines = list(csv.reader(io.StringIO(client.get("/devices.csv").get_data().decode("utf-8-sig"))))
    assert {line[0].replace(" ", "") for line in lines[1:]} == mine
    assert len(lines) == len(mine) + 1
