"""The list as CSV and XLSX. No cell is ever a formula, whatever a name begins with."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import xlsxwriter
from sqlalchemy import Row

from tracker.custody.codes import grouped
from tracker.custody.facts import Category
from tracker.custody.road import Status
from tracker.web.filters import show_moment
from tracker.words import Words, _

HEADINGS: tuple[Words, ...] = (
    _("Code"),
    _("Type"),
    _("Make"),
    _("Model"),
    _("Serial"),
    _("IMEI 1"),
    _("IMEI 2"),
    _("Status"),
    _("Grade"),
    _("With"),
    _("Place"),
    _("Donor"),
    _("Donation"),
    _("Received"),
    _("Last change"),
)

#: Excel and its kin run a cell that begins so, also after blanks nobody sees; full-width signs too.
_DANGEROUS = re.compile(
    "^[\\s\u200b\u200c\u200d\u2060\ufeff\u00ad]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\\t\\r\\n]"
)


def harmless(value: object) -> str:
    """Return text that a spreadsheet shows and does not run."""
    plain = str(value)
    return "'" + plain if _DANGEROUS.search(plain) else plain


def cells(row: Row[Any]) -> list[str]:
    """Return one device as the text of its cells."""
    return [
        harmless(value or "")
        for value in (
            grouped(row.code),
            Category(row.category).label,
            row.make,
            row.model,
            row.serial,
            row.imei1,
            row.imei2,
            Status(row.status).label,
            row.grade,
            row.holder,
            row.place,
            row.donor,
            f"{row.seq:02d}/{row.year}",
            show_moment(row.created_at),
            show_moment(row.changed_at),
        )
    ]


def csv_lines(rows: Iterable[Row[Any]]) -> Iterator[bytes]:
    """Yield the list as CSV in UTF-8 with the mark that Excel needs."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([str(heading) for heading in HEADINGS])
    for n, row in enumerate(rows):
        writer.writerow(cells(row))
        if n % 500 == 499:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx(rows: Iterable[Row[Any]]) -> bytes:
    """Return the list as a workbook whose cells are all text."""
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet(str(_("Devices"))[:31])
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(0, column, str(heading), bold)
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(cells(row)):
                sheet.write_string(line, column, cell)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(HEADINGS) - 1, 18)
        book.close()
        file.seek(0)
        return file.read()
