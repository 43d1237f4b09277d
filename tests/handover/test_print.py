"""The paper: what it says, what it refuses to leave empty, and the secret that is on it and nowhere else."""

import io
import json
import uuid
from datetime import date

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select, update

from labels.records import page_of
from tests.handover.makers import a_delivery, a_transfer, an_address, everything, send, stage
from tests.makers import sign_in_as
from tracker.custody import checkpoint
from tracker.handover import record, secret
from tracker.handover.models import Handover
from tracker.people.models import Access, Organisation
from tracker.people.roles import OrgKind


@pytest.fixture
def app(make_app, sqlite_url):
    """Printing on one database; what it writes is tried on both in test_receipt."""
    return make_app(sqlite_url)


def print_it(client, session, way):
    session.commit()
    sign_in_as(client, way.sender, session)
    return send(client, f"/handovers/{way.id}/print")


def read(pdf):
    """Return the text of a PDF and the contents of its codes, page by page."""
    pages = []
    for page in pypdfium2.PdfDocument(pdf):
        codes = {code.text for code in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())}
        pages.append((page.get_textpage().get_text_range(), codes))
    return pages


def test_a_printed_record_carries_the_parties_the_pupils_and_its_secret(client, session):
    way = a_delivery(session, count=2, printed=False)

    answer = print_it(client, session, way)

    assert answer.mimetype == "application/pdf"
    pages = read(answer.get_data())
    text = " ".join(word for words, _codes in pages for word in words.split())
    for words in ("Phạm Văn Đại", "Hiệu trưởng", "Nguyễn Văn Thử", "hai thiết bị", "Số: 01/20", "Vĩnh"):
        assert words in text, words
    links = [code for _text, codes in pages for code in codes if "/h/" in code]
    address, drawn = page_of(links[0]).link.split("#")
    assert [page_of(link)[1:] for link in links] == [(at, len(pages)) for at in range(1, len(pages) + 1)]
    assert address == f"http://127.0.0.1:5000/h/{way.id}"
    assert secret.grouped(drawn) in text
    row = session.execute(select(Handover.__table__).where(Handover.id == way.id)).one()
    assert row.secret_hash == secret.digest(drawn)
    assert row.printed == 1
    notes = [code for _text, codes in pages for code in codes if "/h/" not in code and "\n" in code]
    assert checkpoint.parse(notes[0]).size > 0
    assert session.scalars(select(Access.page)).all() == ["handover.print"]


def test_every_page_of_a_long_record_carries_the_code(client, session):
    way = a_delivery(session, count=30, printed=False)

    pages = read(print_it(client, session, way).get_data())

    assert len(pages) > 1
    assert all(any("/h/" in code for code in codes) for _text, codes in pages)


def test_a_new_print_makes_the_one_before_worthless_and_the_same_form_prints_once(client, session):
    way = a_delivery(session, count=1, printed=False)
    print_it(client, session, way)
    first = session.scalar(select(Handover.secret_hash).where(Handover.id == way.id))

    event_id = uuid.uuid4().hex
    again = send(client, f"/handovers/{way.id}/print", event_id=event_id)
    repeated = send(client, f"/handovers/{way.id}/print", event_id=event_id)

    assert again.mimetype == "application/pdf"
    assert repeated.status_code == 303
    assert session.scalar(select(Handover.secret_hash).where(Handover.id == way.id)) != first
    assert session.scalar(select(Handover.printed).where(Handover.id == way.id)) == 2


@pytest.mark.parametrize("field", ["representative", "position"])
def test_a_record_with_an_empty_place_is_refused_by_name_and_nothing_is_written(client, session, field):
    way = a_delivery(session, count=1, printed=False)
    session.execute(update(Organisation).where(Organisation.id == way.receiver.org).values({field: " "}))
    session.commit()
    before = everything(session)

    answer = print_it(client, session, way)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "người đại diện" in page
    assert session.scalar(select(Organisation.name).where(Organisation.id == way.receiver.org)) in page
    assert everything(session) == before


def test_hostile_names_are_text_on_paper(client, session):
    way = a_delivery(session, count=1, printed=False)
    hostile = '<script src="http://127.0.0.1:9/x"></script>{{ 7*7 }}<img src=file:///etc/passwd>'
    session.execute(update(Organisation).where(Organisation.id == way.receiver.org).values(name=hostile))

    answer = print_it(client, session, way)

    text = "".join(read(answer.get_data())[0][0].split())
    assert "<script" in text
    assert "{{7*7}}" in text
    assert "root:" not in text


def test_a_transfer_and_a_copy_for_the_files_carry_no_secret(client, session):
    way = a_transfer(session, count=1)

    [link] = [code for code in read(print_it(client, session, way).get_data())[0][1] if "/h/" in code]

    assert "#" not in link
    assert session.scalar(select(Handover.secret_hash).where(Handover.id == way.id)) is None


def test_a_draft_is_not_printed(client, session):
    way = a_delivery(session, sent=False)

    assert print_it(client, session, way).status_code == 409
    assert stage(session, way.id) == "draft"


@pytest.mark.parametrize(
    ("on", "ends"),
    [
        (date(2021, 11, 15), "Số 1 đường Thử, Phường Tích Sơn, Thành phố Vĩnh Yên, Tỉnh Vĩnh Phúc"),
        (date(2026, 1, 1), "Số 1 đường Thử, Phường Vĩnh Yên, Tỉnh Phú Thọ"),
    ],
)
def test_addresses_have_the_names_of_their_day_and_say_nothing_twice(session, on, ends):
    org = an_address(session, OrgKind.WAREHOUSE)
    full = an_address(session, OrgKind.WAREHOUSE, address=ends)

    for one in (org, full):
        row = session.execute(select(Organisation.__table__).where(Organisation.id == one)).one()
        assert record.full_address(row, on) == ends


def test_a_paper_that_goes_to_no_school_is_a_transfer_and_its_data_knows_no_pupils(client, session):
    way = a_transfer(session, count=2)
    delivery = a_delivery(session, count=1, printed=False)

    moved, delivered = (data_of(print_it(client, session, each).get_data()) for each in (way, delivery))

    assert moved["kind"] == "transfer"
    assert len(moved["record"]["items"]) == 2
    assert "pupil" not in json.dumps(moved)
    assert delivered["kind"] == "handover"
    assert delivered["record"]["items"][0]["pupil"] == "Nguyễn Văn Thử"


def data_of(pdf):
    """Return the data that a record carries."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        [attached] = document.attachments.values()
        return json.loads(attached.get_file().read_bytes())
