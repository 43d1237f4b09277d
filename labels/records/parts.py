"""What records are made of: parties, people, devices in their various states, and where the ledger stood.

A text whose default is empty may stay empty; every other is required, as a signed sheet has no blanks.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

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
class Member:
    """Someone who takes part and signs, and as what."""

    name: str
    position: str


@dataclass(frozen=True, kw_only=True)
class Pupil:
    """Who a device is for; nothing of them but name and class is printed."""

    name: str
    cls: str


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """Who signs for a pupil; `relation` as in “mẹ”, “ông nội”, “người giám hộ”."""

    name: str
    relation: str
    address: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What every list says of a device: `code` without gaps, `category` and `model` in words, a serial if known."""

    code: str
    category: str
    model: str
    serial: str = ""


@dataclass(frozen=True, kw_only=True)
class Device(Thing):
    """A device that goes from hand to hand, with what goes with it."""

    grade: str = ""
    accessories: str = ""


@dataclass(frozen=True, kw_only=True)
class Item(Device):
    """A device and the pupil it is for, where it is for one."""

    pupil: str = ""
    cls: str = ""


@dataclass(frozen=True, kw_only=True)
class Inspected(Thing):
    """A device as it was inspected: what was tried and how it was, faults included, and what is proposed.

    `passed`: whether it may be given out as it is.
    """

    findings: str
    grade: str
    passed: bool
    proposal: str = ""


@dataclass(frozen=True, kw_only=True)
class Repaired(Thing):
    """A device that was repaired: what was wrong, what was done, which parts were put in, and how it is now."""

    fault: str
    work: str
    parts: str = ""
    result: str


@dataclass(frozen=True, kw_only=True)
class Returned(Thing):
    """A device that came back: how it is, what came with it, and what is missing."""

    condition: str
    accessories: str = ""
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Retired(Thing):
    """A device that goes out of use: how it is, and what becomes of it."""

    condition: str
    disposal: str


class Method(Enum):
    """How data was erased, in the words of NIST SP 800-88."""

    CLEAR = "Clear"
    PURGE = "Purge"
    DESTROY = "Destroy"

    @property
    def words(self) -> str:
        """What it means, in Vietnamese."""
        return {"Clear": "xóa thông thường", "Purge": "xóa triệt để", "Destroy": "hủy vật lý"}[self.value]


@dataclass(frozen=True, kw_only=True)
class Drive:
    """One drive whose data was erased, and how.

    `code` is the device it is in; `make` to `capacity` are the drive's own. `started` and `ended` have their zone
    and are printed in it. `result` says what was read back, as in “đọc lại 10%: không còn dữ liệu”.
    """

    code: str
    make: str
    model: str
    serial: str
    capacity: str = ""
    method: Method
    tool: str
    started: datetime
    ended: datetime
    passed: bool
    result: str


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
