import io
import re
import struct
import zipfile
from datetime import date

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lists.samples import a_workbook, rebuilt, with_rows_xml
from tracker.lists.package import Damaged, Dangerous, Encrypted, NotASpreadsheet, TooLarge
from tracker.lists.reading import Empty, OldWorkbook, UnknownLetters, read
from tracker.refused import Refused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SHEET = "xl/worksheets/sheet1.xml"


def cells(data: bytes) -> list[list[object]]:
    return [list(line.cells) for line in read(data, name="list")[0].lines]


def is_read_or_refused(data: bytes) -> bool:
    try:
        return bool(read(data, name="list"))
    except Refused as refused:
        return bool(str(refused.out))


def test_a_workbook_gives_typed_cells_with_the_numbers_of_their_lines():
    file = io.BytesIO()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B2"] = "Họ tên"
    sheet["B4"] = date(2006, 4, 28)
    sheet["C4"] = 26206916576
    sheet["D4"] = True
    book.save(file)

    lines = read(file.getvalue(), name="a.xlsx")[0].lines

    assert [line.number for line in lines] == [2, 4]
    assert list(lines[1].cells) == ["", date(2006, 4, 28), 26206916576.0, True]


def test_merged_cells_are_filled_in_both_directions():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.merge_range("A1:A3", "Sở")
    sheet.merge_range("B1:C1", "Giới tính")
    sheet.write_row("B2", ["Nam", "Nữ"])
    sheet.write_row("B3", ["x", ""])
    book.close()

    assert cells(file.getvalue()) == [
        ["Sở", "Giới tính", "Giới tính"],
        ["Sở", "Nam", "Nữ"],
        ["Sở", "x", ""],
    ]


def test_a_formula_counts_as_the_value_last_seen_and_is_never_computed():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_formula("A1", '=HYPERLINK("http://example.com","x")', value="seen")
    sheet.write_formula("A2", "=1+1", value="")
    sheet.write("A3", "end")
    book.close()

    assert cells(file.getvalue()) == [["seen"], ["end"]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_list_is_read_whatever_divides_its_fields(delimiter: str, encoding: str):
    text = 'Họ tên,Lớp,Địa chỉ\r\nĐặng Thị Huệ,1A,"Thôn 2\r\nXã Ngọc Mỹ"\r\n\r\nLê A,1B,\r\n'

    lines = read(text.replace(",", delimiter).encode(encoding), name="a.csv")[0].lines

    assert [line.number for line in lines] == [1, 2, 4]
    assert list(lines[1].cells) == ["Đặng Thị Huệ", "1A", "Thôn 2\r\nXã Ngọc Mỹ"]


def test_commas_in_addresses_do_not_divide_a_list_with_semicolons():
    text = (
        "Họ tên;Lớp;Địa chỉ\nLê A;1A;Thôn 2, Xã Ngọc Mỹ, Lập Thạch\nLê B;1A;Thôn 2, Xã Ngọc Mỹ, Lập Thạch\n"
    )

    assert cells(text.encode())[1] == ["Lê A", "1A", "Thôn 2, Xã Ngọc Mỹ, Lập Thạch"]


def test_old_vietnamese_windows_text_keeps_its_tones():
    assert cells("Ho\u0323 tên;L\u01a1\u0301p\nPha\u0323m Thi\u0323 Ngo\u0323c;10A1\n".encode("cp1258")) == [
        ["Họ tên", "Lớp"],
        ["Phạm Thị Ngọc", "10A1"],
    ]


def test_text_in_an_unknown_encoding_is_not_guessed_at():
    with pytest.raises(UnknownLetters):
        read("nom;prénom;âge\nFrançois;Zoé;7\n".encode("latin-1"), name="a.csv")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", Empty),
        (b" \r\n \r\n", Empty),
        (b"\xef\xbb\xbf", Empty),
        (b";;;\n;;;\n", Empty),
        (b"%PDF-1.7\n%\xe2\xe3", NotASpreadsheet),
        (b"\x89PNG\r\n\x1a\n", NotASpreadsheet),
        (b"a;b;c\n1;\x00;3\n", NotASpreadsheet),
        (b"\xff\xfea", NotASpreadsheet),
        (OLE, OldWorkbook),
        (OLE + "EncryptedPackage".encode("utf-16-le"), Encrypted),
        (b"PK\x03\x04 and nothing more", Damaged),
        (b"x" * (21 * 1024 * 1024), TooLarge),
        (b'a;b\n1;"' + b"y" * 200_000 + b'"\n', NotASpreadsheet),
        (b"a;b;c\n" * 20_001, TooLarge),
        (b";".join([b"a"] * 61), TooLarge),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else "",
)
def test_what_is_no_list_is_refused_with_what_to_do(data: bytes, refusal: type[Refused]):
    with pytest.raises(refusal) as refused:
        read(data, name="a.xlsx")

    assert str(refused.value.sentence)
    assert str(refused.value.out)


def test_a_renamed_word_document_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<document/>")

    with pytest.raises(NotASpreadsheet):
        read(file.getvalue(), name="a.xlsx")


def test_an_empty_workbook_is_refused():
    with pytest.raises(Empty):
        read(a_workbook([]), name="a.xlsx")


def test_a_truncated_workbook_is_refused():
    data = a_workbook([["Họ tên"] * 10] * 200)

    for end in range(30, len(data) - 1, 97):
        with pytest.raises(Refused):
            read(data[:end], name="a.xlsx")


def test_a_workbook_that_unpacks_to_far_too_much_is_refused_before_it_is_opened():
    bomb = rebuilt(a_workbook([["x"]]), {SHEET: b" " * (49 * 1024 * 1024)})
    larger = rebuilt(a_workbook([["x"]]), {SHEET: b" " * (51 * 1024 * 1024)})

    with pytest.raises(Dangerous):
        read(bomb, name="a.xlsx")
    with pytest.raises(TooLarge):
        read(larger, name="a.xlsx")


def test_a_part_that_lies_about_its_size_is_refused():
    data = bytearray(a_workbook([["Họ tên"] * 20] * 500))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        size = package.getinfo(SHEET).file_size
    at = data.rfind(struct.pack("<I", size))
    data[at : at + 4] = struct.pack("<I", 100)

    with pytest.raises(Damaged):
        read(bytes(data), name="a.xlsx")


def test_a_locked_zip_is_refused():
    data = bytearray(a_workbook([["x"]]))
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4

    with pytest.raises(Encrypted):
        read(bytes(data), name="a.xlsx")


@pytest.mark.parametrize(
    "names",
    [["../evil.xml"], ["/etc/passwd"], [f"xl/{n}.xml" for n in range(250)], ["xl\\a.xml"]],
    ids=["upwards", "absolute", "many", "backslash"],
)
def test_a_package_with_odd_parts_is_refused(names: list[str]):
    with pytest.raises(Dangerous):
        read(rebuilt(a_workbook([["x"]]), dict.fromkeys(names, b"<a/>")), name="a.xlsx")


def test_entities_are_never_parsed():
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'

    for part in (SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"):
        with pytest.raises(Dangerous):
            read(rebuilt(a_workbook([["x"]]), {part: laughs.encode()}), name="a.xlsx")


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>', TooLarge),
        ('<row r="1"><c r="BI1"><v>1</v></c></row>', TooLarge),
        ('<row r="20001"><c r="A20001"><v>1</v></c></row>', TooLarge),
        ('<row r="1048576"><c><v>1</v></c></row>', Dangerous),
        ("<row r='1'><c><v>1</v></c></row>" * 3, Dangerous),
        ("""<row r="1"><c s=' r="A1"' r="XFD1048576"><v>1</v></c></row>""", Dangerous),
        ("""<row r="1"><c x:r="A1" r="XFD1048576"><v>1</v></c></row>""", Dangerous),
        ("""<row r="1"><c r="A1" r="XFD1048576"><v>1</v></c></row>""", TooLarge),
    ],
)
def test_no_room_is_made_for_cells_far_out(rows: str, refusal: type[Refused]):
    with pytest.raises(refusal):
        read(with_rows_xml(rows), name="a.xlsx")


def test_no_other_part_can_be_passed_off_as_a_sheet():
    hidden = b'<worksheet><sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'

    with pytest.raises(Dangerous):
        read(rebuilt(a_workbook([["x"]]), {"xl/styles.xml": hidden}), name="a.xlsx")


def test_one_sheet_named_by_very_many_entries_is_refused():
    data = a_workbook([["x"]])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        workbook = package.read("xl/workbook.xml").decode()
    entry = re.search("<sheet [^>]*/>", workbook)
    assert entry is not None
    many = "".join(entry[0].replace('name="10A1"', f'name="s{n}"') for n in range(5000))

    with pytest.raises(TooLarge):
        read(rebuilt(data, {"xl/workbook.xml": workbook.replace(entry[0], many).encode()}), name="a.xlsx")


def test_formatted_rows_without_cells_may_reach_the_end_of_the_sheet():
    rows = '<row r="1"><c r="A1"><v>7</v></c></row><row r="1048576" hidden="true"></row><row r="1048575"/>'

    assert cells(with_rows_xml(rows)) == [[7.0]]


def test_the_last_allowed_line_and_column_are_read():
    data = a_workbook([*([["x"]] * 19_999), ["y"] * 60])

    lines = read(data, name="a.xlsx")[0].lines

    assert (len(lines), len(lines[-1].cells)) == (20_000, 60)


def test_one_long_text_named_by_very_many_cells_is_refused():
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{c}{row}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for row in range(1, 2001)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = f'<sst xmlns="{main}"><si><t>{"ab" * 10_000}</t></si></sst>'

    with pytest.raises(TooLarge):
        read(rebuilt(with_rows_xml(rows), {"xl/sharedStrings.xml": strings.encode()}), name="a.xlsx")


@given(st.binary(max_size=300))
def test_no_bytes_are_met_with_anything_but_a_refusal(data: bytes):
    assert is_read_or_refused(data)


@given(st.text(max_size=200))
def test_no_text_is_met_with_anything_but_a_refusal(text: str):
    assert is_read_or_refused(text.encode("utf-8", "surrogatepass"))


WORKBOOK = a_workbook([["STT", "Họ tên", "Lớp"], [1, "Lê A", "1A"], [2, "Lê B", 3.5]])


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_no_broken_workbook_is_met_with_anything_but_a_refusal(changes: list[tuple[int, int]]):
    data = bytearray(WORKBOOK)
    for at, byte in changes:
        data[at] = byte

    assert is_read_or_refused(bytes(data))


@settings(max_examples=60)
@given(st.text(alphabet='<>/="rcvtsrow A1Z9&;', max_size=80))
def test_no_xml_in_a_sheet_is_met_with_anything_but_a_refusal(xml: str):
    assert is_read_or_refused(with_rows_xml(xml))
