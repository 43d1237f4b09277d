"""Labels stamped into the kept document as PDF operators: the fast way, for text of the kept alphabet."""

import zlib
from collections.abc import Iterator
from typing import Any

import pydyf
from weasyprint.document import Document

from labels.designs import LINE, POINT
from labels.faces import Kept, kept
from labels.job import Job, Line, Sticker
from labels.plan import Box
from labels.press import write

ZLIB_LEVEL = (
    5  # level 6 takes half as long again for a fifteenth of the bytes, pydyf's own 9 eight times as long
)
BASELINE = 0.99  # of the size, in a line of 1.2: Noto Sans has ascent 1.069 and descent 0.293


def can_stamp(job: Job) -> bool:
    """Answer whether the kept faces have every character of the job."""
    return all(line.plain for sticker in job.stickers for line in sticker.lines)


def stamped(job: Job) -> Iterator[bytes]:
    """Yield the PDF of a job that `can_stamp`, a piece for each sheet as it is made.

    The sheets stand first in the file, and what WeasyPrint writes, fonts and all, after them: a PDF is read from its end.
    """
    faces = kept()
    sheets: list[pydyf.Object] = []
    yield faces.head
    position = len(faces.head)
    for number, operators in enumerate(_Pen(job, faces).pages(), faces.objects):
        squeezed = zlib.compress(operators.encode(), ZLIB_LEVEL)
        content = pydyf.Stream([squeezed], pydyf.Dictionary({"Filter": "/FlateDecode"}))
        content.number, content.offset = number, position
        written = bytes(content.indirect) + b"\n"
        yield written
        position += len(written)
        sheets.append(_written(content))

    def finish(document: Document, pdf: Any) -> None:
        pdf.info["Title"] = pydyf.String(job.title)
        _fill(job, sheets, pdf)
        pdf.current_position = position - len(faces.head)

    yield write(faces.document, finish)[len(faces.head) :]


def _written(content: pydyf.Object) -> pydyf.Object:
    # Stands for what is in the file already. Of a free stream pydyf gives the place, and writes no more.
    stands = pydyf.Stream()
    stands.number, stands.offset, stands.free = content.number, content.offset, "f"
    return stands


def _fill(job: Job, sheets: list[pydyf.Object], pdf: Any) -> None:
    first = pdf.objects[pdf.pages["Kids"][0]]
    size = pydyf.Array(
        [0, 0, round(job.stock.page_width * POINT, 4), round(job.stock.page_height * POINT, 4)]
    )
    for sheet in sheets:
        if len(pdf.objects) != sheet.number:
            raise RuntimeError("WeasyPrint wrote another number of objects than before.")
        pdf.add_object(sheet)
    for sheet in sheets:
        page = first
        if sheet is not sheets[0]:
            page = pydyf.Dictionary(
                {"Type": "/Page", "Parent": pdf.pages.reference, "Resources": first["Resources"]}
            )
            pdf.add_page(page)
        page["Contents"] = sheet.reference
        page["MediaBox"] = page["TrimBox"] = page["BleedBox"] = size


class _Pen:
    """Writes stickers as operators, in points from the label's top left corner upwards."""

    def __init__(self, job: Job, faces: Kept) -> None:
        self._job, self._faces, places = job, faces, job.plan
        self._qr = _placed(places.qr, places.module, places.module)
        self._bars = _placed(places.bars, places.bar_module, places.bars.height) if places.bars else ""
        self._known: dict[tuple[Line, float], tuple[str, float]] = {}

    def pages(self) -> Iterator[str]:
        """Yield the operators of each page."""
        for page in self._job.pages():
            yield "0 g\n" + "\n".join([self._sticker(left, top, sticker) for left, top, sticker in page])

    def _sticker(self, left: float, top: float, sticker: Sticker) -> str:
        up = (self._job.stock.page_height - top) * POINT
        bars = f"{self._bars}{sticker.bars.path.decode()}f Q " if self._bars else ""
        return (
            f"q 1 0 0 1 {left * POINT:.4f} {up:.4f} cm {self._qr}{sticker.qr.path.decode()}f Q {bars}"
            f"BT {self._text(sticker)}ET Q"
        )

    def _text(self, sticker: Sticker) -> str:
        """Return the lines from the top, each moved from the beginning of the one before."""
        room = self._job.plan.text
        parts, down, bottom = [], 0.0, room.height * POINT + 0.03
        for line in sticker.lines:
            known = self._known.get((line, down))
            if known is None:
                known = self._line(line, down, bottom)
                if line.name != "code":  # no two alike
                    self._known[line, down] = known
            shown, down = known
            parts.append(shown)
        return "".join(parts)

    def _line(self, line: Line, down: float, bottom: float) -> tuple[str, float]:
        room, face = self._job.plan.text, self._faces.face(line.bold)
        code = line.name == "code"  # whose size is such that it fits
        parts = []
        for row in (line.text,) if code else face.rows(line.text, room.width * POINT / line.size, line.rows):
            below = down + LINE * line.size
            if below > bottom:
                break
            x, y = room.x * POINT, -room.y * POINT - down - BASELINE * line.size
            parts.append(f"/{face.name} {line.size:.2f} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm {face.shown(row)} Tj ")
            down = below
        return "".join(parts), down


def _placed(box: Box, across: float, down: float) -> str:
    x, y = box.x * POINT, -box.y * POINT
    return f"q {across * POINT:.5f} 0 0 {-down * POINT:.5f} {x:.4f} {y:.4f} cm "
