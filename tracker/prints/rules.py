"""What may be asked of a printer, and which paper carries a code."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from labels.designs import DESIGNS, EVERYTHING, Design, Field
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

#: What a form offers of them: of what stands on a device's label, `FIELDS` are ticked.
OFFERED = ("device", "device-small", "charger")

#: Names of all that is printed.
NAMES = {
    **KINDS,
    "blank": _("Blank label"),
    "box": _("Box label"),
    "place": _("Place label"),
    "mode": _("Mode card"),
    "badge": _("Operator’s badge"),
}

#: What a device's label can show beside its code, which always stands on it.
FIELDS = {
    Field.HEADING: _("Programme"),
    Field.MAKE_MODEL: _("Make and model"),
    Field.CATEGORY: _("Type"),
    Field.SERIAL: _("Serial"),
    Field.DONATION: _("Donation"),
}
#: What is ticked to begin with.
USUAL_FIELDS = (Field.HEADING, Field.MAKE_MODEL, Field.DONATION)


class Paper(NamedTuple):
    """What to print on, and how: for a `printer` of the organisation with its correction, or for none in particular.

    `own` is the paper if `stock` names one of one's own; `shows` are the fields that were ticked, None if nobody
    was asked.
    """

    stock: str
    dpi: int = 203
    skip: int = 0
    by_column: bool = False
    design: str = "device"
    printer: int | None = None
    correction: Correction = NONE
    own: Stock | None = None
    shows: tuple[str, ...] | None = None

    @property
    def laid_out(self) -> Design:
        if self.shows is None:
            return DESIGNS[self.design]
        whole = EVERYTHING if self.design == "device" else DESIGNS[self.design]
        return whole.showing([field for field in self.shows if field in whole.fields])

    @property
    def sheet(self) -> Stock:
        """The paper itself. Raises UnknownStock if it names none."""
        return self.own or find(self.stock)


class Fit(NamedTuple):
    """A paper, and how large a module of a label's QR is on it in millimetres, by the printer's dots an inch.

    `too_small` names the smallest paper that would do, where this one does not.
    """

    stock: Stock
    modules: dict[int, float]
    too_small: str = ""


def fits(url_version: int, bars: int) -> list[Fit]:
    """Return every published paper, with what it can carry of a code of this size."""
    return [fit(stock, url_version, bars) for stock in known()]


def fit(stock: Stock, url_version: int, bars: int) -> Fit:
    """Return what a paper can carry of a code of this size."""
    modules, sizes, too_small = url_version * 4 + 25, {}, ""
    for dpi in DPIS:
        try:
            sizes[dpi] = plan(stock, dpi, modules, bars).module
        except UnreadableStock as refused:
            too_small = too_small or str(refused.values["smallest"])
    return Fit(stock, sizes, too_small)


A4 = (210.0, 297.0)


def stock_words(stock: Stock) -> Words:
    """Return a paper's name with its size, and how many labels are on a sheet."""
    size = _millimetres(stock.label_width, stock.label_height)
    if stock.roll:
        return _("%(name)s: roll, %(size)s", name=stock.name, size=size)
    if (stock.page_width, stock.page_height) != A4:
        page = _millimetres(stock.page_width, stock.page_height)
        return _(
            "%(name)s: sheet of %(page)s, %(count)s labels of %(size)s",
            name=stock.name,
            page=page,
            count=stock.count,
            size=size,
        )
    return _("%(name)s: A4, %(count)s labels of %(size)s", name=stock.name, count=stock.count, size=size)


def _millimetres(width: float, height: float) -> str:
    return f"{width:g} × {height:g} mm".replace(".", ",")


def stock_choices(own: Sequence[tuple[str, Stock]] = ()) -> list[tuple[Words, list[tuple[str, Words]]]]:
    """Return the papers to choose from, in groups: own ones, the usual ones, all others that can carry a code."""
    ours = [(_("Label paper of our own"), [(name, stock_words(stock)) for name, stock in own])]
    others = [
        stock.name for stock in known() if stock.name not in USUAL and find(stock.name).name not in _TINY
    ]
    return [
        *(ours if own else []),
        (_("Usual label paper"), [(name, stock_words(find(name))) for name in USUAL]),
        (_("Further label paper"), [(name, stock_words(find(name))) for name in others]),
    ]


#: Too small for any code at any resolution.
_TINY = frozenset({"L4730"})

_WHOLE = re.compile(r"-?[0-9]{1,10}")


def whole(text: str) -> int | None:
    """Return the whole number that a field says; nothing if it says none."""
    text = unicodedata.normalize("NFKC", text[:40]).strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def number_wrong(text: str, least: int, most: int) -> Words | None:
    """Return what is wrong with a number from `least` to `most`; nothing if it is one."""
    number = whole(text)
    if number is not None and least <= number <= most:
        return None
    if most == 0:  # only what a roll leaves empty
        return _("Labels of a roll come one after another: write 0.")
    return _("Write a number from %(least)s to %(most)s.", least=least, most=most)
