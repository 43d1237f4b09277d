"""Scans and photographs of signed sheets: read as they come, and hostile files kept away from everything else."""

import contextlib
import io
import random
import subprocess
import sys
import time
import zlib

import pikepdf
import pytest
from PIL import Image, ImageFilter

from labels import scanned, scanner
from labels.records import page_of
from labels.scanned import NotAScan, read
from tests.labels.makers import a_record, in_print, pages, some_items


@pytest.fixture(scope="module")
def record():
    """A printed record, and the pictures of its pages at 200 dpi."""
    printed = in_print(a_record(items=some_items(22), link="https://tb.example/h/12#" + "k" * 26))
    return printed, [page.convert("L") for page in pages(printed, dpi=200)]


def named(page):
    return [page_of(code)[1:] for code in page.codes if "://" in code]


def as_jpeg(picture, quality=60):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_a_pdf_is_read_page_by_page(record):
    found = read(record[0])

    assert [named(page) for page in found] == [[(at, len(found))] for at in range(1, len(found) + 1)]
    for page in found:
        with Image.open(io.BytesIO(page.picture)) as picture:
            assert picture.format == "JPEG"
            assert max(picture.size) <= 1600


def perspective(picture):
    width, height = picture.size
    corners = (
        -0.06 * width,
        -0.04 * height,
        0.02 * width,
        1.05 * height,
        1.04 * width,
        0.98 * height,
        1.02 * width,
        0.03 * height,
    )
    return picture.transform(
        picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=90
    )


def noisy(picture):
    drawn = random.Random(5)
    grain = Image.frombytes("L", picture.size, drawn.randbytes(picture.width * picture.height))
    return Image.blend(picture, grain, 0.15)


def on_desk(page):
    desk = Image.new("L", (page.width + 500, page.height + 700), 40)
    desk.paste(page, (200, 400))
    return desk


HARMS = {
    "as a fax, 150 dpi": lambda page: page.resize(
        (page.width * 3 // 4, page.height * 3 // 4), Image.Resampling.BILINEAR
    ),
    "turned by 90": lambda page: page.transpose(Image.Transpose.ROTATE_90),
    "upside down": lambda page: page.transpose(Image.Transpose.ROTATE_180),
    "turned by 270": lambda page: page.transpose(Image.Transpose.ROTATE_270),
    "skewed": lambda page: page.rotate(6, expand=True, fillcolor=255),
    "dim": lambda page: page.point(lambda shade: 20 + shade * 40 // 255),
    "bright": lambda page: page.point(lambda shade: 200 + shade * 50 // 255),
    "blurred": lambda page: page.filter(ImageFilter.GaussianBlur(1.0)),
    "in perspective": perspective,
    "noisy": noisy,
    "in two colours": lambda page: page.point(lambda shade: 255 * (shade > 150)).convert("1").convert("L"),
    "on a dark desk": on_desk,
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_sheet_is_named_however_it_was_taken(record, harm):
    for at, picture in enumerate(record[1], start=1):
        (page,) = read(as_jpeg(harm(picture)))
        assert named(page) == [(at, len(record[1]))]


def test_what_the_camera_says_of_up_and_down_is_heeded(record):
    turned = record[1][0].transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise shows it upright
    out = io.BytesIO()
    turned.save(out, "JPEG", exif=exif)

    (page,) = read(out.getvalue())

    with Image.open(io.BytesIO(page.picture)) as picture:
        assert picture.height > picture.width
        assert not picture.getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_paper(record, mode):
    page = record[1][0]
    sheet = Image.new("RGBA", page.size)  # black, and nothing of it is seen
    sheet.putalpha(page.point(lambda shade: 255 - shade))
    out = io.BytesIO()
    sheet.convert(mode).save(out, "PNG")

    (found,) = read(out.getvalue())

    assert named(found) == [(1, len(record[1]))]
    with Image.open(io.BytesIO(found.picture)) as picture:
        assert picture.convert("L").getpixel((2, 2)) > 250


@pytest.mark.parametrize("size", [(30_000, 1), (1, 30_000)])
def test_a_page_with_next_to_no_height_or_width_is_a_page_without_a_code(size):
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, "PNG")

    (found,) = read(out.getvalue())

    assert found.codes == ()


def test_a_page_without_a_code_has_none():
    (page,) = read(as_jpeg(Image.new("L", (800, 1100), 255)))

    assert page.codes == ()


def test_empty_backs_of_sheets_cost_little(record):
    backs = [Image.new("L", (1654, 2339), 244)] * 12
    out = io.BytesIO()
    record[1][0].save(out, "PDF", save_all=True, append_images=backs, resolution=200, quality=40)
    began = time.monotonic()

    found = read(out.getvalue())

    assert [bool(page.codes) for page in found] == [True, *[False] * 12]
    assert time.monotonic() - began < 12  # two seconds each, if they were looked at in every way


def bomb(width, height):
    """A PNG of a few kilobytes that unpacks to width × height."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    body = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def blank_pdf(count=1, box=(0, 0, 595, 842), **saved):
    made = pikepdf.Pdf.new()
    for _ in range(count):
        made.add_blank_page()
    for page in made.pages:
        page.MediaBox = pikepdf.Array(list(box))
    out = io.BytesIO()
    made.save(out, **saved)
    return out.getvalue()


REFUSED = {
    "empty": (b"", "empty"),
    "spaces": (b"  \n ", "empty"),
    "text": (b"Kinh gui", "unknown"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown"),
    "gif": (b"GIF89a" + bytes(100), "unknown"),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40), "unknown"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "unknown"),
    "cut png": (bomb(100, 100)[:60], "broken"),
    "png bomb": (bomb(30_000, 30_000), "pixels"),
    "cut jpeg": (as_jpeg(Image.new("L", (900, 900), 9))[:300], "broken"),
    "pdf cut": (blank_pdf()[:200], "broken"),
    "pdf in name only": (b"%PDF-1.7\n" + bytes(5_000), "broken"),
    "locked pdf": (blank_pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "encrypted"),
    "no pages": (blank_pdf(0), "broken"),
    "many pages": (blank_pdf(101), "pages"),
    "10,000 pages": (blank_pdf(10_000), "pages"),
    "too large": (bytes(scanned.MOST_BYTES + 1), "large"),
}


@pytest.mark.parametrize(("data", "key"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_scan_is_refused_by_name(data, key):
    with pytest.raises(NotAScan) as refused:
        read(data)

    assert refused.value.key == key
    assert "%" not in str(refused.value)


@pytest.mark.parametrize(
    "box", [(0, 0, 1e9, 1e9), (0, 0, 14_400, 14_400), (0, 0, 0, 0), (5, 5, 1, 1), (0, 0, 1e38, 1)]
)
def test_a_page_of_any_size_costs_no_more_than_a3(box):
    began = time.monotonic()

    with contextlib.suppress(NotAScan):
        assert len(read(blank_pdf(box=box))) == 1
    assert time.monotonic() - began < 20


def test_a_polyglot_is_a_pdf_or_nothing(record):
    both = b"<script>alert(1)</script>\n" + record[0]

    found = read(both)

    assert all(b"<script>" not in page.picture for page in found)


def test_a_file_that_takes_too_long_is_given_up_and_its_process_is_gone(monkeypatch, record):
    monkeypatch.setattr(scanned, "WAIT", 0.05)

    with pytest.raises(NotAScan) as refused:
        read(record[0])

    assert refused.value.key == "slow"


@pytest.mark.parametrize("fate", ["os.kill(os.getpid(), 9)", "bytearray(4_000_000_000)"])
def test_a_process_that_dies_takes_nothing_with_it(fate, monkeypatch, tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/__init__.py").touch()
    (tmp_path / "labels/scanner.py").write_text(
        f"import os, resource\nresource.setrlimit(resource.RLIMIT_AS, ({scanner.MEMORY}, {scanner.MEMORY}))\n{fate}\n"
    )
    monkeypatch.setattr(scanned, "_PLACE", tmp_path)

    with pytest.raises(NotAScan) as refused:
        read(b"%PDF-1.7")

    assert refused.value.key == "slow"


LIMITS = """
import io, resource, sys
from labels import scanner
sys.stdin = io.TextIOWrapper(io.BytesIO(b"x"))
scanner.main()
print(*(resource.getrlimit(limit)[0] for limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)))
"""


def test_the_process_may_write_no_file_and_take_little_memory():
    told = subprocess.run([sys.executable, "-c", LIMITS], capture_output=True, check=True, text=True).stdout

    assert told.splitlines()[-1] == f"{scanner.MEMORY} {scanner.SECONDS} 0"
