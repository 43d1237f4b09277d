"""Where things go on one label. All lengths are millimetres from the label's top left corner.

A thermal printer can only print whole dots, so a module of the QR and of the bars is a whole number of
them, and both begin on a dot; a QR needs at least four dots a module (Denso Wave), bars a quarter of a
millimetre. The text stands beside the QR or under it, the bars under the text or under the QR, whichever makes code
and text largest. Bars only serve 1D scanners: where they do not fit they are left out.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from labels.codes import BARS_QUIET
from labels.designs import DEVICE, Design
from labels.refusals import N_, UnreadableStock
from labels.squares import QUIET
from labels.stock import Stock, known

DPIS = (203, 300, 600)
QR_DOTS = 4
NARROWEST_BAR = 0.25  # X-dimension that common 1D scanners still read, two dots at 203 dpi
EDGE = 0.5  # outside the quiet zone, which is white as well
GAP = 0.5  # between codes and text: a p, or the marks of an Ế, reach beyond their line
OVERHANG = 0.6  # by which a J of the clear code begins left of its place, at scale 1
MARGIN = 1.5  # between the label's edge and whatever has no quiet zone
LARGEST_QR = 38.0  # a phone needs no more, but a card is also scanned from further away
WIDEST_BAR = 0.4  # X-dimension beyond which a longer barcode only gets harder to sweep
BAR_HEIGHTS = (5.0, 9.0)
COLUMN = 15.0  # the clear code in 8 pt bold
FULL_COLUMN = 25.0  # the clear code in 13 pt bold
SMALLEST_TEXT, LARGEST_TEXT = 0.75, 2.5  # of the sizes of the design
GOOD_QR, GOOD_TEXT = 30.0, 1.6  # beyond these, more of the one is not worth less of the other


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

    @property
    def merit(self) -> tuple[bool, float]:
        """How well it serves: bars before none, then the sizes of code and text."""
        return bool(self.bars), min(self.qr.width / GOOD_QR, 1) + min(self.scale / GOOD_TEXT, 1)


def dot(dpi: int) -> float:
    """Return the size of a printer's dot in millimetres."""
    return 25.4 / dpi


@lru_cache(maxsize=256)
def plan(stock: Stock, dpi: int, modules: int, bar_modules: int, design: Design = DEVICE) -> Plan:
    """Return the places for a QR of `modules` and bars of `bar_modules`, both with their quiet zones.

    No bars are wanted with 0 `bar_modules`, or by a design without.

    Raises:
        UnreadableStock: the QR would have fewer than four dots a module; the sentence names the smallest
            stock that would do.
    """
    found = _Drafts(stock, dpi, modules, bar_modules, design).best()
    if found is None:
        raise UnreadableStock(
            N_(
                "A label of %(stock)s (%(size)s) is too small for a code that a phone reads at %(dpi)s dpi. "
                "The smallest that would do is %(smallest)s."
            ),
            stock=stock.name,
            size=_size(stock),
            dpi=dpi,
            smallest=_smallest(dpi, modules, bar_modules, design),
        )
    return found


def _smallest(dpi: int, modules: int, bar_modules: int, design: Design) -> str:
    # There is always one: the longest address allowed fits the large labels at any resolution.
    fitting = [stock for stock in known() if _Drafts(stock, dpi, modules, bar_modules, design).best()]
    best = min(fitting, key=lambda stock: stock.label_width * stock.label_height)
    return f"{best.name} ({_size(best)})"


def _size(stock: Stock) -> str:
    return f"{stock.label_width:g} × {stock.label_height:g} mm".replace(".", ",")  # as written in Vietnam


@dataclass(frozen=True)
class _Drafts:
    """The ways to arrange one label."""

    stock: Stock
    dpi: int
    modules: int
    bar_modules: int
    design: Design

    def best(self) -> Plan | None:
        found = [draft for draft in (self._beside(), self._over_bars(), self._stacked()) if draft]
        return max(found, key=lambda draft: draft.merit, default=None)

    def _beside(self) -> Plan | None:
        """Text beside the QR, bars under the text."""
        width, height = self.stock.label_width, self.stock.label_height
        side = self._side(width - EDGE - COLUMN - MARGIN, height - 2 * EDGE)
        if side is None:
            return None
        qr = Box(self._up(EDGE), self._up(max(EDGE, (height - side) / 2)), side, side)
        left, top = qr.x + side, qr.y + 1
        column = Box(left, top, width - left - MARGIN, height - top - MARGIN)
        tall = min(column.height - SMALLEST_TEXT * self.design.height, BAR_HEIGHTS[1])
        # The quiet zone on the right may reach the edge of the label: beyond it nothing is printed.
        room = Box(left, height - MARGIN - tall, width - left, tall)
        bars = self._bars(room, first=left, dark=qr.x + side - QUIET * self._one(side))
        if bars:
            column = Box(column.x, column.y, column.width, column.height - bars.height - 1)
        return self._plan(qr, bars, column)

    def _over_bars(self) -> Plan | None:
        """Text beside the QR, bars under both."""
        width, height = self.stock.label_width, self.stock.label_height
        under = EDGE + BAR_HEIGHTS[0] + MARGIN / 2
        side = self._side(width - EDGE - COLUMN - MARGIN, height - EDGE - under)
        if side is None:
            return None
        qr = Box(self._up(EDGE), self._up(EDGE), side, side)
        left, below = qr.x + side, height - EDGE - side - MARGIN / 2
        room = Box(EDGE, qr.y + side, width - 2 * EDGE, below)
        bars = self._bars(room, first=qr.x + QUIET * self._one(side))
        column = Box(left, qr.y + 1, width - left - MARGIN, side - 1 - GAP)
        return self._plan(qr, bars, column) if bars else None

    def _stacked(self) -> Plan | None:
        """Text under the QR, bars under the text."""
        width, height = self.stock.label_width, self.stock.label_height
        words = SMALLEST_TEXT * self.design.height + MARGIN
        under = words + (BAR_HEIGHTS[0] + 1 if self._wants_bars else 0)
        side = self._side(width - 2 * EDGE, height - EDGE - under)
        if side is None or width - 2 * MARGIN < COLUMN:
            return None
        qr = Box(self._up(EDGE), self._up(EDGE), side, side)
        white = QUIET * self._one(side)
        left, top = qr.x + white, qr.y + side + GAP
        column = Box(left, top, width - left - MARGIN, height - top - MARGIN)
        tall = min(column.height - SMALLEST_TEXT * self.design.height, BAR_HEIGHTS[1])
        bars = self._bars(Box(EDGE, height - MARGIN - tall, width - 2 * EDGE, tall), first=left)
        if bars:
            column = Box(column.x, column.y, column.width, column.height - bars.height - 1)
        return self._plan(qr, bars, column) if column.width >= COLUMN else None

    @property
    def _wants_bars(self) -> bool:
        return self.design.bars and self.bar_modules > 0

    def _plan(self, qr: Box, bars: Box | None, column: Box) -> Plan:
        fits = min(column.width / FULL_COLUMN, column.height / self.design.height, LARGEST_TEXT)
        scale = max(SMALLEST_TEXT, fits)
        if column.y < qr.y + qr.height:
            over = OVERHANG * scale
            column = Box(column.x + over, column.y, column.width - over, column.height)
        bar_module = bars.width / self.bar_modules if bars else 0.0
        return Plan(qr, self._one(qr.width), bars, bar_module, column, scale)

    def _side(self, width: float, height: float) -> float | None:
        largest = max(LARGEST_QR, min(self.stock.label_width, self.stock.label_height) / 2)
        dots = int(min(width, height, largest) / self.modules / dot(self.dpi) + 1e-6)
        return dots * self.modules * dot(self.dpi) if dots >= QR_DOTS else None

    def _one(self, side: float) -> float:
        return side / self.modules

    def _bars(self, room: Box, *, first: float, dark: float = 0.0) -> Box | None:
        """Return the bars as wide and tall as `room` allows; the first stands at `first`, clear of what is `dark`."""
        if not self._wants_bars:
            return None
        dots = int(min(room.width / self.bar_modules, WIDEST_BAR) / dot(self.dpi) + 1e-6)
        tall = min(room.height, BAR_HEIGHTS[1])
        module = dots * dot(self.dpi)
        if module < NARROWEST_BAR or tall < BAR_HEIGHTS[0] - 1e-6:
            return None
        wide, clear = self.bar_modules * module, BARS_QUIET * module
        left = self._up(max(first, dark + clear) - clear)
        return Box(min(left, self._down(self.stock.label_width - wide)), self._down(room.y), wide, tall)

    def _up(self, length: float) -> float:
        return math.ceil(length / dot(self.dpi) - 1e-6) * dot(self.dpi)

    def _down(self, length: float) -> float:
        return math.floor(length / dot(self.dpi) + 1e-6) * dot(self.dpi)
