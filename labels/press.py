"""Records on paper: values in, PDF out, through the templates in `templates/paper`."""

from pathlib import Path

import pydyf
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint.document import Document

from labels import records
from labels.records.archive import archived
from labels.records.pages import draw_links
from labels.records.rows import Rows, faces, heights
from labels.records.tables import POINT
from labels.setting import FETCHER, LOCK, Form, fonts, lay_out, stylesheet, write
from labels.text import long_date, thousands
from labels.words import in_words

__all__ = ["FETCHER", "LOCK", "Press", "fonts", "lay_out", "stylesheet", "write"]


class Press:
    """Print records from the templates in `templates/paper`. Keep one for the life of the process; threads may share it.

    Every method is `print` for one kind of record, and raises what `print` raises.
    """

    def __init__(self, templates: Path) -> None:
        self._pages = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters.update(long_date=long_date, in_words=in_words, thousands=thousands, rule=rule)
        css = (Path(templates) / "paper" / "record.css").read_text(encoding="utf-8")
        self._css = stylesheet(f"{css}\n{heights()}")

    def handover_record(self, values: records.HandoverRecord) -> bytes:
        """Return the PDF of a *biên bản bàn giao* to a school."""
        return self.print(values)

    def transfer_record(self, values: records.TransferRecord) -> bytes:
        """Return the PDF of a *biên bản bàn giao* between two organisations."""
        return self.print(values)

    def pupil_handover(self, values: records.PupilHandover) -> bytes:
        """Return the PDF of a *biên bản bàn giao* to a pupil, signed by a guardian."""
        return self.print(values)

    def return_record(self, values: records.ReturnRecord) -> bytes:
        """Return the PDF of a *biên bản thu hồi*."""
        return self.print(values)

    def donation_receipt(self, values: records.DonationReceipt) -> bytes:
        """Return the PDF of a *biên bản tiếp nhận*."""
        return self.print(values)

    def inspection_record(self, values: records.InspectionRecord) -> bytes:
        """Return the PDF of a *biên bản kiểm tra, phân loại kỹ thuật*."""
        return self.print(values)

    def repair_record(self, values: records.RepairRecord) -> bytes:
        """Return the PDF of a *biên bản sửa chữa*."""
        return self.print(values)

    def erasure_certificate(self, values: records.ErasureCertificate) -> bytes:
        """Return the PDF of a *giấy chứng nhận xóa dữ liệu*."""
        return self.print(values)

    def retirement_record(self, values: records.RetirementRecord) -> bytes:
        """Return the PDF of a *biên bản thanh lý*."""
        return self.print(values)

    def print(self, values: records.Record) -> bytes:
        """Return the PDF of any record: PDF/A-3 with its values attached, the same bytes for the same values.

        Raises:
            MissingField, TooLong, TooMany, UnreadableCode, PaperRefused: see `labels.records`.
        """
        record = records.checked(values)
        drawings = records.drawings(record)
        with LOCK:
            rows = Rows(record.table, drawings)
            xml = self._pages.get_template(f"paper/{record.kind}.html").render(
                record=record, rows=rows, appended=rows.table.appended
            )
            document = lay_out(Form(xml), self._css, drawings)
            rows.seed(document)

            def finish(document: Document, pdf: pydyf.PDF) -> None:
                rows.draw(document, pdf)
                draw_links(document, pdf, record.link)

            return archived(document, record, finish)


def rule(words: str, size: float, room: float) -> str:
    """Return the length of the rule under bold words of `size` points in a place `room` mm wide, as CSS.

    The decree wants it from a third to a half of the words.
    """
    _, bold = faces()
    width = sum(bold.widths.get(char, 0.6) for char in words) * size / POINT
    return f"{0.42 * min(width, room):.1f}mm"
