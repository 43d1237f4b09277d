"""QR and Code 128 as one vector path each, in PDF operators.

The libraries choose the modules (`labels.symbols`, and below); their own writers are not used, as those take 100 times
longer than the encoding.

A path is in modules with y downwards; whoever draws it sets the scale.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import qrcode
from barcode.charsets import code128
from barcode.codex import Code128
from qrcode import constants

from labels.refusals import N_, UnreadableCode
from labels.squares import QUIET, alone, among, runs
from labels.symbols import LETTERS, MASK, Table, packed, smallest_version, url_symbol

BARS_QUIET = 10  # modules of white on either side of a Code 128, ISO/IEC 15417
LONGEST_URL = 77  # alphanumeric characters of version 6 at level Q: no label carries more


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
        stream.stream.append(b"0 g " + self.path + b"f")


class _Code128(Code128):
    """The library's encoder, without a fault of 0.16: it takes a first pair “99” for its own sign of set C and drops it."""

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if self.code.startswith("99"):
            return encoded
        return list(super()._try_to_optimize(encoded))


def url_code(url: str, version: int | None = None, alike: int = 0) -> Drawing:
    """Return the QR of an upper-case URL in alphanumeric mode, quiet zone included.

    It has level H where that needs no more modules than level Q: a larger spot is survived for nothing
    (docs/reading-labels.md). `version` may be greater than the text needs, so that all labels of a job look alike.
    `alike` says how many of its first characters a job's addresses share, all of one length: then it is drawn sooner.

    Raises:
        UnreadableCode: the text is empty, too long, or has a character outside the alphanumeric mode.
    """
    version = version or url_version(url)
    return _square(version, among(url, version, alike) if alike else alone(*url_symbol(url, version)))


def url_version(url: str) -> int:
    """Return the smallest QR version that carries this upper-case URL at level Q (see `url_code`)."""
    if not url or len(url) > LONGEST_URL or not set(url) <= set(LETTERS):
        raise UnreadableCode(
            N_(
                "“%(url)s” cannot be a label's address: 1 to %(most)s characters, capital letters, digits and $%%*+-./: only."
            ),
            url=url[:100],
            most=LONGEST_URL,
        )
    return smallest_version(len(url))


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
    return _square(symbol.version, alone(*packed(symbol.modules)))


def _square(version: int, path: bytes) -> Drawing:
    side = 17 + 4 * version + 2 * QUIET
    return Drawing(side, side, path)


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


def _bar_pieces(left: int) -> Table:
    modules = [*code128.CODES, code128.STOP + "11"]
    return Table(
        lambda symbol: "".join(f"{left + x}\t0\t{width}\t1\tre\t" for x, width in runs(modules[symbol]))
    )


#: Bars as operators: by the module they begin at, then by symbol. Tabs for the sake of zlib, see `labels.squares`.
_BARS = Table(_bar_pieces)
