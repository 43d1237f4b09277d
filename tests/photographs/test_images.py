"""What a stranger's file becomes: a clean JPEG of ours, or a sentence that says why not and what to do."""

import io
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

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
    a_profile,
    chunk,
    encoded,
    from_a_phone,
)
from tracker.photographs import images
from tracker.photographs.images import MOST_BYTES, NoPhotograph, clean

RED, BLUE = (200, 30, 30), (30, 30, 200)


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def near(image, at, colour, *, by=24):
    return all(abs(one - two) <= by for one, two in zip(image.getpixel(at), colour, strict=True))


def parts(data):
    """Return the markers of a JPEG before its pixels, without those that say how to unpack it."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        found.append(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return set(found) - {0xDB, 0xC0, 0xC4}


# What is taken

FORMS = {
    "jpeg": lambda: a_jpeg((800, 600)),
    "grey jpeg": lambda: encoded(a_picture(mode="L")),
    "cmyk jpeg": lambda: encoded(a_picture(mode="CMYK")),
    "progressive jpeg": lambda: a_jpeg(progressive=True),
    "png": lambda: encoded(a_picture(), "PNG"),
    "png with alpha": lambda: encoded(a_picture(mode="RGBA"), "PNG"),
    "png with a palette": lambda: encoded(a_picture(mode="P"), "PNG"),
    "png with a palette and a transparent colour": lambda: encoded(
        a_picture(mode="P"), "PNG", transparency=0
    ),
    "grey png with alpha": lambda: encoded(a_picture(mode="LA"), "PNG"),
    "png of one bit": lambda: encoded(a_picture(mode="1"), "PNG"),
    "png of sixteen bits": lambda: encoded(a_picture(mode="L").convert("I;16"), "PNG"),
    "webp": lambda: encoded(a_picture(), "WEBP"),
    "webp without loss, with alpha": lambda: encoded(a_picture(mode="RGBA"), "WEBP", lossless=True),
}


@pytest.mark.parametrize("size", [(800, 600), (2600, 3000), (1, 1), (5000, 3)], ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_photograph_becomes_a_plain_jpeg(form, size, monkeypatch):
    whole = a_picture(size)
    monkeypatch.setattr("tests.photographs.test_images.a_picture", lambda mode="RGB": whole.convert(mode))
    monkeypatch.setattr("tests.photographs.test_images.a_jpeg", lambda *_size, **more: encoded(whole, **more))

    done = clean(FORMS[form]())

    shown, small = opened(done.data), opened(done.small)
    assert (shown.format, shown.mode, small.mode) == ("JPEG", "RGB", "RGB")
    assert shown.size == (done.width, done.height)
    assert max(shown.size) == min(2048, max(size))
    assert max(small.size) == min(320, max(size))
    assert parts(done.data) == parts(done.small) == {0xE0}  # JFIF, and nothing else
    if min(size) > 100:
        assert abs(shown.width / shown.height - size[0] / size[1]) < 0.01


def test_colours_and_corners_stay_where_they_are():
    for form in ("jpeg", "cmyk jpeg", "png", "png with a palette", "webp", "png with alpha"):
        shown = opened(clean(FORMS[form]()).data)
        assert near(shown, (20, 20), RED, by=45), form
        assert near(shown, (20, 580), BLUE, by=45), form


def test_what_is_transparent_becomes_white_and_sixteen_bits_are_not_cut_off():
    empty = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    assert opened(clean(encoded(empty, "PNG")).data).getpixel((25, 25)) == (255, 255, 255)

    deep = Image.new("I;16", (50, 50), 257 * 128)
    assert near(opened(clean(encoded(deep, "PNG")).data), (25, 25), (128, 128, 128), by=3)


@pytest.mark.parametrize(
    ("orientation", "red_is_at"),
    [(1, (10, 10)), (2, (790, 10)), (3, (790, 590)), (4, (10, 590)), (5, (10, 10)), (6, (590, 10)), (7, (590, 790)), (8, (10, 790))],
)  # fmt: skip
def test_a_photograph_stands_upright(orientation, red_is_at):
    done = clean(from_a_phone((800, 600), orientation=orientation))

    assert (done.width, done.height) == ((800, 600) if orientation < 5 else (600, 800))
    assert near(opened(done.data), red_is_at, RED, by=45)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation):
    assert clean(from_a_phone(orientation=orientation))[2:] == (800, 600)


def test_nothing_of_where_and_by_whom_it_was_taken_is_left():
    before = from_a_phone()
    done = clean(before)

    for secret in (
        b"SECRET-COMMENT",
        b"Chu M",
        "Chủ Máy".encode(),
        b"Exif",
        b"http://ns.adobe.com",
        b"ICC_PROFILE",
    ):
        assert (secret in before) or secret in {"Chủ Máy".encode(), b"Chu M"}
        assert secret not in done.data
        assert secret not in done.small
    assert opened(before).getexif().get_ifd(0x8825)  # the control: the place was there
    assert not opened(done.data).getexif()
    assert "comment" not in opened(done.data).info


def test_another_colour_space_is_brought_to_the_screens():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (a_profile(), lab, b"no profile at all", b"\0" * 200):
        done = clean(a_jpeg(icc_profile=profile))
        assert near(opened(done.data), (20, 20), RED, by=30)


def test_of_an_animation_the_first_picture_is_taken():
    one, two = Image.new("RGB", (60, 40), RED), Image.new("RGB", (60, 40), BLUE)
    for form in ("PNG", "WEBP"):
        moving = encoded(one, form, save_all=True, append_images=[two])
        assert opened(moving).n_frames == 2
        assert near(opened(clean(moving).data), (30, 20), RED, by=10)
    assert near(
        opened(clean(encoded(one, "MPO", save_all=True, append_images=[two])).data), (30, 20), RED, by=10
    )


def test_the_same_file_always_becomes_the_same_picture():
    assert clean(from_a_phone()) == clean(from_a_phone())


# What hangs on it


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", HTML)
    return out.getvalue()


@pytest.mark.parametrize(
    "tail", [zipped(), HTML, PDF, SVG, b"<?php evil(); ?>"], ids=["zip", "html", "pdf", "svg", "php"]
)
def test_what_is_hung_behind_a_picture_is_gone(tail):
    for whole in (a_jpeg(comment=tail[:2000]), encoded(a_picture(), "PNG"), encoded(a_picture(), "WEBP")):
        done = clean(whole + tail)
        assert tail[:20] not in done.data
        assert tail[-20:] not in done.data
        assert not zipfile.is_zipfile(io.BytesIO(done.data))


# What is refused


def forged_webp(width, height):
    body = b"VP8X" + (10).to_bytes(4, "little") + b"\0\0\0\0"
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body


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


# Whatever comes


def is_clean(data):
    try:
        done = clean(data)
    except NoPhotograph as refused:
        return str(refused) and str(refused.out)
    shown = opened(done.data)
    return (
        shown.format == "JPEG"
        and shown.mode == "RGB"
        and max(shown.size) <= 2048
        and parts(done.data) == {0xE0}
    )


WHOLE = [from_a_phone((90, 60)), a_jpeg((90, 60), progressive=True), encoded(a_picture((90, 60)), "PNG"),
         encoded(a_picture((90, 60), mode="P"), "PNG"), encoded(a_picture((90, 60)), "WEBP"), forged_webp(3, 3)]  # fmt: skip
BEGINNINGS = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\xff\0\0\0WEBPVP8X",
    b"RIFF\xff\0\0\0WEBPVP8L",
    b"",
]


@settings(max_examples=150)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=400))
def test_any_bytes_become_a_clean_picture_or_a_sentence(beginning, rest):
    assert is_clean(beginning + rest)


@settings(max_examples=250)
@given(st.sampled_from(WHOLE), st.data())
def test_any_harm_to_a_picture_leaves_a_clean_one_or_a_sentence(whole, data):
    harmed = bytearray(whole)
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), min_size=1, max_size=6)
    ):
        harmed[at] = value
    assert is_clean(bytes(harmed))


@settings(max_examples=60)
@given(st.sampled_from(WHOLE[:5]), st.floats(0.0, 0.7))
def test_a_picture_that_is_cut_off_is_refused(whole, kept):
    with pytest.raises(NoPhotograph):
        clean(whole[: int(len(whole) * kept)])
