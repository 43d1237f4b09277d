"""What stands in a finished PDF: PDFium draws it, zxing-cpp reads it.

A code is drawn alone, from its place on the sheet, with one or a few whole pixels to a module. The lines between its modules
then lie on lines between pixels, and a pixel is as dark as the part of it that ink covers. So a module whose
pixels are not all black or all white has ink where none belongs or lacks some, if only a fraction of a printer's
dot; and error correction, which would hide a wrong module from whoever only reads, is asked what it had to correct.

PDFium is called under its one lock; zxing-cpp needs none.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NamedTuple, Self

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image
from zxingcpp import Barcode, BarcodeFormat, BarcodeFormats, Binarizer, read_barcode

from labels.codes import BARS_QUIET
from labels.pattern import fixed
from labels.pdfium import LOCK
from labels.refusals import N_, NotReadable

POINTS = 72 / 25.4  # in a millimetre
QR = BarcodeFormat.QRCode
CODE_128 = BarcodeFormat.Code128

_DAMAGED = N_("The file of the labels cannot be opened: it is damaged or locked.")
_WHITE = 255
_FLAGS = pdfium.FPDF_ANNOT | pdfium.FPDF_PRINTING  # what a printer is sent
# A module may be off by 3 % of its ink: a quarter of a dot at most, where PDFium's own rounding makes 1 %.
_DARK, _LIGHT = bytes(range(9)), bytes(range(247, 256))
_PLAIN = _DARK + _LIGHT
_BINARY = bytes(shade >> 7 for shade in range(256))


class View(NamedTuple):
    """A part of a sheet to be drawn: millimetres from its top left corner, pixels a millimetre, and pixels.

    Of the outermost pixels, `edge` are left white: across and down.
    """

    left: float
    top: float
    across: float
    down: float
    width: int
    height: int
    edge: tuple[int, int] = (0, 0)


class Picture(NamedTuple):
    """Grey pixels, row by row."""

    pixels: bytes
    width: int
    height: int

    def modules(self, across: int, down: int) -> bytes:
        """Return the shade of each module of `across` × `down` pixels."""
        if across == down == 1:
            return self.pixels
        image = Image.frombuffer("L", (self.width, self.height), self.pixels, "raw", "L", 0, 1)
        return image.reduce((across, down)).tobytes()

    def code(self, kind: BarcodeFormat, *, alone: bool) -> Barcode | None:
        """Return a code of one kind; `alone` looks for nothing but an upright one with white around it."""
        # A memoryview, as zxing-cpp 3.1 does not keep a ctypes array alive that an `ImageView` is made of.
        rows = memoryview(self.pixels).cast("B", (self.height, self.width))
        # Made anew each time: what is kept of zxing-cpp's own, it complains of when a process ends.
        formats = BarcodeFormats(kind)
        if alone:
            found = read_barcode(
                rows, formats, False, False, False, binarizer=Binarizer.FixedThreshold, is_pure=True
            )
        else:
            found = read_barcode(rows, formats)
        return found if found and found.valid else None


class Read(NamedTuple):
    """What a code says, or nothing, and whether every module of it is as it should be."""

    text: str = ""
    clean: bool = False


@contextmanager
def _alone() -> Iterator[None]:
    with LOCK:
        try:
            yield
        except pypdfium2.PdfiumError as error:
            raise NotReadable(_DAMAGED) from error


class Paper:
    """A finished PDF, opened to be looked at. A context manager.

    Raises:
        NotReadable: it cannot be opened, is locked, or had to be repaired.
    """

    def __init__(self, pdf: bytes) -> None:
        with _alone():
            self._document: Any = pypdfium2.PdfDocument(pdf)
            whole = pdfium.FPDF_DocumentHasValidCrossReferenceTable(self._document)
            if not whole or pdfium.FPDF_GetSecurityHandlerRevision(self._document) != -1:
                self._document.close()
                raise NotReadable(_DAMAGED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with LOCK:
            self._document.close()

    def sizes(self) -> list[tuple[float, float]]:
        """Return the width and the height of each sheet."""
        with _alone():
            sizes = [self._document.get_page_size(sheet) for sheet in range(len(self._document))]
        return [(width / POINTS, height / POINTS) for width, height in sizes]

    def seen(self, sheet: int, views: Sequence[View]) -> list[Picture]:
        """Draw parts of a sheet, counted from 0."""
        bitmaps: dict[tuple[int, int], Any] = {}
        with _alone():
            page = self._document[sheet]
            try:
                return [_drawn(page.raw, view, bitmaps) for view in views]
            finally:
                for bitmap in bitmaps.values():
                    bitmap.close()
                page.close()


def _drawn(page: Any, view: View, bitmaps: dict[tuple[int, int], Any]) -> Picture:
    size = view.width, view.height
    bitmap = bitmaps.get(size)
    if bitmap is None:
        bitmap = bitmaps[size] = pypdfium2.PdfBitmap.new_native(*size, pdfium.FPDFBitmap_Gray)
    ctypes.memset(bitmap.buffer, _WHITE, len(bitmap.buffer))
    matrix = pdfium.FS_MATRIX(
        view.across / POINTS, 0, 0, view.down / POINTS, -view.left * view.across, -view.top * view.down
    )
    x, y = view.edge
    clip = pdfium.FS_RECTF(x, y, view.width - x, view.height - y)
    pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap.raw, page, matrix, clip, _FLAGS)
    return Picture(bytes(bitmap.buffer), *size)


def read_qr(picture: Picture, module: int) -> Read:
    """Read a QR that fills the picture with its quiet zone, `module` pixels a module."""
    found = picture.code(QR, alone=True)
    if found is None:
        return Read()
    if found.format != QR:  # one of its small relations
        return Read(found.text)
    modules = picture.modules(module, module)
    says: Any = found.extra
    where, light = fixed(int(says["Version"]), says["ECLevel"], int(says["DataMask"]))
    clean = (
        not modules.translate(None, _PLAIN)
        and says["UEC"] == 1.0  # all of the error correction unused, ISO/IEC 15415
        and int.from_bytes(modules, "big") & where == light
    )
    return Read(found.text, clean)


def read_bars(picture: Picture, module: int, edge: int = 0) -> Read:
    """Read a Code 128 that fills the picture with its quiet zones, `module` pixels a module, any rows high.

    The first and the last `edge` rows do not count.
    """
    found = picture.code(CODE_128, alone=True)
    if found is None:
        return Read()
    width, shades = picture.width // module, picture.modules(module, 1)
    shades = shades[edge * width : len(shades) - edge * width]
    rows, white = shades.translate(_BINARY), b"\1" * BARS_QUIET
    first = rows[:width]
    clean = (
        not shades.translate(None, _PLAIN)
        and rows == first * (len(rows) // width)
        and first.startswith(white)
        and first.endswith(white)
    )
    return Read(found.text, clean)
