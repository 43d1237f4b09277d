"""Jobs for a printer: corrected as it was calibrated, and the same bytes whatever it is calibrated to later."""

import re

import pypdfium2
import pytest

from tests.intake.makers import read_back, send, text
from tests.makers import AT, a_device, a_person
from tests.printers.makers import a_printer
from tracker.custody.queries import code_of
from tracker.custody.road import Status
from tracker.people.roles import Role
from tracker.printers import actions as printers
from tracker.printers.rules import Correction, Kind


@pytest.fixture
def code(session, storekeeper):
    return code_of(session, a_device(session, status=Status.RECEIVED, holder=storekeeper.org))


@pytest.fixture
def printer(session, storekeeper):
    made = a_printer(session, storekeeper, kind=Kind.PDF, dpi=600, host="")
    printers.calibrate(session, made, Correction(1.5, -0.75), stock="L7160", by=storekeeper, at=AT)
    return made


def printed(browser, code, **asked):
    answer = send(browser, f"/devices/{code}/print", **asked)
    assert answer.status_code == 303, text(answer)
    return answer.location


def place(pdf):
    """Return where the ink of the first page begins, in millimetres."""
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=600 / 72, grayscale=True).to_pil()
    left, top, _right, _bottom = image.point(lambda grey: 255 * (grey < 128)).getbbox()
    return left / 600 * 25.4, top / 600 * 25.4


def test_a_job_for_a_printer_has_its_dots_and_its_correction(browser, session, code, printer):
    plain = browser.get(printed(browser, code, stock="L7160", dpi="600") + "/labels.pdf").data
    where = printed(browser, code, stock="L7160", dpi="203", printer=str(printer))
    moved = browser.get(f"{where}/labels.pdf").data

    assert [now - before for before, now in zip(place(plain), place(moved), strict=True)] == [
        pytest.approx(1.5, abs=0.1),
        pytest.approx(-0.75, abs=0.1),
    ]
    page = text(browser.get(where))
    for told in ("Máy in tem · 600 dpi", "sang phải +1,50 mm, xuống dưới −0,75 mm"):
        assert told in page
    assert read_back(moved) == read_back(plain)


def test_other_paper_of_the_same_printer_is_not_corrected(browser, session, code, printer):
    where = printed(browser, code, stock="L7161", printer=str(printer))

    assert "Hiệu chỉnh" not in text(browser.get(where))


def test_a_new_calibration_changes_no_job_but_what_is_printed_again(
    browser, session, storekeeper, code, printer
):
    where = printed(browser, code, stock="L7160", printer=str(printer))
    again = send(browser, f"{where}/again", first="1", last="1", skip="0").location
    link = rf"{where}/labels\.pdf\?again=\d+"
    first_again = re.search(link, text(browser.get(again)))[0]
    before = [browser.get(url).data for url in (f"{where}/labels.pdf", first_again)]

    newest = {"how": "direct", "dx": "-2", "dy": "2", "scale_x": "100", "scale_y": "100"}
    assert send(browser, f"/printers/{printer}/calibrations", stock="L7160", **newest).status_code == 303
    newer = send(browser, f"{where}/again", first="1", last="1", skip="0").location

    assert [browser.get(url).data for url in (f"{where}/labels.pdf", first_again)] == before
    page = text(browser.get(newer))
    newest = browser.get(re.search(link, page)[0]).data
    assert place(newest)[0] == pytest.approx(place(before[0])[0] - 3.5, abs=0.1)
    assert "Tem in lại được hiệu chỉnh theo lần căn chỉnh hiện nay" in page


def test_the_printer_of_the_last_job_is_offered_first_until_it_is_closed(
    browser, session, storekeeper, code, printer
):
    page = f"/devices/{code}/label"
    chosen = f'<option value="{printer}" selected>'
    assert chosen not in text(browser.get(page))
    printed(browser, code, stock="L7160", printer=str(printer))
    assert chosen in text(browser.get(page))

    printed(browser, code, stock="L7160", printer="")
    assert chosen not in text(browser.get(page))
    printed(browser, code, stock="L7160", printer=str(printer))
    printers.close(session, printer, by=storekeeper, at=AT)
    assert 'name="printer"' not in text(browser.get(page))
    assert send(browser, f"/devices/{code}/print", stock="L7160", printer=str(printer)).status_code == 404


def test_others_printers_print_nothing(browser, session, code):
    theirs = a_printer(session, a_person(session, role=Role.STOREKEEPER))

    for number in (theirs, 2_000_000_000, -1):
        assert send(browser, f"/devices/{code}/print", stock="50x30", printer=str(number)).status_code == 404


@pytest.mark.parametrize(("stock", "size"), [("L7160", (63.99, 38.1)), ("50x30", (50, 30))])
def test_one_label_alone_is_a_page_of_its_own_size(browser, session, code, stock, size):
    where = printed(browser, code, stock=stock, dpi="300", skip="0")

    answer = browser.get(f"{where}/labels/1.pdf")

    (page,) = pypdfium2.PdfDocument(answer.data)
    assert [side / 72 * 25.4 for side in page.get_size()] == pytest.approx(size, abs=0.05)
    assert any(found.endswith(code) for found in read_back(answer.data))
    assert browser.get(f"{where}/labels/2.pdf").status_code == 404
    assert browser.get(f"{where}/labels/0.pdf").status_code == 404
