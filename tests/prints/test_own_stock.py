"""Paper of one's own through its pages: checked, kept, printed on, closed; whose it is."""

import re

import pypdfium2
import pytest
from sqlalchemy import func, select

from tests.intake.makers import read_back, send, text, words_of
from tests.makers import AT, a_device, a_person
from tests.prints.test_measures import SHEET
from tracker.custody.queries import code_of
from tracker.custody.road import Status
from tracker.people.roles import Role
from tracker.printers import own
from tracker.printers.measures import measures_of
from tracker.printers.models import LabelStock
from tracker.prints.models import PrintJob

PAPER = SHEET | {"name": "Tomy 121"}
ROLL = {"kind": "roll", "name": "Cuộn 60x40", "label_width": "60", "label_height": "40"}


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url  # what differs between the databases is in test_own_stock_kept.py


@pytest.fixture
def code(session, storekeeper):
    return code_of(session, a_device(session, status=Status.RECEIVED, holder=storekeeper.org))


def kept(browser, **more) -> str:
    """Keep a paper and return the address of its page."""
    answer = send(browser, "/prints/paper/new", **(PAPER | more), do="keep")
    assert answer.status_code == 303, text(answer)
    return answer.location


def a_paper(session, by) -> str:
    """Make a paper before anybody has sent a request, and return the address of its page."""
    made = own.add(session, measures_of(PAPER), PAPER["name"], by=by, at=AT)
    return f"/prints/paper/own/{made}"


def key(where: str) -> str:
    return f"own-{where.rpartition('/')[2]}"


def how_many(session) -> int:
    return session.scalar(select(func.count()).select_from(LabelStock))


def test_a_check_says_what_the_paper_carries_and_keeps_nothing(browser, session):
    answer = send(browser, "/prints/paper/new", **PAPER, do="check")

    page = text(answer)
    assert answer.status_code == 200
    assert page.count("in được mã") == 3
    assert "21 tem" in page
    assert how_many(session) == 0


def test_a_check_of_tiny_labels_says_why_they_carry_no_code(browser):
    tiny = {"label_width": "12", "label_height": "8", "do": "check"}

    page = text(send(browser, "/prints/paper/new", **(PAPER | tiny)))

    assert "203 dpi: tem quá nhỏ" in page
    assert "Giấy nhỏ nhất dùng được là" in page


def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays(browser, session):
    answer = send(
        browser, "/prints/paper/new", **(PAPER | {"name": " ", "rows": "x", "pitch_x": "66,045"}), do="keep"
    )

    page = text(answer)
    assert answer.status_code == 422
    assert page.count('class="wrong"') == 3
    assert 'value="66,045"' in page
    assert how_many(session) == 0


def test_labels_are_printed_on_ones_own_paper_and_read_back(browser, session, code):
    paper = key(kept(browser))

    assert f'<option value="{paper}">Tomy 121: ' in text(browser.get(f"/devices/{code}/label"))
    answer = send(browser, f"/devices/{code}/print", stock=paper, skip="20")
    pdf = browser.get(f"{answer.location}/labels.pdf").data

    assert any(found.endswith(code) for found in read_back(pdf))
    assert "Tomy 121" in text(browser.get(answer.location))
    assert session.scalars(select(PrintJob.stock)).one() == paper


def test_a_refused_replacement_leaves_the_old_paper_open(browser, session):
    where, _other = kept(browser), kept(browser, name="Khác")

    assert send(browser, f"{where}/replace", **(PAPER | {"name": "Khác"}), do="keep").status_code == 422
    assert session.scalars(select(LabelStock.closed_at)).all() == [None, None]


def test_the_paper_of_others_is_not_there(browser, session, storekeeper):
    where = a_paper(session, storekeeper)
    stranger = browser.sign_in(a_person(session, role=Role.STOREKEEPER))

    for address in (where, f"{where}/replace", f"/prints/paper/{key(where)}/ruler.pdf"):
        assert stranger.get(address).status_code == 404
    assert send(stranger, f"{where}/close").status_code == 404
    assert "Tomy 121" not in text(stranger.get("/prints/paper"))
    blank = send(stranger, "/prints/blank", count="1", stock=key(where), design="blank")
    assert blank.status_code == 409
    assert how_many(session) == 1


def test_a_coordinators_paper_is_everybodys_and_not_theirs_to_close(browser, session):
    where = a_paper(session, a_person(session, role=Role.COORDINATOR))

    assert "Tomy 121" in text(browser.get("/prints/blank"))
    assert "mọi đơn vị" in text(browser.get(where))
    assert "/replace" not in text(browser.get(where))
    assert send(browser, f"{where}/close").status_code == 409


def test_a_coordinator_makes_and_closes_everybodys_paper(browser, session):
    browser.sign_in(a_person(session, role=Role.COORDINATOR))
    where = kept(browser)

    assert session.scalars(select(LabelStock.org_id)).all() == [None]
    assert send(browser, f"{where}/close").status_code == 303


def test_an_auditor_sees_papers_and_makes_none(browser, session, storekeeper):
    where = a_paper(session, storekeeper)
    browser.sign_in(a_person(session, role=Role.AUDITOR))

    assert browser.get(where).status_code == 200
    assert "/replace" not in text(browser.get(where))
    assert browser.get("/prints/paper/new").status_code == 403
    assert send(browser, "/prints/paper/new", **PAPER, do="keep").status_code == 403
    assert send(browser, f"{where}/close").status_code == 403


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=HYPERLINK(1)", "Nhãn 📦 Đỗ", "%(stock)s %s", "\u202etem"]
)
def test_a_hostile_name_is_only_a_name(browser, session, code, name):
    where = kept(browser, name=name)

    for address in (where, "/prints/paper", f"/devices/{code}/label", f"{where}/replace"):
        page = browser.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in text(page)
    assert browser.get(f"/prints/paper/{key(where)}/ruler.pdf").status_code == 200
    job = send(browser, f"/devices/{code}/print", stock=key(where))
    assert job.status_code == 303
    assert browser.get(f"{job.location}/labels.pdf").status_code == 200


def test_a_paper_too_small_is_refused_with_the_smallest_that_would_do(browser, code):
    where = kept(browser, label_width="12", label_height="8")

    answer = send(browser, f"/devices/{code}/print", stock=key(where))

    assert answer.status_code == 409
    assert re.search(r"Tomy 121 \(12 × 8 mm\).*nhỏ nhất .* là \w+ \(", text(answer))


@pytest.mark.parametrize("stock", ["own-", "own-x", "own-0", "own-99999999999999", "own-1 OR 1", "own-١"])
def test_a_paper_that_never_was_is_not_offered_and_has_no_rulers(browser, code, stock):
    assert send(browser, f"/devices/{code}/print", stock=stock).status_code == 409
    assert browser.get(f"/prints/paper/{stock}/ruler.pdf").status_code == 404


def test_published_paper_has_its_rulers_and_unknown_paper_none(browser):
    assert browser.get("/prints/paper/L7160/ruler.pdf").mimetype == "application/pdf"
    assert browser.get("/prints/paper/L9999/ruler.pdf").status_code == 404


def test_a_roll_of_ones_own_is_one_label_a_page(browser, code):
    where = send(browser, "/prints/paper/new", **ROLL, do="keep").location

    assert "cuộn" in text(browser.get("/prints/blank"))
    job = send(browser, "/prints/blank", count="2", stock=key(where), design="blank").location
    assert len(pypdfium2.PdfDocument(browser.get(f"{job}/labels.pdf").data)) == 2


# What a label shows


def test_a_label_shows_what_was_ticked_and_its_job_keeps_that(browser, session, code):
    asked = {"stock": "L7161", "design": "device", "shows": ["code", "category", "serial"]}
    job = send(browser, f"/devices/{code}/print", **asked).location
    pdf = browser.get(f"{job}/labels.pdf").data

    words = words_of(pdf)
    assert "S/N" in words or "Máy tính" in words
    assert "Tiếp nhận" not in words
    assert "Sóng và máy tính" not in words
    assert session.scalars(select(PrintJob.shows)).one() == "category,serial"
    assert "Trên tem có gì" in text(browser.get(job))
    assert browser.get(f"{job}/labels.pdf").data == pdf


def test_with_nothing_ticked_the_code_stands_alone(browser, code):
    job = send(browser, f"/devices/{code}/print", stock="L7161", design="device", shows="code").location

    assert words_of(browser.get(f"{job}/labels.pdf").data).split() == [code[:4], code[4:]]


def test_a_field_nobody_offers_is_not_kept(browser, session, code):
    send(browser, f"/devices/{code}/print", stock="L7161", shows=["code", "url", "<b>", "serial"])

    assert session.scalars(select(PrintJob.shows)).one() == "serial"


def test_a_charger_shows_what_it_has_of_what_was_ticked(browser, code):
    asked = {"stock": "L7161", "design": "charger", "shows": ["code", "serial", "heading"]}
    job = send(browser, f"/devices/{code}/print", **asked).location

    assert "Sạc của máy" in words_of(browser.get(f"{job}/labels.pdf").data)
