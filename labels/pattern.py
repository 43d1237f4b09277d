"""The modules of a QR symbol that are the same whatever it says (ISO/IEC 18004, 6.3 and 7.9).

Error correction covers the text alone. Whether the corners, the rulers between them and the words about
level and mask are whole must be seen from the modules themselves.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from qrcode.util import BCH_type_info, BCH_type_number, mask_func, pattern_position

from labels.squares import QUIET

_LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}


@lru_cache(maxsize=64)
def fixed(version: int, level: str, mask: int) -> tuple[int, int]:
    """Return two numbers of one byte a module, row by row, quiet zone included.

    The first has bit 7 set where a module is fixed, the second where it is fixed and light.
    """
    size = 17 + 4 * version
    side = size + 2 * QUIET
    where = bytearray(b"\x80" * side * side)
    light = bytearray(where)
    for y in range(size):
        start = (y + QUIET) * side + QUIET
        where[start : start + size] = light[start : start + size] = bytes(size)

    def mark(modules: Iterable[tuple[int, int, bool]]) -> None:
        for x, y, dark in modules:
            at = (y + QUIET) * side + x + QUIET
            where[at], light[at] = 0x80, 0 if dark else 0x80

    mark(_modules(version, size, level, mask))
    mark(_rest(version, size, where.count(0), mask))
    return int.from_bytes(where, "big"), int.from_bytes(light, "big")


def _rest(version: int, size: int, free: int, mask: int) -> Iterator[tuple[int, int, bool]]:
    # The bits that are left over from whole bytes come last, at the foot of the two columns on the left.
    foot, turned = size - (9 if version < 7 else 12), mask_func(mask)
    for bit in range(free % 8):
        x, y = bit % 2, foot - bit // 2
        yield x, y, turned(y, x)


def _modules(version: int, size: int, level: str, mask: int) -> Iterator[tuple[int, int, bool]]:
    # What comes later stands over what came before.
    for at in range(8, size - 8):
        yield at, 6, at % 2 == 0
        yield 6, at, at % 2 == 0
    yield from _alignment(version, size)
    for left, top in ((0, 0), (size - 7, 0), (0, size - 7)):
        for x in range(max(left - 1, 0), min(left + 8, size)):
            for y in range(max(top - 1, 0), min(top + 8, size)):
                yield x, y, max(abs(x - left - 3), abs(y - top - 3)) in {0, 1, 3}
    yield from _format(size, BCH_type_info(_LEVELS[level] << 3 | mask))
    if version >= 7:
        number = BCH_type_number(version)
        for bit in range(18):
            near, far, dark = bit // 3, size - 11 + bit % 3, bool(number >> bit & 1)
            yield far, near, dark
            yield near, far, dark


def _alignment(version: int, size: int) -> Iterator[tuple[int, int, bool]]:
    centres = pattern_position(version)
    for x in centres:
        for y in centres:
            if min(x, y) > 8 or (min(x, y) == 6 and 8 < max(x, y) < size - 8):
                for across in range(-2, 3):
                    for down in range(-2, 3):
                        yield x + across, y + down, max(abs(across), abs(down)) != 1


def _format(size: int, word: int) -> Iterator[tuple[int, int, bool]]:
    for bit in range(15):
        dark = bool(word >> bit & 1)
        yield 8, bit if bit < 6 else bit + 1 if bit < 8 else size - 15 + bit, dark
        yield size - 1 - bit if bit < 8 else 7 if bit == 8 else 14 - bit, 8, dark
    yield 8, size - 8, True
