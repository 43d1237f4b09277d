"""The camera of a station: what it reads in a film of labels, and what the page says when it cannot be used."""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.conftest import CHROMIUM_FLAGS
from tests.makers import a_device, a_person
from tests.stations import films
from tracker.custody.models import Device
from tracker.custody.queries import code_of
from tracker.db import db
from tracker.people import actions as people
from tracker.people.roles import Actor
from tracker.stations.models import Scan
from tracker.stock.actions import add_place
from tracker.stock.rules import PlaceKind

NAME = "station.test"  # a name without TLS: no secure context


@pytest.fixture
def technician(live_server) -> Actor:
    with live_server.app.app_context():
        somebody = a_person(db.session())
        db.session.commit()
    return somebody


def waiting(live_server, technician, count: int) -> list[str]:
    """Return the codes of devices that wait for their inspection."""
    with live_server.app.app_context():
        session = db.session()
        found = [code_of(session, a_device(session, holder=technician.org)) for _device in range(count)]
        session.commit()
    return found


@pytest.fixture
def codes(live_server, technician) -> list[str]:
    return waiting(live_server, technician, 2)


def come_in(context, live_server, actor: Actor, *, url: str = "") -> None:
    app = live_server.app
    with app.app_context():
        secret = people.open_sign_in(db.session(), actor.user, at=datetime.now(UTC))
        db.session.commit()
    signer = app.session_interface.get_signing_serializer(app)
    cookie = signer.dumps({"_user_id": secret, "_fresh": True, "seen": int(datetime.now(UTC).timestamp())})
    context.add_cookies([{"name": "tracker", "value": cookie, "url": url or live_server.url}])


def scans(live_server) -> list[tuple[str, str, str, str]]:
    with live_server.app.app_context():
        found = db.session().execute(select(Scan.action, Scan.text, Scan.verdict, Scan.via).order_by(Scan.n))
        return [(row.action, row.text.rpartition("/")[2], row.verdict, row.via) for row in found]


@contextmanager
def chromium(like: Browser, *flags: str) -> Iterator[Page]:
    """Open a page of a phone in a browser with these flags, in which a script error fails the test."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    browser = like.browser_type.launch(executable_path=path, args=[*CHROMIUM_FLAGS, *flags])
    context = browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    browser.close()
    assert errors == []


# A film before the lens

SHOWN = 18  # frames of each: a machine under load may not give the page every one


def test_a_station_reads_a_film_of_labels_and_cards(browser, live_server, technician, tmp_path):
    codes = waiting(live_server, technician, 9)
    with live_server.app.app_context():
        session, now = db.session(), datetime.now(UTC)
        store = add_place(session, kind=PlaceKind.WAREHOUSE, name="Kho A", inside=None, by=technician, at=now)
        shelf = add_place(session, kind=PlaceKind.SHELF, name="Kệ 3", inside=store, by=technician, at=now)
        session.commit()
    base, drawn = live_server.url.upper(), random.Random(4)
    papers = films.labels(codes, base)
    seen = [
        films.held(papers[0]),
        films.held(papers[1], angle=37),
        films.slanted(films.held(papers[2]), by=0.4),
        films.dim(films.held(papers[3]), light=0.2, drawn=drawn),
        films.blurred(films.held(papers[4]), pixels=2.5),
        films.held(films.spotted(papers[5], share=0.1, drawn=drawn)),
        films.held(films.square(f"HTTPS://EVIL.EXAMPLE/T/{codes[6]}"), size=420),
        films.held(papers[6], papers[7], size=520),
        films.held(films.square(f"{base}/M/MOVE"), size=420, angle=200),
        films.held(films.square(f"{base}/P/{shelf}"), size=420),
        films.held(papers[8], angle=90),
    ]
    table = films.nothing()
    film = films.film(
        [films.Shot(table, 30), *(films.Shot(one, SHOWN) for one in seen), films.Shot(table, 900)],
        tmp_path / "film.mjpeg",
    )

    with chromium(browser, *films.FLAGS, f"--use-file-for-fake-video-capture={film}") as page:
        come_in(page.context, live_server, technician)
        page.goto(f"{live_server.url}/stations/#inspect")
        page.wait_for_selector("body[data-ready]")
        empty_photograph(page, tmp_path)  # the reader is there before the film begins
        page.click("[data-start]")
        expect(page.locator("[data-context]")).to_contain_text("Kệ 3", timeout=20_000)
        expect(page.locator("[data-of=done] dd")).to_have_text("1", timeout=10_000)

    kept = scans(live_server)
    assert kept[:7] == [
        *(("inspect", code, "done", "camera") for code in codes[:6]),
        ("inspect", codes[6], "unknown", "camera"),  # of another host
    ]
    assert sorted(kept[7:9]) == sorted(("inspect", code, "done", "camera") for code in codes[6:8])
    assert kept[9:] == [
        ("move", "MOVE", "done", "camera"),
        ("move", str(shelf), "done", "camera"),
        ("move", codes[8], "done", "camera"),
    ]
    with live_server.app.app_context():
        begun = db.session().scalars(select(Device.code).where(Device.status == "inspecting")).all()
        moved = db.session().scalars(select(Device.code).where(Device.place_id == shelf)).all()
    assert sorted(begun) == sorted(codes[:8])
    assert moved == [codes[8]]


def empty_photograph(page: Page, folder) -> None:
    picture = folder / "empty.png"
    films.nothing().resize((320, 180)).save(picture)
    page.set_input_files("input[type=file]", picture)
    expect(page.locator(".scan-status")).to_contain_text("Không thấy mã trong ảnh", timeout=15_000)


# Without a camera


def test_without_a_secure_address_a_photograph_is_read_and_the_page_says_why(
    browser, live_server, technician, codes, tmp_path
):
    url = live_server.url.replace("127.0.0.1", NAME)
    paper = films.labels(codes[:1], live_server.url)[0]
    big = films.held(paper, angle=8).resize((3840, 2160))
    big.save(tmp_path / "label.jpg", quality=80)
    (tmp_path / "letter.jpg").write_bytes(b"%PDF-1.7 no picture")

    with chromium(browser, f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as page:
        come_in(page.context, live_server, technician, url=url)
        page.goto(f"{url}/stations/#inspect")
        page.wait_for_selector("body[data-ready]")
        status = page.locator(".scan-status")
        assert page.evaluate("[isSecureContext, typeof navigator.mediaDevices]") == [False, "undefined"]
        expect(status).to_contain_text("địa chỉ an toàn (https)")
        way = page.locator(".scan-status a")  # to the page that says how to trust us, where there is one
        assert way.count() == ("trust.page" in live_server.app.view_functions)
        assert page.locator("[data-start]").is_hidden()
        page.set_input_files("input[type=file]", tmp_path / "letter.jpg")
        expect(status).to_contain_text("không phải ảnh", timeout=15_000)
        page.set_input_files("input[type=file]", tmp_path / "label.jpg")
        expect(page.locator("[data-of=done] dd")).to_have_text("1")

    assert scans(live_server) == [("inspect", codes[0], "done", "photo")]


@pytest.fixture
def station(page, context, live_server, technician) -> Page:
    """A station at inspection; this browser has no camera of its own."""
    come_in(context, live_server, technician)
    page.goto("/stations/#inspect")
    page.wait_for_selector("body[data-ready]")
    return page


def refuse(page: Page, name: str) -> None:
    page.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); }; }",
        name,
    )


def test_the_page_says_why_the_camera_cannot_be_used(station):
    status, start = station.locator(".scan-status"), station.locator("[data-start]")
    station.context.grant_permissions(["camera"])
    start.click()  # a machine without a camera
    expect(status).to_contain_text("Không tìm thấy máy ảnh")
    for name, words in (
        ("NotAllowedError", "Máy ảnh chưa được cho phép"),
        ("NotReadableError", "Chương trình khác đang dùng máy ảnh"),
        ("AbortError", "Chương trình khác đang dùng máy ảnh"),
    ):
        refuse(station, name)
        start.click()
        expect(status).to_contain_text(words)
        assert "bad" in (status.get_attribute("class") or "")
        assert start.is_visible()


# A camera that shows what the test paints


@pytest.fixture
def lens(page, context, live_server, technician) -> Page:
    page.add_init_script(films.CAMERA)
    come_in(context, live_server, technician)
    page.goto("/stations/#inspect")
    page.wait_for_selector("body[data-ready]")
    page.click("[data-start]")
    expect(page.locator("[data-scan]")).to_have_attribute("data-state", "looking")
    return page


def show(page: Page, picture=None) -> None:
    data = films.png(picture) if picture else ""
    page.evaluate("url => show(url)", data)


def live(page: Page) -> int:
    return page.evaluate("camera.tracks.filter(one => one.readyState === 'live').length")


def hide(page: Page, hidden: bool) -> None:
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_a_label_counts_once_while_it_stays_in_view_and_again_when_it_comes_back(lens, live_server, codes):
    one, other = films.labels(codes[:2], live_server.url)
    outcomes = lens.locator("body")
    show(lens, films.held(one))
    expect(outcomes).to_have_attribute("data-outcomes", "1")
    lens.wait_for_timeout(1600)  # longer than the pause
    show(lens, films.held(one, other, size=520))
    expect(outcomes).to_have_attribute("data-outcomes", "2")
    show(lens)
    lens.wait_for_timeout(300)
    show(lens, films.held(one))  # a hand was between
    lens.wait_for_timeout(300)
    show(lens)
    lens.wait_for_timeout(1600)
    assert lens.locator("body").get_attribute("data-outcomes") == "2"
    assert lens.evaluate("camera.tones") == 2  # the sound of each outcome, and no other
    show(lens, films.held(one))
    expect(outcomes).to_have_attribute("data-outcomes", "3")

    assert [row[1:3] for row in scans(live_server)] == [
        (codes[0], "done"), (codes[1], "done"), (codes[0], "already"),
    ]  # fmt: skip


def test_the_camera_rests_with_the_page_and_starts_again_by_itself(lens, live_server, codes):
    assert (live(lens), lens.evaluate("camera.locks")) == (1, 1)
    hide(lens, True)
    assert (live(lens), lens.evaluate("camera.locks")) == (0, 0)
    hide(lens, False)
    show(lens, films.held(films.labels(codes[:1], live_server.url)[0]))
    expect(lens.locator("body")).to_have_attribute("data-outcomes", "1")
    assert (live(lens), lens.evaluate("camera.locks")) == (1, 1)
    lens.click("[data-stop]")
    hide(lens, True)
    hide(lens, False)  # who has stopped it does not want it back
    assert lens.locator("[data-start]").is_visible()
    assert (live(lens), lens.evaluate("camera.locks")) == (0, 0)


def test_two_starts_at_once_make_one_camera(lens):
    lens.click("[data-stop]")
    lens.evaluate("() => { for (let n = 0; n < 3; n += 1) document.querySelector('[data-start]').click(); }")
    expect(lens.locator("[data-scan]")).to_have_attribute("data-state", "looking")
    lens.wait_for_timeout(150)
    assert live(lens) == 1


def test_an_unplugged_camera_is_said_to_be_gone_and_starts_when_it_is_back(lens):
    lens.evaluate("() => { const [one] = camera.tracks; one.stop(); one.dispatchEvent(new Event('ended')); }")
    expect(lens.locator(".scan-status")).to_contain_text("đã bị rút ra")
    assert lens.locator(".scan-view").is_hidden()
    lens.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(lens.locator("[data-scan]")).to_have_attribute("data-state", "looking")
    assert live(lens) == 1


def test_light_zoom_and_the_choice_of_camera_stay(lens):
    lens.click("[data-torch]")
    expect(lens.locator("[data-torch]")).to_have_attribute("aria-pressed", "true")
    slider = lens.locator(".scan-zoom input")
    assert [slider.get_attribute(name) for name in ("min", "max", "step")] == ["100", "400", "10"]
    slider.fill("250")
    lens.locator(".scan-choice select").select_option("wide")
    expect(lens.locator("[data-scan]")).to_have_attribute("data-state", "looking")
    expect(lens.locator("[data-torch]")).to_have_attribute("aria-pressed", "true")
    assert lens.evaluate("camera.applied") == [
        {"torch": True}, {"zoom": 250}, {"torch": True}, {"zoom": 250},
    ]  # fmt: skip
    lens.reload()
    lens.wait_for_selector("body[data-ready]")
    lens.evaluate("camera.gone = ''")
    lens.click("[data-start]")
    expect(lens.locator("[data-scan]")).to_have_attribute("data-state", "looking")
    assert lens.evaluate("camera.asked") == ["wide"]
    lens.evaluate("camera.gone = 'wide'")
    lens.click("[data-stop]")
    lens.click("[data-start]")  # the camera that was chosen is no longer there: any other
    expect(lens.locator("[data-scan]")).to_have_attribute("data-state", "looking")
    assert lens.evaluate("camera.asked") == ["wide", "wide", ""]


def test_a_reader_that_does_not_load_is_said_and_loads_the_next_time(page, context, live_server, technician):
    page.add_init_script(films.CAMERA)
    come_in(context, live_server, technician)
    page.goto("/stations/#inspect")
    page.wait_for_selector("body[data-ready]")
    there = page.locator("[data-scan]").get_attribute("data-wasm")
    set_wasm = "url => { document.querySelector('[data-scan]').dataset.wasm = url; }"
    page.evaluate(set_wasm, "/static/vendor/missing.wasm")
    page.click("[data-start]")
    expect(page.locator(".scan-status")).to_contain_text("Không tải được bộ đọc mã")
    assert live(page) == 0
    page.evaluate(set_wasm, there)
    page.click("[data-start]")
    expect(page.locator("[data-scan]")).to_have_attribute("data-state", "looking")


def test_giving_is_not_disturbed_by_what_lies_before_the_camera(lens, live_server, codes):
    show(lens, films.held(films.labels(codes[:1], live_server.url)[0]))
    expect(lens.locator("body")).to_have_attribute("data-outcomes", "1")
    lens.evaluate("document.querySelector('[data-work]').hidden = true")
    show(lens, films.held(films.labels(codes[1:2], live_server.url)[0]))
    lens.wait_for_timeout(600)
    assert lens.locator("body").get_attribute("data-outcomes") == "1"
    lens.evaluate("document.querySelector('[data-work]').hidden = false")
    expect(lens.locator("body")).to_have_attribute("data-outcomes", "2")
