"""Which page of which record: what the QR in the foot of every page says.

A signed sheet that is scanned back names its record and its page, whatever order the sheets come in.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import pydyf
from weasyprint.document import Document

from labels.codes import Drawing, any_code

LONGEST_LINK = (
    142  # bytes; with the page, version 8 at level M: modules of 0.35 mm in the 20 mm of the margin
)
LONGEST_PAGE = len("?p=999-999")
LINK_AT_Q = 53  # modules a side, of 0.377 mm
PIXEL = 0.75  # points

_PAGE = re.compile(r"(?:^|&)p=([1-9][0-9]{0,2})-([1-9][0-9]{0,2})$")


class PageOf(NamedTuple):
    """A page of a record: the record's link, the number of the page, and how many there are."""

    link: str
    page: int = 1
    pages: int = 1


def page_link(link: str, page: int, pages: int) -> str:
    """Return what the QR of a page says: the link, with `p=2-5` as its last query on page 2 of 5."""
    if pages == 1:
        return link
    parts = urlsplit(link)
    said = f"p={page}-{pages}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{said}" if parts.query else said))


def page_of(text: str) -> PageOf:
    """Return the page that a QR names, see `page_link`.

    Raises:
        ValueError: it is no address.
    """
    parts = urlsplit(text)
    found = _PAGE.search(parts.query)
    if not found or int(found[1]) > int(found[2]):
        return PageOf(text)
    link = urlunsplit(parts._replace(query=parts.query[: found.start()]))
    return PageOf(link, int(found[1]), int(found[2]))


def draw_links(document: Document, pdf: pydyf.PDF, link: str) -> None:
    """Draw the QR of every page into the place that its foot keeps free."""
    for number, page in enumerate(document.pages):
        for box in marked(page._page_box, "data-link"):  # noqa: SLF001
            drawing = any_code(
                page_link(link, number + 1, len(document.pages)),
                longest=LONGEST_LINK + LONGEST_PAGE,
                at_q=LINK_AT_Q,
            )
            side = box.width * PIXEL
            draw(
                stream_of(pdf, number),
                drawing,
                box.content_box_x() * PIXEL,
                box.content_box_y() * PIXEL,
                side,
            )


def draw(stream: Any, drawing: Drawing, x: float, y: float, side: float) -> None:
    """Draw a code as decoration: its words stand beside it. Lengths are points from the top left of the page."""
    with stream.artifact(), stream.stacked():
        stream.transform(e=x, f=y)
        drawing.draw(stream, side, side, None)


def stream_of(pdf: pydyf.PDF, page: int) -> Any:
    """Return the content of a page, counted from 0. WeasyPrint leaves it with y downwards, in points."""
    content = pdf.objects[pdf.pages["Kids"][3 * page]]["Contents"]
    return pdf.objects[int(content.split()[0])]


def marked(box: Any, attribute: str) -> Iterator[Any]:
    """Return the boxes of a page whose element has an attribute, the outermost of each."""
    if box.element is not None and not isinstance(box.element, str) and box.element.get(attribute):
        yield box
        return
    for child in getattr(box, "children", ()):
        yield from marked(child, attribute)
