"""QR and Code 128 as one vector path each, in PDF operators.

The libraries choose the modules; their own writers are not used, as those take 100 times longer
than the encoding. Nor is the library's QR encoder run for every label: with version, level,
mask and length fixed, the modules of a QR symbol are a linear function over GF(2) of the bits
that hold its text (Reed-Solomon, interleaving and masking all are). So eleven symbols for each pair of
characters say everything, and any text of that length is the exclusive or of a few of them:
microseconds for a symbol instead of two milliseconds. `tests/labels` holds the table against the library.

A path is in modules with y downwards; whoever draws it sets the scale.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import getitem, xor
from typing import Any

import qrcode
from barcode.charsets import code128
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

    `finders` are the three corner marks, alike on all symbols of a size: a sheet draws them from one place.
    WeasyPrint calls the two methods, as it does with its own images.
    """

    width: int
    height: int
    path: bytes
    finders: bytes = b""

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Return width, height and their ratio, as WeasyPrint asks every image."""
        return self.width, self.height, self.width / self.height

    def draw(self, stream: Any, width: float, height: float, style: object) -> None:
        """Fill the box `width` × `height` of a WeasyPrint stream."""
        stream.transform(a=width / self.width, d=height / self.height)
        stream.stream.append(b"0 g " + self.finders + self.path + b"f")


class _Code128(Code128):
    """The library's encoder, without a fault of 0.16: it takes a first pair “99” for its own sign of set C and drops it."""

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if self.code.startswith("99"):
            return encoded
        return list(super()._try_to_optimize(encoded))


def url_code(url: str, version: int | None = None) -> Drawing:
    """Return the QR of an upper-case URL in alphanumeric mode, quiet zone included.

    It has level H where that needs no more modules than level Q: a larger spot is survived for nothing
    (docs/reading-labels.md). `version` may be greater than the text needs, so that all labels of a job look alike.

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
def any_code(text: str, *, longest: int = 400, at_q: int = 0) -> Drawing:
    """Return the QR of any text in the smallest version, quiet zone included.

    It is of level Q if it then has at most `at_q` modules a side, else of level M.

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
    for level in (constants.ERROR_CORRECT_Q, constants.ERROR_CORRECT_M):
        symbol = qrcode.QRCode(error_correction=level, border=0, mask_pattern=MASK)
        symbol.add_data(data, optimize=0)
        if 17 + 4 * symbol.best_fit(start=1) + 2 * QUIET <= at_q or level == constants.ERROR_CORRECT_M:
            break
    symbol.make()
    return _square(*_packed(symbol.modules))


def bars(code: str) -> Drawing:
    """Return the Code 128 of a code, one module high, quiet zones included.

    Raises:
        UnreadableCode: the code is empty, longer than 24 characters, or not plain ASCII.
    """
    symbols = _bar_symbols(code)
    pieces = [_BARS[BARS_QUIET + 11 * at][symbol] for at, symbol in enumerate(symbols)]
    return Drawing(_bars_width(symbols), 1, "".join(pieces).encode())


def bars_width(code: str) -> int:
    """Return the width of `bars(code)` in modules. Raises as that does."""
    return _bars_width(_bar_symbols(code))


def _bars_width(symbols: tuple[int, ...]) -> int:
    return 11 * len(symbols) + 2 + 2 * BARS_QUIET  # the last bar of the stop is two more


@lru_cache(maxsize=16384)  # a job asks twice: how wide they are, and how they are drawn
def _bar_symbols(code: str) -> tuple[int, ...]:
    if not 0 < len(code) <= 24 or not code.isascii() or not code.isprintable():
        raise UnreadableCode(
            N_("“%(code)s” cannot be drawn as bars: from 1 to 24 plain letters, digits and signs."),
            code=code[:60],
        )
    if _PAIRS.search(code):
        found = _Code128(code).encoded
    else:  # the library would choose set B for all of it, a hundred times slower
        found = [code128.START_CODES["B"], *[code128.B[char] for char in code]]
    check = (found[0] + sum([at * value for at, value in enumerate(found)])) % 103
    return (*found, check, _STOP)


#: Where the library may choose set C: a pair of digits at the beginning, or four anywhere.
_PAIRS = re.compile(r"^\d\d|\d{4}")
_STOP = len(code128.CODES)


class _Table(dict[Any, Any]):
    """Values by key, each made when it is first asked for."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        self[key] = made = self._make(key)
        return made


def _bar_pieces(left: int) -> _Table:
    modules = [*code128.CODES, code128.STOP + "11"]
    return _Table(
        lambda symbol: "".join(f"{left + x} 0 {width} 1 re " for x, width in _runs(modules[symbol]))
    )


#: Bars as operators: by the module they begin at, then by symbol.
_BARS = _Table(_bar_pieces)


def _square(symbol: int, size: int) -> Drawing:
    rows = (symbol & ~_finder_modules(size)).to_bytes(_stride(size) * size, "big")
    path = "".join(map(getitem, _pieces(size), rows))
    return Drawing(size + 2 * QUIET, size + 2 * QUIET, path.encode(), _finders(size))


def _stride(size: int) -> int:
    return -(-size // 8)


@cache
def _pieces(size: int) -> list[_Table]:
    # Operators by byte of the symbol, then by its value.
    return [_piece(at // _stride(size), at % _stride(size)) for at in range(_stride(size) * size)]


def _piece(row: int, column: int) -> _Table:
    left, top = QUIET + 8 * column, QUIET + row
    return _Table(
        lambda byte: "".join(f"{left + x} {top} {width} 1 re " for x, width in _runs(f"{byte:08b}"))
    )


@cache
def _finder_modules(size: int) -> int:
    # The corners are nobody's neighbours: a row of white goes around each.
    corners = [[x < 7 or x >= size - 7 for x in range(size)] for _row in range(7)]
    below = [[x < 7 for x in range(size)] for _row in range(7)]
    between = [[False] * size for _row in range(size - 14)]
    return _packed([*corners, *between, *below])[0]


@cache
def _finders(size: int) -> bytes:
    far = QUIET + size - 7
    mark = ((0, 0, 7, 1), (0, 6, 7, 1), (0, 1, 1, 5), (6, 1, 1, 5), (2, 2, 3, 3))
    corners = ((QUIET, QUIET), (far, QUIET), (QUIET, far))
    boxes = [f"{x + left} {y + top} {wide} {tall} re " for left, top in corners for x, y, wide, tall in mark]
    return "".join(boxes).encode()


def _runs(bits: str) -> Iterable[tuple[int, int]]:
    start = bits.find("1")
    while start >= 0:
        end = bits.find("0", start)
        end = len(bits) if end < 0 else end
        yield start, end - start
        start = bits.find("1", end)


def _symbol(text: str, version: int) -> tuple[int, int]:
    base, size = _base(len(text), version)
    pairs = [text[at : at + 2] for at in range(0, len(text), 2)]
    return reduce(xor, map(getitem, _changes(len(text), version), pairs), base), size


@lru_cache(maxsize=16)
def _changes(length: int, version: int) -> list[_Table]:
    # What each pair of characters changes in the symbol, by its place and then by the pair.
    return [_change(length, version, at) for at in range(0, length, 2)]


def _change(length: int, version: int, pair: int) -> _Table:
    def differs(chars: str) -> int:
        bits = _number(chars) ^ _number(_BLANK * len(chars))
        bases = _basis(length, version, pair)
        return reduce(xor, [basis for bit, basis in enumerate(bases) if bits >> bit & 1], 0)

    return _Table(differs)


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
    symbol = qrcode.QRCode(version, url_level(len(text), version), border=0, mask_pattern=MASK)
    symbol.add_data(QRData(text.encode(), MODE_ALPHA_NUM))
    symbol.make(fit=False)
    return _packed(symbol.modules)


def _packed(modules: list[list[bool]]) -> tuple[int, int]:
    size = len(modules)
    padding = "0" * (-size % 8)
    rows = ("".join("1" if dark else "0" for dark in row) + padding for row in modules)
    return int("".join(rows), 2), size


@cache
def _version(length: int, level: int = constants.ERROR_CORRECT_Q) -> int:
    symbol = qrcode.QRCode(error_correction=level)
    symbol.add_data(QRData(b"A" * length, MODE_ALPHA_NUM))
    return int(symbol.best_fit())


def url_level(length: int, version: int) -> int:
    """Return the level, as the library counts them, of an upper-case URL of so many characters in this version."""
    high = _version(length, constants.ERROR_CORRECT_H) <= version
    return int(constants.ERROR_CORRECT_H if high else constants.ERROR_CORRECT_Q)
