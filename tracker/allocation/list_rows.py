"""The rows of a list of pupils, and the pupils they are compared with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from tracker.lists.verdicts import Outcome, Twin


@dataclass(frozen=True, slots=True)
class PupilRow:
    """One row of a list of pupils: what was understood, and what to conclude.

    `dob` is 2006-04-28 or 2006; `id` the citizen number to take; `commune` a code of the day of the
    list, "" where `address` names none in its district; `policy` of `POLICIES`, space separated.
    """

    columns: ClassVar[tuple[str, ...]] = (
        *("file", "sheet", "line", "outcome", "why", "school", "cls", "name", "sex", "dob", "id"),
        *("commune", "policy", "no_device", "no_net", "parent", "phone"),
    )

    file: str
    sheet: str
    line: int
    outcome: Outcome
    why: tuple[str, ...]
    school: str
    cls: str
    name: str
    sex: str
    dob: str
    id: str
    commune: str
    policy: str
    no_device: bool
    no_net: bool
    parent: str
    phone: str
    #: The address as it was written.
    address: str = ""
    #: The name without marks and with y = i.
    name_key: str = ""
    #: The earlier row or the pupil this one repeats or contradicts.
    twin: Twin | None = None

    @property
    def born(self) -> date | None:
        return date.fromisoformat(self.dob) if len(self.dob) > 4 else None

    @property
    def born_year(self) -> int | None:
        return int(self.dob[:4]) if self.dob else None


@dataclass(frozen=True, slots=True)
class KnownPupil:
    """A pupil who is there already; `ref` is whatever the asker knows them by."""

    name_key: str
    dob: str
    id: str
    school: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class KnownPupils:
    """The pupils who are there already, by citizen number and by (name key, birthday)."""

    by_id: Mapping[str, KnownPupil] = field(default_factory=dict)
    by_name: Mapping[tuple[str, str], Sequence[KnownPupil]] = field(default_factory=dict)

    @classmethod
    def of(cls, pupils: Iterable[KnownPupil]) -> "KnownPupils":
        """Index pupils, of whom no two have one number."""
        by_id: dict[str, KnownPupil] = {}
        by_name: dict[tuple[str, str], list[KnownPupil]] = {}
        for pupil in pupils:
            if pupil.id:
                by_id[pupil.id] = pupil
            by_name.setdefault((pupil.name_key, pupil.dob), []).append(pupil)
        return cls(by_id, by_name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The numbers and (name key, birthday) pairs of a list, to look up who is there already."""

    ids: frozenset[str]
    names: frozenset[tuple[str, str]]
