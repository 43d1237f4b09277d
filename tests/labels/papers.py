"""One of every record, of invented people and devices."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

from labels.records import (
    Device,
    Drive,
    ErasureCertificate,
    Guardian,
    Inspected,
    InspectionRecord,
    Member,
    Method,
    Pupil,
    PupilHandover,
    Record,
    Repaired,
    RepairRecord,
    Retired,
    RetirementRecord,
    Returned,
    ReturnRecord,
    TransferRecord,
)
from tests.labels.makers import MODELS, a_checkpoint, a_party, a_receipt, a_record, a_school, some_codes

VIETNAM = timezone(timedelta(hours=7))
LINK = "https://tb.example/b/01JBX3Z6Q4T8"
KINDS = ("Máy tính bảng", "Máy tính xách tay", "Điện thoại thông minh")


def common(number: str) -> dict[str, Any]:
    return {
        "number": number,
        "place": "Vĩnh Yên",
        "on": date(2026, 1, 7),
        "link": LINK,
        "checkpoint": a_checkpoint(),
    }


def things(count: int) -> list[dict[str, Any]]:
    return [
        {"code": code, "category": KINDS[at % 3], "model": MODELS[at % 3], "serial": f"R9JR{at:04d}ABC"}
        for at, code in enumerate(some_codes(count))
    ]


def a_workshop() -> Any:
    return a_party(
        name="Tổ Kỹ thuật thiết bị học tập", superior="Sở Giáo dục và Đào tạo", position="Tổ trưởng"
    )


def a_member(name: str = "Phan Văn Khải Minh", position: str = "Kỹ thuật viên") -> Member:
    return Member(name=name, position=position)


def an_inspection(count: int = 3, **values: Any) -> InspectionRecord:
    found = (
        "Màn hình, cảm ứng, loa, micrô, camera, Wi-Fi hoạt động tốt; pin còn 86%",
        "Bàn phím liệt phím F; pin còn 41%; ổ cứng tốt",
        "Không lên nguồn; bo mạch chính ẩm, ăn mòn",
    )
    says = ("", "Thay bàn phím, thay pin", "Loại bỏ, tháo linh kiện")
    usual = common("07/BB-TKT") | {
        "workshop": a_workshop(),
        "members": (a_member(), a_member("Đỗ Thị Thanh Hà")),
        "basis": "Biên bản tiếp nhận số 12/BB-SGDĐT ngày 06 tháng 01 năm 2026.",
        "items": tuple(
            Inspected(
                **thing,
                findings=found[at % 3],
                grade="ACD"[at % 3],
                passed=at % 3 == 0,
                proposal=says[at % 3],
            )
            for at, thing in enumerate(things(count))
        ),
    }
    return InspectionRecord(**(usual | values))


def a_repair(count: int = 2, **values: Any) -> RepairRecord:
    usual = common("08/BB-TKT") | {
        "workshop": a_workshop(),
        "members": (a_member(),),
        "accepted_by": a_member("Đỗ Thị Thanh Hà"),
        "items": tuple(
            Repaired(
                **thing,
                fault="Liệt phím F, pin chai",
                work="Thay bàn phím, thay pin, vệ sinh quạt",
                parts=("bàn phím 0GK2X, pin GJKNX 68 Wh", "")[at % 2],
                result="Hoạt động tốt, chuyển kiểm tra lại",
            )
            for at, thing in enumerate(things(count))
        ),
    }
    return RepairRecord(**(usual | values))


def a_drive(code: str = "7K3M9QX2", **values: Any) -> Drive:
    usual: dict[str, Any] = {
        "code": code,
        "make": "Samsung",
        "model": "MZ-VLB2560 PM981",
        "serial": "S3TVNX0K512345",
        "capacity": "256 GB, NVMe",
        "method": Method.PURGE,
        "tool": "nvme-cli 2.8, Format NVM SES=2",
        "started": datetime(2026, 1, 6, 14, 5, tzinfo=VIETNAM),
        "ended": datetime(2026, 1, 6, 14, 9, tzinfo=VIETNAM),
        "passed": True,
        "result": "đọc lại 10%: không còn dữ liệu",
    }
    return Drive(**(usual | values))


def an_erasure(count: int = 3, **values: Any) -> ErasureCertificate:
    odd = (
        {},
        {
            "method": Method.CLEAR,
            "make": "Seagate",
            "model": "ST500LM021",
            "tool": "nwipe 0.36, ghi đè một lượt",
        },
        {"method": Method.DESTROY, "tool": "Khoan bốn lỗ qua chip nhớ", "result": "không đọc được"},
    )
    usual = common("09/GCN-TKT") | {
        "holder": a_workshop(),
        "performed_by": a_member(),
        "verified_by": a_member("Đỗ Thị Thanh Hà", "Cán bộ an toàn thông tin"),
        "drives": tuple(a_drive(code, **odd[at % 3]) for at, code in enumerate(some_codes(count))),
    }
    return ErasureCertificate(**(usual | values))


def a_transfer(count: int = 3, **values: Any) -> TransferRecord:
    usual = common("10/BB-SGDĐT") | {
        "sender": a_party(name="Sở Giáo dục và Đào tạo", superior="UBND tỉnh Phú Thọ"),
        "receiver": a_workshop(),
        "items": tuple(Device(**thing, grade="B", accessories="sạc") for thing in things(count)),
        "secret": "K7M2-9QXR-44TB",
        "reason": "Theo kế hoạch phân bổ số 03/KH-SGDĐT.",
    }
    return TransferRecord(**(usual | values))


def a_pupil_handover(count: int = 1, **values: Any) -> PupilHandover:
    usual = common("11/BB-THCS") | {
        "school": a_school(),
        "pupil": Pupil(name="Nguyễn Thị Huệ", cls="7A"),
        "guardian": Guardian(
            name="Nguyễn Văn Lực", relation="bố", address="Thôn Đồng Pheo, xã Đạo Trù, tỉnh Phú Thọ"
        ),
        "items": tuple(Device(**thing, grade="A", accessories="sạc, cáp") for thing in things(count)),
        "until": date(2027, 5, 31),
    }
    return PupilHandover(**(usual | values))


def a_return(count: int = 2, **values: Any) -> ReturnRecord:
    usual = common("12/BB-THCS") | {
        "returner": a_party(
            name="Nguyễn Văn Lực",
            superior="",
            representative="",
            position="",
            person=True,
            phone="0210 000 0000",
        ),
        "receiver": a_school(),
        "pupil": Pupil(name="Nguyễn Thị Huệ", cls="7A"),
        "reason": "Học sinh chuyển trường.",
        "items": tuple(
            Returned(
                **thing,
                condition=("Hoạt động tốt, xước nhẹ mặt lưng", "Vỡ kính góc trái, vẫn lên nguồn")[at % 2],
                accessories="sạc",
                missing=("", "cáp")[at % 2],
            )
            for at, thing in enumerate(things(count))
        ),
    }
    return ReturnRecord(**(usual | values))


def a_retirement(count: int = 3, **values: Any) -> RetirementRecord:
    usual = common("13/BB-SGDĐT") | {
        "holder": a_party(name="Sở Giáo dục và Đào tạo", superior="UBND tỉnh Phú Thọ"),
        "members": (
            a_member("Lê Quang Đạo Thịnh", "Phó Giám đốc, Chủ tịch Hội đồng"),
            a_member("Vũ Thị Mai Lan", "Kế toán trưởng"),
            a_member(),
        ),
        "basis": "Quyết định số 02/QĐ-SGDĐT ngày 05 tháng 01 năm 2026 về việc thành lập Hội đồng thanh lý",
        "items": tuple(
            Retired(
                **thing,
                condition="Bo mạch chính hỏng, chi phí sửa vượt giá trị còn lại",
                disposal=("Tháo linh kiện", "Tiêu hủy, giao đơn vị xử lý chất thải")[at % 2],
            )
            for at, thing in enumerate(things(count))
        ),
    }
    return RetirementRecord(**(usual | values))


MAKERS = (an_inspection, a_repair, an_erasure, a_transfer, a_pupil_handover, a_return, a_retirement)
#: One of every kind.
RECORDS: tuple[Record, ...] = (a_record(), a_receipt(), *(make() for make in MAKERS))
