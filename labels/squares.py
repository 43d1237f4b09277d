"""QR symbols as operators of a PDF: rectangles in modules, y downwards, quiet zone included.

Addresses that begin alike and are equally long differ in a quarter of their modules, and the tables of `labels.symbols` say
in which, whatever follows. So the path of the others is the same text on every label of a job, which zlib writes as a few
references to the label before, and only the quarter is put together for each. Both are one path: two that touch
would leave a hairline on a screen, in pixels that each of them covers in part.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache, reduce
from itertools import compress
from operator import getitem

from labels.symbols import Table, changeable, packed, stride, url_symbol

QUIET = 4  # modules of white around a QR symbol, ISO/IEC 18004

#: Between operators of what all labels share. zlib looks three bytes up, and finds them in every rectangle of a sheet. With a
#: white space of their own, those of one kind are not looked through for another's: half of its time.
SHARED_SPACE = "\n"
_WIDE = 10  # a byte of modules with a neighbour on either side


def alone(symbol: int, size: int) -> bytes:
    """Return the path of a symbol of `size` modules a side."""
    rows = (symbol & ~_finder_modules(size)).to_bytes(stride(size) * size, "big")
    return (_finders(size) + "".join(map(getitem, _pieces(size), rows))).encode()


def among(url: str, version: int, alike: int) -> bytes:
    """Return the path of an address, one of many of its length with the same first `alike` characters."""
    return _family(url[:alike], len(url), version).path(url_symbol(url, version)[0])


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
        symbol, size = url_symbol(beginning.ljust(length, "A"), version)
        self._own = changeable(len(beginning), length, version)
        self._bytes = stride(size) * size
        own = self._own.to_bytes(self._bytes, "big")
        self._picks = [bool(byte) for byte in own]
        self._rows = _rows(symbol & ~self._own, size)
        dark = [int(row, 2) for row in self._rows]
        width = len(self._rows[0])
        common = covering(_joined(dark, width), dark, width)
        self._shared = _operators(common, QUIET - 1, QUIET - 1, SHARED_SPACE)
        places = [divmod(at, stride(size)) for at, byte in enumerate(own) if byte]
        self._pieces = [self._piece(row, column) for row, column in places]

    def path(self, symbol: int) -> bytes:
        """Return the path of one of the symbols."""
        rows = (symbol & self._own).to_bytes(self._bytes, "big")
        return (self._shared + "".join(map(getitem, self._pieces, compress(rows, self._picks)))).encode()

    def _piece(self, row: int, column: int) -> Table:
        left = 8 * column
        above, beside, below = [int(self._rows[row + down][left : left + _WIDE], 2) for down in range(3)]

        def drawn(byte: int) -> str:
            # What all share is there already: a rectangle that reaches over it is one instead of two.
            own = byte << 1
            found = covering(_joined([0, own, 0], _WIDE), [above, own | beside, below], _WIDE)
            return _operators(found, QUIET + left - 1, QUIET + row - 1)

        return Table(drawn)


@lru_cache(maxsize=16)
def _family(beginning: str, length: int, version: int) -> _Family:
    return _Family(beginning, length, version)


def _rows(symbol: int, size: int) -> list[str]:
    # Row by row as digits, with white all around.
    width = 8 * stride(size)
    digits = f"{symbol:0{width * size}b}"
    white = "0" * (width + 2)
    return [white, *[f"0{digits[at : at + width]}0" for at in range(0, width * size, width)], white]


Rectangle = tuple[int, int, int, int]


def covering(wanted: int, rows: Sequence[int], width: int) -> list[Rectangle]:
    """Return rectangles (left, top, width, height) within `rows` of bits, which cover all that is `wanted` of them.

    They may overlap. The largest gain comes first: not always the fewest, but near.
    """
    offers = list(_largest(rows, width))
    found = []
    while wanted:
        mask, rectangle = max(offers, key=lambda offer: (offer[0] & wanted).bit_count())
        wanted &= ~mask
        found.append(rectangle)
    return found


def _largest(rows: Sequence[int], width: int) -> Iterator[tuple[int, Rectangle]]:
    """Yield every rectangle of dark modules that cannot be wider, as bits of all rows and as itself."""
    for top in range(len(rows)):
        dark = ~0
        for bottom in range(top, len(rows)):
            dark &= rows[bottom]
            if not dark:
                break
            for left, wide in runs(f"{dark:0{width}b}"):
                span = (1 << wide) - 1 << width - left - wide
                mask = _joined([span if top <= row <= bottom else 0 for row in range(len(rows))], width)
                yield mask, (left, top, wide, bottom - top + 1)


def _joined(rows: Iterable[int], width: int) -> int:
    return reduce(lambda joined, row: joined << width | row, rows, 0)


def _operators(rectangles: Iterable[Rectangle], left: int, top: int, space: str = " ") -> str:
    found = "".join([f"{left + x} {top + y} {wide} {tall} re " for x, y, wide, tall in rectangles])
    return found.replace(" ", space)


@cache
def _pieces(size: int) -> list[Table]:
    # Operators by byte of the symbol, then by its value.
    return [_piece(at // stride(size), at % stride(size)) for at in range(stride(size) * size)]


def _piece(row: int, column: int) -> Table:
    left, top = QUIET + 8 * column, QUIET + row
    return Table(lambda byte: "".join(f"{left + x} {top} {width} 1 re " for x, width in runs(f"{byte:08b}")))


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
