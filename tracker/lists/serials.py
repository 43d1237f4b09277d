"""What stands where a serial number should: the number in one form, or a word that names no machine.

The words are data, `placeholders.csv`, whole values without regard to capitals: what people write for a number
they cannot read, and what boards say that nobody gave one. Lists of devices, the form at the door and evidence
from the hardware ask here.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tracker.lists.fold import tidy

_RUN = re.compile(r"[x×*]+|0+|x[x\W]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SerialVerdict:
    """A serial number in the one form it is kept and compared in; "" with a reason if there is none."""

    serial: str
    why: tuple[str, ...] = ()


def placeholder(text: str) -> str:
    """Return "missing" or "placeholder" for a word of the table that stands for no value, else ""."""
    return _table().get(tidy(text).casefold(), "")


def normal_serial(text: str) -> SerialVerdict:
    """Return the serial in capitals without spaces, or why there is none.

    Placeholders are whole values of `placeholders.csv`, without regard to capitals, and runs of x.
    """
    text = tidy(text)
    means = placeholder(text)
    if not means and _RUN.fullmatch(text):
        means = "placeholder"
    if means:
        return SerialVerdict("", (f"serial_{means}",))
    return SerialVerdict("".join(text.upper().split()))


@cache
def _table() -> dict[str, str]:
    path = Path(__file__).with_name("placeholders.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {tidy(row["value"]).casefold(): row["means"] for row in csv.DictReader(file)}
