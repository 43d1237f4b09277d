"""Text typed in the old Vietnamese fonts, such as .VnTime: what was meant, not what is stored.

Such a font draws Vietnamese letters in the places of Western ones (TCVN 5712:1993, VN3): a cell
holds “NguyÔn V¨n” and shows “Nguyễn Văn”. Only the font of the cell tells, so it is read from the
workbook's styles, and only strings that no cell in another font uses are changed.
"""

import re

_TCVN3 = dict(
    zip(
        (*range(0xA1, 0xAF), *range(0xB5, 0xBA), *range(0xBB, 0xBF), *range(0xC6, 0xCD), *range(0xCE, 0xD9))
        + (*range(0xDC, 0xE0), *range(0xE1, 0xF0), *range(0xF1, 0xFF)),
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
_TONED_FIRST = re.compile("(?<!\\S)[àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]")
_ENTITY = re.compile(r"&#(?:x([0-9A-Fa-f]{2})|(1[6-9]\d|2\d\d));")

_FONT_NAME = re.compile(rb"""<name\s+val=["'](\.Vn[^"'<]*)""", re.IGNORECASE)
_FORMAT_FONT = re.compile(rb"""<xf\b[^<>]*?\bfontId=["'](\d{1,6})["']""")
_CELL = re.compile(rb"<c\s([^<>]*)>\s*<v>\s*(\d{1,7})\s*</v>")
_STYLE = re.compile(rb"""\bs=["'](\d{1,6})["']""")
_OF_STRINGS = re.compile(rb"""\bt=["']s["']""")
_STRING = re.compile(rb"(?=<si[\s/>])")


def from_tcvn3(text: str, *, capitals: bool = False) -> str:
    """Return what text in a TCVN3 font shows; `capitals` for the fonts that show only capitals.

    These fonts have no capitals with a tone: “¸nh” may be Ánh. A word gets its capital back where
    all other words of the text begin with one.
    """
    shown = text.translate(_TCVN3)
    if capitals:
        return shown.upper()
    restored = _TONED_FIRST.sub(lambda match: match[0].upper(), shown)
    words = [word for word in re.findall(r"[^\W\d_]+", restored) if word]
    return restored if words and all(word[0].isupper() for word in words) else shown


def as_shown(strings: bytes, *, styles: bytes, sheets: list[bytes]) -> bytes:
    """Return the workbook's shared strings with those in old Vietnamese fonts as they are shown."""
    legacy = _legacy_formats(styles)
    if not legacy:
        return strings
    used_by = _uses(sheets, legacy)
    start, *items = _STRING.split(strings)
    for index, kind in used_by.items():
        if kind is not None and index < len(items):
            items[index] = _converted(items[index], capitals=kind)
    return b"".join([start, *items])


def _legacy_formats(styles: bytes) -> dict[int, bool]:
    """Map each cell format in a .Vn font to whether that font shows only capitals (.VnTimeH)."""
    fonts: dict[int, bool] = {}
    for number, font in enumerate(_between(styles, b"<fonts", b"</fonts>").split(b"<font")[2:]):
        if name := _FONT_NAME.search(font):
            fonts[number] = name[1].endswith(b"H")
    formats = _between(styles, b"<cellXfs", b"</cellXfs>") if fonts else b""
    font_of = [int(one) for one in _FORMAT_FONT.findall(formats)]
    return {number: fonts[font] for number, font in enumerate(font_of) if font in fonts}


def _between(xml: bytes, start: bytes, end: bytes) -> bytes:
    first = xml.find(start)
    last = xml.find(end, first)
    return xml[first:last] if 0 <= first < last else b""


def _uses(sheets: list[bytes], legacy: dict[int, bool]) -> dict[int, bool | None]:
    """Map each shared string to the kind of old font all its cells have, None if any has another."""
    used_by: dict[int, bool | None] = {}
    for sheet in sheets:
        for attributes, index in _CELL.findall(sheet):
            if _OF_STRINGS.search(attributes):
                style = _STYLE.search(attributes)
                kind = legacy.get(int(style[1]) if style else 0)
                if used_by.setdefault(int(index), kind) != kind:
                    used_by[int(index)] = None
    return used_by


def _converted(item: bytes, *, capitals: bool) -> bytes:
    xml = _ENTITY.sub(lambda match: chr(int(match[1], 16) if match[1] else int(match[2])), item.decode())
    parts = re.split(r"(<[^<>]*>)", xml)
    return "".join(
        part if part.startswith("<") else _kept_entities(part, capitals=capitals) for part in parts
    ).encode()


def _kept_entities(text: str, *, capitals: bool) -> str:
    parts = re.split(r"(&\w+;|&#\w+;)", text)
    return "".join(part if part.startswith("&") else from_tcvn3(part, capitals=capitals) for part in parts)
