"""Paper in the walk: a PDF made into pictures, what a reader finds on them, and a film of it."""

from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image


def pictures(pdf: bytes, *, dpi: int = 203) -> list[Image.Image]:
    """Return the pages of a PDF as a printer of this resolution would set them down."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def codes(picture: Image.Image) -> list[tuple[str, Image.Image]]:
    """Return the text of every QR on a picture, each with the piece of paper around it."""
    found = []
    for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
        corners = (
            code.position.top_left,
            code.position.bottom_right,
            code.position.top_right,
            code.position.bottom_left,
        )
        left, right = min(c.x for c in corners), max(c.x for c in corners)
        top, bottom = min(c.y for c in corners), max(c.y for c in corners)
        room = (right - left) // 6
        found.append((code.text, picture.crop((left - room, top - room, right + room, bottom + room))))
    return found


def film(pieces: list[Image.Image], path: Path) -> Path:
    """Write a film that holds each piece of paper before the camera in turn, over and over."""
    frames = []
    for piece in pieces:
        frame = Image.new("RGB", (1280, 720), "#777")
        held = piece.resize((460, 460 * piece.height // piece.width))
        frame.paste(held, ((1280 - held.width) // 2, (720 - held.height) // 2))
        frames += [frame] * 20 + [Image.new("RGB", (1280, 720), "#777")] * 8
    with path.open("wb") as file:
        for frame in frames:
            frame.save(file, "JPEG", quality=85, subsampling="4:2:0")
    return path
