"""QR and Code 128 as one vector path each, in PDF operators.

The libraries choose the modules; their own writers are not used, as those take 100 times longer
than the encoding. Nor is the library's QR encoder run for every label: with version, level,
mask and length fixed, the modules of a QR symbol are a linear function over GF(2) of the bits
that hold its text (Reed-Solomon, interleaving and masking all are). So eleven symbols for each pair of
characters say everything, and any text of that length is the exclusive or of a few of them:
microseconds for a symbol instead of two milliseconds. `tests/labels` holds the table against the library.

A path is in modules with y downwards; whoever draws it sets the scale.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import qrcode
from barcode.codex import Code128
from qrcode import constants
from qrcode.util import ALPHA_NUM, MODE_ALPHA_NUM, QRData

from labels.refusals import N_, UnreadableCode

QUIET = 4  # modules of white around a QR symbol, ISO/IEC 18004
BARS_QUIET = 10  # modules of white on either side of a Code 128, ISO/IEC 15417
LONGEST_URL = 77  # alphanumeric characters of version 6 at level Q: no label carries more
MASK = 0  # any of the eight is a valid symbol; searching the best is 85 % of the library's time

_LETTERS = ALPHA_NUM.decode()
_BLANK = "A"  # not "0": the library cannot divide a block of nothing but zeros


@dataclass(frozen=True)
class Drawing:
    """A code as WeasyPrint and the label printer draw it: size in modules with the quiet zone, and a path.

    WeasyPrint calls the two methods, as it does with its own images.
    """

    width: int
    height: int
    path: bytes

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Return width, height and their ratio, as WeasyPrint asks every image."""
        return self.width, self.height, self.width / self.height

    def draw(self, stream: Any, width: float, height: float, style: object) -> None:
        """Fill the box `width` × `height` of a WeasyPrint stream."""
        stream.transform(a=width / self.width, d=height / self.height)
        stream.stream.append(b"0 g " + self.path + b" f")


class _Code128(Code128):
    """The library's encoder, without a fault of 0.16: it takes a first pair “99” for its own sign of set C and drops it."""

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if self.code.startswith("99"):
            return encoded
        return list(super()._try_to_optimize(encoded))


def url_code(url: str, version: int | None = None) -> Drawing:
    """Return the QR of an upper-case URL: alphanumeric mode, level Q, quiet zone included.

    `version` may be greater than the text needs, so that all labels of a job look alike.

    Raises:
        UnreadableCode: the text is empty, too long, or has a character outside the alphanumeric mode.
    """
    symbol, size = _symbol(url, version or url_version(url))
    return _square(symbol, size)


def url_version(url: str) -> int:
    """Return the smallest QR version that carries this upper-case URL at level Q (see `url_code`)."""
    if not url or len(url) > LONGEST_URL or not set(url) <= set(_LETTERS):
        raise UnreadableCode(
            N_(
                "“%(url)s” cannot be a label's address: 1 to %(most)s characters, capital letters, digits and $%%*+-./: only."
            ),
            url=url[:100],
            most=LONGEST_URL,
        )
    return _version(len(url))


@lru_cache(maxsize=64)  # one checkpoint stands on many records
def any_code(text: str, *, longest: int = 400) -> Drawing:
    """Return the QR of any text at level M in the smallest version, quiet zone included.

    Raises:
        UnreadableCode: the text is empty or has more than `longest` bytes.
    """
    data = text.encode()
    if not data or len(data) > longest:
        raise UnreadableCode(
            N_("A text of %(bytes)s bytes cannot be a code on this paper: from 1 to %(most)s bytes."),
            bytes=len(data),
            most=longest,
        )
    symbol = qrcode.QRCode(error_correction=constants.ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    symbol.add_data(data, optimize=0)
    symbol.make()
    return _square(*_packed(symbol.modules))


def bars(code: str) -> Drawing:
    """Return the Code 128 of a code, one module high, quiet zones included.

    Raises:
        UnreadableCode: the code is empty, longer than 24 characters, or not plain ASCII.
    """
    if not 0 < len(code) <= 24 or not code.isascii() or not code.isprintable():
        raise UnreadableCode(
            N_("“%(code)s” cannot be drawn as bars: from 1 to 24 plain letters, digits and signs."),
            code=code[:60],
        )
    modules = _Code128(code).build()[0]
    pieces = (_bar_piece(BARS_QUIET + at, modules[at : at + 11]) for at in range(0, len(modules), 11))
    return Drawing(len(modules) + 2 * BARS_QUIET, 1, " ".join(pieces).encode())


@lru_cache(maxsize=8192)
def _bar_piece(left: int, modules: str) -> str:
    return " ".join(f"{left + x} 0 {width} 1 re" for x, width in _runs(modules))


def _square(symbol: int, size: int) -> Drawing:
    stride = -(-size // 8)
    rows = symbol.to_bytes(stride * size, "big")
    pieces = [_piece(at // stride, at % stride, byte) for at, byte in enumerate(rows) if byte]
    return Drawing(size + 2 * QUIET, size + 2 * QUIET, " ".join(pieces).encode())


@lru_cache(maxsize=65536)
def _piece(row: int, column: int, byte: int) -> str:
    return " ".join(
        f"{QUIET + 8 * column + x} {QUIET + row} {width} 1 re" for x, width in _runs(f"{byte:08b}")
    )


def _runs(bits: str) -> Iterable[tuple[int, int]]:
    start = bits.find("1")
    while start >= 0:
        end = bits.find("0", start)
        end = len(bits) if end < 0 else end
        yield start, end - start
        start = bits.find("1", end)


def _symbol(text: str, version: int) -> tuple[int, int]:
    base, size = _base(len(text), version)
    for pair in range(0, len(text), 2):
        base ^= _entry(len(text), version, pair, text[pair : pair + 2])
    return base, size


@lru_cache(maxsize=32768)
def _entry(length: int, version: int, pair: int, chars: str) -> int:
    differs = _number(chars) ^ _number(_BLANK * len(chars))
    change = 0
    for bit, basis in enumerate(_basis(length, version, pair)):
        if differs >> bit & 1:
            change ^= basis
    return change


def _number(chars: str) -> int:
    value = 0
    for char in chars:
        value = value * 45 + _LETTERS.index(char)
    return value


@lru_cache(maxsize=1024)
def _basis(length: int, version: int, pair: int) -> tuple[int, ...]:
    # The two characters of a pair are one number of 11 bits, a last single one is a number of 6.
    base, _ = _base(length, version)
    chars = 1 if pair == length - 1 else 2
    blank = _number(_BLANK * chars)
    changes = []
    for bit in range(6 if chars == 1 else 11):
        high, low = divmod(blank ^ 1 << bit, 45)
        turned = _LETTERS[low] if chars == 1 else _LETTERS[high] + _LETTERS[low]
        text = _BLANK * pair + turned + _BLANK * (length - pair - chars)
        changes.append(base ^ _by_library(text, version)[0])
    return tuple(changes)


@lru_cache(maxsize=256)
def _base(length: int, version: int) -> tuple[int, int]:
    return _by_library(_BLANK * length, version)


def _by_library(text: str, version: int) -> tuple[int, int]:
    symbol = qrcode.QRCode(version, constants.ERROR_CORRECT_Q, border=0, mask_pattern=MASK)
    symbol.add_data(QRData(text.encode(), MODE_ALPHA_NUM))
    symbol.make(fit=False)
    return _packed(symbol.modules)


def _packed(modules: list[list[bool]]) -> tuple[int, int]:
    size = len(modules)
    padding = "0" * (-size % 8)
    rows = ("".join("1" if dark else "0" for dark in row) + padding for row in modules)
    return int("".join(rows), 2), size


@cache
def _version(length: int) -> int:
    symbol = qrcode.QRCode(error_correction=constants.ERROR_CORRECT_Q)
    symbol.add_data(QRData(b"A" * length, MODE_ALPHA_NUM))
    return int(symbol.best_fit())
