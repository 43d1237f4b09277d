"""What records are made of: parties, people, devices in their various states, and where the ledger stood.

A text whose default is empty may stay empty; every other is required, as a signed sheet has no blanks.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

ROOT_SHOWN = 20  # characters of a checkpoint's root in clear


@dataclass(frozen=True, kw_only=True)
class Party:
    """One side of a paper. A `person` signs for themselves: no representative, no position."""

    name: str
    address: str
    representative: str = ""
    position: str = ""
    superior: str = ""
    phone: str = ""
    person: bool = False

    @property
    def signs(self) -> str:
        """Who signs."""
        return self.name if self.person else self.representative


@dataclass(frozen=True, kw_only=True)
class Item:
    """One device: `code` without gaps, `category` and `model` in words; the rest may be unknown."""

    code: str
    category: str
    model: str
    serial: str = ""
    grade: str = ""
    accessories: str = ""
    pupil: str = ""
    cls: str = ""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Where the ledger stood: the signed note as it is, and its size, root (base64) and key for the eye."""

    note: str
    size: int
    root: str
    fingerprint: str

    @property
    def shown_root(self) -> str:
        """The beginning of the root, as far as people compare."""
        return self.root[:ROOT_SHOWN]


def counted(words: Iterable[str]) -> list[tuple[str, int]]:
    """Return how many of each word there are, in the order they first come."""
    return list(Counter(words).items())
