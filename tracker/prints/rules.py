"""What may be asked of a printer, and which paper carries a code."""

from typing import NamedTuple

from labels.designs import DESIGNS, Design
from labels.plan import DPIS, plan
from labels.refusals import UnreadableStock
from labels.stock import Stock, find, known
from tracker.printers.rules import NONE, Correction
from tracker.words import Words, _

#: The paper that is offered first, then what else there is in the offices: sheets, then rolls.
USUAL = ("L7160", "L7161", "L7162", "L7163", "L7651", "50x30", "58x40", "40x30")
SHEET, ROLL = "L7160", "50x30"

#: What a device's label can be, in the reader's words.
KINDS = {
    "device": _("Device label"),
    "device-full": _("Device label with serial and type"),
    "device-small": _("Small: code only"),
    "charger": _("Charger label"),
}

#: Names of all that is printed.
NAMES = {**KINDS, "blank": _("Blank label")}


class Paper(NamedTuple):
    """What to print on, and how: for a `printer` of the organisation with its correction, or for none in particular."""

    stock: str
    dpi: int = 203
    skip: int = 0
    by_column: bool = False
    design: str = "device"
    printer: int | None = None
    correction: Correction = NONE

    @property
    def laid_out(self) -> Design:
        return DESIGNS[self.design]


class Fit(NamedTuple):
    """A paper, and how large a module of a label's QR is on it in millimetres, by the printer's dots an inch.

    `too_small` names the smallest paper that would do, where this one does not.
    """

    stock: Stock
    modules: dict[int, float]
    too_small: str = ""


def fits(url_version: int, bars: int) -> list[Fit]:
    """Return every paper there is, with what it can carry of a code of this size."""
    return [_fit(stock, url_version * 4 + 25, bars) for stock in known()]


def _fit(stock: Stock, modules: int, bars: int) -> Fit:
    sizes, too_small = {}, ""
    for dpi in DPIS:
        try:
            sizes[dpi] = plan(stock, dpi, modules, bars).module
        except UnreadableStock as refused:
            too_small = too_small or str(refused.values["smallest"])
    return Fit(stock, sizes, too_small)


def stock_words(name: str) -> Words:
    """Return a paper's name with its size, and how many labels are on a sheet."""
    stock = find(name)
    size = f"{stock.label_width:g} × {stock.label_height:g} mm".replace(".", ",")
    if stock.roll:
        return _("%(name)s: roll, %(size)s", name=stock.name, size=size)
    return _("%(name)s: A4, %(count)s labels of %(size)s", name=stock.name, count=stock.count, size=size)


def stock_choices() -> list[tuple[Words, list[tuple[str, Words]]]]:
    """Return the papers to choose from, in two groups: the usual ones, and all others that can carry a code."""
    others = [
        stock.name for stock in known() if stock.name not in USUAL and find(stock.name).name not in _TINY
    ]
    return [
        (_("Usual label paper"), [(name, stock_words(name)) for name in USUAL]),
        (_("Further label paper"), [(name, stock_words(name)) for name in others]),
    ]


#: Too small for any code at any resolution.
_TINY = frozenset({"L4730"})
