"""What is refused as a photograph, each with a sentence and a way out, and without being unpacked."""

import subprocess
import sys

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.photographs.makers import (
    GIF_JS,
    HEIC,
    HTML,
    PDF,
    SVG,
    a_bomb,
    a_jpeg,
    a_picture,
    a_png,
    chunk,
    encoded,
    forged_webp,
    zipped,
)
from tracker.photographs import images
from tracker.photographs.images import MOST_BYTES, NoPhotograph, clean


def many_scans():
    whole = a_jpeg((64, 64), progressive=True)
    at = whole.rindex(b"\xff\xda")
    return whole[:at] + 100 * whole[at:-2] + whole[-2:]


REFUSED = {
    "empty": (b"", "empty"),
    "svg": (SVG, "no photograph"),
    "html": (HTML, "no photograph"),
    "pdf": (PDF, "no photograph"),
    "gif that is a script": (GIF_JS, "no photograph"),
    "gif": (encoded(a_picture(), "GIF"), "no photograph"),
    "bmp": (encoded(a_picture((20, 20)), "BMP"), "no photograph"),
    "tiff": (encoded(a_picture((20, 20)), "TIFF"), "no photograph"),
    "zip": (zipped(), "no photograph"),
    "html before a jpeg": (HTML + a_jpeg(), "no photograph"),
    "text": ("không phải ảnh".encode("utf-16"), "no photograph"),
    "heic": (HEIC, "HEIC"),
    "avif": (HEIC.replace(b"heic", b"avif"), "HEIC"),
    "too many bytes": (a_jpeg() + bytes(MOST_BYTES), "more than 8 MB"),
    "a bomb": (a_bomb(), "more than 40 million"),
    "a png of 2^31": (a_png(2, 2)[:16] + b"\x7f\xff\xff\xff\x7f\xff\xff\xff" + a_png(2, 2)[24:], "more than 40|damaged"),
    "a webp of 16,000 squared": (forged_webp(16000, 16000), "more than 40 million"),
    "a jpeg of 65,500 squared": (a_jpeg()[:158] + a_jpeg()[158:].replace(b"\x02\x58\x03\x20", b"\xff\xdc\xff\xdc", 1), "40 million"),
    "a jpeg of many scans": (many_scans(), "damaged"),
    "half a jpeg": (a_jpeg()[:-3000], "damaged"),
    "half a png": (encoded(Image.effect_noise((400, 400), 50), "PNG")[:20000], "damaged"),
    "half a webp": (encoded(Image.effect_noise((400, 400), 50), "WEBP")[:2000], "damaged"),
    "a jpeg's first bytes": (b"\xff\xd8\xff\xe0", "damaged"),
    "a png's first bytes": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "a webp's first bytes": (b"RIFF\x10\0\0\0WEBP", "damaged"),
    "a png without its palette": (encoded(a_picture((90, 60), mode="P"), "PNG").replace(b"PLTE", b"PlTE"), "damaged"),
    "a png without size": (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IEND", b""), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photograph_is_refused_with_a_way_out(name):
    data, why = REFUSED[name]

    with pytest.raises(NoPhotograph, match=why) as refused:
        clean(data)
    assert str(refused.value.out).endswith(".")


def test_the_limits_are_the_last_that_is_taken(monkeypatch):
    monkeypatch.setattr(images, "MOST_PIXELS", 800 * 600)
    assert clean(a_jpeg((800, 600))).width == 800
    with pytest.raises(NoPhotograph, match="million"):
        clean(a_jpeg((801, 600)))

    whole = a_jpeg()
    monkeypatch.setattr(images, "MOST_BYTES", len(whole))
    assert clean(whole)
    with pytest.raises(NoPhotograph, match="MB"):
        clean(whole + b"\0")


MEASURE = """
import re, sys, types
for name in ("tracker", "tracker.photographs"):  # without the application, which it does not need
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [name.replace(".", "/")]
from tracker.photographs.images import NoPhotograph, clean
clean(open(sys.argv[1], "rb").read())
def most():  # not ru_maxrss, which begins with what the parent had
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) // 1000
before = most()
try:
    done = clean(open(sys.argv[2], "rb").read())
    print(done.width)
except NoPhotograph as refused:
    print(refused)
print(most() - before)
"""


@pytest.mark.parametrize(
    ("make", "said", "most"),
    [(a_bomb, "The picture has more than 40 million pixels.", 20), (lambda: a_png(8000, 5000, fill=b"\x40"), "2048", 260)],
    ids=["bomb", "control"],
)  # fmt: skip
def test_a_bomb_is_never_unpacked(tmp_path, make, said, most):
    """A process of its own, so that what it takes at most can be read off; 40 million pixels show that it can."""
    (tmp_path / "first").write_bytes(a_jpeg())
    (tmp_path / "then").write_bytes(make())

    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "first"), str(tmp_path / "then")],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout.splitlines()  # fmt: skip

    assert ran[0] == said
    assert int(ran[1]) < most, "megabytes"
    assert make is a_bomb or int(ran[1]) > 100, "megabytes: the measure would see a bomb go off"


def test_the_bomb_is_one():
    data = a_bomb()
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")

    assert 20_000 < len(data) < 22_000
    assert 850_000_000 < width * height * (1 + 4) < 870_000_000
