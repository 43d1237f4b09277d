"""Records on paper: values in, PDF out, through the templates in `templates/paper`."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from labels import records
from labels.records.archive import archived
from labels.records.rows import Rows, faces, heights
from labels.records.tables import POINT
from labels.setting import FETCHER, LOCK, Form, fonts, lay_out, stylesheet, write
from labels.text import long_date, thousands
from labels.words import in_words

__all__ = ["FETCHER", "LOCK", "Press", "fonts", "lay_out", "stylesheet", "write"]


class Press:
    """Print records from the templates in `templates/paper`. Keep one for the life of the process; threads may share it."""

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
        """Return the PDF of a *biên bản bàn giao*.

        Raises:
            MissingField, TooLong, TooMany, UnreadableCode: see `labels.records`.
        """
        return self._print(values)

    def donation_receipt(self, values: records.DonationReceipt) -> bytes:
        """Return the PDF of a *biên bản tiếp nhận*.

        Raises:
            MissingField, TooLong, TooMany, UnreadableCode: see `labels.records`.
        """
        return self._print(values)

    def _print(self, values: records.Record) -> bytes:
        record = records.checked(values)
        drawings = records.drawings(record)
        with LOCK:
            rows = Rows(record.table, drawings)
            xml = self._pages.get_template(f"paper/{record.kind}.html").render(record=record, rows=rows)
            document = lay_out(Form(xml), self._css, drawings)
            rows.seed(document)
            return archived(document, record, rows.draw)


def rule(words: str, size: float, room: float) -> str:
    """Return the length of the rule under bold words of `size` points in a place `room` mm wide, as CSS.

    The decree wants it from a third to a half of the words.
    """
    _, bold = faces()
    width = sum(bold.widths.get(char, 0.6) for char in words) * size / POINT
    return f"{0.42 * min(width, room):.1f}mm"
