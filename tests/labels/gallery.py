"""Everything that is printed, as pictures: `python -m tests.labels.gallery FOLDER` writes walls of them to look at.

A label is drawn alone from its PDF, dot by dot as a printer of that dpi prints it; a record page by page. Their codes
are found by where they were put (labels) or by being read once (records), to be harmed as in `tests.labels.damage`.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import zxingcpp
from PIL import Image

from labels.codes import QUIET
from labels.designs import DESIGNS
from labels.job import Job, Label, ready
from labels.reading import CODE_128, QR, Paper, View
from labels.records import Record
from labels.refusals import UnreadableStock
from labels.sheets import printed
from labels.stock import Stock, known
from tests.labels.damage import Code
from tests.labels.makers import SIGNED_ONCE, a_checkpoint, a_label, a_record, in_print, pages, some_items
from tests.labels.papers import RECORDS, an_erasure

STOCKS = known()
#: What stands on labels besides a device's make and donation.
OTHERS = {
    "device-full": {"category": "Máy tính bảng", "serial": "R9WR70ABCDE"},
    "box": {"title": "Thùng 2/5", "detail": "12 máy tính bảng đến Trường Trung học cơ sở Đạo Trù"},
    "place": {"title": "Kho chính, kệ A3", "detail": "Tổ Kỹ thuật thiết bị học tập"},
    "mode": {"title": "Bắt đầu kiểm tra", "detail": "Quét thẻ này, rồi quét từng máy"},
}
#: One of every record, and two whose lists are appendices.
PAPERS: dict[str, Record] = {
    name: replace(record, checkpoint=a_checkpoint(note=SIGNED_ONCE))
    for name, record in (
        *((record.kind, record) for record in RECORDS),
        ("handover of 40", a_record(items=some_items(40, pupils=True))),
        ("erasure of 25", an_erasure(25)),
    )
}


@dataclass(frozen=True)
class Shown:
    """One label as it is printed, and its codes."""

    picture: Image.Image
    codes: tuple[Code, ...]


def label_of(design: str) -> Label:
    """Return a label that has all a design shows."""
    return a_label(**OTHERS.get(design, {}))


def jobs(stock: Stock, dpi: int) -> Iterator[tuple[str, Job]]:
    """Yield every design that this stock can carry, with a job of one label."""
    for design in DESIGNS.values():
        try:
            yield design.name, ready([label_of(design.name)], stock=stock, dpi=dpi, design=design)
        except UnreadableStock:
            continue


def shown(job: Job) -> Shown:
    """Draw the first label of a job as its printer does."""
    dots = job.dpi / 25.4
    (left, top, sticker), stock, plan = next(job.pages())[0], job.stock, job.plan
    with Paper(printed(job)) as paper:

        def seen(x: float, y: float, width: float, height: float) -> Image.Image:
            size = round(width * dots), round(height * dots)
            (view,) = paper.seen(0, [View(x, y, dots, dots, *size)])
            return Image.frombytes("L", size, view.pixels).point(lambda shade: 255 * (shade > 127))

        found = []
        for box, module, says, kind in (
            (plan.qr, plan.module, sticker.url, QR),
            (plan.bars, plan.bar_module, sticker.code, CODE_128),
        ):
            if box:
                at = job.snapped(left + box.x), job.snapped(top + box.y)
                found.append(Code(seen(*at, box.width, box.height), round(module * dots), says, kind))
        return Shown(seen(left, top, stock.label_width, stock.label_height), tuple(found))


@cache
def leaves(name: str, dpi: int) -> tuple[Image.Image, ...]:
    """Return the pages of a record as a printer of `dpi` prints them."""
    return tuple(
        image.point(lambda shade: 255 * (shade > 127)) for image in pages(in_print(PAPERS[name]), dpi=dpi)
    )


def codes_of(leaf: Image.Image) -> list[Code]:
    """Find every QR of a page, each with its quiet zone."""
    found = []
    for one in zxingcpp.read_barcodes(leaf, formats=QR):
        left, top = one.position.top_left.x, one.position.top_left.y
        side = one.position.bottom_right.x - left
        module = side / (17 + 4 * int(one.extra["Version"]))
        white = QUIET * module
        box = round(left - white), round(top - white), round(left + side + white), round(top + side + white)
        found.append(Code(leaf.crop(box), module, one.text, QR))
    return found


def wall(pictures: list[Image.Image], width: int, out: Path) -> None:
    """Write pictures side by side, in rows."""
    x = y = height = 0
    places = []
    for picture in pictures:
        if x + picture.width > width:
            x, y, height = 0, y + height + 12, 0
        places.append((x, y))
        x, height = x + picture.width + 12, max(height, picture.height)
    board = Image.new("L", (width, y + height), 150)
    for picture, place in zip(pictures, places, strict=True):
        board.paste(picture, place)
    board.save(out)


def main(folder: Path) -> None:
    """Write all walls into a folder."""
    folder.mkdir(exist_ok=True, parents=True)
    for design in DESIGNS:
        found = [shown(job).picture for stock in STOCKS for name, job in jobs(stock, 203) if name == design]
        wall(found, 2400, folder / f"{design}.png")
    for name in PAPERS:
        wall(list(leaves(name, 100)), 2600, folder / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
