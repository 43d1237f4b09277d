"""Makers of labels and records with invented people, and what reads a PDF back: zxing-cpp on PDFium's pixels."""

import base64
import io
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import zxingcpp
from PIL import Image

from labels.codes import Drawing
from labels.job import Label
from labels.press import Press
from labels.records import Checkpoint, Device, DonationReceipt, HandoverRecord, Item, Party, Record
from labels.stock import Stock

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
SHARED = Path(__file__).resolve().parents[2].parent / "shared"
ALPHABET = "23456789BCFGHJKMNPQRTVXYZ"
MODELS = (
    "Samsung Galaxy Tab A7 Lite SM-T225",
    "Dell Latitude 5490 Core i5-8250U 8 GB 256 GB SSD",
    "iPhone 7",
    "Máy tính bảng Masstel Tab 10 Ultra 4G",
)
ROOT = base64.b64encode(bytes(range(32))).decode()
SIGNED_ONCE = (
    f"so-cai.tb.example/thiet-bi/1\n123456\n{ROOT}\n\n"
    f"— so-cai.tb.example/thiet-bi/1 {base64.b64encode(bytes(68)).decode()}\n"
)
#: With a witness: as long as a note becomes.
NOTE = SIGNED_ONCE + f"— tinh.example/nhan-chung {base64.b64encode(bytes(76)).decode()}\n"


def some_codes(count: int) -> list[str]:
    drawn = random.Random(count)
    return ["".join(drawn.choices(ALPHABET, k=8)) for _ in range(count)]


def a_label(*, code: str = "7K3M9QX2", **values: Any) -> Label:
    values = {"make_model": MODELS[0], "donation": "TN-2026-0007"} | values
    return Label(code=code, **({"url": f"HTTPS://TB.PHUTHO.EDU.VN/T/{code}"} | values))


def some_labels(count: int, **values: Any) -> list[Label]:
    return [
        a_label(code=code, **({"make_model": MODELS[at % len(MODELS)]} | values))
        for at, code in enumerate(some_codes(count))
    ]


def a_party(**values: Any) -> Party:
    usual = {
        "name": "Trung tâm Kinh doanh Ánh Sáng",
        "superior": "Tổng công ty Viễn thông Hùng Vương",
        "address": "Số 2 đường Kim Ngọc, phường Vĩnh Phúc, tỉnh Phú Thọ",
        "representative": "Nguyễn Văn Thuỷ",
        "position": "Phó Giám đốc",
    }
    return Party(**(usual | values))


def a_school(**values: Any) -> Party:
    usual = {
        "name": "Trường Trung học cơ sở Đạo Trù",
        "superior": "UBND xã Đạo Trù",
        "address": "Thôn Đạo Trù Thượng, xã Đạo Trù, tỉnh Phú Thọ",
        "representative": "Lỗ Thị Hằng",
        "position": "Hiệu trưởng",
    }
    return Party(**(usual | values))


def an_item(**values: Any) -> Item:
    usual = {
        "code": "7K3M9QX2",
        "category": "Máy tính bảng",
        "model": MODELS[0],
        "serial": "R9JR50ABCDE",
        "grade": "B",
        "accessories": "sạc, cáp",
    }
    return Item(**(usual | values))


def some_items(count: int, *, pupils: bool = False) -> tuple[Item, ...]:
    names = ("Nguyễn Thị Huệ", "Trần Đức Thắng", "Lê Hoàng Ngọc Ánh") if pupils else ("",)
    kinds = ("Máy tính bảng", "Máy tính xách tay", "Điện thoại thông minh")
    return tuple(
        an_item(
            code=code,
            category=kinds[at % 3],
            model=MODELS[at % 3],
            pupil=names[at % len(names)],
            cls="7A" if pupils else "",
        )
        for at, code in enumerate(some_codes(count))
    )


def some_devices(count: int) -> tuple[Device, ...]:
    """Return devices that are for nobody yet."""
    every = [vars(item) for item in some_items(count)]
    return tuple(
        Device(**{name: each[name] for name in each if name not in {"pupil", "cls"}}) for each in every
    )


def a_checkpoint(**values: Any) -> Checkpoint:
    usual = {"note": NOTE, "size": 123456, "root": ROOT, "fingerprint": "SHA256:3f9a77c2b1d04e55"}
    return Checkpoint(**(usual | values))


def a_record(**values: Any) -> HandoverRecord:
    usual = {
        "number": "05/BB-TTKD",
        "place": "Đạo Trù",
        "on": date(2026, 2, 5),
        "sender": a_party(),
        "receiver": a_school(),
        "items": some_items(3, pupils=True),
        "link": "https://tb.example/h/01JBX3Z6Q4T8#k=Zk9fQ2xJb3pWb1hYcW1Tb3J0aW5n",
        "secret": "K7M2-9QXR-44TB",
        "checkpoint": a_checkpoint(),
    }
    return HandoverRecord(**(usual | values))


def a_receipt(**values: Any) -> DonationReceipt:
    usual = {
        "number": "12/BB-SGDĐT",
        "place": "Vĩnh Yên",
        "on": date(2026, 11, 22),
        "donor": a_party(name="Công ty Cổ phần Hoa Phượng", superior=""),
        "receiver": a_school(name="Sở Giáo dục và Đào tạo", superior="UBND tỉnh Phú Thọ"),
        "items": some_devices(4),
        "amount": 45_000_000,
        "link": "https://tb.example/d/Ab3kQ9",
        "checkpoint": a_checkpoint(),
    }
    return DonationReceipt(**(usual | values))


@cache
def press() -> Press:
    return Press(TEMPLATES)


def in_print(record: Record) -> bytes:
    """Any record as PDF."""
    return press().print(record)


def page_count(pdf: bytes) -> int:
    with pdfium.PdfDocument(pdf) as document:
        return len(document)


def pages(pdf: bytes, *, dpi: int) -> Iterator[Image.Image]:
    with pdfium.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=dpi / 72, grayscale=True).to_pil()


def texts(pdf: bytes) -> list[str]:
    with pdfium.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def in_top_margin(pdf: bytes, page: int) -> str:
    """What stands in the 20 mm above the text of a page."""
    with pdfium.PdfDocument(pdf) as document:
        bottom = document[page].get_height() - 20 / 25.4 * 72
        return document[page].get_textpage().get_text_bounded(bottom=bottom).strip()


def codes(image: Image.Image) -> Counter[tuple[str, str]]:
    """Every QR and Code 128 in an image, as (kind, text). What reads as something else by chance is left out."""
    wanted = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128)
    return Counter(
        ("QR" if "QR" in str(found.format) else "128", found.text)
        for found in zxingcpp.read_barcodes(image, formats=wanted)
    )


def cut(image: Image.Image, stock: Stock, slot: int, *, dpi: int) -> Image.Image:
    """One label of a rendered sheet."""
    left, top = stock.corner(slot)
    box = (left, top, left + stock.label_width, top + stock.label_height)
    return image.crop(tuple(round(length / 25.4 * dpi) for length in box))


def ink(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box of everything that is not white, in pixels."""
    return image.point(lambda shade: 255 if shade < 250 else 0).getbbox()


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


RECTANGLE = re.compile(rb"(\d+)\s(\d+)\s(\d+)\s(\d+)\sre")


def dark(drawing: Drawing) -> set[tuple[int, int]]:
    """The dark modules of a path."""
    return {
        (x + right, y + down)
        for x, y, wide, tall in boxes(drawing)
        for right in range(wide)
        for down in range(tall)
    }


def boxes(drawing: Drawing) -> list[tuple[int, ...]]:
    """The rectangles of a drawing: left, top, width, height."""
    return [tuple(map(int, match.groups())) for match in RECTANGLE.finditer(drawing.path)]
