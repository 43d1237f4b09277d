"""QR symbols of upper-case addresses, as numbers: a bit a module, row by row, each row filled up to whole bytes.

The library's encoder is not run for every label: with version, level, mask and length fixed, the modules of a QR
symbol are a linear function over GF(2) of the bits that hold its text (Reed-Solomon, interleaving and masking all
are). So eleven symbols for each pair of characters say everything, and any text of that length is the exclusive or of a
few of them: microseconds for a symbol instead of two milliseconds. `tests/labels` holds the table against the library.
"""

from collections.abc import Callable
from functools import cache, lru_cache, reduce
from operator import getitem, or_, xor
from typing import Any

import qrcode
from qrcode import constants
from qrcode.util import ALPHA_NUM, MODE_ALPHA_NUM, QRData

MASK = 0  # any of the eight is a valid symbol; searching the best is 85 % of the library's time
LETTERS = ALPHA_NUM.decode()
BLANK = "A"  # not "0": the library cannot divide a block of nothing but zeros


class Table(dict[Any, Any]):
    """Values by key, each made when it is first asked for."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        self[key] = made = self._make(key)
        return made


def stride(size: int) -> int:
    """Return how many bytes a row of `size` modules takes."""
    return -(-size // 8)


def url_symbol(url: str, version: int) -> tuple[int, int]:
    """Return the symbol of an address of alphanumeric characters, and its modules a side."""
    base, size = _base(len(url), version)
    return base ^ changed(url, 0, version), size


def changed(url: str, start: int, version: int) -> int:
    """Return the modules in which an address differs from one that has `BLANK` from the even place `start` on."""
    length = len(url)
    pairs = [url[at : at + 2] for at in range(start, length, 2)]
    return reduce(xor, map(getitem, _changes(length, version)[start // 2 :], pairs), 0)


def changeable(alike: int, length: int, version: int) -> int:
    """Return the modules that may differ among addresses of one `length` whose first `alike` characters are the same."""
    pairs = range(alike // 2 * 2, length, 2)
    return reduce(or_, (bit for pair in pairs for bit in _basis(length, version, pair)), 0)


def packed(modules: list[list[bool]]) -> tuple[int, int]:
    """Return a library's matrix as a symbol, and its modules a side."""
    size = len(modules)
    padding = "0" * (-size % 8)
    rows = ("".join("1" if dark else "0" for dark in row) + padding for row in modules)
    return int("".join(rows), 2), size


@cache
def smallest_version(length: int, level: int = constants.ERROR_CORRECT_Q) -> int:
    """Return the smallest version that carries so many alphanumeric characters."""
    symbol = qrcode.QRCode(error_correction=level)
    symbol.add_data(QRData(b"A" * length, MODE_ALPHA_NUM))
    return int(symbol.best_fit())


def url_level(length: int, version: int) -> int:
    """Return the level, as the library counts them, of an upper-case URL of so many characters in this version."""
    high = smallest_version(length, constants.ERROR_CORRECT_H) <= version
    return int(constants.ERROR_CORRECT_H if high else constants.ERROR_CORRECT_Q)


@lru_cache(maxsize=16)
def _changes(length: int, version: int) -> list[Table]:
    # What each pair of characters changes in the symbol, by its place and then by the pair.
    return [_change(length, version, at) for at in range(0, length, 2)]


def _change(length: int, version: int, pair: int) -> Table:
    def differs(chars: str) -> int:
        bits = _number(chars) ^ _number(BLANK * len(chars))
        bases = _basis(length, version, pair)
        return reduce(xor, [basis for bit, basis in enumerate(bases) if bits >> bit & 1], 0)

    return Table(differs)


def _number(chars: str) -> int:
    value = 0
    for char in chars:
        value = value * 45 + LETTERS.index(char)
    return value


@lru_cache(maxsize=1024)
def _basis(length: int, version: int, pair: int) -> tuple[int, ...]:
    # The two characters of a pair are one number of 11 bits, a last single one is a number of 6.
    base, _ = _base(length, version)
    chars = 1 if pair == length - 1 else 2
    blank = _number(BLANK * chars)
    changes = []
    for bit in range(6 if chars == 1 else 11):
        high, low = divmod(blank ^ 1 << bit, 45)
        turned = LETTERS[low] if chars == 1 else LETTERS[high] + LETTERS[low]
        text = BLANK * pair + turned + BLANK * (length - pair - chars)
        changes.append(base ^ _by_library(text, version)[0])
    return tuple(changes)


@lru_cache(maxsize=256)
def _base(length: int, version: int) -> tuple[int, int]:
    return _by_library(BLANK * length, version)


def _by_library(text: str, version: int) -> tuple[int, int]:
    symbol = qrcode.QRCode(version, url_level(len(text), version), border=0, mask_pattern=MASK)
    symbol.add_data(QRData(text.encode(), MODE_ALPHA_NUM))
    symbol.make(fit=False)
    return packed(symbol.modules)
