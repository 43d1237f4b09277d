"""Programs for printers that speak ZPL II (Zebra, and the emulations of others).

All of it is ASCII, pictures too, so that no byte of one can be taken for a command. 1 is a black dot. Every label
says all it needs, as a printer takes formats of several senders in turn, and keeps what a former one has set.
"""

import re
import zlib
from base64 import b64encode
from binascii import crc_hqx
from collections.abc import Iterator, Sequence
from enum import StrEnum

from labels.stock import Stock
from labels.thermal import HEAD, Bitmap, check_job, check_settings

MOST_FIELD = 99_999  # bytes of one ^GF, uncompressed
_SPAN = 400  # the longest run that one letter counts
_RUN = re.compile(r"([0-9A-F])\1{2,}")
_TENS = " ghijklmnopqrstuvwxyz"  # 20, 40 … 400
_ONES = " GHIJKLMNOPQRSTUVWXY"  # 1, 2 … 19


class Packing(StrEnum):
    """How a picture is written: two digits a byte, the same with runs counted, or deflated and in base 64.

    Every ZPL II printer takes the first two; Z64 needs a Zebra or a good emulation, and is checked by a sum.
    """

    HEX = "hex"
    RUNS = "runs"
    Z64 = "z64"


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
    packing: Packing = Packing.RUNS,
) -> bytes:
    """Return what a printer of `dpi` is sent to print these labels on `stock`, each `copies` times.

    `gap_mm` is 0 for a roll without gaps; the printer finds any other by itself. `density` goes from 0 to 15,
    `speed` from 1 to 14 inches a second; `None` leaves the printer as it was set up. `head` is the width it
    prints, in millimetres.

    Raises:
        PaperRefused, TooMany, Unprintable: see `labels.thermal`.
    """
    check_job(bitmaps, stock=stock, dpi=dpi, copies=copies, head=head)
    check_settings(gap=gap_mm, density=density, speed=speed)
    media = "N" if gap_mm == 0 else "Y"
    rate = "" if speed is None else f"^PR{speed}"
    darkness = [] if density is None else [f"~SD{2 * density:02d}"]
    lines = [*darkness]
    for bitmap in bitmaps:
        # Dots, nothing kept of the label before, upright, not mirrored, not reversed, from the corner.
        lines.append(f"^XA^MUD^MCY^PON^PMN^LRN^LH0,0^MN{media}{rate}^PW{bitmap.width}^LL{bitmap.height}")
        lines += _fields(bitmap, packing)
        lines.append(f"^PQ{copies}^XZ")
    return "\r\n".join([*lines, ""]).encode()


def _fields(bitmap: Bitmap, packing: Packing) -> Iterator[str]:
    stride = bitmap.stride
    band = MOST_FIELD // stride * stride
    for start in range(0, len(bitmap.rows), band):
        rows = bitmap.rows[start : start + band]
        data = _packed(rows, stride, packing)
        yield f"^FO0,{start // stride}^GFA,{len(rows)},{len(rows)},{stride},{data}^FS"


def _packed(rows: bytes, stride: int, packing: Packing) -> str:
    match packing:
        case Packing.HEX:
            return rows.hex().upper()
        case Packing.RUNS:
            return "".join(_lines(rows, stride))
        case Packing.Z64:
            text = b64encode(zlib.compress(rows))
            # CRC-16/XMODEM of the text, not of the bytes: what printed labels carry, the manual is silent.
            return f":Z64:{text.decode()}:{crc_hqx(text, 0):04X}"


def _lines(rows: bytes, stride: int) -> Iterator[str]:
    before = b""
    for start in range(0, len(rows), stride):
        row = rows[start : start + stride]
        yield ":" if row == before else _line(row.hex().upper())
        before = row


def _line(digits: str) -> str:
    # A comma fills the line with white, an exclamation mark with black.
    for digit, sign in ("0", ","), ("F", "!"):
        if digits.endswith(digit):
            return _RUN.sub(_counted, digits.rstrip(digit)) + sign
    return _RUN.sub(_counted, digits)


def _counted(run: re.Match[str]) -> str:
    digit, count = run[1], len(run[0])
    longest, count = divmod(count, _SPAN)
    tens, ones = divmod(count, 20)
    rest = f"{_TENS[tens]}{_ONES[ones]}".replace(" ", "")
    return f"{_TENS[-1]}{digit}" * longest + (rest + digit if rest else "")
