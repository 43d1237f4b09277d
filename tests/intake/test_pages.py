"""The pages of intake, one by one. What they do to either database is tried in the other files."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.intake.makers import (
    HONG_PHAT,
    IMEIS,
    Browser,
    a_device_form,
    a_donation_form,
    a_donor_form,
    a_list,
    a_row,
    devices,
    read_back,
    send,
    text,
    upload,
    words_of,
)
from tests.makers import AT, a_device, a_donation, a_person
from tracker.custody.models import Device
from tracker.db import engine_for
from tracker.intake import actions, queries
from tracker.intake.models import Donation, Donor
from tracker.lists.models import ImportedList
from tracker.people.models import Organisation
from tracker.people.roles import Role


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def session(database_url):
    engine = engine_for(database_url)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def browser(client: FlaskClient, session, storekeeper) -> Browser:
    return Browser(client, session).sign_in(storekeeper)


@pytest.fixture
def gift(session, storekeeper):
    donor = actions.add_donor(
        session,
        a_donor_form(address="Số 1 phố Thử, Vĩnh Yên", representative="Trần Thị Mẫu", position="Giám đốc"),
        by=storekeeper,
        at=AT,
    )
    return actions.add_donation(session, a_donation_form(donor, expected=2), by=storekeeper, at=AT)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"category": "máy"}, "category"),
        ({"make": "", "model": ""}, "make"),
        ({"code": "xin chào"}, "code"),
        ({"code": "22222222"}, "code"),
        ({"code": "HTTPS://EVIL.EXAMPLE/T/22222222"}, "code"),
    ],
)
def test_a_wrong_form_comes_back_with_what_was_typed(browser, session, gift, fields, field):
    answer = send(browser, f"/donations/{gift}/receive", **a_device_form(serial="GIỮ-LẠI-123", **fields))

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in text(answer)
    assert 'value="GIỮ-LẠI-123"' in text(answer)
    assert devices(session) == []


def test_of_a_device_of_others_only_that_there_is_one_is_shown(browser, session, gift):
    device = a_device(session, serial="PF3BXY5W", serial_norm="PF3BXY5W", model="Bí mật 9999")

    asked = text(send(browser, f"/donations/{gift}/receive", **a_device_form(serial="PF3BXY5W")))

    assert "Một đơn vị khác đang giữ máy có số sê-ri này." in asked
    assert "9999" not in asked
    assert session.scalar(select(Device.code).where(Device.id == device)) not in asked


def test_a_wrong_imei_is_received_with_a_remark(browser, gift):
    answer = send(browser, f"/donations/{gift}/receive", **a_device_form(imei1="351823086763118"))

    assert "IMEI" in text(browser.get(answer.location)).partition("note-warn")[2]


def test_the_labels_of_a_donation_read_back(browser, session, gift):
    for _n in range(2):
        send(browser, f"/donations/{gift}/receive", **a_device_form())

    sent = send(browser, f"/donations/{gift}/labels", stock="L7160", skip="2", dpi="600")
    answer = browser.get(f"{sent.location}/labels.pdf")

    assert answer.mimetype == "application/pdf"
    assert "Đã đọc lại được cả 2 tem" in text(browser.get(sent.location))
    codes = [row.code for row in devices(session)]
    assert set(read_back(answer.data)) == {*codes, *(f"HTTP://127.0.0.1:5000/T/{code}" for code in codes)}
    assert "01/2021" in words_of(answer.data)


@pytest.mark.parametrize(
    "asked",
    [
        {"stock": "L9999"},
        {"stock": "L4730"},
        {"skip": "21"},
        {"skip": "-1"},
        {"dpi": "72"},
        {"part": "2"},
        {"part": "0"},
    ],
)
def test_paper_that_does_not_exist_is_refused_with_a_sentence(browser, session, gift, asked):
    send(browser, f"/donations/{gift}/receive", **a_device_form())

    answer = send(browser, f"/donations/{gift}/labels", **{"stock": "L7160"} | asked)

    # A number that does not fit its field is said beside the field.
    assert answer.status_code == (422 if {"skip", "dpi"} & asked.keys() else 409)
    assert "<h1" in text(answer)


def test_the_receipt_lists_the_devices_and_names_both_parties(browser, session, storekeeper, gift):
    send(browser, f"/donations/{gift}/receive", **a_device_form(serial="PF3BXY5W", charger="1"))
    url = f"/donations/{gift}/receipt.pdf"
    assert browser.get(url).status_code == 409  # nobody signs for the receiver yet
    session.execute(
        update(Organisation)
        .where(Organisation.id == storekeeper.org)
        .values(
            name="Kho tiếp nhận Thử",
            address="Số 2 phố Thử",
            representative="Lê Văn Mẫu",
            position="Trưởng kho",
        )
    )

    answer = browser.get(url)

    assert answer.mimetype == "application/pdf"
    said = words_of(answer.data)
    for words in (
        "01/2021",
        HONG_PHAT,
        "Kho tiếp nhận Thử",
        "PF3BXY5W",
        "Trần Thị Mẫu",
        "Lê Văn Mẫu",
        "Máy tính xách tay",
    ):
        assert words in said
    assert devices(session)[0].code in read_back(answer.data)


def test_a_receipt_without_devices_or_address_says_what_to_do(browser, session, storekeeper, gift):
    empty = browser.get(f"/donations/{gift}/receipt.pdf")
    bare = a_donation(session, by=storekeeper)
    send(browser, f"/donations/{bare}/receive", **a_device_form())
    lacking = browser.get(f"/donations/{bare}/receipt.pdf")

    assert (empty.status_code, lacking.status_code) == (409, 409)
    assert "Hãy tiếp nhận thiết bị trước." in text(empty)
    assert "Hãy bổ sung ở trang nhà tài trợ rồi in lại." in text(lacking)


def test_a_donor_of_a_known_name_is_asked_about(browser, session, gift):
    asked = send(browser, "/donors/new", kind="company", name=HONG_PHAT.upper())

    assert asked.status_code == 409
    assert 'name="another"' in text(asked)
    assert (
        send(browser, "/donors/new", kind="company", name=HONG_PHAT.upper(), another="1").status_code == 303
    )
    assert session.scalar(select(func.count()).select_from(Donor)) == 2


def test_donor_and_donation_are_corrected(browser, session, storekeeper, gift):
    [donor_id] = session.scalars(select(Donor.id))
    assert 'value="Trần Thị Mẫu"' in text(browser.get(f"/donors/{donor_id}/edit"))

    send(browser, f"/donors/{donor_id}/edit", kind="company", name="Tên mới", address="Phố Mới")
    fields = {"donor": donor_id, "kind": "in-kind", "received_on": "2021-11-02", "expected": "7"}
    send(browser, f"/donations/{gift}/edit", **fields)
    wrong = send(browser, f"/donations/{gift}/edit", **{**fields, "received_on": "2020-11-02"})

    kept = queries.donation(session, gift, to=storekeeper)
    assert (kept.donor, kept.expected, kept.number) == ("Tên mới", 7, "01/2021")
    assert wrong.status_code == 422


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR, Role.ADMIN])
def test_who_sees_everything_reads_and_does_not_write(browser, session, gift, role):
    client = browser.sign_in(a_person(session, role=role))

    for url in ("/donors", "/donations", f"/donations/{gift}", "/device-lists"):
        answer = client.get(url)
        assert answer.status_code == 200
        assert 'action="/donations/' not in text(answer).replace("/labels", "")
    for url in ("/donors/new", "/donations/new", f"/donations/{gift}/receive", "/device-lists"):
        assert send(client, url).status_code == 403
        assert url == "/device-lists" or client.get(url).status_code == 403


def test_another_organisation_s_donation_is_not_there(browser, session, gift):
    [donor_id] = session.scalars(select(Donor.id))
    client = browser.sign_in(a_person(session, role=Role.STOREKEEPER))

    for url in ("", "/edit", "/receive", "/receipt.pdf"):
        assert client.get(f"/donations/{gift}{url}").status_code == 404
    for url in ("/receive", "/edit"):
        assert send(client, f"/donations/{gift}{url}").status_code == 404
    assert client.get(f"/donors/{donor_id}").status_code == 404
    assert send(client, f"/donors/{donor_id}/edit").status_code == 404


# Lists


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("list.xlsx", b""),
        ("list.xlsx", b"PK\x03\x04 broken"),
        ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("list.pdf", b"%PDF-1.7 no list"),
        ("list.csv", "tên;tuổi\nLê;5".encode()),
        ("../../etc/passwd", b"\0\1\2\3"),
        ("", b""),
    ],
)
def test_a_file_that_is_no_list_gets_a_sentence(browser, session, name, data):
    answer = upload(browser, data, name)

    assert answer.status_code == 422
    assert 'class="refusal"' in text(answer)
    assert session.scalar(select(func.count()).select_from(ImportedList)) == 0


def test_a_file_s_name_is_a_name_only(browser, session):
    upload(browser, a_list([a_row()]), "../../<b>máy.xlsx")

    assert session.scalar(select(ImportedList.filename)) == "<b>máy.xlsx"
    assert "<b>máy" not in text(browser.get("/device-lists"))


def test_a_day_to_come_and_a_missing_donor_are_said_at_their_fields(browser, session):
    sent = upload(browser, a_list([a_row(donor="")]))

    tomorrow = send(browser, f"{sent.location}/take-in", received_on="2999-01-01", donor="Hội Thử")
    nobody = send(browser, f"{sent.location}/take-in", received_on="2021-11-05")
    taken = send(browser, f"{sent.location}/take-in", received_on="2021-11-05", donor="Hội Thử")

    assert (tomorrow.status_code, nobody.status_code, taken.status_code) == (422, 422, 303)
    assert 'href="#f-received_on"' in text(tomorrow)
    assert 'href="#f-donor"' in text(nobody)
    assert session.scalars(select(Donor.name)).all() == ["Hội Thử"]


def test_another_organisation_s_list_is_not_there(browser, session):
    sent = upload(browser, a_list([a_row(serial="SN1"), a_row(serial="SN1", model="X")]))
    send(browser, f"{sent.location}/take-in", received_on="2021-11-05")
    client = browser.sign_in(a_person(session, role=Role.STOREKEEPER))

    for url in ("", "/outcomes.csv", "/questions"):
        assert client.get(sent.location + url).status_code == 404
    for url in ("/take-in", "/questions/1"):
        assert send(client, sent.location + url, decision="added").status_code == 404
    assert "list.xlsx" not in text(client.get("/device-lists"))


def test_a_preview_says_nothing_of_another_organisation_s_device(browser, session):
    device = a_device(session, make="Dell", model="Latitude 5400", imei1=IMEIS[0])

    sent = upload(browser, a_list([a_row(imei1=IMEIS[0])]))

    page = text(browser.get(sent.location))
    assert "Máy đang ở đơn vị khác." in page
    assert session.scalar(select(Device.code).where(Device.id == device)) not in page


def test_a_list_whose_file_is_gone_is_asked_for_again(browser, app, session):
    sent = upload(browser, a_list([a_row()]))
    for file in (app.config["TRACKER"].home / "lists").iterdir():
        file.unlink()

    assert "Tệp của danh sách này không còn được lưu." in text(browser.get(sent.location))
    assert send(browser, f"{sent.location}/take-in", received_on="2021-11-05").status_code == 409
    assert browser.get(f"{sent.location}/outcomes.csv").status_code == 404


def test_donations_are_listed_page_by_page(browser, session, storekeeper):
    for _n in range(queries.PAGE + 2):
        a_donation(session, by=storekeeper)

    first = text(browser.get("/donations"))
    onward = re.search(r'href="(/donations\?[^"]*before=\d+)"', first)[1].replace("&amp;", "&")

    assert first.count('scope="row"') == queries.PAGE
    assert text(browser.get(onward)).count('scope="row"') == 2
    assert session.scalar(select(func.count()).select_from(Donation)) == queries.PAGE + 2
