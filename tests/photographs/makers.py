"""Pictures as phones, scanners and hostile strangers make them; everything on them is invented."""

import io
import struct
import zipfile
import zlib

from PIL import Image, ImageDraw, TiffImagePlugin

GPS = 0x8825


def a_picture(size=(800, 600), *, mode="RGB", seed=1):
    """Return a picture that is not the same everywhere: a red corner at the top left, blue below."""
    image = Image.new("RGB", size, (200, 210, 205))
    pen = ImageDraw.Draw(image)
    wide, high = size
    pen.rectangle((0, 0, wide // 4, high // 4), fill=(200, 30, 30))
    pen.rectangle((0, high - high // 4, wide // 4, high), fill=(30, 30, 200))
    pen.text((wide // 2, high // 2), f"{seed}", fill="black")
    return image.convert(mode)


def encoded(image, form="JPEG", **more):
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def a_jpeg(size=(800, 600), *, seed=1, **more):
    return encoded(a_picture(size, seed=seed), "JPEG", **more)


def from_a_phone(size=(800, 600), *, orientation=6):
    """Return a JPEG with all that a phone writes beside the pixels: place, owner, thumbnail, comment, XMP."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F], exif[0x013B] = "Hãng Thử", "Nguyễn Văn Chủ Máy"
    exif[GPS] = {1: "N", 2: tuple(TiffImagePlugin.IFDRational(n) for n in (21, 18, 7)), 3: "E"}
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><who>Chu May</who></x:xmpmeta>'
    return a_jpeg(size, exif=exif, comment=b"SECRET-COMMENT", xmp=xmp, icc_profile=a_profile())


def a_profile():
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def a_png(width, height, *, depth=8, colour=2, fill=b"\x80"):
    """Return a PNG of one value, written row by row: nothing of its size is ever in memory here."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = b"\0" + fill * ((width * depth * channels + 7) // 8)
    press = zlib.compressobj(9)
    data = b"".join(press.compress(row) for _ in range(height)) + press.flush()
    palette = chunk(b"PLTE", bytes(range(30))) if colour == 3 else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + palette + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def a_bomb():
    """Return 21 kB that unpack to 860 MB: one bit a pixel, which Pillow gives one byte and then, in colours, four."""
    return a_png(13_120, 13_120, depth=1, colour=0, fill=b"\0")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF"
#: A GIF that is a script as well.
GIF_JS = b"GIF89a/*" + bytes(20) + b"*/=1;alert(1);//" + bytes(40)


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", HTML)
    return out.getvalue()


def forged_webp(width, height):
    body = b"VP8X" + (10).to_bytes(4, "little") + b"\0\0\0\0"
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
