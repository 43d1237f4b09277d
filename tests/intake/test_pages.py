"""The pages of intake as a browser uses them."""

import csv
import io
import re
import uuid

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.intake.makers import (
    HONG_PHAT,
    IMEIS,
    a_device_form,
    a_donation_form,
    a_donor_form,
    a_list,
    a_row,
    devices,
    send,
    text,
)
from tests.lists.samples import DEVICES, sample_bytes
from tests.makers import AT, a_device, a_donation, a_person, sign_in_as
from tracker.custody import labels
from tracker.custody.codes import mint
from tracker.custody.models import Device
from tracker.db import engine_for
from tracker.intake import actions, queries
from tracker.intake.models import Donation, Donor
from tracker.lists.models import ImportedList
from tracker.people.models import Organisation
from tracker.people.roles import Actor, Role

CODE = re.compile(r"[2-9BCFGHJ-NP-TVXZ]{4} [2-9BCFGHJ-NP-TVXZ]{4}")


class Browser:
    """A signed-in browser. What the test has written is committed before each request."""

    def __init__(self, client: FlaskClient, session: Session):
        self.client, self.session = client, session

    def sign_in(self, by: Actor) -> "Browser":
        sign_in_as(self.client, by, self.session)
        return self

    def get(self, url: str):
        self.session.commit()
        return self.client.get(url)

    def post(self, url: str, **sent):
        self.session.commit()
        return self.client.post(url, **sent)


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


def read_back(pdf: bytes) -> list[str]:
    """Return what all codes on the first page of a paper say."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return [found.text for found in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())]


def words_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


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

    answer = browser.get(f"/donations/{gift}/labels.pdf?stock=L7160&skip=2&dpi=600")

    assert answer.mimetype == "application/pdf"
    codes = [row.code for row in devices(session)]
    assert set(read_back(answer.data)) == {*codes, *(f"HTTP://127.0.0.1:5000/T/{code}" for code in codes)}
    assert "01/2021" in words_of(answer.data)


@pytest.mark.parametrize("asked", ["stock=L9999", "stock=L7160&skip=21", "stock=L7160&skip=-1", "dpi=72"])
def test_paper_that_does_not_exist_is_refused_with_a_sentence(browser, session, gift, asked):
    send(browser, f"/donations/{gift}/receive", **a_device_form())

    answer = browser.get(f"/donations/{gift}/labels.pdf?{asked}")

    assert answer.status_code == 409
    assert "<h1" in text(answer)


def test_one_label_reads_back_and_a_replaced_one_has_the_new_code(browser, session, gift):
    send(browser, f"/donations/{gift}/receive", **a_device_form())
    [old] = [row.code for row in devices(session)]
    assert read_back(browser.get(f"/devices/{old}/label.pdf?stock=50x30").data)[0].endswith(old)
    assert browser.get(f"/devices/{old}/label").status_code == 200

    answer = send(browser, f"/devices/{old}/label")

    [new] = [row.code for row in devices(session)]
    assert answer.location == f"/devices/{new}/label"
    assert {found[-8:] for found in read_back(browser.get(f"/devices/{new}/label.pdf").data)} == {new}
    assert browser.get(f"/devices/{old}/label").status_code == 404
    assert send(browser, f"/devices/{new}/label", code=old).status_code == 422


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
        assert 'action="/donations/' not in text(answer).replace("/labels.pdf", "")
    for url in ("/donors/new", "/donations/new", f"/donations/{gift}/receive", "/device-lists"):
        assert send(client, url).status_code == 403
        assert url == "/device-lists" or client.get(url).status_code == 403


def test_another_organisation_s_donation_is_not_there(browser, session, gift):
    [donor_id] = session.scalars(select(Donor.id))
    client = browser.sign_in(a_person(session, role=Role.STOREKEEPER))

    for url in ("", "/edit", "/receive", "/labels.pdf", "/receipt.pdf"):
        assert client.get(f"/donations/{gift}{url}").status_code == 404
    for url in ("/receive", "/edit"):
        assert send(client, f"/donations/{gift}{url}").status_code == 404
    assert client.get(f"/donors/{donor_id}").status_code == 404
    assert send(client, f"/donors/{donor_id}/edit").status_code == 404


# Lists


def upload(browser, data, name="list.xlsx"):
    return send(browser, "/device-lists", sheet=(io.BytesIO(data), name))


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
    printed = browser.get(f"{sent.location}/labels.pdf?stock=L7160&dpi=600").data
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


def test_another_organisation_s_list_is_not_there(browser, session):
    sent = upload(browser, a_list([a_row(serial="SN1"), a_row(serial="SN1", model="X")]))
    send(browser, f"{sent.location}/take-in", received_on="2021-11-05")
    client = browser.sign_in(a_person(session, role=Role.STOREKEEPER))

    for url in ("", "/outcomes.csv", "/labels.pdf", "/questions"):
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
