"""No text on any paper makes the printer open a file or an address, however it is dressed up."""

import http.server
import threading
from contextlib import suppress
from dataclasses import fields, replace

import pytest
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetchingError

from labels.press import FETCHER, fonts, lay_out, stylesheet, write
from labels.records.checks import LONGEST, SHORTER
from labels.sheets import sheet
from tests.labels.makers import (
    a_checkpoint,
    a_label,
    a_party,
    a_receipt,
    a_record,
    a_school,
    an_item,
    opened,
    press,
    some_devices,
    texts,
)

SECRET = "không ai được đọc dòng này"


@pytest.fixture
def listener():
    """A server on the loopback interface, and what it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing: what was asked is asserted."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def canary(tmp_path):
    path = tmp_path / "canary.txt"
    path.write_text(SECRET, encoding="utf-8")
    return path.as_uri()


def channels(address):
    """Every way HTML, SVG or CSS names an address."""
    return [
        f'<img src="{address}/img">',
        f'<img srcset="{address}/srcset 1x">',
        f'<link rel="stylesheet" href="{address}/link">',
        f'<link rel="attachment" href="{address}/attachment">',
        f'<a rel="attachment" href="{address}/a-attachment">x</a>',
        f'<object data="{address}/object"></object>',
        f'<embed src="{address}/embed">',
        f'<iframe src="{address}/iframe"></iframe>',
        f'<base href="{address}/base/"><img src="relative">',
        f'<style>@import url("{address}/import");</style>',
        f'<style>@font-face {{ font-family: x; src: url("{address}/font") }} p {{ font-family: x }}</style><p>x</p>',
        f'<p style="background: url({address}/background)">x</p>',
        f'<p style="list-style-image: url({address}/list); display: list-item">x</p>',
        f'<style>p::before {{ content: url("{address}/content") }}</style><p>x</p>',
        f'<p style="border-image-source: url({address}/border); border: 9px solid">x</p>',
        f'<svg width="9" height="9"><image href="{address}/svg" width="9" height="9"/></svg>',
        f'<svg width="9" height="9"><use href="{address}/use#a"/></svg>',
        f'<style>@color-profile --x {{ src: url("{address}/profile") }}</style>',
        f'"><img src={address}/quote>',
        f"url({address}/bare)",
        f"@import '{address}/at';",
    ]


def test_the_control_default_weasyprint_would_ask_the_listener(listener):
    address, asked = listener
    HTML(string="".join(channels(address))).write_pdf()
    CSS(string=f'@import url("{address}/css");')

    assert len(set(asked)) >= 10
    assert "/img" in asked
    assert "/css" in asked


def test_the_control_default_weasyprint_would_read_the_file(canary):
    printed = HTML(string=f'<link rel="attachment" href="{canary}">').write_pdf()
    with opened(printed) as pdf:
        assert [bytes(found.get_file().read_bytes()).decode() for found in pdf.attachments.values()] == [
            SECRET
        ]


def test_raw_markup_fetches_nothing_even_if_a_template_forgot_to_escape(listener, canary):
    address, asked = listener
    for place in (address, canary, "file:///etc/passwd#", "data:,x"):
        for markup in channels(place):
            # A colour profile that cannot be read stops the layout; all else is left out.
            with suppress(URLFetchingError):
                printed = write(lay_out(f"<!doctype html><body>{markup}</body>", stylesheet("")))
                with opened(printed) as pdf:
                    assert not pdf.attachments

    assert asked == []


def test_a_style_sheet_imports_nothing(listener, canary):
    address, asked = listener
    for place in (address, canary):
        css = stylesheet(
            f'@import url("{place}/a"); @font-face {{ font-family: x; src: url("{place}/b") }}'
            f' p {{ background: url("{place}/c") }}'
        )
        write(lay_out("<p>x</p>", css))

    assert asked == []


def filled(part, text):
    """The part with every free text of it replaced; what must be short gets as much of it as it may have."""
    kept = {"code", "link", "root", "note"}
    changes = {
        field.name: text[: SHORTER.get(field.name, LONGEST)]
        for field in fields(part)
        if isinstance(getattr(part, field.name), str) and field.name not in kept
    }
    return replace(part, **changes)


@pytest.mark.parametrize("number", range(len(channels(""))))
def test_no_field_of_any_paper_fetches_anything(number, listener, canary):
    address, asked = listener
    text = channels(address)[number] + channels(canary)[number]
    parts = {"items": (filled(an_item(), text),), "checkpoint": filled(a_checkpoint(), text)}
    parts |= {"receiver": filled(a_school(), text), "copies_to": (text,)}
    handover = replace(filled(a_record(), text), sender=filled(a_party(), text), **parts)
    parts["items"] = (filled(some_devices(1)[0], text),)
    receipt = replace(filled(a_receipt(), text), donor=filled(a_party(), text), **parts, note=text)
    label = a_label(make_model=text, donation=text)
    for printed in (
        press().handover_record(handover),
        press().donation_receipt(receipt),
        sheet([label], stock="L7160", heading=text),
        sheet([label, a_label(make_model=f"电{text}")], stock="L7160", heading=text),
    ):
        assert SECRET not in " ".join(texts(printed))
        with opened(printed) as pdf:
            # A record has its own data attached, and nothing else.
            assert set(pdf.attachments) <= {"handover.json", "receipt.json"}

    assert asked == []


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/", "file:///etc/passwd", "data:,x", "ftp://x/", "x", ""]
)
def test_the_fetcher_refuses_every_address(address):
    with pytest.raises(ValueError, match="fetches nothing"):
        FETCHER.fetch(address)
    with pytest.raises(ValueError, match="fetches nothing"):
        FETCHER(address)
    with pytest.raises(ValueError, match="fetches nothing"):
        FETCHER.open(address)


def test_all_paper_of_a_process_shares_one_font_configuration():
    assert fonts() is fonts()
