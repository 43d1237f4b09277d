"""QR symbols as operators of a PDF: rectangles in modules, y downwards, quiet zone included.

Addresses that begin alike and are equally long differ in a quarter of their modules, and the tables of `labels.symbols` say
in which, whatever follows. So the path of the others is the same text on every label of a job, which zlib writes as a few
references to the label before, and only the quarter is put together for each. Both are one path: two that touch
would leave a hairline on a screen, in pixels that each of them covers in part.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import combinations, compress
from operator import getitem

from labels.symbols import BLANK, Table, changeable, changed, packed, stride, url_symbol

QUIET = 4  # modules of white around a QR symbol, ISO/IEC 18004

#: Between operators of what all labels share, and of the even and odd rows of the rest. zlib looks three bytes up, and
#: finds them in every rectangle of a sheet. With a white space of their own, those of one kind are not looked through for
#: another's: half of its time.
SHARED_SPACE, SPACES = "\n", (" ", "\r")


def alone(symbol: int, size: int) -> bytes:
    """Return the path of a symbol of `size` modules a side."""
    rows = (symbol & ~_finder_modules(size)).to_bytes(stride(size) * size, "big")
    return (_finders(size) + "".join(map(getitem, _pieces(size), rows))).encode()


def among(url: str, version: int, alike: int) -> bytes:
    """Return the path of an address, one of many of its length with the same first `alike` characters."""
    return _family(url[:alike], len(url), version).path(url)


def runs(bits: str) -> Iterator[tuple[int, int]]:
    """Yield where ones begin, and how many."""
    start = bits.find("1")
    while start >= 0:
        end = bits.find("0", start)
        end = len(bits) if end < 0 else end
        yield start, end - start
        start = bits.find("1", end)


class _Family:
    """The symbols of all addresses of one length that begin alike."""

    def __init__(self, beginning: str, length: int, version: int) -> None:
        self._version, self._start = version, len(beginning) // 2 * 2
        symbol, size = url_symbol(beginning[: self._start].ljust(length, BLANK), version)
        own = changeable(self._start, length, version)
        self._blank, self._bytes = symbol & own, stride(size) * size
        self._picks = [bool(byte) for byte in own.to_bytes(self._bytes, "big")]
        self._pieces = list(compress(_pieces(size), self._picks))
        boxes = [f"{x} {y} {wide} {tall} re " for x, y, wide, tall in _boxes(symbol & ~own, size)]
        self._shared = "".join(boxes).replace(" ", SHARED_SPACE)

    def path(self, url: str) -> bytes:
        """Return the path of one of the addresses."""
        symbol = self._blank ^ changed(url, self._start, self._version)
        rows = compress(symbol.to_bytes(self._bytes, "big"), self._picks)
        return (self._shared + "".join(map(getitem, self._pieces, rows))).encode()


@lru_cache(maxsize=16)
def _family(beginning: str, length: int, version: int) -> _Family:
    return _Family(beginning, length, version)


def _boxes(symbol: int, size: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield rectangles that make up a symbol, the largest first: not always the fewest, but near.

    None overlaps another: a pixel on an edge that two have would be painted twice as dark.
    """
    width = 8 * stride(size)
    digits = f"{symbol:0{width * size}b}"
    rows = [int(digits[at : at + width], 2) for at in range(0, width * size, width)]
    offers = sorted(_rectangles(rows, width), key=lambda box: -box[2] * box[3])
    for x, y, wide, tall in offers:
        span = (1 << wide) - 1 << width - x - wide
        if all(row & span == span for row in rows[y : y + tall]):
            rows[y : y + tall] = [row & ~span for row in rows[y : y + tall]]
            yield QUIET + x, QUIET + y, wide, tall


def _rectangles(rows: Sequence[int], width: int) -> Iterator[tuple[int, int, int, int]]:
    # Every rectangle of dark modules, large and small.
    for top in range(len(rows)):
        dark = ~0
        for bottom in range(top, len(rows)):
            dark &= rows[bottom]
            for left, wide in runs(f"{dark:0{width}b}"):
                for start, end in combinations(range(left, left + wide + 1), 2):
                    yield start, top, end - start, bottom - top + 1


@cache
def _pieces(size: int) -> list[Table]:
    # Operators by byte of the symbol, then by its value.
    return [_piece(at // stride(size), at % stride(size)) for at in range(stride(size) * size)]


def _piece(row: int, column: int) -> Table:
    left, top = QUIET + 8 * column, QUIET + row
    space = SPACES[row % 2]

    def drawn(byte: int) -> str:
        boxes = [f"{left + x} {top} {width} 1 re " for x, width in runs(f"{byte:08b}")]
        return "".join(boxes).replace(" ", space)

    return Table(drawn)


@cache
def _finder_modules(size: int) -> int:
    # The corners are nobody's neighbours: a row of white goes around each.
    corners = [[x < 7 or x >= size - 7 for x in range(size)] for _row in range(7)]
    below = [[x < 7 for x in range(size)] for _row in range(7)]
    between = [[False] * size for _row in range(size - 14)]
    return packed([*corners, *between, *below])[0]


@cache
def _finders(size: int) -> str:
    far = QUIET + size - 7
    mark = ((0, 0, 7, 1), (0, 6, 7, 1), (0, 1, 1, 5), (6, 1, 1, 5), (2, 2, 3, 3))
    corners = ((QUIET, QUIET), (far, QUIET), (QUIET, far))
    boxes = [f"{x + left} {y + top} {wide} {tall} re " for left, top in corners for x, y, wide, tall in mark]
    return "".join(boxes)
