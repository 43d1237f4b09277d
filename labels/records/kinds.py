"""What each record says, as frozen values. See `labels.records.parts` for what they are made of."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, NamedTuple

from labels.records.parts import Checkpoint, Item, Party, counted
from labels.records.tables import Table, devices


class Signer(NamedTuple):
    """One place to sign: in whose power, as what, who, and whether a seal is set beside it."""

    power: str
    position: str
    name: str
    seal: bool


def signer(power: str, party: Party) -> Signer:
    """Return the place where a party signs."""
    return Signer(
        power if party.person else f"Đại diện {power.lower()}", party.position, party.signs, not party.person
    )


@dataclass(frozen=True, kw_only=True)
class Record(ABC):
    """What all records have.

    `number` as after “Số:”, `place` as before the date. `link` is the address in the QR of every page, in any case,
    with its `#secret` if it has one; where it may be empty, there is no QR then. `copies_to` are the lines under “Nơi nhận”, before “Lưu: VT”.
    """

    #: The template in `templates/paper`, and the name of the data in the PDF.
    kind: ClassVar[str]
    #: The paper's kind in words, as its heading.
    heading: ClassVar[str] = "Biên bản"
    #: What is said beside the QR of every page.
    invites: ClassVar[str] = "Quét mã bên cạnh để xem biên bản này trên hệ thống."

    number: str
    place: str
    on: date
    link: str
    checkpoint: Checkpoint | None = None
    copies_to: tuple[str, ...] = ()

    subject: str

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
    def shown_secret(self) -> str:
        """What is typed where the QR cannot be read."""
        return ""


@dataclass(frozen=True, kw_only=True)
class _OfItems(Record):
    items: tuple[Item, ...]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many devices of each category, in the order of the list."""
        return counted(item.category for item in self.items)


@dataclass(frozen=True, kw_only=True)
class HandoverRecord(_OfItems):
    """A *biên bản bàn giao*, issued by its sender.

    `link` is required, with its `#secret`; `secret` is the same for typing, as it is to be shown.
    """

    kind = "handover"
    invites = "Bên nhận quét mã bên cạnh bằng điện thoại để xác nhận."

    sender: Party
    receiver: Party
    secret: str = ""
    subject: str = "Bàn giao thiết bị học tập trực tuyến cho học sinh"

    @property
    def pupils(self) -> bool:
        """Whether a line names a pupil."""
        return any(item.pupil for item in self.items)

    @property
    def issuer(self) -> Party:
        return self.sender

    @property
    def signers(self) -> tuple[Signer, ...]:
        return signer("Bên giao", self.sender), signer("Bên nhận", self.receiver)

    @property
    def table(self) -> Table:
        return devices(self.items, pupils=self.pupils)

    @property
    def shown_secret(self) -> str:
        return self.secret


@dataclass(frozen=True, kw_only=True)
class DonationReceipt(_OfItems):
    """A *biên bản tiếp nhận*, issued by the receiver. `amount` is in whole đồng."""

    kind = "receipt"
    invites = "Quét mã bên cạnh để xem thiết bị tài trợ đã đến đâu."

    donor: Party
    receiver: Party
    link: str = ""
    amount: int | None = None
    note: str = ""
    subject: str = "Tiếp nhận thiết bị tài trợ cho học sinh"

    @property
    def issuer(self) -> Party:
        return self.receiver

    @property
    def signers(self) -> tuple[Signer, ...]:
        return signer("Bên tài trợ", self.donor), signer("Bên tiếp nhận", self.receiver)

    @property
    def table(self) -> Table:
        return devices(self.items)
