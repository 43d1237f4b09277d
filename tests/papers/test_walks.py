"""Each kind of paper, from the device to the sheet: what it says, its codes, its data, the same bytes again."""

from tests.papers.makers import (
    CERTIFIED,
    GUARDED,
    INSPECTED,
    REPAIRED,
    RETURNED,
    a_desk,
    a_laptop,
    at_school,
    codes_on,
    data_of,
    erased,
    given,
    inspected,
    passed,
    pdf_of,
    repaired,
    taken_back,
    text_of,
)
from tracker.people.roles import Role


def printed(desk, where, kind):
    """Return the text of an issued paper, having looked at what every paper has."""
    pdf = pdf_of(desk, where)
    address = f"http://127.0.0.1:5000{where}"
    pages = codes_on(pdf)
    assert all(any(code.split("?")[0] == address for code in codes) for codes in pages), pages
    assert any("\n" in code for codes in pages for code in codes), "the ledger's checkpoint is on no page"
    assert data_of(pdf)["kind"] == kind
    assert pdf_of(desk, where) == pdf
    return text_of(pdf)


def holds(text, *wanted):
    assert [each for each in wanted if each not in text] == [], text


def test_an_inspection_tells_what_was_found_in_words(app):
    desk = a_desk(app, Role.TECHNICIAN)
    good, bad = (a_laptop(app, desk.actor.org, serial=f"SN{n}") for n in "12")
    passed(desk, good)
    inspected(desk, bad, **{"check-battery": "fail", "note-battery": "pin chai"})

    where = desk.issued("inspection", good, bad, **INSPECTED, **{f"proposal-{bad}": "Thay pin"})

    text = printed(desk, where, "inspection")
    holds(text, "Đạt cả 23 mục kiểm tra", "pin chai", "F5 C4", "KĐ", "Thay pin", "Kế hoạch số 03/KH-UBND")
    holds(text, "1 thiết bị đạt, 1 thiết bị không đạt", "hai thiết bị", "Phạm Văn Đại", "Số: 01/BB-X", "SN1")
    holds(desk.read(f"/T/{good}"), "Biên bản kiểm tra, phân loại 01/BB-")


def test_a_repair_tells_what_was_done_and_who_accepted_it(app):
    desk = a_desk(app, Role.TECHNICIAN)
    code = a_laptop(app, desk.actor.org)
    inspected(desk, code)
    repaired(desk, code)

    text = printed(desk, desk.issued("repair", code, **REPAIRED), "repair")

    holds(
        text,
        "Pin (phồng)",
        "pin GJKNX 68 Wh",
        "Đã khắc phục hết hư hỏng",
        "Đỗ Thị Thanh Hà",
        "Người nghiệm thu",
    )


def test_a_certificate_lists_every_drive_since_data_came_on_the_failed_one_too(app):
    desk = a_desk(app, Role.TECHNICIAN)
    code = a_laptop(app, desk.actor.org)
    inspected(desk, code)
    desk.does(f"/workshop/{code}/erasures", method="clear", tool="nwipe", result="failed", drive="ổ 2")
    erased(desk, code)

    text = printed(desk, desk.issued("erasure", code, **CERTIFIED), "erasure")

    holds(
        text, "GIẤY CHỨNG NHẬN", "/GCN-", "S3TVNX0K512345", "256 GB", "14:05 15/11/2021", "không còn dữ liệu"
    )
    holds(text, "1 đạt, 1 không đạt", "không đọc được", "Đỗ Thị Kiểm", "Cán bộ an toàn thông tin", "Purge")


def test_a_pupil_gets_a_paper_for_the_guardian_and_another_when_the_device_comes_back(app):
    desk = a_desk(app, Role.SCHOOL)
    code = at_school(app, desk.actor.org)
    given(desk, code)

    holds(desk.read(f"/papers/new?kind=pupil&code={code}"), "Nguyễn Thị Huệ", "7A")
    where = desk.issued("pupil", code, **GUARDED, until="2090-05-31")

    text = printed(desk, where, "pupil")
    holds(
        text, "học sinh Nguyễn Thị Huệ, lớp 7A", "Nguyễn Văn Lực (bố)", "31 tháng 5 năm 2090", "bộ sạc, cáp"
    )

    taken_back(desk, code)
    page = desk.client.get(f"/papers/new?kind=return&code={code}").get_data(as_text=True)
    assert 'value="Thôn Đồng Pheo, xã Đạo Trù"' in page, "the address of the guardian is known by now"
    form = RETURNED | {f"condition-{code}": "Vỡ kính góc trái", f"lacks-{code}-1": "1"}
    text = printed(desk, desk.issued("return", code, **form), "return")
    holds(text, "Học sinh chuyển trường", "Vỡ kính góc trái", "Nguyễn Thị Huệ", "Số: 02/BB-")
    assert text.index("bộ sạc") < text.index("cáp"), "what came back stands before what is missing"


def test_a_retirement_is_signed_by_its_council_in_the_name_of_who_decides(app):
    desk = a_desk(app, Role.COORDINATOR)
    shop = a_desk(app, Role.TECHNICIAN)
    code = a_laptop(app, shop.actor.org)
    erased(shop, code, method="destroy")
    desk.does(f"/devices/{code}/retire", reason="recycled", fate="destroyed", note="")
    form = INSPECTED | {
        "member-2": "Vũ Thị Mai Lan",
        "position-2": "Kế toán trưởng",
        f"condition-{code}": "Gãy đôi",
    }

    text = printed(desk, desk.issued("retirement", code, **form), "retirement")

    holds(
        text,
        "Hội đồng thanh lý",
        "Vũ Thị Mai Lan",
        "Gãy đôi",
        "Tái chế; dữ liệu: đã tiêu hủy ổ lưu trữ; khối lượng khoảng 2,2 kg",
    )
