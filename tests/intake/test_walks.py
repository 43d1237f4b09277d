"""Walks through intake as a browser makes them, on both databases."""

import csv
import io
import re
import uuid

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.intake.makers import (
    HONG_PHAT,
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
)
from tests.lists.samples import DEVICES, sample_bytes
from tests.makers import AT
from tracker.custody import labels
from tracker.custody.codes import mint
from tracker.db import engine_for
from tracker.intake import actions
from tracker.intake.models import Donor

CODE = re.compile(r"[2-9BCFGHJ-NP-TVXZ]{4} [2-9BCFGHJ-NP-TVXZ]{4}")


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


def test_a_donor_a_donation_and_a_device_are_entered_one_after_the_other(browser, session, storekeeper):
    donor = send(browser, "/donors/new", kind="company", name=HONG_PHAT, phone="0300 000 000")
    donor_id = session.scalar(select(Donor.id))
    assert donor.location == f"/donors/{donor_id}"

    fields = {
        "donor": donor_id,
        "kind": "bought",
        "amount": "15.000.000",
        "received_on": "2021-11-05",
        "expected": "2",
    }
    donation = send(browser, "/donations/new", **fields)
    page = text(browser.get(donation.location))
    assert "01/2021" in page
    assert "15.000.000 đ" in page

    one = send(browser, f"{donation.location}/receive", **a_device_form(serial="PF3BXY5W", charger="1"))
    shown = text(browser.get(one.location))
    [device] = devices(session)
    assert CODE.search(shown)[0] == f"{device.code[:4]} {device.code[4:]}"

    more = text(browser.get(f"{donation.location}/receive?like={device.code}"))
    assert 'value="Latitude 5400"' in more
    assert "PF3BXY5W" not in more
    assert re.search(r'name="charger" value="1" checked', more)
    assert device.code in text(browser.get(donation.location))


def test_a_form_sent_twice_receives_one_device(browser, session, gift):
    fields = {"event_id": uuid.uuid4().hex, **a_device_form()}

    first, second = (send(browser, f"/donations/{gift}/receive", **fields) for _n in range(2))

    assert first.location == second.location
    assert len(devices(session)) == 1


def test_a_label_that_another_device_carries_is_said_at_its_field(browser, session, storekeeper, gift):
    blank = labels.mint(session, 1, by=None, at=AT)[0]
    url = f"HTTP://127.0.0.1:5000/T/{blank}"

    assert send(browser, f"/donations/{gift}/receive", **a_device_form(code=url)).status_code == 303
    for code in (url, mint()):
        answer = send(browser, f"/donations/{gift}/receive", **a_device_form(code=code))
        assert answer.status_code == 422
        assert 'href="#f-code"' in text(answer)

    assert [row.code for row in devices(session)] == [blank]


def test_a_known_serial_is_shown_and_a_tick_goes_on(browser, session, gift):
    url = f"/donations/{gift}/receive"
    send(browser, url, **a_device_form(serial="PF3BXY5W"))
    [first] = devices(session)

    asked = send(browser, url, **a_device_form(serial="pf3 bxy5w"))

    assert asked.status_code == 409
    assert first.code in text(asked)
    assert 'name="different"' in text(asked)
    assert 'value="pf3 bxy5w"' in text(asked)
    assert send(browser, url, **a_device_form(serial="pf3 bxy5w", different="1")).status_code == 303
    assert len(devices(session)) == 2


def test_one_label_reads_back_and_a_replaced_one_has_the_new_code(browser, session, gift):
    send(browser, f"/donations/{gift}/receive", **a_device_form())
    [old] = [row.code for row in devices(session)]
    job = send(browser, f"/devices/{old}/print", stock="50x30")
    assert read_back(browser.get(f"{job.location}/labels.pdf").data)[0].endswith(old)
    assert browser.get(f"/devices/{old}/label").status_code == 200

    answer = send(browser, f"/devices/{old}/label")

    [new] = [row.code for row in devices(session)]
    assert answer.location == f"/devices/{new}/label"
    job = send(browser, f"/devices/{new}/print")
    assert {found[-8:] for found in read_back(browser.get(f"{job.location}/labels.pdf").data)} == {new}
    assert browser.get(f"/devices/{old}/label").status_code == 404
    assert send(browser, f"/devices/{new}/label", code=old).status_code == 422


def test_a_list_is_looked_at_taken_in_and_its_labels_printed(browser, session, storekeeper):
    sent = upload(browser, sample_bytes(DEVICES), DEVICES)
    page = text(browser.get(sent.location))
    assert "Danh sách này sẽ tiếp nhận 110 thiết bị." in page
    assert devices(session) == []
    bad = text(browser.get(f"{sent.location}?outcome=bad"))
    assert bad.count('scope="row"') == 3

    taken = send(browser, f"{sent.location}/take-in", received_on="2021-11-05")
    page = text(browser.get(taken.location))

    assert len(devices(session)) == 110
    assert "Đã tiếp nhận 110 thiết bị." in page
    assert "Có 1 dòng chờ quyết định." in page
    rows = list(
        csv.DictReader(
            io.StringIO(
                browser.get(f"{sent.location}/outcomes.csv?outcome=bad&outcome=dup").data.decode("utf-8-sig")
            )
        )
    )
    assert {row["outcome"] for row in rows} == {"bad", "dup"}
    assert len(rows) == 9
    job = send(browser, f"{sent.location}/labels", stock="L7160", dpi="600")
    printed = browser.get(f"{job.location}/labels.pdf").data
    assert len(pypdfium2.PdfDocument(printed)) == 6
    assert len({found[-8:] for found in read_back(printed)}) == 21


def test_a_file_sent_again_is_not_taken_in_again(browser, session):
    data = a_list([a_row()])
    sent = upload(browser, data)
    send(browser, f"{sent.location}/take-in", received_on="2021-11-05")

    again = upload(browser, data)

    assert again.location == sent.location
    assert "Chính tệp này đã được nhập trước đây." in text(browser.get(again.location))
    assert send(browser, f"{sent.location}/take-in", received_on="2021-11-05").status_code == 409
    assert len(devices(session)) == 1


def test_an_open_row_is_decided_on_its_page(browser, session):
    sent = upload(browser, a_list([a_row(serial="SN1"), a_row(serial="SN1", model="OptiPlex 7010")]))
    send(browser, f"{sent.location}/take-in", received_on="2021-11-05")
    page = text(browser.get(f"{sent.location}/questions"))
    assert devices(session)[0].code in page
    where = re.search(r'action="(/device-lists/\w+/questions/\d+)"', page)[1]

    assert send(browser, where, decision="maybe").status_code == 400
    answer = send(browser, where, decision="added")

    assert answer.location.endswith("/received")
    assert len(devices(session)) == 2
    assert send(browser, where, decision="left-out").status_code == 409
