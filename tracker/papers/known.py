"""What is known of one device on a paper, whichever paper it is."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from labels.records import Drive


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one device; `item` are the fields of its row on the paper beyond what it is."""

    device: Row[Any]
    org_id: int
    item: dict[str, Any] = field(default_factory=dict)
    drives: tuple[Drive, ...] = ()
    #: Who did what the paper tells of.
    people: tuple[str, ...] = ()
    verified: tuple[str, str] = ("", "")
    support: str | None = None
    #: Why it came back.
    reason: str = ""
    #: What it came with.
    basis: str = ""
    #: What the form proposes; for this device alone with its code behind.
    proposed: dict[str, str] = field(default_factory=dict)

    @property
    def performer(self) -> str:
        """Who erased; each signs for what they did."""
        return self.people[0] if self.drives else ""

    @property
    def verifier(self) -> str:
        """Who verified the erasure."""
        return self.verified[0]
