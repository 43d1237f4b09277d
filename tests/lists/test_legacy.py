import io

import pytest
import xlsxwriter

from tracker.lists.legacy import from_tcvn3
from tracker.lists.reading import read


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("NguyÔn V¨n §øc", "Nguyễn Văn Đức"),
        ("Tr\xad¬ng Kh¸nh Thïy", "Trương Khánh Thùy"),
        ("TrÇn ThÞ ¸nh", "Trần Thị Ánh"),
        ("X. §ång Ých", "X. Đồng Ích"),
        ("ghi râ hä tªn, ¸p dông", "ghi rõ họ tên, áp dụng"),
        ("6A", "6A"),
        ("", ""),
    ],
)
def test_text_in_an_old_font_is_what_it_shows(stored: str, shown: str):
    assert from_tcvn3(stored) == shown


def test_a_font_of_capitals_shows_capitals():
    assert from_tcvn3("nguyÔn v¨n ¸nh", capitals=True) == "NGUYỄN VĂN ÁNH"


def test_only_cells_in_an_old_font_are_changed():
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    old = workbook.add_format({"font_name": ".VnTime"})
    capitals = workbook.add_format({"font_name": ".VnTimeH"})
    sheet = workbook.add_worksheet()
    sheet.write("A1", "NguyÔn & V¨n", old)
    sheet.write("B1", "Lê Hà")
    sheet.write("C1", "nguyÔn", capitals)
    sheet.write("D1", "Lê <An>", workbook.add_format({"font_name": "Times New Roman"}))
    sheet.write("E1", 7, old)
    workbook.close()

    (line,) = read(file.getvalue(), name="a.xlsx")[0].lines

    assert list(line.cells) == ["Nguyễn & Văn", "Lê Hà", "NGUYỄN", "Lê <An>", 7.0]
