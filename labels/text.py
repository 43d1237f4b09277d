"""What becomes of a text before it is printed."""

import unicodedata
from datetime import date

#: Marks that turn the direction of what follows (Unicode Bidi_Control): on a label they
#: would let one field rearrange another.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Zero-width joiners stay: emoji and some scripts are spelt with them.
_JOINERS = frozenset("\u200c\u200d")


def tidy(text: str, *, lines: bool = False) -> str:
    """Return `text` in NFC with one space between words and nothing that cannot be printed.

    Control characters, direction marks, surrogates and private characters go.
    With `lines`, line breaks stay.
    """
    if lines:
        return "\n".join(tidy(line) for line in text.splitlines())
    if text.isprintable():  # most is: nothing to leave out, and no white but spaces
        return unicodedata.normalize("NFC", " ".join(text.split()))
    kept = "".join(" " if char.isspace() else char for char in text if _printable(char))
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _printable(char: str) -> bool:
    if char.isspace() or char in _JOINERS:
        return True
    return char not in _TURNS and unicodedata.category(char)[0] != "C"


def grouped(code: str) -> str:
    """Return a code as people read it aloud: `7K3M9QX2` as `7K3M 9QX2`."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def long_date(day: date) -> str:
    """Return a date as papers write it: a zero before days under 10 and before January and February.

    Decree 30/2020/NĐ-CP, Annex I, II.4.b.
    """
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def thousands(number: int) -> str:
    """Return a number with points between thousands, as Vietnamese writes it: `1.250.000`."""
    return f"{number:,}".replace(",", ".")
