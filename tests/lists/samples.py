"""The sample lists, makers of small sheets and workbooks, and the base that schools are looked up in."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from tracker.lists.reading import read
from tracker.lists.schools import SchoolFacts, judge_schools
from tracker.lists.sheets import Cell, Line, Sheet
from tracker.people import places

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "samples"
DEVICES = "thiet_bi_tiep_nhan_dot1.xlsx"
DEVICE_HEADINGS = ["Loại thiết bị", "Hãng", "Model", "Số serial", "IMEI 1", "IMEI 2", "Sạc", "Đơn vị ủng hộ"]
PUPIL_HEADINGS = ["Họ và tên", "Ngày sinh", "Giới tính", "Lớp", "Mã định danh", "Địa chỉ", "Điện thoại"]
SONG_LO = SchoolFacts("26253301", "Trường THPT Sông Lô", "THPT", "08848", "253")


def sample(name: str) -> list[Sheet]:
    return read(sample_bytes(name), name=name)


def sample_bytes(name: str) -> bytes:
    if not SAMPLES.is_dir():
        pytest.skip(f"The sample lists are not on this machine: {name} is looked for beside the project.")
    return (SAMPLES / name).read_bytes()


def expected(kind: str, file: str) -> list[dict[str, str]]:
    with io.StringIO(sample_bytes(f"expected_{kind}.csv").decode("utf-8-sig"), newline="") as text:
        return [row for row in csv.DictReader(text) if row["file"] == file]


def known_schools() -> list[SchoolFacts]:
    rows = judge_schools(sample("truong_hoc.csv"), {}, district_of=district_of)
    return [row.facts for row in rows]


def district_of(code: str) -> str | None:
    commune = places.commune(code, on=places.FIRST_DAY)
    return commune.district if commune else None


def a_sheet(rows: Iterable[Sequence[Cell]], *, name: str = "") -> Sheet:
    return Sheet(
        "list.xlsx", name, [Line(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    )


def a_workbook(rows: Iterable[Sequence[object]], *, name: str = "10A1") -> bytes:
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    sheet = workbook.add_worksheet(name)
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    workbook.close()
    return file.getvalue()


def rebuilt(data: bytes, changes: dict[str, bytes]) -> bytes:
    """Return the workbook with some of its parts replaced or added."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {**dict.fromkeys(old.namelist()), **dict.fromkeys(changes)}:
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return file.getvalue()


def with_rows_xml(rows: str) -> bytes:
    """Return a workbook whose only sheet holds this XML between <sheetData> and its end."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    return rebuilt(a_workbook([["x"]]), {"xl/worksheets/sheet1.xml": xml.encode()})
