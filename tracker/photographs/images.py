"""A stranger's picture becomes one of ours: bytes in, the bytes of a clean JPEG out.

What a file claims to be is not believed: its first bytes say its format, and its header its size, before anything
is unpacked. What goes out has been drawn anew from pixels, so nothing of the old file is left in it: no place where
it was taken, no name of its owner, no colour profile, nothing that was hung behind its end.
"""

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple

from PIL import Image, ImageCms, JpegImagePlugin

from tracker.refused import Refused
from tracker.words import _

MOST_BYTES = 8_000_000
MOST_PIXELS = 40_000_000
#: A progressive JPEG goes over all its pixels in each scan. Encoders make about ten; a hostile one, thousands.
MOST_SCANS = 40
SIDE, SMALL_SIDE = 2048, 320  # pixels, of the longest side
QUALITY, SMALL_QUALITY = 82, 75
STRIP = 64  # rows of the smaller picture

FORMATS = ("JPEG", "PNG", "WEBP")
#: Brands in the first box of a HEIC or AVIF file (ISO/IEC 23008-12).
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")

_ORIENTATION = 0x0112  # Exif 2.32, tag 274
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: What Pillow has raised, in tests with files that are cut off, damaged or forged.
_BROKEN = (
    ArithmeticError, AssertionError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
    struct.error,
)  # fmt: skip

#: One at a time in a process: forty million pixels take up to 600 MB while they are unpacked.
_turn = Lock()


class NoPhotograph(Refused):
    """A file that is not kept as a photograph; `out` says what to do instead."""


class Clean(NamedTuple):
    """A picture of ours: JPEG, upright, sRGB, without anything but its pixels; sizes in pixels."""

    data: bytes
    small: bytes
    width: int
    height: int


def clean(data: bytes) -> Clean:
    """Return the photograph in a file, at most 2,048 pixels a side, and its thumbnail of at most 320.

    Of an animation the first picture is taken. What is transparent becomes white.

    Raises:
        NoPhotograph: it is no JPEG, PNG or WebP, too large, too many pixels, cut off or damaged.
    """
    _must_be_possible(data)
    try:
        with _quietly(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _must_fit(*image.size)
            turn = _UPRIGHT.get(_orientation(image))
            shown = _in_srgb(_drawn(image), image.info.get("icc_profile"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many() from error
    except _BROKEN as error:
        raise _damaged() from error
    shown = shown.transpose(turn) if turn is not None else shown
    small = shown.resize(_within(shown.size, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Clean(_jpeg(shown, QUALITY), _jpeg(small, SMALL_QUALITY), *shown.size)


@contextmanager
def _quietly() -> Iterator[None]:
    """Let Pillow say nothing of odd notes in a file, but refuse where it would only warn of too many pixels."""
    with _turn, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _must_be_possible(data: bytes) -> None:
    """Refuse by the first bytes alone what is not even to be opened."""
    if not data:
        raise NoPhotograph(_("The file is empty."), out=_("Take the photograph again."))
    if len(data) > MOST_BYTES:
        raise NoPhotograph(
            _("The file has more than %(most)s MB.", most=MOST_BYTES // 1_000_000),
            out=_("Choose a smaller size in the camera’s settings."),
        )
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        raise NoPhotograph(
            _("This is a HEIC picture, which cannot be read here."),
            out=_("Choose JPEG (“Most compatible”) in the camera’s settings, and take it again."),
        )
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        _must_fit(*_webp_size(data))  # Pillow asks for two whole canvases before it says the size
        whole = len(data) >= 8 + int.from_bytes(data[4:8], "little")
    elif data.startswith(b"\xff\xd8\xff"):
        whole = 0 < _scans(data) <= MOST_SCANS
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        whole = _ends(data)
    else:
        raise NoPhotograph(
            _("This is no photograph: only JPEG, PNG and WebP are taken."),
            out=_("Take it with the camera, or save the picture as JPEG."),
        )
    if not whole:
        raise _damaged()


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height as the first chunk says (RFC 9649, section 2); the largest canvas counts."""
    kind, at = data[12:16], data[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return 1 + int.from_bytes(at[4:7], "little"), 1 + int.from_bytes(at[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(at[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(at[6:8], "little") & 0x3FFF, int.from_bytes(at[8:10], "little") & 0x3FFF
    raise _damaged()


def _scans(data: bytes) -> int:
    """Return how many scans a JPEG has, without unpacking any; 0 if its end is missing (ITU-T T.81, annex B).

    Pillow may have been told by others of this process to take what is cut off.
    """
    at, count = 2, 0
    while (at := data.find(b"\xff", at)) >= 0 and at + 2 <= len(data):
        marker = data[at + 1]
        if marker == 0xD9:  # what a phone or a polyglot hangs behind it is not read
            return count
        if marker in {0x00, 0x01, 0xFF} or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        count += marker == 0xDA
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0


def _ends(data: bytes) -> bool:
    """Return whether a PNG has its last chunk (ISO/IEC 15948, 11.2.5)."""
    at = 8
    while 8 <= at <= len(data) - 12:
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return False


def _must_fit(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _too_many()
    if not min(width, height):
        raise _damaged()


def _too_many() -> NoPhotograph:
    return NoPhotograph(
        _("The picture has more than %(most)s million pixels.", most=MOST_PIXELS // 1_000_000),
        out=_("Choose a smaller size in the camera’s settings."),
    )


def _damaged() -> NoPhotograph:
    return NoPhotograph(
        _("The picture is damaged or was cut off on its way."), out=_("Send it again, or take it again.")
    )


def _orientation(image: Image.Image) -> int:
    try:
        said = image.getexif().get(_ORIENTATION)
    except _BROKEN:  # whatever else is wrong with these notes, they are thrown away
        return 1
    return said if isinstance(said, int) else 1


def _drawn(image: Image.Image) -> Image.Image:
    """Unpack a picture and shrink it to our size, taking as little memory as its format allows."""
    size = _within(image.size, SIDE)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft(image.mode, size)  # unpacked no finer than is needed, in a fraction of time and memory
        image.load()
        return _plain(image).resize(size, Image.Resampling.LANCZOS)
    image.load()
    return _plain(image) if size == image.size else _by_strips(image, size)


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _by_strips(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Shrink a picture strip by strip: on white and in plain colours the whole would take three times its memory."""
    out: Image.Image | None = None
    scale = image.height / size[1]
    for top in range(0, size[1], STRIP):
        end = min(size[1], top + STRIP)
        first, last = int(top * scale), min(image.height, math.ceil(end * scale))
        strip = _plain(image.crop((0, first, image.width, last)))
        box = (0, top * scale - first, image.width, min(end * scale, image.height) - first)
        out = out or Image.new(strip.mode, size)
        out.paste(strip.resize((size[0], end - top), Image.Resampling.BOX, box=box), (0, top))
    assert out is not None
    return out


def _plain(image: Image.Image) -> Image.Image:
    """Return a picture in one of the modes that a JPEG has; what is transparent lies on white."""
    if image.mode.startswith("I"):  # Pillow would cut off, and not scale, what has sixteen bits
        image = image.convert("I").point(lambda shade: shade / 257).convert("L")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        image = Image.new("RGB", seen.size, "white")
        image.paste(seen, mask=seen)
    return image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Bring the colours of a wider or another space to those that every screen takes a picture to have."""
    if isinstance(profile, bytes) and profile:
        try:
            told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            shown = ImageCms.profileToProfile(image, told, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if shown is not None:
                return shown
        except (ImageCms.PyCMSError, *_BROKEN):  # of another kind of picture, or no profile at all
            pass
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    image.info.clear()  # Pillow would write its comment again
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
