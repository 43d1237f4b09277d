"""Labels stamped into the kept document as PDF operators: the fast way, for text of the kept alphabet."""

import zlib
from typing import Any

import pydyf
from weasyprint.document import Document

from labels.codes import Drawing
from labels.faces import Kept, kept
from labels.job import LINE, POINT, Job, Sticker
from labels.plan import Box
from labels.press import LOCK, write

ZLIB_LEVEL = 6  # pydyf's own level 9 takes six times as long for a tenth of the bytes
BASELINE = 0.99  # of the size, in a line of 1.2: Noto Sans has ascent 1.069 and descent 0.293


def can_stamp(job: Job) -> bool:
    """Answer whether the kept faces have every character of the job."""
    faces = kept()
    return all(faces.face(line.bold).has(line.text) for sticker in job.stickers for line in sticker.lines)


def stamped(job: Job) -> bytes:
    """Return the PDF of a job that `can_stamp`."""
    with LOCK:
        faces = kept()
        pages = [
            "\n".join([_sticker(job, faces, left, top, sticker) for left, top, sticker in page])
            for page in job.pages()
        ]

        def finish(document: Document, pdf: Any) -> None:
            _fill(job, pages, pdf)

        return write(faces.document, finish)


def _fill(job: Job, pages: list[str], pdf: Any) -> None:
    pdf.info["Title"] = pydyf.String(job.title)
    first = pdf.objects[pdf.pages["Kids"][0]]
    size = pydyf.Array(
        [0, 0, round(job.stock.page_width * POINT, 4), round(job.stock.page_height * POINT, 4)]
    )
    for number, operators in enumerate(pages):
        squeezed = zlib.compress(b"0 g\n" + operators.encode(), ZLIB_LEVEL)
        content = pydyf.Stream([squeezed], pydyf.Dictionary({"Filter": "/FlateDecode"}))
        pdf.add_object(content)
        page = first
        if number:
            page = pydyf.Dictionary(
                {"Type": "/Page", "Parent": pdf.pages.reference, "Resources": first["Resources"]}
            )
            pdf.add_page(page)
        page["Contents"] = content.reference
        page["MediaBox"] = page["TrimBox"] = page["BleedBox"] = size


def _sticker(job: Job, faces: Kept, left: float, top: float, sticker: Sticker) -> str:
    places = job.plan
    parts = [_drawing(job, _moved(places.qr, left, top), places.module, sticker.qr)]
    if places.bars:
        parts.append(_drawing(job, _moved(places.bars, left, top), places.bar_module, sticker.bars))
    text = _moved(places.text, left, top)
    down = text.y
    for line in sticker.lines:
        face = faces.face(line.bold)
        for row in face.rows(line.text, text.width * POINT / line.size, line.rows):
            below = down + LINE * line.size / POINT
            if below > text.y + text.height + 0.01:
                return "\n".join(parts)
            up = (job.stock.page_height - down) * POINT - BASELINE * line.size
            parts.append(
                f"BT /{face.name} {line.size:.2f} Tf {text.x * POINT:.3f} {up:.3f} Td {face.shown(row)} Tj ET"
            )
            down = below
    return "\n".join(parts)


def _moved(box: Box, left: float, top: float) -> Box:
    return Box(left + box.x, top + box.y, box.width, box.height)


def _drawing(job: Job, box: Box, module: float, drawing: Drawing) -> str:
    across, tall = module * POINT, box.height / drawing.height * POINT
    x = job.snapped(box.x) * POINT
    y = (job.stock.page_height - job.snapped(box.y)) * POINT
    return f"q {across:.5f} 0 0 {-tall:.5f} {x:.4f} {y:.4f} cm {drawing.path.decode()} f Q"
