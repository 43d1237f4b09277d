"""A label as the dots of a thermal printer's head, and what every label printer is asked first.

The printer's own fonts know no Vietnamese and its own code commands choose their own sizes. So what is printed is
our one-label PDF, painted once at the printer's resolution: dot for dot the same label as the PDF.

PDFium stretches a page to a whole number of pixels, which moves the far edge of a code by up to half a dot and
turns its modules grey. Here the page is cut to whole dots first, so that a point is exactly as many dots as the
printer has: modules and bars, which `labels.plan` makes of whole dots, come out as nothing but black and white.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium

from labels.pdfium import LOCK
from labels.plan import DPIS
from labels.refusals import N_, PaperRefused, TooMany
from labels.stock import Stock

HEAD = 104.0  # mm that the head of a “4 inch” printer prints: 832 dots at 203 dpi
LONGEST = 300.0  # mm of one label
INK = 160  # lighter than this stays white; at 128 thin strokes of 6 points break at 203 dpi
MOST_COPIES = 99
MOST_LABELS = 2_400  # of one job, with their copies
MOST_BYTES = 64 * 1024 * 1024  # of all bitmaps of one job
WIDEST_GAP = 25.4  # mm, TSPL
NARROWEST_GAP = 0.5
DENSITIES = range(16)  # of TSPL; ZPL has twice as many
SPEEDS = range(1, 15)  # inches a second
_WHOLE = 0.499  # half a dot at the edge is none, whatever the rounding of points and millimetres


class Unprintable(PaperRefused):
    """A label printer would not print this: the sentence says what does not fit, and the bounds."""


@dataclass(frozen=True)
class Bitmap:
    """The dots of one label: `rows` from the top, each padded to whole bytes; a 1 is black, the highest bit leftmost.

    Raises:
        ValueError: the bytes are not those of this size, or a bit beyond the right edge is black.
    """

    width: int
    height: int
    rows: bytes

    def __post_init__(self) -> None:
        """Refuse bytes that are no picture of this size."""
        if min(self.width, self.height) < 1 or len(self.rows) != self.stride * self.height:
            raise ValueError(f"{len(self.rows)} bytes are not {self.width} × {self.height} dots")
        beyond = (1 << -self.width % 8) - 1
        if beyond and any(last & beyond for last in self.rows[self.stride - 1 :: self.stride]):
            raise ValueError("A dot is black beyond the right edge")

    @property
    def stride(self) -> int:
        """How many bytes a row has."""
        return -(-self.width // 8)


def whole(length: float, dpi: int) -> int:
    """Return how many whole dots of a printer stand on `length` millimetres."""
    return int(length / 25.4 * dpi + _WHOLE)


def bitmap(pdf: bytes, page: int = 0, *, dpi: int, head: float = HEAD) -> Bitmap:
    """Return one page of a PDF as the dots of a printer of `dpi`, whose head prints `head` millimetres.

    Raises:
        Unprintable: the page is wider than the head or too long, or the PDF cannot be read.
        PaperRefused: no printer has this resolution.
        IndexError: there is no such page.
    """
    return _painted(pdf, [page], dpi, head)[0]


def bitmaps(pdf: bytes, *, dpi: int, head: float = HEAD) -> list[Bitmap]:
    """Return every page of a PDF, as `bitmap` does.

    Raises:
        TooMany: more pages than one job prints, or more dots than a job may hold.
        Unprintable, PaperRefused: as `bitmap` says.
    """
    return _painted(pdf, None, dpi, head)


def check_job(bitmaps: Sequence[Bitmap], *, stock: Stock, dpi: int, copies: int, head: float) -> None:
    """Answer nothing if these labels, each printed `copies` times, may be one job on `stock`.

    Raises:
        TooMany: too many labels, or too many bytes.
        Unprintable: there are none, or they are not the size of the stock, or the stock is wider than the head.
        PaperRefused: no printer has this resolution.
    """
    _check_dpi(dpi)
    if not bitmaps:
        raise PaperRefused(N_("There are no labels to print."))
    if not _is_one_of(copies, range(1, MOST_COPIES + 1)):
        raise Unprintable(
            N_("Each label can be printed from 1 to %(most)s times, not %(asked)s."),
            most=MOST_COPIES,
            asked=copies,
        )
    _check_many(len(bitmaps) * copies, sum(len(bitmap.rows) for bitmap in bitmaps))
    size = whole(stock.page_width, dpi), whole(stock.page_height, dpi)
    _check_size(size, dpi, head)
    for bitmap in bitmaps:
        if (bitmap.width, bitmap.height) != size:
            raise Unprintable(
                N_("A label of %(stock)s is %(right)s dots at %(dpi)s dpi; this one is %(size)s."),
                stock=stock.name,
                right=f"{size[0]} × {size[1]}",
                dpi=dpi,
                size=f"{bitmap.width} × {bitmap.height}",
            )


def check_settings(*, gap: float, density: int | None, speed: int | None) -> None:
    """Answer nothing if a printer can be set so. `None` leaves a setting to whoever set the printer up.

    Raises:
        Unprintable: a value is out of its bounds; the sentence says them.
    """
    if gap != 0 and not NARROWEST_GAP <= gap <= WIDEST_GAP:
        raise Unprintable(
            N_("Labels have a gap of %(least)s to %(most)s mm between them, or 0 on a roll without gaps."),
            least=f"{NARROWEST_GAP:g}",
            most=f"{WIDEST_GAP:g}",
        )
    if density is not None and not _is_one_of(density, DENSITIES):
        raise Unprintable(
            N_("A printer's density goes from 0 to %(most)s, not %(asked)s."),
            most=DENSITIES[-1],
            asked=density,
        )
    if speed is not None and not _is_one_of(speed, SPEEDS):
        raise Unprintable(
            N_("A printer feeds 1 to %(most)s inches a second, not %(asked)s."), most=SPEEDS[-1], asked=speed
        )


def _is_one_of(asked: int, within: range) -> bool:
    # 1.0 and True are in a range as well, and would be written out as such.
    return type(asked) is int and asked in within


def _check_dpi(dpi: int) -> None:
    if dpi not in DPIS:
        raise PaperRefused(
            N_("Printers have %(dpis)s dpi, not %(dpi)s."), dpis=", ".join(map(str, DPIS)), dpi=dpi
        )


def _check_many(labels: int, size: int) -> None:
    if labels > MOST_LABELS:
        raise TooMany(
            N_("%(count)s labels are too many at once: at most %(most)s."), count=labels, most=MOST_LABELS
        )
    if size > MOST_BYTES:
        raise TooMany(
            N_("These labels have %(size)s MB of dots; one job carries %(most)s. Print them in parts."),
            size=-(-size // 2**20),
            most=MOST_BYTES // 2**20,
        )


def _check_size(size: tuple[int, int], dpi: int, head: float) -> None:
    most = whole(head, dpi), whole(LONGEST, dpi)
    if not (0 < size[0] <= most[0] and 0 < size[1] <= most[1]):
        raise Unprintable(
            N_("A label of %(size)s dots does not fit this printer: at most %(most)s at %(dpi)s dpi."),
            size=f"{size[0]} × {size[1]}",
            most=f"{most[0]} × {most[1]}",
            dpi=dpi,
        )


def _painted(pdf: bytes, pages: Sequence[int] | None, dpi: int, head: float) -> list[Bitmap]:
    _check_dpi(dpi)
    with LOCK:
        try:
            document = pdfium.PdfDocument(pdf)
        except pdfium.PdfiumError:
            raise Unprintable(N_("This PDF cannot be read.")) from None
    try:
        if pages is None:
            _check_many(len(document), 0)
            pages = range(len(document))
        painted: list[Bitmap] = []
        for number in pages:  # others may use PDFium between two pages
            painted.append(_page(document, number, dpi, head))
            _check_many(1, len(painted) * len(painted[-1].rows))
        return painted
    finally:
        with LOCK:
            document.close()


def _page(document: pdfium.PdfDocument, number: int, dpi: int, head: float) -> Bitmap:
    with LOCK:
        if not 0 <= number < len(document):
            raise IndexError(f"There is no page {number}")
        page = document[number]
        try:
            width, height = page.get_size()
            size = whole(width / 72 * 25.4, dpi), whole(height / 72 * 25.4, dpi)
            _check_size(size, dpi, head)
            # A hair less than the dots, as PDFium rounds up.
            across, down = ((dots - 1e-3) * 72 / dpi for dots in size)
            page.set_mediabox(0, height - down, across, height)
            pixels = page.render(scale=dpi / 72, grayscale=True)
            try:
                black = pixels.to_pil().point([255] * INK + [0] * (256 - INK), "1")
            finally:
                pixels.close()
        finally:
            page.close()
    return Bitmap(*size, black.tobytes())
