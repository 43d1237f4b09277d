"""Forms that print, sent with what is no number: shown again with what is wrong, and everything else kept."""

import html
import re

import pytest
from sqlalchemy import func, select

from tests.intake.makers import send, text
from tests.makers import a_device
from tests.printers.makers import a_printer
from tracker.custody.models import Label as CodeRow
from tracker.custody.queries import code_of
from tracker.custody.road import Status
from tracker.printers.rules import Kind
from tracker.prints.models import PrintJob
from tracker.prints.rules import whole


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url  # nothing here differs between the databases


@pytest.fixture
def code(session, storekeeper):
    return code_of(session, a_device(session, status=Status.RECEIVED, holder=storekeeper.org))


def said_by(page):
    """Return the fields of the form on a page that prints, as a browser would send them."""
    form = re.search(r"<form[^>]*print[^>]*>.*?</form>", page, re.S)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if attributes.get("type") not in {"radio", "checkbox"} or " checked" in tag:
            fields.setdefault(attributes["name"], []).append(html.unescape(attributes.get("value", "")))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', form, re.S):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[:1] or re.findall(r'<option value="([^"]*)"', options)[:1]
    return {name: values for name, values in fields.items() if name not in {"csrf_token", "event_id"}}


ASKED = {
    "stock": "L7161",
    "skip": "3",
    "order": "column",
    "dpi": "600",
    "design": "device-small",
    "shows": ["code", "serial"],
    "part": "1",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skip", "x"),
        ("skip", ""),
        ("skip", "18"),
        ("skip", "-1"),
        ("skip", "1_0"),
        ("skip", "٣"),
        ("skip", "3,5"),
        ("skip", "9" * 40),
        ("skip", '"><script>'),
        ("dpi", "x"),
        ("dpi", "1"),
        ("printer", "x"),
        ("printer", "9" * 40),
    ],
)
def test_what_is_no_number_is_asked_again_and_all_else_is_kept(
    browser, session, storekeeper, code, name, value
):
    a_printer(session, storekeeper, name="HP", kind=Kind.PDF)
    asked = {**ASKED, "printer": "", name: value}

    answer = send(browser, f"/devices/{code}/print", **asked)

    page = text(answer)
    assert answer.status_code == 422
    assert f'href="#f-{name}"' in page
    assert f'action="/devices/{code}/print"' in page
    said = said_by(page)
    for field in asked.keys() - {name}:
        assert said[field] == ([asked[field]] if isinstance(asked[field], str) else asked[field])
    assert name != "skip" or said["skip"] == [value]
    assert session.scalar(select(func.count()).select_from(PrintJob)) == 0
    once_more = send(
        browser, f"/devices/{code}/print", **{**said, name: "1" if name == "skip" else ""} | {"dpi": "600"}
    )
    assert once_more.status_code == 303


def test_full_width_digits_are_numbers(browser, code):
    assert whole(" １２ ") == 12
    assert send(browser, f"/devices/{code}/print", stock="L7160", skip="１２").status_code == 303


def test_a_roll_is_told_that_nothing_is_left_empty(browser, code):
    assert "hãy ghi 0" in text(send(browser, f"/devices/{code}/print", stock="50x30", skip="1"))


@pytest.mark.parametrize("wrong", [{"skip": "x"}, {"dpi": "x"}, {"count": "٣"}, {"count": "1_0"}])
def test_the_form_of_blank_labels_keeps_what_was_said(browser, session, wrong):
    asked = {"count": "7", "stock": "L7161", "skip": "4", "order": "column", "dpi": "600"} | wrong

    answer = send(browser, "/prints/blank", **asked, design="blank")

    assert answer.status_code == 422
    said = said_by(text(answer))
    assert [said[name] for name in ("count", "stock", "skip", "order")] == [
        [asked[name]] for name in ("count", "stock", "skip", "order")
    ]
    assert session.scalar(select(func.count()).select_from(CodeRow)) == 0


@pytest.mark.parametrize("wrong", [{"skip": "x"}, {"action": []}])
def test_the_form_of_mode_cards_keeps_what_was_said(browser, wrong):
    asked = {
        "action": ["count", "give"],
        "stock": "L7164",
        "skip": "2",
        "order": "column",
        "dpi": "300",
    } | wrong

    answer = send(browser, "/prints/modes", **asked)

    assert answer.status_code == 422
    said = said_by(text(answer))
    assert said.get("action", []) == asked["action"]
    assert [said[name] for name in ("stock", "order", "dpi", "skip")] == [
        ["L7164"],
        ["column"],
        ["300"],
        [asked["skip"]],
    ]
