"""Text as people compare it: without marks, capitals or the width of a blank.

`fold` is what every search column holds. `same_name` goes one step further, because clerks
write both Lý and Lí for the same pupil.
"""

import re
import unicodedata

_MARK = re.compile("[\u0300-\u036f]")


def fold(text: str) -> str:
    r"""Return `text` without marks, đ as d, in lower case, with single spaces and none at the ends.

    `fold("  NGUYỄN\u00a0Văn  Đức ")` is `"nguyen van duc"`. Folding twice changes nothing.
    """
    if not text.isascii():
        text = _MARK.sub("", unicodedata.normalize("NFD", text))
        text = text.replace("đ", "d").replace("Đ", "D")
    return " ".join(text.lower().split())


def same_name(text: str) -> str:
    """Return the key under which two spellings are one name: folded, with y as i."""
    return fold(text).replace("y", "i")


def tidy(text: str) -> str:
    """Return `text` composed (NFC) with single plain spaces and none at the ends; marks stay."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())
