"""The process that opens what comes from strangers' scanners and phones: `python -m labels.scanner`, see `labels.scanned`.

It reads a file from its input and writes, for each page, one line of JSON (`codes`: texts of its QR codes; `picture`: how
many bytes) and a JPEG of that many bytes; at the end a line with `end`, or at any time one with `refused`. It has little
memory and time, opens no file of its own, and may be killed.
"""

import io
import json
import math
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, Never

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

MEMORY = 1_500_000_000  # bytes
SECONDS = 120  # of the processor
FOR_FINER, FOR_WAYS = 30, 15  # of them, after which pages are looked at less closely, and none is left out

MOST_PAGES = 100
MOST_PIXELS = 40_000_000  # of a photograph
DRAWN_PIXELS = 18_000_000  # of a page: A3 at 300 dpi
COARSE, FINE = 200, 300  # dpi
SIDE, QUALITY = 1600, 80  # of the picture that is kept
MOST_CODES, LONGEST_CODE = 200, 600
FORMATS = ("PNG", "JPEG")
BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Refused(Exception):
    """The file is not read; the key of a sentence in `labels.scanned`, and its values."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values


def main() -> None:
    """Read what comes in, and say what is on it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # counted before anything is unpacked, in `_photograph`
    out = sys.stdout.buffer
    try:
        count = 0
        for codes, picture in pages(sys.stdin.buffer.read()):
            count += 1
            _say(out, codes=codes, picture=len(picture))
            out.write(picture)
        _say(out, end=count)
    except Refused as refused:
        _say(out, refused=refused.key, values=refused.values)
    except MemoryError:
        _say(out, refused="slow", values={})


def _say(out: BinaryIO, **line: Any) -> None:
    out.write(json.dumps(line).encode() + b"\n")
    out.flush()


def pages(data: bytes) -> Iterator[tuple[list[str], bytes]]:
    """Yield the codes and the picture of each page.

    Raises:
        Refused: it is no scan, or too much of one.
    """
    if not data.strip():
        raise Refused("empty")
    found = _sheets(data) if b"%PDF-" in data[:1024] else iter([iter([_photograph(data)])])
    for looks in found:
        shown = next(looks)
        yield _read(shown, looks)[:MOST_CODES], _picture(shown)


def _read(shown: Image.Image, finer: Iterator[Image.Image]) -> list[str]:
    """Return the codes of a page: looked at once, then finer, then in every way, while there is time for it."""
    grey = shown.convert("L")
    codes = read(grey)
    if _named(codes) or _blank(grey):
        return codes
    for look in finer:
        codes += read(look.convert("L"))
        if _named(codes) or time.process_time() > FOR_FINER:
            break
    for look in _ways(grey):
        if _named(codes) or time.process_time() > FOR_WAYS:
            break
        codes += read(look)
    return codes


def _named(codes: list[str]) -> bool:
    return any("://" in code for code in codes)


def _blank(grey: Image.Image) -> bool:
    # The back of a sheet: the smallest code of a foot alone has three times as much ink.
    shades = grey.histogram()
    paper = max(range(256), key=shades.__getitem__)
    return sum(shades[: max(0, paper - 20)]) < 0.001 * grey.width * grey.height


def _sheets(data: bytes) -> Iterator[Iterator[Image.Image]]:
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError:
        _refuse_pdf()
    if count > MOST_PAGES:
        raise Refused("pages", pages=count, most=MOST_PAGES)
    for at in range(count):
        try:
            page = document[at]
            yield (_drawn(page, dpi) for dpi in (COARSE, FINE))
            page.close()
        except pypdfium2.PdfiumError as error:
            raise Refused("broken") from error


def _refuse_pdf() -> Never:
    locked = pdfium.FPDF_GetLastError() in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
    raise Refused("encrypted" if locked else "broken")


def _drawn(page: Any, dpi: int) -> Image.Image:
    width, height = page.get_size()
    if not (math.isfinite(width * height) and min(width, height) > 1):
        raise Refused("broken")
    scale = min(dpi / 72, math.sqrt(DRAWN_PIXELS / (width * height)))
    image: Image.Image = page.render(scale=scale).to_pil()
    return image.convert("RGB")


def _photograph(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise Refused(
                "pixels", pixels=image.width * image.height // 1_000_000, most=MOST_PIXELS // 1_000_000
            )
        return _on_paper(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        raise Refused("broken" if data.startswith(BEGINNINGS) else "unknown") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Refused("broken") from error


def _on_paper(image: Image.Image) -> Image.Image:
    # Without its transparency, a page of nothing but ink is all black.
    if not image.has_transparency_data:
        return image.convert("RGB")
    ink = image.convert("RGBA")
    paper = Image.new("RGB", ink.size, "white")
    paper.paste(ink, mask=ink)
    return paper


def read(grey: Image.Image) -> list[str]:
    """Return the texts of all QR codes of a picture."""
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(grey, formats=kinds)
    return list(dict.fromkeys(one.text for one in found if 0 < len(one.text) <= LONGEST_CODE))


def _ways(grey: Image.Image) -> Iterator[Image.Image]:
    """Yield a page as it may read better: dim, small, noisy or coarse."""
    yield ImageOps.autocontrast(grey, cutoff=2)
    if max(grey.size) > SIDE:
        yield _contained(grey)
    yield ImageOps.autocontrast(grey.filter(ImageFilter.MedianFilter(3)), cutoff=2)
    if max(grey.size) < 2 * SIDE:
        yield grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC).filter(
            ImageFilter.SHARPEN
        )


def _contained(image: Image.Image) -> Image.Image:
    scale = SIDE / max(image.size)
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))


def _picture(image: Image.Image) -> bytes:
    out = io.BytesIO()
    small = _contained(image) if max(image.size) > SIDE else image
    small.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


if __name__ == "__main__":
    main()
