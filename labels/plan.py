"""Where things go on one label. All lengths are millimetres from the label's top left corner.

A thermal printer can only print whole dots, so a module of the QR and of the bars is a whole number of
them; a QR needs at least four dots a module (Denso Wave), bars a quarter of a millimetre. The QR is as large as the
label allows, up to what a phone needs no more. The bars stand under the text if they fit
there, else under the QR, else they are left out: they only serve 1D scanners.
"""

from dataclasses import dataclass
from functools import lru_cache

from labels.codes import BARS_QUIET, QUIET
from labels.refusals import N_, UnreadableStock
from labels.stock import Stock, known

DPIS = (203, 300, 600)
QR_DOTS = 4
NARROWEST_BAR = 0.25  # X-dimension that common 1D scanners still read, two dots at 203 dpi
EDGE = 0.5  # outside the quiet zone, which is white as well
MARGIN = 1.5  # between the label's edge and whatever has no quiet zone
LARGEST_QR = 38.0
WIDEST_BAR = 0.4  # X-dimension beyond which a longer barcode only gets harder to sweep
BAR_HEIGHTS = (5.0, 9.0)
COLUMN = 15.0  # the clear code in 8 pt bold
TEXT_HEIGHT = 14.0  # all lines at their smallest


@dataclass(frozen=True)
class Box:
    """A place on the label."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plan:
    """The places of one label: `qr` and `bars` with their quiet zones, and the size of one module of
    each. `bars` is None where there is no room.
    """

    qr: Box
    module: float
    bars: Box | None
    bar_module: float
    text: Box
    scale: float  # of the text, 1.0 on a label of 50 × 30


def dot(dpi: int) -> float:
    """Return the size of a printer's dot in millimetres."""
    return 25.4 / dpi


@lru_cache(maxsize=256)
def plan(stock: Stock, dpi: int, modules: int, bar_modules: int) -> Plan:
    """Return the places for a QR of `modules` and bars of `bar_modules`, both with their quiet zones.

    Raises:
        UnreadableStock: the QR would have fewer than four dots a module; the sentence names the smallest
            stock that would do.
    """
    found = _plan(stock, dpi, modules, bar_modules)
    if found is None:
        raise UnreadableStock(
            N_(
                "A label of %(stock)s (%(size)s) is too small for a code that a phone reads at %(dpi)s dpi. "
                "The smallest that would do is %(smallest)s."
            ),
            stock=stock.name,
            size=f"{stock.label_width:g} × {stock.label_height:g} mm",
            dpi=dpi,
            smallest=_smallest(dpi, modules, bar_modules),
        )
    return found


def _smallest(dpi: int, modules: int, bar_modules: int) -> str:
    # There is always one: the longest address allowed fits the large labels at any resolution.
    fitting = [stock for stock in known() if _plan(stock, dpi, modules, bar_modules)]
    best = min(fitting, key=lambda stock: stock.label_width * stock.label_height)
    return f"{best.name} ({best.label_width:g} × {best.label_height:g} mm)"


def _plan(stock: Stock, dpi: int, modules: int, bar_modules: int) -> Plan | None:
    width, height = stock.label_width, stock.label_height
    under_qr = height - EDGE - BAR_HEIGHTS[0] - MARGIN / 2
    wanted = {"modules": modules, "bar_modules": bar_modules}
    beside = _placed(stock, _qr(width, height - 2 * EDGE, dpi, modules), dpi, **wanted, under_qr=False)
    below = _placed(stock, _qr(width, under_qr, dpi, modules), dpi, **wanted, under_qr=True)
    with_bars = [found for found in (beside, below) if found and found.bars]
    if with_bars:
        return max(with_bars, key=lambda found: found.qr.width)
    return beside


def _qr(width: float, height: float, dpi: int, modules: int) -> float | None:
    room = min(height, width - EDGE - COLUMN - MARGIN, LARGEST_QR)
    dots = int(room / modules / dot(dpi) + 1e-6)
    return dots * modules * dot(dpi) if dots >= QR_DOTS else None


def _placed(
    stock: Stock, side: float | None, dpi: int, *, modules: int, bar_modules: int, under_qr: bool
) -> Plan | None:
    if side is None:
        return None
    width, height = stock.label_width, stock.label_height
    below = height - EDGE - side - MARGIN / 2
    top = EDGE if under_qr else max(EDGE, (height - side) / 2)
    left = EDGE + side
    column = Box(left, top + 1, width - left - MARGIN, height - top - 1 - MARGIN)
    if under_qr:
        bars = _bars(Box(EDGE, EDGE + side, width - 2 * EDGE, below), dpi, bar_modules)
        column = Box(column.x, column.y, column.width, side - 1)
    else:
        room = min(column.height - TEXT_HEIGHT, BAR_HEIGHTS[1])
        # The quiet zone on the right may reach the edge of the label: beyond it nothing is printed.
        bars = _bars(Box(left, height - MARGIN - room, width - left, room), dpi, bar_modules)
        if bars:
            column = Box(column.x, column.y, column.width, column.height - bars.height - 1)
    scale = max(0.75, min(column.width / 25, column.height / 20, 1.5))
    bar_module = bars.width / bar_modules if bars else 0.0
    if bars:
        white, clear = QUIET * side / modules, BARS_QUIET * bar_module
        # The first bar stands under the left edge of the QR or of the text, where both quiet zones stay white.
        first = max(EDGE + white, clear) if under_qr else max(left, left - white + clear)
        bars = Box(min(first - clear, width - bars.width), bars.y, bars.width, bars.height)
    return Plan(Box(EDGE, top, side, side), side / modules, bars, bar_module, column, scale)


def _bars(room: Box, dpi: int, modules: int) -> Box | None:
    dots = int(min(room.width / modules, WIDEST_BAR) / dot(dpi) + 1e-6)
    tall = min(room.height, BAR_HEIGHTS[1])
    if dots * dot(dpi) < NARROWEST_BAR or tall < BAR_HEIGHTS[0] - 1e-6:
        return None
    return Box(room.x, room.y, modules * dots * dot(dpi), tall)
