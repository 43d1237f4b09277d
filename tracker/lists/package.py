"""An XLSX file is a zip of XML. It is unpacked here under limits before anything interprets it.

What passes is packed anew without compression, and only that copy is opened: two readers of zip
files may disagree on a crafted one (T18: bombs, lying headers, entities, cells out at XFD1048576).
"""

import io
import re
import zipfile
import zlib

from tracker.lists.legacy import as_shown
from tracker.refused import Refused
from tracker.words import _

MAX_BYTES = 20 * 1024 * 1024  # of the file as sent
MAX_PARTS = 200
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ROWS = 20_000  # lines of one sheet, headings and all
MAX_COLUMNS = 60
MAX_SHEETS = 100
MAX_TEXT = 100 * 1024 * 1024  # of all cells together, bytes of XML

_SLACK = 1024 * 1024  # a part this small may be as repetitive as it likes
_CHUNK = 256 * 1024
_WANTED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels"
    r"|xl/(?:_rels/)?workbook\.xml(?:\.rels)?|xl/sharedStrings\.xml|xl/styles\.xml"
    r"|xl/worksheets/(?:_rels/)?[^/]+\.xml(?:\.rels)?|xl/chartsheets/[^/]+\.xml",
    re.IGNORECASE,
)
_STRINGS, _STYLES = "xl/sharedstrings.xml", "xl/styles.xml"
_CELL_OR_ROW = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
# LibreOffice writes formatted rows without a cell down to the very last one: those are taken out.
_EMPTY_FAR_ROW = re.compile(rb"""<row r="\d{5,}"[^<>]*(?:/>|>\s*</row>)""")
# Every programme that writes workbooks begins a cell with its place: <c r="B7". Another cell could
# stand anywhere, and whoever reads it makes room for all that lies between.
_CELL_WITHOUT_PLACE = re.compile(rb"""<(?:\w+:)?c(?=[\s/>])(?!\s+r\s*=\s*["'][A-Z]{1,3}\d{1,7}["'])""")
# Column BI or beyond (60 is BH), row 20,001 or beyond.
_FAR = re.compile(
    rb"""r(?<![\w:]r)\s*=\s*["']\s*(?:B[I-Z]|[C-Z][A-Z]|[A-Z]{3}|[A-Z]*[a-z]"""
    rb"""|[A-Z]*0*(?:\d{6}|[3-9]\d{4}|2[1-9]\d{3}|20[1-9]\d\d|200[1-9]\d|2000[1-9]))"""
)
_STRING_CELL = re.compile(rb"<(?:\w+:)?v[^<>]*>\s*0*(\d{1,7})\s*<")
_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
_OUT = _("Save the list as an Excel workbook (.xlsx) or as CSV in UTF-8, and send that file.")


class NotASpreadsheet(Refused):
    def __init__(self) -> None:
        super().__init__(_("This file is not a spreadsheet that can be read here."), out=_OUT)


class Damaged(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This workbook is damaged: it cannot be unpacked."),
            out=_("Open it in Excel, save it under a new name as .xlsx, and send the new file."),
        )


class Encrypted(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This workbook is locked with a password."),
            out=_("Remove the password in Excel (File, Info, Protect Workbook), save, and send it again."),
        )


class Dangerous(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This workbook is not built as a list is: it was not opened."),
            out=_("Copy the list into a new workbook, save it as .xlsx, and send the new file."),
        )


class TooLarge(Refused):
    def __init__(self) -> None:
        super().__init__(
            _(
                "The file is too large: a list has at most %(rows)s lines and %(columns)s columns.",
                rows=MAX_ROWS,
                columns=MAX_COLUMNS,
            ),
            out=_(
                "Split it into several files, and delete sheets and columns that are not part of the list."
            ),
        )


def repack(data: bytes) -> bytes:
    """Return the parts of the workbook that a list needs, checked, in a zip without compression.

    Raises: NotASpreadsheet, Damaged, Dangerous or TooLarge.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            _check_parts(parts, len(data))
            copy = io.BytesIO()
            with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as clean:
                _copy(package, parts, clean)
            return copy.getvalue()
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise Damaged from error


def _check_parts(parts: list[zipfile.ZipInfo], sent: int) -> None:
    names = [part.filename for part in parts]
    if len(parts) > MAX_PARTS or len(set(names)) < len(names):
        raise Dangerous
    if any(".." in name or name.startswith("/") or "\\" in name for name in names):
        raise Dangerous
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise TooLarge
    if unpacked > _SLACK and unpacked > MAX_RATIO * sent:
        raise Dangerous
    if any(part.flag_bits & 0x1 for part in parts):
        raise Encrypted
    if "xl/workbook.xml" not in names:
        raise NotASpreadsheet


def _copy(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], clean: zipfile.ZipFile) -> None:
    left = MAX_UNPACKED
    contents = {}
    for part in parts:
        if _WANTED.fullmatch(part.filename):
            content = _unpack(package, part, left)
            left -= len(content)
            _check_xml(content)
            contents[part.filename] = content
    sheets = {name: content for name, content in contents.items() if _SHEET.fullmatch(name)}
    others = {name: content for name, content in contents.items() if name not in sheets}
    if len(sheets) > MAX_SHEETS:
        raise TooLarge
    if any(_CELL_OR_ROW.search(content) for content in others.values()):
        raise Dangerous  # the workbook could call any of its parts a sheet
    for name, content in sheets.items():
        sheets[name] = _EMPTY_FAR_ROW.sub(b"", content)
        _check_extent(sheets[name])
    for name, content in others.items():
        if name.lower() == _STRINGS:
            _check_strings(content, list(sheets.values()))
            styles = next((one for other, one in others.items() if other.lower() == _STYLES), b"")
            others[name] = as_shown(content, styles=styles, sheets=list(sheets.values()))
    for name, content in (others | sheets).items():
        clean.writestr(name, content)


def _unpack(package: zipfile.ZipFile, part: zipfile.ZipInfo, limit: int) -> bytes:
    chunks = []
    got = 0
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            got += len(chunk)
            if got > limit:
                raise TooLarge
            chunks.append(chunk)
    return b"".join(chunks)


def _check_xml(content: bytes) -> None:
    """Refuse what no spreadsheet programme writes: entities, and XML that is not UTF-8."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        raise Dangerous


def _check_extent(content: bytes) -> None:
    """Refuse cells far out before anything makes room for all that lies between."""
    if _CELL_WITHOUT_PLACE.search(content):
        raise Dangerous
    if _FAR.search(content):
        raise TooLarge


def _check_strings(strings: bytes, sheets: list[bytes]) -> None:
    """Refuse a workbook that unpacks again: one long string named by very many cells."""
    lengths = [len(one) for one in _STRING.split(strings)[1:]]
    longest = max(lengths, default=0)
    cells = sum(sheet.count(b"</v>") + sheet.count(b":v>") for sheet in sheets)
    if longest * cells <= MAX_TEXT:
        return
    named = (int(index) for sheet in sheets for index in _STRING_CELL.findall(sheet))
    if sum(lengths[index] for index in named if index < len(lengths)) > MAX_TEXT:
        raise TooLarge
