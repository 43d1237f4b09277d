"""An XLSX file is a zip of XML. It is unpacked here under limits before anything interprets it.

What passes is packed anew without compression, and only that copy is opened: two readers of zip
files may disagree on a crafted one (T18: bombs, lying headers, entities, cells out at XFD1048576).
"""

import io
import re
import zipfile
import zlib

from tracker.refused import Refused
from tracker.words import _

MAX_BYTES = 20 * 1024 * 1024  # of the file as sent
MAX_PARTS = 200
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ROWS = 20_000  # lines of one sheet, headings and all
MAX_COLUMNS = 60
MAX_SHEETS = 100

_SLACK = 1024 * 1024  # a part this small may be as repetitive as it likes
_CHUNK = 256 * 1024
_WANTED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels"
    r"|xl/(?:_rels/)?workbook\.xml(?:\.rels)?|xl/sharedStrings\.xml|xl/styles\.xml"
    r"|xl/worksheets/(?:_rels/)?[^/]+\.xml(?:\.rels)?|xl/chartsheets/[^/]+\.xml",
    re.IGNORECASE,
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PLACE = re.compile(rb"""[\s<]r\s*=\s*["']\s*([A-Za-z]*)0*(\d*)""")
# Excel formats whole columns down to the last row: rows without cells are allowed to be far out.
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']\s*([A-Za-z]+)0*(\d+)""")
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
                rows=f"{MAX_ROWS:,}".replace(",", "."),
                columns=MAX_COLUMNS,
            ),
            out=_("Split it into several files, and delete sheets and columns that are not part of the list."),
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


class Encrypted(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This workbook is locked with a password."),
            out=_("Remove the password in Excel (File, Info, Protect Workbook), save, and send it again."),
        )


def _copy(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], clean: zipfile.ZipFile) -> None:
    left = MAX_UNPACKED
    sheets = 0
    for part in parts:
        if not _WANTED.fullmatch(part.filename):
            continue
        content = _unpack(package, part, left)
        left -= len(content)
        _check_xml(content)
        if _SHEET.fullmatch(part.filename):
            sheets += 1
            _check_extent(content)
        clean.writestr(part.filename, content)
    if sheets > MAX_SHEETS:
        raise TooLarge


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
    head = content[:4096].upper()
    if b"<!DOCTYPE" in head or b"<!ENTITY" in content or b"<!DOCTYPE" in content or b"\0" in content[:4096]:
        raise Dangerous


def _check_extent(content: bytes) -> None:
    """Refuse cells far out before anything makes room for all that lies between."""
    for match in _CELL.finditer(content):
        column, row = match.groups()
        if len(row) > 7 or int(row) > MAX_ROWS or _column(column) > MAX_COLUMNS:
            raise TooLarge


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - 64
    return number
