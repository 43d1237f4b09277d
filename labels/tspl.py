"""Programs for printers that speak TSPL (TSC, and the many that follow it: Xprinter, Gprinter, iDPRT …).

Lines of ASCII, each ended by CR LF; only BITMAP carries bytes, exactly as many as it says. Its bits are the other
way round than elsewhere: 0 burns a dot and 1 leaves it white. Only commands of the oldest manual are used, as some
firmware drops the whole job at a command it does not know. Nothing that people typed is ever part of a command.
"""

import re
from collections.abc import Iterator, Sequence

from labels.stock import Stock
from labels.thermal import HEAD, Bitmap, check_job, check_settings

_INVERTED = bytes(255 - byte for byte in range(256))
#: ESC ! begins what a printer does at once and at any time (ESC ! R resets it), perhaps even amid a picture.
_AT_ONCE = re.compile(rb"\x1b!")
_BETWEEN = re.compile(rb"(?<=\x1b)(?=!)")


def program(
    bitmaps: Sequence[Bitmap],
    *,
    stock: Stock,
    dpi: int,
    gap_mm: float = 2.0,
    density: int | None = None,
    speed: int | None = None,
    copies: int = 1,
    head: float = HEAD,
) -> bytes:
    """Return what a printer of `dpi` is sent to print these labels on `stock`, each `copies` times.

    `gap_mm` lies between two labels of the roll, 0 if it has no gaps. `density` goes from 0 to 15, `speed` from 1 to
    14 inches a second; `None` leaves the printer as it was set up. `head` is the width it prints, in millimetres.

    Raises:
        PaperRefused, TooMany, Unprintable: see `labels.thermal`.
    """
    check_job(bitmaps, stock=stock, dpi=dpi, copies=copies, head=head)
    check_settings(gap=gap_mm, density=density, speed=speed)
    lines = [
        b"",  # ends whatever a job before this one left unfinished
        f"SIZE {stock.page_width:g} mm,{stock.page_height:g} mm".encode(),
        f"GAP {gap_mm:.2f} mm,0 mm".encode() if gap_mm else b"GAP 0,0",
        b"DIRECTION 0,0",
        b"REFERENCE 0,0",
    ]
    if density is not None:
        lines.append(f"DENSITY {density}".encode())
    if speed is not None:
        lines.append(f"SPEED {speed}".encode())
    for bitmap in bitmaps:
        lines += [b"CLS", *_pictures(bitmap), f"PRINT 1,{copies}".encode()]
    return b"\r\n".join([*lines, b""])


def _pictures(bitmap: Bitmap) -> Iterator[bytes]:
    for x, y, width, rows in _strips(bitmap.stride, bitmap.rows.translate(_INVERTED)):
        yield f"BITMAP {8 * x},{y},{width},{len(rows) // width},0,".encode() + rows


def _strips(stride: int, rows: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Cut a picture so that no part has ESC ! in it: left in bytes, top, width in bytes, rows."""
    start = 0
    for row in sorted({found.start() // stride for found in _AT_ONCE.finditer(rows)}):
        if row > start:
            yield 0, start, stride, rows[start * stride : row * stride]
        left = 0
        for part in _BETWEEN.split(rows[row * stride : (row + 1) * stride]):
            yield left, row, len(part), part
            left += len(part)
        start = row + 1
    if start * stride < len(rows):
        yield 0, start, stride, rows[start * stride :]
