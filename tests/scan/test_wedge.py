"""The hand scanner at a station: its keys reach the field wherever the focus is, at any speed, with any end or none."""

import json

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.handover.test_browser import come_in
from tests.makers import a_person
from tracker.custody.codes import mint
from tracker.db import db


@pytest.fixture
def station(page: Page, context: BrowserContext, live_server) -> Page:
    with live_server.app.app_context():
        session = db.session()
        actor = a_person(session)
        come_in(context, live_server, session, actor)
        session.commit()
    page.goto("/stations/#inspect")
    page.wait_for_selector("body[data-ready]")
    page.evaluate(
        """() => { window.heard = []; document.querySelector("[data-wedge]").addEventListener("scanned", event => heard.push(event.detail.text)); }"""
    )
    return page


def heard(page: Page) -> list[str]:
    return page.evaluate("heard")


def scan(page: Page, text: str, end: str = "Enter", delay: float = 4) -> None:
    page.keyboard.type(text, delay=delay)
    if end:
        page.keyboard.press(end)


CODES = [mint() for _n in range(40)]


def test_a_scan_is_whole_with_any_end_or_none(station: Page):
    ends = ["Enter", "Tab", "", "Enter", "", "Tab", "Enter"]
    for code, end in zip(CODES, ends, strict=False):
        scan(station, f"HTTP://127.0.0.1/T/{code}", end)
        station.wait_for_timeout(0 if end else 220)

    assert heard(station) == [f"HTTP://127.0.0.1/T/{code}" for code in CODES[: len(ends)]]
    assert station.evaluate("document.querySelector('[data-wedge]').value") == ""


def test_a_scan_while_a_button_has_the_focus_does_not_press_it(station: Page):
    address = station.url
    places = ["[data-change]", "[data-start]", "body", "[data-finish]"]
    for where, code in zip(places, CODES, strict=False):
        station.evaluate(f"document.querySelector({json.dumps(where)}).focus()")
        scan(station, code)
        station.wait_for_timeout(60)
        assert station.evaluate("document.activeElement.matches('[data-wedge]')"), where

    assert heard(station) == CODES[: len(places)]
    assert station.url == address
    assert not station.locator("[data-trouble]").is_visible()


def test_a_scan_into_another_field_is_taken_out_of_it_and_typing_is_left_alone(station: Page):
    station.evaluate(
        """() => { const note = document.createElement("input"); note.id = "note"; document.querySelector("main").append(note); note.focus(); }"""
    )
    station.keyboard.type("Vỏ nứt ", delay=60)

    scan(station, CODES[0], delay=3)
    station.keyboard.press("End")
    station.keyboard.type("ở góc", delay=60)

    assert heard(station) == [CODES[0]]
    assert station.input_value("#note") == "Vỏ nứt ở góc"


def test_the_focus_comes_back_after_a_tap_beside_everything_and_a_return(station: Page):
    station.mouse.click(5, 600)
    assert station.evaluate("document.activeElement.matches('[data-wedge]')")
    station.locator("h1").click()
    assert station.evaluate("document.activeElement.matches('[data-wedge]')")
    station.evaluate("document.activeElement.blur(); document.dispatchEvent(new Event('visibilitychange'))")
    assert station.evaluate("document.activeElement.matches('[data-wedge]')")


def test_two_scans_in_one_piece_are_two(station: Page):
    station.evaluate(
        """([one, two]) => { const field = document.querySelector("[data-wedge]"); field.type = "text";
        field.dispatchEvent(Object.assign(new ClipboardEvent("paste", {clipboardData: new DataTransfer(), bubbles: true, cancelable: true}))); }""",
        CODES[:2],
    )
    station.evaluate(
        """text => { const data = new DataTransfer(); data.setData("text", text);
        document.querySelector("[data-wedge]").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }""",
        f"{CODES[0]}\r\n{CODES[1]}\n",
    )

    assert heard(station) == CODES[:2]


def test_keys_that_android_calls_unidentified_and_pieces_are_put_together(station: Page):
    station.evaluate(
        """async code => { const field = document.querySelector("[data-wedge]"); field.focus();
        for (const piece of [code.slice(0, 3), code.slice(3, 6), code.slice(6)]) {
            field.dispatchEvent(new KeyboardEvent("keydown", {key: "Unidentified", keyCode: 229, bubbles: true}));
            field.value += piece;
            field.dispatchEvent(new InputEvent("input", {bubbles: true, inputType: "insertText"}));
            await new Promise(done => setTimeout(done, 60));
        } }""",
        CODES[0],
    )
    station.wait_for_timeout(250)

    assert heard(station) == [CODES[0]]


def test_a_typing_method_at_work_is_waited_for(station: Page):
    station.evaluate(
        """async code => { const field = document.querySelector("[data-wedge]"); field.focus();
        field.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
        for (const sign of code) { field.value += sign; field.dispatchEvent(new InputEvent("input", {bubbles: true, isComposing: true})); }
        await new Promise(done => setTimeout(done, 600));
        window.early = heard.length;
        field.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true})); }""",
        CODES[0],
    )
    station.wait_for_timeout(250)

    assert station.evaluate("early") == 0
    assert heard(station) == [CODES[0]]


def test_ten_scans_a_second_are_kept_up_with(station: Page):
    speeds = [0] * 20 + [12] * 5 + [30] * 4  # ms a key: by cable, and over a weak Bluetooth
    for code, delay in zip(CODES, speeds, strict=False):
        scan(station, code, delay=delay)
    station.wait_for_timeout(200)

    assert heard(station) == CODES[: len(speeds)]
