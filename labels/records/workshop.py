"""Records of what is done to devices: inspected, repaired, their data erased, taken out of use."""

from dataclasses import dataclass

from labels.records.base import Record, Signer, members_sign, party_signs
from labels.records.parts import Drive, Inspected, Member, Party, Repaired, Retired, counted
from labels.records.tables import Column, Table, described, lines, numbered

STANDARD = "NIST SP 800-88 Rev. 1"


def passed(well: bool) -> str:
    """Return the verdict in words."""
    return "Đạt" if well else "Không đạt"


@dataclass(frozen=True, kw_only=True)
class InspectionRecord(Record):
    """A *biên bản kiểm tra, phân loại kỹ thuật*, issued by the workshop and signed by who inspected.

    `basis` as in “Biên bản tiếp nhận số 12/BB-SGDĐT”: what the devices came with.
    """

    kind = "inspection"

    workshop: Party
    members: tuple[Member, ...]
    items: tuple[Inspected, ...]
    basis: str = ""
    link: str = ""
    subject: str = "Kiểm tra, phân loại kỹ thuật thiết bị"

    @property
    def issuer(self) -> Party:
        return self.workshop

    @property
    def signers(self) -> tuple[Signer, ...]:
        return (*members_sign("Người kiểm tra", self.members), party_signs("Đơn vị", self.workshop))

    @property
    def grades(self) -> list[tuple[str, int]]:
        """How many devices of each grade, in the order of the grades."""
        return sorted(counted(item.grade for item in self.items))

    @property
    def fit(self) -> int:
        """How many devices passed."""
        return sum(item.passed for item in self.items)

    @property
    def table(self) -> Table:
        columns = (
            Column("Thiết bị, số máy", 46),
            Column("Kết quả kiểm tra", 42),
            Column("Xếp loại", 12, centred=True),
            Column("Kết luận, đề xuất", 28),
        )
        return numbered(
            columns,
            (
                (it.code, (described(it), it.findings, it.grade, lines(passed(it.passed), it.proposal)))
                for it in self.items
            ),
        )


@dataclass(frozen=True, kw_only=True)
class RepairRecord(Record):
    """A *biên bản sửa chữa*, issued by the workshop: `members` repaired, `accepted_by` tried the devices afterwards."""

    kind = "repair"

    workshop: Party
    members: tuple[Member, ...]
    accepted_by: Member
    items: tuple[Repaired, ...]
    link: str = ""
    subject: str = "Sửa chữa thiết bị"

    @property
    def issuer(self) -> Party:
        return self.workshop

    @property
    def signers(self) -> tuple[Signer, ...]:
        return (
            *members_sign("Người sửa chữa", self.members),
            *members_sign("Người nghiệm thu", [self.accepted_by]),
            party_signs("Đơn vị", self.workshop),
        )

    @property
    def table(self) -> Table:
        columns = (
            Column("Thiết bị, số máy", 40),
            Column("Hư hỏng", 28),
            Column("Nội dung sửa chữa, linh kiện thay", 36),
            Column("Kết quả", 24),
        )

        def work(it: Repaired) -> str:
            return lines(it.work, f"Linh kiện thay: {it.parts}" if it.parts else "Không thay linh kiện")

        return numbered(
            columns, ((it.code, (described(it), it.fault, work(it), it.result)) for it in self.items)
        )


@dataclass(frozen=True, kw_only=True)
class ErasureCertificate(Record):
    """A *giấy chứng nhận xóa dữ liệu* by the words of NIST SP 800-88, issued by the holder of the drives.

    `performed_by` erased, `verified_by` read back; both sign. `standard` is the edition that was followed.
    """

    kind = "erasure"
    heading = "Giấy chứng nhận"
    appendix = "Danh sách ổ lưu trữ"
    invites = "Quét mã bên cạnh để đối chiếu giấy chứng nhận này với hệ thống."

    holder: Party
    performed_by: Member
    verified_by: Member
    drives: tuple[Drive, ...]
    standard: str = STANDARD
    link: str = ""
    subject: str = "Xóa dữ liệu trên thiết bị lưu trữ"

    @property
    def issuer(self) -> Party:
        return self.holder

    @property
    def signers(self) -> tuple[Signer, ...]:
        return (
            *members_sign("Người thực hiện", [self.performed_by]),
            *members_sign("Người xác minh", [self.verified_by]),
            party_signs("Đơn vị", self.holder),
        )

    @property
    def fit(self) -> int:
        """How many drives passed."""
        return sum(drive.passed for drive in self.drives)

    @property
    def table(self) -> Table:
        columns = (
            Column("Ổ lưu trữ", 39),
            Column("Phương pháp, công cụ", 34),
            Column("Bắt đầu, kết thúc", 31),
            Column("Kết quả", 24),
        )
        return numbered(columns, ((drive.code, _erased(drive)) for drive in self.drives))


def _erased(drive: Drive) -> tuple[str, ...]:
    return (
        lines(f"{drive.make} {drive.model}", f"S/N: {drive.serial}", drive.capacity),
        lines(f"{drive.method.value} ({drive.method.words})", drive.tool),
        lines(*(f"{at:%H:%M} {at:%d/%m/%Y}" for at in (drive.started, drive.ended))),
        lines(passed(drive.passed), drive.result),
    )


@dataclass(frozen=True, kw_only=True)
class RetirementRecord(Record):
    """A *biên bản thanh lý*, issued by the holder and signed by the members of its council.

    `basis` is the decision it follows, as in “Quyết định số 15/QĐ-SGDĐT ngày 02 tháng 02 năm 2026 …”.
    """

    kind = "retirement"

    holder: Party
    members: tuple[Member, ...]
    items: tuple[Retired, ...]
    basis: str = ""
    link: str = ""
    subject: str = "Thanh lý, loại bỏ thiết bị không còn sử dụng"

    @property
    def issuer(self) -> Party:
        return self.holder

    @property
    def signers(self) -> tuple[Signer, ...]:
        return (*members_sign("Thành viên", self.members), party_signs("Đơn vị", self.holder))

    @property
    def table(self) -> Table:
        columns = (
            Column("Thiết bị, số máy", 48),
            Column("Tình trạng", 44),
            Column("Hình thức xử lý", 36),
        )
        return numbered(columns, ((it.code, (described(it), it.condition, it.disposal)) for it in self.items))
