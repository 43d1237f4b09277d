"""Read the spreadsheet that somebody sends: XLSX or CSV in, sheets of typed cells out.

Nothing is believed about the file: neither its name nor what it says of itself.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from itertools import islice
from statistics import median

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from tracker.lists import package
from tracker.lists.package import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    Damaged,
    Dangerous,
    Encrypted,
    NotASpreadsheet,
    TooLarge,
)
from tracker.lists.sheets import Cell, Line, Sheet
from tracker.refused import Refused
from tracker.words import _

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DELIMITERS = ";,\t"
_NOT_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"Rar!", b"7z\xbc", b"{\\rtf", b"\x1f\x8b")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BLANKS = "\t\n\r\f\v\x1c\x1d\x1e\x1f"
_LONE_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_TONED = re.compile("[\u1ea0-\u1ef9]")  # letters that only Vietnamese has
_ENOUGH_TONES = 3


class Empty(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("The file is empty: there is not one filled line in it."),
            out=_("Check that the list was saved before it was sent."),
        )


class OldWorkbook(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This is a workbook of the old kind (.xls)."),
            out=_("Open it in Excel, save it as an Excel workbook (.xlsx), and send the new file."),
        )


class UnknownLetters(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("The letters in this text file are not UTF-8: names would be spoilt."),
            out=_("In Excel choose “CSV UTF-8” when saving, or send the workbook (.xlsx) itself."),
        )


def read(data: bytes, *, name: str) -> list[Sheet]:
    """Read a file into its sheets; `name` is the file's name as people know it.

    Raises: Refused, with what to do, for anything but an XLSX or a CSV of at most 20,000 lines and
    60 columns: another kind of file, one that is damaged, locked, empty, or built to do harm.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge
    if not data.strip():
        raise Empty
    if data.startswith(_OLD_OFFICE):
        raise Encrypted if "EncryptedPackage".encode("utf-16-le") in data else OldWorkbook
    if data.startswith(b"PK"):
        sheets = _workbook(package.repack(data), name)
    else:
        sheets = [_csv(_decoded(data), name)]
    if not any(sheet.lines for sheet in sheets):
        raise Empty
    return sheets


def _workbook(data: bytes, file: str) -> list[Sheet]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        left = MAX_ROWS
        sheets = []
        if len(workbook.sheets_metadata) > package.MAX_SHEETS:
            raise TooLarge
        for about in workbook.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(about.name)
            left -= sheet.total_height
            if left < 0 or sheet.width > MAX_COLUMNS:
                raise TooLarge
            rows: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
            _fill_merged(rows, sheet.merged_cell_ranges or ())
            sheets.append(Sheet(file, about.name, _filled(rows)))
        return sheets
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise Damaged from error
    except BaseException as error:
        # A panic of the Rust library is no Exception; what it means here is a damaged file.
        if type(error).__name__ == "PanicException":
            raise Damaged from error
        raise


_Corner = tuple[int, int]


def _fill_merged(rows: list[list[Cell]], ranges: Sequence[tuple[_Corner, _Corner]]) -> None:
    budget = 4 * MAX_ROWS * MAX_COLUMNS
    height = len(rows)
    width = len(rows[0]) if rows else 0
    for (top, left), (bottom, right) in ranges:
        below, beyond = min(bottom + 1, height), min(right + 1, width)
        if top >= below or left >= beyond:
            continue
        budget -= (below - top) * (beyond - left)
        if budget < 0:
            raise Dangerous
        value = rows[top][left]
        for row in rows[top:below]:
            row[left:beyond] = [value] * (beyond - left)


def _filled(rows: Sequence[Sequence[Cell]]) -> list[Line]:
    return [Line(number, row) for number, row in enumerate(rows, start=1) if any(map(_something, row))]


def _something(cell: Cell) -> bool:
    return cell != "" and not (isinstance(cell, str) and cell.isspace())


def _decoded(data: bytes) -> str:
    """Decode a text list: UTF-8, Excel's “Unicode text” (UTF-16), or old Vietnamese Windows (1258)."""
    if data.startswith(_NOT_TEXT):
        raise NotASpreadsheet
    try:
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(_UTF_16) or b"\0" in data:
            raise NotASpreadsheet from error
        text = _windows_1258(data)
    if any(ord(sign) < 32 and sign not in _BLANKS for sign in set(text)):
        raise NotASpreadsheet
    return text


def _windows_1258(data: bytes) -> str:
    """Decode Windows-1258, which writes tones as signs of their own: here each must find its vowel.

    In text of any other encoding some would not, and names would be spoilt in silence.
    """
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise UnknownLetters from error
    if _LONE_TONE.search(text) or len(_TONED.findall(text)) < _ENOUGH_TONES:
        raise UnknownLetters
    return text


def _csv(text: str, file: str) -> Sheet:
    rows: list[list[Cell]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        for row in reader:
            if len(rows) >= MAX_ROWS or len(row) > MAX_COLUMNS:
                raise TooLarge
            rows.append(list[Cell](row))
    except csv.Error as error:
        raise NotASpreadsheet from error
    return Sheet(file, "", _filled(rows))


def _delimiter(text: str) -> str:
    """Return the sign that divides the first records into the most fields, `;` before `,` and tab."""
    start = text[: 64 * 1024]

    def fields(delimiter: str) -> float:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        return median([len(row) for row in islice(reader, 30)] or [0])

    return max(_DELIMITERS, key=fields)
