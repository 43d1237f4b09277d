"""WeasyPrint, set up once: it fetches nothing, keeps one font configuration, and works under one lock.

A `FontConfiguration` a document leaks a quarter of a megabyte each (WeasyPrint issue 2130), and a default
fetcher would open any address an injected text names. Pango promises nothing about threads, so all
layout and writing in a process happens under `LOCK`; it costs nothing, as Python runs one thread at a time.
"""

import threading
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import cssselect2  # type: ignore[import-untyped]
import pydyf
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from labels.codes import Drawing

LOCK = threading.RLock()
ZLIB_LEVEL = 6  # pydyf's own level 9 takes six times as long for a tenth of the bytes

#: What WeasyPrint's own style sheet says of the elements that records are made of; it has 250 rules to try on each.
ELEMENTS = """
html, body, div, p, h1, h2, hr { display: block; unicode-bidi: isolate }
head, title { display: none }
table { display: table; border-spacing: 0; box-sizing: border-box; text-indent: 0; unicode-bidi: isolate }
colgroup { display: table-column-group } col { display: table-column }
thead { display: table-header-group } tbody { display: table-row-group } tr { display: table-row }
td, th { display: table-cell; unicode-bidi: isolate }
th { font-weight: bold } b { font-weight: bold } i { font-style: italic }
"""


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


class Form(HTML):
    """A page of our own templates: well-formed XML, of the few elements in `ELEMENTS`.

    Read by the C parser of the standard library and styled by a dozen rules, it is ready in a third of the time.
    """

    def __init__(self, xml: str) -> None:
        self.base_url = None
        self.url_fetcher = FETCHER
        self.media_type = "print"
        # Only our own templates come here, with every value escaped: no entities, no document type.
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(
            ET.fromstring(xml),  # noqa: S314
            content_language=None,
        )
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_elements()]


@cache
def _elements() -> CSS:
    return stylesheet(ELEMENTS)


def lay_out(html: str | HTML, css: CSS, drawings: Mapping[str, Drawing] | None = None) -> Document:
    """Lay out HTML whose images are `drawings`, by the address in their `src`; other addresses stay empty."""
    # WeasyPrint looks an image's address up in `cache` before it asks the fetcher.
    with LOCK:
        page = HTML(string=html, url_fetcher=FETCHER) if isinstance(html, str) else html
        return page.render(font_config=fonts(), stylesheets=[css], cache=dict(drawings or {}))


Finisher = Callable[[Document, pydyf.PDF], None]


def write(document: Document, finisher: Finisher | None = None, **options: Any) -> bytes:
    """Write a laid-out document, told to print at its own size. `options` are those of `Document.write_pdf`."""

    def finish(document: Document, pdf: pydyf.PDF) -> None:
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary(
            {"PrintScaling": "/None", "PickTrayByPDFSize": "true", "DisplayDocTitle": "true"}
        )
        if finisher:
            finisher(document, pdf)

    with LOCK:
        return bytes(document.write_pdf(finisher=finish, **options))


class _Settled(pydyf.Object):
    """An object whose bytes are known, as pydyf asks for them up to three times."""

    def __init__(self, of: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation, self.free = of.number, of.generation, of.free
        self._compressible = bool(of.compressible)
        self._data = bytes(of.data)

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def compressible(self) -> bool:
        return self._compressible


def settle(pdf: pydyf.PDF) -> None:
    """Compress the streams of a finished PDF, and write out every object once. Nothing may change afterwards."""
    for number, part in enumerate(pdf.objects):
        if part.free == "f":
            continue
        if isinstance(part, pydyf.Stream) and part.compress:
            content = b"\n".join(pydyf._to_bytes(line) for line in part.stream)  # noqa: SLF001
            part.stream = [zlib.compress(content, ZLIB_LEVEL)]
            part.extra = pydyf.Dictionary({**part.extra, "Filter": "/FlateDecode"})
            part.compress = False
        pdf.objects[number] = _Settled(part)
