"""The papers: what they say, what they refuse, and every code on them read back."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.records import LONGEST, LONGEST_LINK, MOST_ITEMS, may_lack, page_link, plain
from labels.records.tables import MOST_IN_TEXT
from labels.refusals import MissingField, PaperRefused, TooLong, TooMany, UnreadableCode
from labels.text import long_date, tidy
from tests.labels.makers import (
    NOTE,
    ROOT,
    a_checkpoint,
    a_party,
    a_receipt,
    a_record,
    a_school,
    an_item,
    codes,
    in_print,
    in_top_margin,
    ink,
    opened,
    page_count,
    pages,
    press,
    some_devices,
    some_items,
    texts,
)
from tests.labels.papers import a_pupil_handover, a_repair, a_return, a_transfer, an_erasure, an_inspection


def wanted(record, count):
    """Every code a paper must have: its devices and its checkpoint once, and on each page what names the page."""
    named = {("QR", page_link(record.link, number, count)) for number in range(1, count + 1)}
    return {("QR", thing.code) for thing in things(record)} | {("QR", NOTE)} | named


def things(record):
    return record.things or record.drives


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("count", [1, 40])
def test_every_code_of_a_handover_record_reads_back(count, dpi):
    record = a_record(items=some_items(count, pupils=True))
    seen = [codes(page) for page in pages(press().handover_record(record), dpi=dpi)]

    assert set().union(*seen) == wanted(record, len(seen))
    assert [page[("QR", page_link(record.link, at, len(seen)))] for at, page in enumerate(seen, 1)] == [
        1
    ] * len(seen)
    assert sum(page[("QR", NOTE)] for page in seen) == 1
    assert all(sum(page[("QR", item.code)] for page in seen) == 1 for item in record.items)


@pytest.mark.parametrize("dpi", [203, 300])
def test_every_code_of_a_donation_receipt_reads_back(dpi):
    record = a_receipt()
    seen = [codes(page) for page in pages(press().donation_receipt(record), dpi=dpi)]

    assert set().union(*seen) == wanted(record, len(seen))
    assert [page[("QR", page_link(record.link, at, len(seen)))] for at, page in enumerate(seen, 1)] == [
        1
    ] * len(seen)


def test_the_longest_link_still_reads_back_from_the_margin():
    link = "https://tb.example/h/#" + "Zk" * ((LONGEST_LINK - 22) // 2)
    seen = list(pages(press().handover_record(a_record(link=link)), dpi=203))

    assert all(("QR", page_link(link, at, len(seen))) in codes(page) for at, page in enumerate(seen, start=1))
    with pytest.raises(UnreadableCode, match=f"to {LONGEST_LINK} bytes"):
        press().handover_record(a_record(link=link + "xx"))


def test_a_handover_record_says_all_it_was_given():
    written = " ".join(texts(press().handover_record(a_record())))

    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "TỔNG CÔNG TY VIỄN THÔNG HÙNG VƯƠNG",
        "TRUNG TÂM KINH DOANH ÁNH SÁNG",
        "Số: 05/BB-TTKD",
        "Đạo Trù, ngày 05 tháng 02 năm 2026",
        "BIÊN BẢN",
        "Bên giao: Trung tâm Kinh doanh Ánh Sáng",
        "Bên nhận: Trường Trung học cơ sở Đạo Trù",
        "Người đại diện: Lỗ Thị Hằng",
        "Chức vụ: Hiệu trưởng",
        "Samsung Galaxy Tab A7 Lite",
        "R9JR50ABCDE",
        "sạc, cáp",
        "Nguyễn Thị Huệ",
        "lớp 7A",
        "Tổng cộng: 3 thiết bị (bằng chữ: ba thiết bị), gồm 1 máy tính bảng, 1 máy tính xách tay",
        "ĐẠI DIỆN BÊN GIAO",
        "ĐẠI DIỆN BÊN NHẬN",
        "Nơi nhận:",
        "123.456 sự kiện",
        ROOT[:20],
        "SHA256:3f9a77c2b1d04e55",
        "K7M2-9QXR-44TB",
    ):
        assert words in written, words
    for item in a_record().items:
        assert f"{item.code[:4]} {item.code[4:]}" in written


def test_a_donation_receipt_says_the_amount_in_words_and_thanks():
    written = " ".join(texts(press().donation_receipt(a_receipt(note="Kèm 04 sạc dự phòng"))))

    assert "Bên tài trợ: Công ty Cổ phần Hoa Phượng" in written
    assert "45.000.000 đồng (bằng chữ: bốn mươi lăm triệu đồng)" in written
    assert "Ghi chú: Kèm 04 sạc dự phòng" in written
    assert "UBND TỈNH PHÚ THỌ" in written


def test_a_person_gives_without_position_or_seal():
    donor = a_party(name="Đỗ Minh Quân", superior="", representative="", position="", person=True)
    written = " ".join(texts(press().donation_receipt(a_receipt(donor=donor))))

    assert "BÊN TÀI TRỢ" in written.replace("ĐẠI DIỆN BÊN TÀI TRỢ", "")
    assert "ĐẠI DIỆN BÊN TÀI TRỢ" not in written
    assert written.count("đóng dấu") == 1


def test_without_pupils_there_is_no_column_for_them():
    written = " ".join(texts(press().handover_record(a_record(items=some_items(3)))))

    assert "Học sinh" not in written.partition("Hai bên")[2].partition("Tổng cộng")[0]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 1, 9), "ngày 09 tháng 01 năm 2026"),
        (date(2026, 2, 10), "ngày 10 tháng 02 năm 2026"),
        (date(2026, 3, 1), "ngày 01 tháng 3 năm 2026"),
        (date(2026, 12, 31), "ngày 31 tháng 12 năm 2026"),
    ],
)
def test_days_under_ten_and_the_first_two_months_have_a_zero(day, words):
    assert long_date(day) == words


def numbers(printed):
    """What stands in the top margin of each page: its number, or nothing."""
    return [in_top_margin(printed, at) for at in range(page_count(printed))]


def test_pages_are_numbered_from_the_second_in_the_middle_of_the_top_margin():
    items = tuple(an_item(accessories="sạc, cáp, túi, " * 9) for _ in range(20))
    printed = press().handover_record(a_record(items=items))
    images = list(pages(printed, dpi=100))

    assert numbers(printed) == ["", *map(str, range(2, len(images) + 1))]
    assert len(images) >= 3
    millimetre = 100 / 25.4
    margin = (0, 0, images[0].width, round(19 * millimetre))
    assert ink(images[0].crop(margin)) is None
    for image in images[1:]:
        left, _, right, _ = ink(image.crop(margin))
        middle = (30 + (210 - 30 - 15) / 2) * millimetre
        assert (left + right) / 2 == pytest.approx(middle, abs=2)


@pytest.mark.parametrize("link", ["https://tb.example/b/7", ""])
def test_a_long_list_is_an_appendix_numbered_apart_that_names_its_record(link):
    count = MOST_IN_TEXT + 15
    record = an_inspection(count, link=link)
    written = texts(in_print(record))
    body, *appendix = written

    assert numbers(in_print(record)) == ["", "", *map(str, range(2, len(appendix) + 1))]
    assert len(appendix) >= 3
    for words in (
        "nêu trong Phụ lục kèm theo",
        f"Tổng cộng: {count} thiết bị",
        "ĐẠI DIỆN ĐƠN VỊ",
        "Nơi nhận",
    ):
        assert words in body
    assert "Phụ lục DANH SÁCH THIẾT BỊ" in appendix[0]
    assert "(Kèm theo Biên bản số 07/BB-TKT ngày 07 tháng 01 năm 2026 của Tổ Kỹ thuật" in appendix[0]
    assert all("STT Mã thiết bị" in page for page in appendix)
    for item in record.items:
        assert item.code[:4] not in body
        assert sum(f"{item.code[:4]} {item.code[4:]}" in page for page in appendix) == 1


def test_a_list_as_long_as_the_text_bears_is_no_appendix():
    written = texts(in_print(an_inspection(MOST_IN_TEXT)))

    assert not any("Phụ lục" in page for page in written)


def test_a_certificate_names_the_list_of_its_drives():
    written = " ".join(texts(in_print(an_erasure(MOST_IN_TEXT + 1))))

    assert "các ổ lưu trữ nêu trong Phụ lục kèm theo đã được xử lý" in written
    assert "DANH SÁCH Ổ LƯU TRỮ" in written
    assert "(Kèm theo Giấy chứng nhận số 09/GCN-TKT" in written


def test_margins_are_those_of_the_decree():
    millimetre = 150 / 25.4
    for image in pages(
        press().handover_record(a_record(items=some_items(40), link="https://a.example/#b")), dpi=150
    ):
        body = image.crop((0, round(19 * millimetre), image.width, image.height))
        left, _, right, _ = ink(body)
        assert left >= 29.75 * millimetre
        assert right <= (210 - 14.75) * millimetre
        # In the last 25 mm stands nothing but the foot with the code, and the printer's own margin is white.
        assert ink(image.crop((0, round((297 - 4) * millimetre), image.width, image.height))) is None


def test_the_head_of_the_table_repeats_and_no_row_is_split():
    record = a_record(items=some_items(40, pupils=True))
    written = texts(press().handover_record(record))
    with_rows = [page for page in written if re.search(r"\b[2-9B-Z]{4} [2-9B-Z]{4}\b", page)]

    assert len(with_rows) >= 3
    assert all("STT Mã thiết bị" in page for page in with_rows)
    for item in record.items:
        code = f"{item.code[:4]} {item.code[4:]}"
        (page,) = (page for page in written if code in page)
        after = page.partition(code)[2]
        assert re.search(r"lớp 7A", after), code


@pytest.mark.parametrize("count", [1, 3, 5, 6, 7, 8, 9, 12, 20])
def test_signatures_stand_on_the_page_of_the_last_device(count):
    items = some_items(count)
    written = texts(press().handover_record(a_record(items=items)))
    (page,) = (page for page in written if "ĐẠI DIỆN BÊN GIAO" in page)

    for words in (
        items[-1].code[:4],
        "Tổng cộng",
        "Biên bản được lập thành",
        "ĐẠI DIỆN BÊN NHẬN",
        "Nguyễn Văn Thuỷ",
        "Lỗ Thị Hằng",
        "Nơi nhận",
        "Xác nhận sổ cái",
    ):
        assert words in page


@pytest.mark.parametrize(
    "record",
    [
        a_pupil_handover(1),
        a_repair(1),
        an_inspection(1),
        a_return(1),
        an_erasure(2),
        a_transfer(2),
        a_receipt(),
    ],
    ids=lambda record: record.kind,
)
def test_what_is_signed_most_often_is_one_sheet(record):
    few = replace(record, items=record.items[:2]) if record.kind == "receipt" else record

    assert page_count(in_print(few)) == 1


@pytest.mark.parametrize("make", [a_receipt, lambda items: a_transfer(1, items=items)])
def test_what_goes_to_no_pupil_names_none_not_even_in_its_data(make):
    with pytest.raises(TypeError):
        make(items=some_items(1, pupils=True))
    assert '"pupil"' not in json.dumps(plain(make(items=some_devices(1))))


def emptied(record, path):
    head, _, rest = path.partition(".")
    inner = emptied(getattr(record, head), rest) if rest else " "
    return replace(record, **{head: inner})


def required(part, prefix=""):
    for field in fields(part):
        value = getattr(part, field.name)
        if hasattr(value, "__dataclass_fields__"):
            yield from required(value, f"{prefix}{field.name}.")
        elif isinstance(value, str) and field.name not in may_lack(part):
            yield prefix + field.name


@pytest.mark.parametrize("path", list(required(a_record())))
def test_what_a_handover_record_lacks_is_named(path):
    with pytest.raises(MissingField, match=path.replace(".", ": ")):
        press().handover_record(emptied(a_record(), path))


@pytest.mark.parametrize("path", list(required(a_receipt())))
def test_what_a_donation_receipt_lacks_is_named(path):
    with pytest.raises(MissingField, match=path.replace(".", ": ")):
        press().donation_receipt(emptied(a_receipt(), path))


def test_a_device_that_lacks_something_is_named_by_its_place():
    items = (*some_items(2), an_item(model=" \u200e "))

    with pytest.raises(MissingField, match="device 3: model"):
        press().handover_record(a_record(items=items))


def test_a_record_of_nothing_is_refused():
    with pytest.raises(MissingField, match="no devices"):
        press().handover_record(a_record(items=()))


def test_too_many_devices_are_refused_with_both_numbers():
    with pytest.raises(TooMany, match=rf"{MOST_ITEMS + 1} devices .* at most {MOST_ITEMS}"):
        press().handover_record(a_record(items=(an_item(),) * (MOST_ITEMS + 1)))


def test_nothing_is_cut_off_a_record():
    with pytest.raises(TooLong, match=f"device 1: accessories, at most {LONGEST}"):
        press().handover_record(a_record(items=(an_item(accessories="sạc " * 100),)))


@pytest.mark.parametrize("code", ["7k3m9qx2", "7K3M 9QX2", "X" * 17, "Đ", "<b>", "A/../B"])
def test_what_no_label_carries_is_no_code(code):
    with pytest.raises(UnreadableCode):
        press().handover_record(a_record(items=(an_item(code=code),)))


@pytest.mark.parametrize("amount", [0, -5, 10**12])
def test_an_amount_no_one_can_say_is_refused(amount):
    with pytest.raises(PaperRefused, match="amount"):
        press().donation_receipt(a_receipt(amount=amount))


def test_markup_is_printed_as_it_was_typed():
    record = a_record(
        items=(an_item(model="<b>A & B</b>", accessories="{{ 7 * 7 }}"),), subject="</title><h1>x"
    )
    written = " ".join(texts(press().handover_record(record)))

    assert "<b>A & B</b>" in written
    assert "{{ 7 * 7 }}" in written
    assert "</title><h1>x" in written


@given(
    st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1, max_size=80).filter(
        tidy
    )
)
@settings(max_examples=6)
def test_any_text_keeps_the_paper_whole(text):
    record = a_record(
        items=(an_item(model=text, accessories=text, serial=text, pupil=text, cls=text),),
        receiver=a_school(name=text, position=text),
    )
    seen = [codes(page) for page in pages(press().handover_record(record), dpi=203)]

    assert set().union(*seen) == wanted(record, len(seen))


@pytest.mark.parametrize("char", ["🧿", "😀", "\U00020000"])
def test_what_no_typeface_has_is_refused_by_name_and_not_left_out(char):
    with pytest.raises(PaperRefused, match=rf"U\+{ord(char):04X}\), which stands in: device 1: model"):
        press().handover_record(a_record(items=(an_item(model=f"Máy {char} bảng"),)))


def test_a_record_is_titled_and_in_vietnamese():
    with opened(press().handover_record(a_record())) as pdf:
        assert str(pdf.docinfo.Title) == "Bàn giao thiết bị học tập trực tuyến cho học sinh, số 05/BB-TTKD"
        assert str(pdf.Root.Lang) == "vi"
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"


def test_a_record_is_set_in_a_serif_of_times_measures():
    with opened(press().handover_record(a_record())) as pdf:
        names = {str(font.BaseFont) for font in pdf.pages[0].Resources.Font.values()}

    assert any(re.search("Times|Liberation-Serif|Noto-Serif|DejaVu-Serif", name) for name in names), names


def test_threads_print_at_once_what_one_prints_alone():
    records = [a_record(items=some_items(count)) for count in (1, 5, 9, 13)]
    alone = [press().handover_record(record) for record in records]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(press().handover_record, records)) == alone


def test_a_record_without_checkpoint_and_secret_has_none():
    written = " ".join(texts(press().handover_record(a_record(checkpoint=None, secret=""))))

    assert "sổ cái" not in written
    assert "nhập mã" not in written


def test_a_checkpoint_keeps_its_bytes():
    note = NOTE + "\n  — một dòng nữa  \n"
    record = a_record(checkpoint=a_checkpoint(note=note))
    (*_, last) = pages(press().handover_record(record), dpi=300)

    assert ("QR", note) in codes(last)
