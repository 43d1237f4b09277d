"""What all records have, and who signs them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, NamedTuple

from labels.records.parts import Checkpoint, Member, Party, Thing, counted
from labels.records.tables import Table


class Signer(NamedTuple):
    """One place to sign: in whose power, as what, who, and whether a seal is set beside it."""

    power: str
    position: str
    name: str
    seal: bool = False


def party_signs(power: str, party: Party) -> Signer:
    """Return the place where a party signs; a person signs for themselves and has no seal."""
    if party.person:
        return Signer(power, "", party.name)
    return Signer(f"Đại diện {power[0].lower()}{power[1:]}", party.position, party.representative, seal=True)


def members_sign(power: str, members: Sequence[Member]) -> tuple[Signer, ...]:
    """Return the places where people sign for what they did."""
    return tuple(Signer(power, member.position, member.name) for member in members)


@dataclass(frozen=True, kw_only=True)
class Record(ABC):
    """What all records have.

    `number` as after “Số:”, `place` as before the date, `subject` as below the heading. `link` is the address in the
    QR of every page, in any case, with its `#secret` if it has one; where it may be empty, there is no QR then.
    `copies_to` are the lines under “Nơi nhận”, before “Lưu: VT”.
    """

    #: The template in `templates/paper`, and the name of the data in the PDF.
    kind: ClassVar[str]
    #: The paper's kind in words, as its heading.
    heading: ClassVar[str] = "Biên bản"
    #: The name of its appendix, where the list is too long for the text.
    appendix: ClassVar[str] = "Danh sách thiết bị"
    #: What is said beside the QR of every page.
    invites: ClassVar[str] = "Quét mã bên cạnh để xem biên bản này trên hệ thống."

    number: str
    place: str
    on: date
    subject: str
    link: str
    checkpoint: Checkpoint | None = None
    copies_to: tuple[str, ...] = ()

    @property
    @abstractmethod
    def issuer(self) -> Party:
        """Whose name stands over the paper."""

    @property
    @abstractmethod
    def signers(self) -> tuple[Signer, ...]:
        """Who signs, from left to right."""

    @property
    @abstractmethod
    def table(self) -> Table:
        """The list in the middle of the paper."""

    @property
    def things(self) -> Sequence[Thing]:
        """The devices it lists."""
        return tuple(getattr(self, "items", ()))

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many devices of each category, in the order of the list."""
        return counted(thing.category for thing in self.things)

    @property
    def shown_secret(self) -> str:
        """What is typed where the QR cannot be read."""
        return ""
