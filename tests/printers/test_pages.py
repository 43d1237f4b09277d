"""The pages of printers: adding, changing, closing, calibrating, testing."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.intake.makers import send, text, words_of
from tests.makers import AT, a_person
from tests.printers.makers import LOOPBACK, SQLITE_ALONE, a_printer, listening, signed_in
from tracker.db import db
from tracker.people.roles import Role
from tracker.printers import actions, queries
from tracker.printers.models import Calibration, Printer
from tracker.printers.rules import Correction, Kind

NEW = {"name": "Máy Zebra", "kind": "zpl", "dpi": "203", "host": "192.168.1.50", "port": "9100"}


@pytest.fixture
def app(make_app, database_url):
    return make_app(database_url, printer_networks=LOOPBACK)


def rows(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_a_printer_is_added_changed_and_closed(browser, session, storekeeper):
    where = send(browser, "/printers", **NEW).location
    assert "Máy Zebra" in text(browser.get("/printers"))
    assert "192.168.1.50:9100" in text(browser.get(where))

    changed = send(browser, f"{where}/edit", **NEW | {"name": "  Máy  HP ", "kind": "pdf", "dpi": "600"})
    assert changed.location == where
    page = text(browser.get(where))
    assert "Máy HP" in page
    assert "192.168.1.50" not in page

    send(browser, f"{where}/close")
    assert "Máy HP" not in text(browser.get("/printers"))
    assert "ngừng dùng" in text(browser.get(where))
    assert send(browser, f"{where}/edit", **NEW).status_code == 404
    assert send(browser, "/printers", **NEW | {"name": "Máy HP"}).status_code == 303


@SQLITE_ALONE
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " \u200e\u00a0 "}, "name"),
        ({"kind": "raw"}, "kind"),
        ({"dpi": "204"}, "dpi"),
        ({"dpi": "x"}, "dpi"),
        ({"host": ""}, "host"),
        ({"host": "192.168.1.50/x"}, "host"),
        ({"host": "máy-in"}, "host"),
        ({"host": "a" * 300}, "host"),
        ({"host": "x\r\nHost: y"}, "host"),
        ({"port": "22"}, "port"),
        ({"port": "99999999999999"}, "port"),
        ({"port": "x"}, "port"),
        ({"port": "91_00"}, "port"),
        ({"port": "٩١٠٠"}, "port"),
        ({"host": "192.168.1.50:9100"}, "host"),
        ({"host": "[fd12::7]:9100"}, "host"),
        ({"host": "fe80::1%lo"}, "host"),
    ],
)
def test_what_no_printer_is_is_asked_again(browser, session, wrong, field):
    answer = send(browser, "/printers", **NEW | wrong)

    assert answer.status_code == 422
    assert f'id="e-{field}"' in text(answer)
    assert rows(session, Printer) == 0


@SQLITE_ALONE
def test_hostile_names_are_only_names(browser, session):
    name = "<script>alert(1)</script>'; --"
    where = send(browser, "/printers", **NEW | {"name": name}).location

    for page in (where, "/printers", f"{where}/edit"):
        assert "<script>alert" not in text(browser.get(page))
    pdf = browser.get(f"{where}/crosses.pdf?stock=L7160").data
    assert "<script>" in words_of(pdf)


def test_two_open_printers_have_two_names_but_each_organisation_its_own(app):
    with app.app_context():
        one, other = (a_person(db.session(), role=Role.STOREKEEPER) for _one in range(2))
        db.session.commit()
    mine, theirs = signed_in(app, one), signed_in(app, other)

    assert send(mine, "/printers", **NEW).status_code == 303
    again = send(mine, "/printers", **NEW)

    assert again.status_code == 422
    assert "Đã có máy in tên" in text(again)
    assert all(f'value="{said}"' in text(again) for said in NEW.values())
    other = send(mine, "/printers", **NEW | {"name": "Máy khác"}).location
    renamed = send(mine, f"{other}/edit", **NEW | {"host": "192.168.1.51"})
    assert renamed.status_code == 422
    assert 'value="192.168.1.51"' in text(renamed)
    assert "Máy khác" in text(mine.get(other))
    assert send(theirs, "/printers", **NEW).status_code == 303


def test_others_printers_are_not_there_and_auditors_change_none(app):
    with app.app_context():
        people = {
            role: a_person(db.session(), role=role) for role in (Role.STOREKEEPER, Role.AUDITOR, Role.SCHOOL)
        }
        keeper = a_person(db.session(), role=Role.STOREKEEPER)
        printer = a_printer(db.session(), keeper)
        db.session.commit()
    asked = [
        f"/printers/{printer}{part}"
        for part in ("", "/edit", "/calibrate?stock=50x30", "/crosses.pdf?stock=50x30")
    ]
    sent = [f"/printers/{printer}/{part}" for part in ("edit", "close", "test", "calibrations")]
    owner, stranger, auditor, school = (signed_in(app, actor) for actor in (keeper, *people.values()))

    assert [owner.get(url).status_code for url in asked] == [200] * 4
    assert [stranger.get(url).status_code for url in asked] == [404] * 4
    assert [send(stranger, url, **NEW).status_code for url in sent] == [404] * 4
    assert auditor.get(asked[0]).status_code == 200
    assert [send(auditor, url, **NEW).status_code for url in sent] == [403] * 4
    assert school.get("/printers").status_code == 403


def test_four_readings_become_the_calibration_and_the_old_one_stays(browser, session, storekeeper):
    printer = a_printer(session, storekeeper, kind=Kind.PDF, dpi=600, host="")
    read = {"stock": "l7160", "right_0": "1,0", "down_0": "-0.5", "right_1": "1,0", "down_1": "−0,5"}

    kept = send(browser, f"/printers/{printer}/calibrations", **read)
    page = text(browser.get(kept.location))

    assert "Đã lưu căn chỉnh: sang phải −1,00 mm, xuống dưới +0,50 mm, tỷ lệ 100,00 % × 100,00 %" in page
    assert queries.newest(session, printer, "L7160") == Correction(-1.0, 0.5)
    first = session.scalars(select(Calibration.id)).one()
    # The page corrected so is still a little off: what is read from it is added.
    send(browser, f"/printers/{printer}/calibrations", **read | {"with": str(first), "right_0": "0,2", "right_1": "0,2", "down_0": "0", "down_1": "0"})  # fmt: skip
    assert queries.newest(session, printer, "L7160") == Correction(-1.2, 0.5)
    assert rows(session, Calibration) == 2
    assert words_of(browser.get(f"/printers/{printer}/crosses.pdf?stock=L7160&with={first}").data)


@SQLITE_ALONE
@pytest.mark.parametrize("bad", ["", "x", "nan", "1e9", "--1"])
def test_readings_that_are_no_numbers_are_asked_again(browser, session, storekeeper, bad):
    printer = a_printer(session, storekeeper)

    answer = send(browser, f"/printers/{printer}/calibrations", stock="50x30", right_0=bad, down_0="1")

    assert answer.status_code == 422
    assert 'id="e-right_0"' in text(answer)
    assert rows(session, Calibration) == 0


def test_too_much_is_refused_in_words_measured_or_entered(browser, session, storekeeper):
    printer = a_printer(session, storekeeper)
    where = f"/printers/{printer}/calibrations"

    measured = send(browser, where, stock="50x30", right_0="6", down_0="0")
    entered = send(browser, where, stock="50x30", how="direct", dx="0", dy="0", scale_x="96", scale_y="100")

    assert (measured.status_code, entered.status_code) == (422, 422)
    assert 'value="6"' in text(measured)
    assert 'value="96"' in text(entered)
    assert "phải dịch tem 6,0 mm" in text(measured).lower()
    assert "96,0 %" in text(entered)
    assert "100 %" in text(entered)
    assert rows(session, Calibration) == 0
    unknown = send(browser, where, stock="L9999", right_0="1", down_0="0")
    assert unknown.status_code == 409


def test_a_calibration_of_another_printer_or_paper_gives_no_page(browser, session, storekeeper):
    one, two = (a_printer(session, storekeeper, name=name) for name in "ab")
    actions.calibrate(session, one, Correction(1), stock="50x30", by=storekeeper, at=AT)
    number = session.scalars(select(Calibration.id)).one()

    for url, code in (
        (f"/printers/{one}/crosses.pdf?stock=50x30&with={number}", 200),
        (f"/printers/{one}/crosses.pdf?stock=58x40&with={number}", 404),
        (f"/printers/{two}/crosses.pdf?stock=50x30&with={number}", 404),
    ):
        assert browser.get(url).status_code == code


def test_a_test_label_is_sent_once_and_the_page_says_what_happened(browser, session, storekeeper):
    with listening() as machine:
        printer = a_printer(session, storekeeper, host=machine.host)
        this = uuid.uuid4().hex
        answers = [
            send(browser, f"/printers/{printer}/test", event_id=this, stock="50x30") for _time in range(2)
        ]
        page = text(browser.get(f"/printers/{printer}"))

    assert answers[0].location == answers[1].location
    assert len(machine.jobs) == 1
    assert machine.jobs[0].startswith(b"\r\nSIZE 50 mm,30 mm")
    assert "Máy in đã nhận tem thử." in page


def test_a_test_label_that_nobody_takes_says_so(browser, session, storekeeper):
    with listening() as machine:
        host = machine.host
    printer = a_printer(session, storekeeper, host=host)

    send(browser, f"/printers/{printer}/test", stock="50x30")

    assert f"Máy in {host}" in text(browser.get(f"/printers/{printer}"))


@pytest.mark.parametrize(("ago", "said"), [(5, "Đang gửi tem thử"), (90, "Hệ thống bị dừng")])
def test_a_test_label_whose_server_was_stopped_is_not_said_to_be_on_its_way_for_ever(
    browser, session, storekeeper, ago, said
):
    printer = a_printer(session, storekeeper)
    actions.begin_test(session, printer, by=storekeeper, at=datetime.now(UTC) - timedelta(seconds=ago))

    assert said in text(browser.get(f"/printers/{printer}"))


@SQLITE_ALONE
@pytest.mark.parametrize("host", ["169.254.169.254", "8.8.8.8", "::1"])
def test_addresses_of_others_get_nothing(browser, session, storekeeper, host):
    printer = a_printer(session, storekeeper, host=host)

    send(browser, f"/printers/{printer}/test", stock="50x30")

    assert "Không được gửi tem đến" in text(browser.get(f"/printers/{printer}"))


def test_a_roll_wider_than_the_head_and_a_printer_of_pdf_take_no_test(browser, session, storekeeper):
    office = a_printer(session, storekeeper, kind=Kind.PDF, host="")
    assert send(browser, f"/printers/{office}/test", stock="50x30").status_code == 409
    label = a_printer(session, storekeeper, name="Máy khác")
    assert send(browser, f"/printers/{label}/test", stock="L7160").status_code == 409
    db.session.rollback()
