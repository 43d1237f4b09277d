"""What a stranger's file becomes: a clean JPEG of ours, or a sentence that says why not and what to do."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.photographs.makers import (
    HTML,
    PDF,
    SVG,
    a_jpeg,
    a_picture,
    a_profile,
    encoded,
    forged_webp,
    from_a_phone,
    zipped,
)
from tracker.photographs.images import NoPhotograph, clean

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


@pytest.mark.parametrize("size", [(800, 600), (2100, 1400), (1, 1), (5000, 3)], ids=str)
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


@pytest.mark.parametrize(
    "tail", [zipped(), HTML, PDF, SVG, b"<?php evil(); ?>"], ids=["zip", "html", "pdf", "svg", "php"]
)
def test_what_is_hung_behind_a_picture_is_gone(tail):
    for whole in (a_jpeg(comment=tail[:2000]), encoded(a_picture(), "PNG"), encoded(a_picture(), "WEBP")):
        done = clean(whole + tail)
        assert tail[:20] not in done.data
        assert tail[-20:] not in done.data
        assert not zipfile.is_zipfile(io.BytesIO(done.data))


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
