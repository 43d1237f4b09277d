"""Cards for stations, labels of places and of boxes: printed as jobs, read back at 203 dpi, and what they open."""

import re

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import func, select, update

from tests.handover.makers import a_delivery
from tests.intake.makers import Browser, send, text, words_of
from tests.makers import AT, a_person
from tracker.people.models import Organisation
from tracker.people.roles import Role
from tracker.prints.models import PrintJob
from tracker.prints.modes import MODES
from tracker.stations.rules import STATIONS
from tracker.stock.actions import add_place, close_place
from tracker.stock.rules import PlaceKind


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url  # nothing here differs between the databases


def read_at_203(pdf: bytes) -> list[str]:
    """Return what the codes of all pages say, drawn with the dots of a label printer."""
    pages = pypdfium2.PdfDocument(pdf)
    return [
        found.text
        for page in pages
        for found in zxingcpp.read_barcodes(page.render(scale=203 / 72, grayscale=True).to_pil())
    ]


def paper_of(browser, answer) -> bytes:
    assert answer.status_code == 303, text(answer)
    page = text(browser.get(answer.location))
    assert "Đã đọc lại được" in page
    return browser.get(f"{answer.location}/labels.pdf").data


def path_of(address: str) -> str:
    return re.sub(r"^HTTPS?://[^/]+", "", address)


def jobs(session) -> int:
    return session.scalar(select(func.count()).select_from(PrintJob))


# Mode cards


@pytest.mark.parametrize("stock", ["L7165", "L7160", "50x30", "62x100"])
def test_every_mode_card_is_read_back_and_says_what_it_does(browser, stock):
    answer = send(browser, "/prints/modes", action=list(MODES), stock=stock, dpi="203")
    pdf = paper_of(browser, answer)

    assert {path_of(found) for found in read_at_203(pdf)} == {f"/M/{action.upper()}" for action in MODES}
    words = " ".join(words_of(pdf).split())
    assert all(said in words for said in ("Thẻ thao tác", "Kiểm tra", "Chuyển sửa", "Trao học sinh"))
    assert "Thẻ thao tác" in text(browser.get(answer.location))


def test_cards_are_vietnamese_whatever_the_reader_reads(browser):
    send(browser, "/language", locale="en")
    pdf = paper_of(browser, send(browser, "/prints/modes", action="inspect", stock="L7165"))

    assert "Inspect" not in words_of(pdf)


def test_with_no_action_ticked_nothing_is_printed(browser, session):
    for ticked in ([], ["fly"], ["<b>"]):
        answer = send(browser, "/prints/modes", action=ticked, stock="L7165")

        assert answer.status_code == 422
        assert "ít nhất một thao tác" in text(answer)
    assert jobs(session) == 0


def test_cards_begin_at_a_place_and_run_down_the_columns(browser, session):
    asked = {"action": ["inspect", "give"], "stock": "L7165", "skip": "7", "order": "column"}
    pdf = paper_of(browser, send(browser, "/prints/modes", **asked))

    assert len(pypdfium2.PdfDocument(pdf)) == 2
    assert session.scalars(select(PrintJob.by_column)).one() is True


def test_an_auditor_prints_no_cards(browser, session):
    browser.sign_in(a_person(session, role=Role.AUDITOR))

    assert browser.get("/prints/modes").status_code == 403
    assert send(browser, "/prints/modes", action="inspect", stock="L7165").status_code == 403


def test_badges_of_ones_own_colleagues_are_printed_and_nobody_elses(browser, session, storekeeper):
    colleague = a_person(session, role=Role.STOREKEEPER, org=storekeeper.org, name="Đỗ Thị Đồng Nghiệp")
    stranger = a_person(session, role=Role.STOREKEEPER, name="Vũ Văn Nơi Khác")
    session.commit()
    everybody = [str(one.user) for one in (storekeeper, colleague, stranger)]

    pdf = paper_of(browser, send(browser, "/prints/badges", user=everybody, stock="L7165", dpi="203"))

    assert {path_of(found) for found in read_at_203(pdf)} == {
        f"/U/{one.user}" for one in (storekeeper, colleague)
    }
    assert "Đỗ Thị Đồng Nghiệp" in " ".join(words_of(pdf).split())
    assert "Nơi Khác" not in words_of(pdf)
    assert send(browser, "/prints/badges", user=str(stranger.user), stock="L7165").status_code == 422
    assert "Nơi Khác" not in text(browser.get("/prints/badges"))
    assert browser.get(f"/u/{colleague.user}").location == "/stations/"
    assert browser.get(f"/U/{stranger.user}").status_code == 404


def test_every_mode_has_a_page_where_it_is_done():
    assert STATIONS.keys() == MODES.keys()


@pytest.mark.parametrize(
    ("action", "role"),
    [
        *[
            (action, Role.TECHNICIAN)
            for action in ("inspect", "send-to-repair", "ready", "move", "count", "load")
        ],
        *[(action, Role.SCHOOL) for action in ("confirm", "give")],
    ],
)
def test_a_phone_that_reads_a_card_comes_to_where_it_is_done(browser, session, action, role):
    browser.sign_in(a_person(session, role=role))

    answer = browser.get(f"/M/{action.upper()}")

    assert answer.status_code == 303
    assert answer.location == browser.get(f"/m/{action}").location
    assert answer.location == f"/stations/#{action}"
    assert f'data-action-of="{action}"' in text(browser.get("/stations/"))


@pytest.mark.parametrize("action", ["fly", "INSPEKT", "%3Cb%3E", "..", "x" * 500])
def test_a_card_of_no_action_is_not_found_in_words(browser, action):
    answer = browser.get(f"/m/{action}")

    assert answer.status_code == 404
    assert "<b>" not in text(answer)


def test_a_card_of_no_action_says_which_actions_there_are(browser):
    page = text(browser.get("/m/fly"))

    assert "không ứng với thao tác nào" in page
    assert 'href="/M/move"' in page


def test_the_scan_page_takes_cards_and_places(browser, session, storekeeper):
    place = a_place(session, storekeeper)
    base = browser.client.application.config["TRACKER"].public_url

    assert browser.get(f"/scan?q={base.upper()}/M/MOVE").location == "/M/move"
    assert browser.get(f"/scan?q={base}/p/{place}").location == f"/P/{place}"
    assert browser.get("/scan?q=https://evil.example/M/MOVE").status_code == 422


# Places


def a_place(session, by, name="Kho chính", kind=PlaceKind.WAREHOUSE, inside=None) -> int:
    return add_place(session, kind=kind, name=name, inside=inside, by=by, at=AT)


@pytest.fixture
def store(session, storekeeper):
    """A store with a room with a shelf, and a second store."""
    store = a_place(session, storekeeper)
    room = a_place(session, storekeeper, "Phòng 2", PlaceKind.ROOM, store)
    shelf = a_place(session, storekeeper, "Kệ A <&>", PlaceKind.SHELF, room)
    a_place(session, storekeeper, "Kho phụ")
    return store, room, shelf


@pytest.mark.parametrize("stock", ["L7165", "L7160", "50x30"])
def test_the_labels_of_a_store_and_all_in_it_are_read_back(browser, store, stock):
    pdf = paper_of(browser, send(browser, f"/places/{store[0]}/labels", which="all", stock=stock, dpi="203"))

    assert sorted(path_of(found) for found in read_at_203(pdf)) == sorted(f"/P/{place}" for place in store)
    words = " ".join(words_of(pdf).split())
    assert "Kệ A <&>" in words
    assert "Kho chính › Phòng 2" in words
    assert "Kho phụ" not in words


def test_one_place_is_printed_alone(browser, store):
    pdf = paper_of(browser, send(browser, f"/places/{store[0]}/labels", which="one", stock="L7165"))

    assert [path_of(found) for found in read_at_203(pdf)] == [f"/P/{store[0]}"]


def test_a_closed_place_is_not_printed(browser, session, storekeeper, store):
    close_place(session, store[2], by=storekeeper, at=AT)

    assert browser.get(f"/places/{store[2]}/labels").status_code == 404
    assert (
        len(
            read_at_203(
                paper_of(browser, send(browser, f"/places/{store[0]}/labels", which="all", stock="L7165"))
            )
        )
        == 2
    )


def test_the_code_of_a_place_opens_what_stands_there_to_those_whose_it_is(browser, store):
    answer = browser.get(f"/P/{store[2]}")

    assert (answer.status_code, answer.location) == (303, f"/devices?place={store[2]}")


def test_the_code_of_a_place_opens_nothing_to_others(browser, session, store):
    browser.sign_in(a_person(session, role=Role.STOREKEEPER))

    assert browser.get(f"/p/{store[0]}").status_code == 404
    assert browser.get(f"/places/{store[0]}/labels").status_code == 404
    assert send(browser, f"/places/{store[0]}/labels", stock="L7165").status_code == 404


def test_a_stranger_who_scans_a_place_is_asked_to_sign_in(client):
    assert "/sign-in" in client.get("/P/1").location


# Boxes


@pytest.fixture
def delivery(session):
    return a_delivery(session, count=3)


@pytest.fixture
def sender(app, session, delivery):
    return Browser(app.test_client(), session).sign_in(delivery.sender)


@pytest.mark.parametrize("stock", ["L7165", "L7163", "62x100"])
def test_every_box_says_which_of_how_many_and_its_code_opens_the_handover(sender, delivery, stock):
    where = f"/handovers/{delivery.id}"
    pdf = paper_of(sender, send(sender, f"{where}/boxes", count="3", stock=stock, dpi="203"))

    assert [path_of(found) for found in read_at_203(pdf)] == [f"/H/{delivery.id}"] * 3
    words = " ".join(words_of(pdf).split())
    assert all(f"Thùng {n}/3" in words for n in (1, 2, 3))
    assert "3 thiết bị" in words
    assert sender.get(f"/H/{delivery.id}").status_code == 200


def test_a_box_carries_no_secret(sender, delivery):
    pdf = paper_of(sender, send(sender, f"/handovers/{delivery.id}/boxes", count="1", stock="L7165"))

    assert all("#" not in found for found in read_at_203(pdf))


@pytest.mark.parametrize("count", ["0", "101", "", "-1", "x", "1e3"])
def test_no_boxes_or_too_many_are_asked_again(sender, session, delivery, count):
    answer = send(sender, f"/handovers/{delivery.id}/boxes", count=count, stock="L7165")

    assert answer.status_code == 422
    assert "từ 1 đến 100" in text(answer)
    assert jobs(session) == 0


@pytest.mark.parametrize("who", ["receiver", "another"])
def test_the_receiver_and_others_print_no_boxes(app, session, delivery, who):
    actor = delivery.receiver if who == "receiver" else a_person(session, role=Role.STOREKEEPER)
    other = Browser(app.test_client(), session).sign_in(actor)

    assert other.get(f"/handovers/{delivery.id}/boxes").status_code == 404
    assert send(other, f"/handovers/{delivery.id}/boxes", count="1", stock="L7165").status_code == 404
    assert jobs(session) == 0


def test_a_draft_has_no_boxes_yet(app, session):
    draft = a_delivery(session, sent=False)
    sender = Browser(app.test_client(), session).sign_in(draft.sender)

    assert "In tem thùng" not in text(sender.get(f"/handovers/{draft.id}"))
    assert "chưa có số" in text(sender.get(f"/handovers/{draft.id}/boxes"))


def test_an_auditor_prints_no_boxes(app, session, delivery):
    auditor = Browser(app.test_client(), session).sign_in(a_person(session, role=Role.AUDITOR))

    assert auditor.get(f"/handovers/{delivery.id}/boxes").status_code == 403


def test_a_hostile_name_of_a_school_stands_on_its_box_as_it_is(app, session):
    delivery = a_delivery(session, count=1)
    name = "THCS <b>&amp; %(x)s"
    session.execute(update(Organisation).where(Organisation.id == delivery.receiver.org).values(name=name))
    sender = Browser(app.test_client(), session).sign_in(delivery.sender)

    pdf = paper_of(sender, send(sender, f"/handovers/{delivery.id}/boxes", count="1", stock="L7165"))

    assert name in " ".join(words_of(pdf).split())
