"""WeasyPrint, set up once: it fetches nothing, keeps one font configuration, and works under one lock.

A `FontConfiguration` a document leaks a quarter of a megabyte each (WeasyPrint issue 2130), and a default
fetcher would open any address an injected text names. Pango promises nothing about threads, so all
layout and writing in a process happens under `LOCK`; it costs nothing, as Python runs one thread at a time.
"""

import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pydyf
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from labels import records
from labels.codes import Drawing
from labels.text import grouped, long_date, thousands
from labels.words import in_words

LOCK = threading.RLock()


class Nothing(URLFetcher):
    """A fetcher that opens no address at all: not files, not the network, not `data:`."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=frozenset(), allow_redirects=False)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Refuse."""
        raise ValueError("Paper fetches nothing.")


FETCHER = Nothing()


@cache
def fonts() -> FontConfiguration:
    """Return the one font configuration of this process."""
    return FontConfiguration()


def stylesheet(css: str) -> CSS:
    """Read a style sheet that can import nothing."""
    with LOCK:
        return CSS(string=css, url_fetcher=FETCHER, font_config=fonts())


def lay_out(html: str, css: CSS, drawings: Mapping[str, Drawing] | None = None) -> Document:
    """Lay out HTML whose images are `drawings`, by the address in their `src`; other addresses stay empty."""
    # WeasyPrint looks an image's address up in `cache` before it asks the fetcher.
    with LOCK:
        page = HTML(string=html, url_fetcher=FETCHER)
        return page.render(font_config=fonts(), stylesheets=[css], cache=dict(drawings or {}))


def write(document: Document, finisher: Callable[[Document, pydyf.PDF], None] | None = None) -> bytes:
    """Write a laid-out document, told to print at its own size."""

    def finish(document: Document, pdf: pydyf.PDF) -> None:
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary(
            {"PrintScaling": "/None", "PickTrayByPDFSize": "true", "DisplayDocTitle": "true"}
        )
        if finisher:
            finisher(document, pdf)

    with LOCK:
        return bytes(document.write_pdf(finisher=finish))


class Press:
    """Print records from the templates in `templates/paper`. Keep one for the life of the process; threads may share it."""

    def __init__(self, templates: Path) -> None:
        self._pages = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters.update(
            grouped=grouped, long_date=long_date, in_words=in_words, thousands=thousands
        )
        self._css = stylesheet((Path(templates) / "paper" / "record.css").read_text(encoding="utf-8"))

    def handover_record(self, values: records.HandoverRecord) -> bytes:
        """Return the PDF of a *biên bản bàn giao*.

        Raises:
            MissingField, TooLong, TooMany, UnreadableCode: see `labels.records`.
        """
        return self._print("paper/handover.html", records.checked(values))

    def donation_receipt(self, values: records.DonationReceipt) -> bytes:
        """Return the PDF of a *biên bản tiếp nhận*.

        Raises:
            MissingField, TooLong, TooMany, UnreadableCode: see `labels.records`.
        """
        return self._print("paper/receipt.html", records.checked(values))

    def _print(self, template: str, record: records.Record) -> bytes:
        drawings = records.drawings(record)
        html = self._pages.get_template(template).render(record=record)
        with LOCK:
            return write(lay_out(html, self._css, drawings))
