"""Records of devices that change hands: received, handed over, lent to a pupil, taken back."""

from dataclasses import dataclass
from datetime import date

from labels.records.base import Record, Signer, party_signs
from labels.records.parts import Device, Guardian, Item, Party, Pupil, Returned
from labels.records.tables import Column, Table, described, devices, numbered


def _must_name_no_pupil(items: tuple[Device, ...]) -> None:
    if any(isinstance(item, Item) for item in items):
        raise TypeError("This record lists `Device`: a pupil has no place on it, nor in its data.")


@dataclass(frozen=True, kw_only=True)
class HandoverRecord(Record):
    """A *biên bản bàn giao*, issued by its sender.

    `link` is required, with its `#secret`; `secret` is the same for typing, as it is to be shown.
    """

    kind = "handover"
    invites = "Bên nhận quét mã bên cạnh bằng điện thoại để xác nhận."

    sender: Party
    receiver: Party
    items: tuple[Item, ...]
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
        return party_signs("Bên giao", self.sender), party_signs("Bên nhận", self.receiver)

    @property
    def table(self) -> Table:
        return devices(
            self.items, pupils=[(item.pupil, item.cls) for item in self.items] if self.pupils else None
        )

    @property
    def shown_secret(self) -> str:
        return self.secret


@dataclass(frozen=True, kw_only=True)
class TransferRecord(Record):
    """A *biên bản bàn giao* between two organisations, issued by the sender: it names no pupils.

    `link` and `secret` are those of a `HandoverRecord`. `reason` as in “Theo kế hoạch phân bổ số …”.
    """

    kind = "transfer"
    invites = "Bên nhận quét mã bên cạnh bằng điện thoại để xác nhận."

    sender: Party
    receiver: Party
    items: tuple[Device, ...]
    secret: str = ""
    reason: str = ""
    subject: str = "Bàn giao thiết bị giữa các đơn vị"

    def __post_init__(self) -> None:
        _must_name_no_pupil(self.items)

    @property
    def issuer(self) -> Party:
        return self.sender

    @property
    def signers(self) -> tuple[Signer, ...]:
        return party_signs("Bên giao", self.sender), party_signs("Bên nhận", self.receiver)

    @property
    def table(self) -> Table:
        return devices(self.items)

    @property
    def shown_secret(self) -> str:
        return self.secret


@dataclass(frozen=True, kw_only=True)
class DonationReceipt(Record):
    """A *biên bản tiếp nhận*, issued by the receiver: it names no pupils. `amount` is in whole đồng."""

    kind = "receipt"

    donor: Party
    receiver: Party
    items: tuple[Device, ...]
    amount: int | None = None
    note: str = ""
    link: str = ""
    subject: str = "Tiếp nhận thiết bị tài trợ cho học sinh"

    def __post_init__(self) -> None:
        _must_name_no_pupil(self.items)

    @property
    def issuer(self) -> Party:
        return self.receiver

    @property
    def signers(self) -> tuple[Signer, ...]:
        return party_signs("Bên tài trợ", self.donor), party_signs("Bên tiếp nhận", self.receiver)

    @property
    def table(self) -> Table:
        return devices(self.items)


@dataclass(frozen=True, kw_only=True)
class PupilHandover(Record):
    """A *biên bản bàn giao* from a school to a pupil, signed by a guardian. `until`: when it is to come back."""

    kind = "pupil"

    school: Party
    pupil: Pupil
    guardian: Guardian
    items: tuple[Device, ...]
    until: date | None = None
    link: str = ""
    subject: str = "Bàn giao thiết bị học tập cho học sinh sử dụng"

    @property
    def issuer(self) -> Party:
        return self.school

    @property
    def signers(self) -> tuple[Signer, ...]:
        return (
            party_signs("Nhà trường", self.school),
            Signer("Người giám hộ", "", self.guardian.name),
            Signer("Học sinh", "", self.pupil.name),
        )

    @property
    def table(self) -> Table:
        return devices(self.items)


@dataclass(frozen=True, kw_only=True)
class ReturnRecord(Record):
    """A *biên bản thu hồi*, issued by the receiver. `reason` as in “Học sinh chuyển trường”; `pupil` if one had it."""

    kind = "return"

    returner: Party
    receiver: Party
    items: tuple[Returned, ...]
    reason: str
    pupil: Pupil | None = None
    link: str = ""
    subject: str = "Thu hồi thiết bị học tập"

    @property
    def issuer(self) -> Party:
        return self.receiver

    @property
    def signers(self) -> tuple[Signer, ...]:
        return party_signs("Bên trả", self.returner), party_signs("Bên thu hồi", self.receiver)

    @property
    def table(self) -> Table:
        columns = (
            Column("Thiết bị, số máy", 48),
            Column("Tình trạng khi thu hồi", 36),
            Column("Phụ kiện thu hồi", 22),
            Column("Còn thiếu", 22),
        )
        return numbered(
            columns,
            (
                (it.code, (described(it), it.condition, it.accessories or "không", it.missing or "không"))
                for it in self.items
            ),
        )
