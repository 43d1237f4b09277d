"""Words and numbers as tools write them, made plain: no placeholder, no sign that cannot be shown."""

import csv
import math
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from tracker.lists.fold import fold, tidy
from tracker.lists.serials import placeholder

LONGEST = 200  # signs of one value; the longest in real captures is some 80
MOST = 2**62  # of any count or size: what is larger is a mistake

_UNIT = {
    "": 1, "b": 1, "bytes": 1, "byte": 1,
    "k": 2**10, "kb": 2**10, "kib": 2**10, "m": 2**20, "mb": 2**20, "mib": 2**20,
    "g": 2**30, "gb": 2**30, "gib": 2**30, "t": 2**40, "tb": 2**40, "tib": 2**40,
}  # fmt: skip
_SIZE = re.compile(r"(\d{1,12}(?:[.,]\d{1,6})?)\s*([A-Za-z]*)")
_MAC = re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)
_COMPANY = re.compile(
    r"(?:[ ,.]+(?:inc|corp|corporation|incorporated|co|ltd|limited|gmbh|group|company|international"
    r"|technology|technologies|electronics|computer|computers))+[ .,]*$"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4}|\d{2})")


def word(value: object) -> str:
    """Return a text that can be kept and shown: composed, without control signs, at most 200 signs; else ""."""
    if not isinstance(value, str):
        return ""
    if not (value.isascii() and value.isprintable()):
        value = "".join(sign if _shown(sign) else " " for sign in value[: 4 * LONGEST])
    return tidy(value[: 2 * LONGEST])[:LONGEST].strip()


def said(value: object) -> str:
    """Return a text that says something: as `word`, but "" for a placeholder of the table."""
    text = word(value)
    return "" if not text or placeholder(text) else text


def make_said(value: object) -> str:
    """Return a maker's name: as `said`, but a word that is a make (“DELL”) is one, whatever it is as a serial."""
    text = word(value)
    return text if fold(text) in _makes() else said(text)


def make_key(text: str) -> str:
    """Return the key under which two spellings of a make are one: “Hewlett-Packard” and “HP”.

    What a company is in law is no part of its name: Inc., Corporation, Co., Ltd.
    """
    said = fold(text)
    bare = _COMPANY.sub("", said)
    return fold(_makes().get(said) or _makes().get(bare) or bare or said)


def whole(value: object) -> int | None:
    """Return a count: a whole number from 0 up, as number or as text with separators; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) and value.is_integer() else None
    if isinstance(value, str):
        digits = re.sub(r"(?<=\d)[.,\s\u00a0\u202f](?=\d{3}(?!\d))", "", value.strip())
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    return value if isinstance(value, int) and 0 <= value <= MOST else None


def size(text: object) -> int | None:
    """Return bytes of “8 GB”, “4096 MB”, “238,5G”: powers of 1024, as dmidecode and lsblk mean them."""
    if not isinstance(text, str) or not (match := _SIZE.fullmatch(text.strip())):
        return None
    unit = _UNIT.get(match[2].lower())
    if unit is None:
        return None
    number = float(match[1].replace(",", "."))
    return int(number * unit) if number * unit <= MOST else None


def first_number(text: str) -> int | None:
    """Return the whole number that a text begins with: 2400 of “2400 MT/s”."""
    match = re.match(r"\s*(\d{1,18})(?![\d.,])", text)
    return int(match[1]) if match and match[1].isascii() else None


def decimal(text: str) -> float | None:
    """Return the number that a text begins with, with point or comma: 38.66 of “38,66 Wh”."""
    match = re.match(r"\s*([0-9]{1,12}(?:[.,][0-9]{1,9})?)", text)
    return float(match[1].replace(",", ".")) if match else None


def mac(text: object) -> str:
    """Return a MAC address in lower case with colons, or ""."""
    text = word(text)
    return text.lower().replace("-", ":") if _MAC.fullmatch(text) else ""


def uuid(text: object) -> str:
    """Return a UUID in lower case, or "" for anything else and for one that many boards share."""
    found = said(text).lower()
    return found if _UUID.fullmatch(found) else ""


def firmware_date(text: str) -> str:
    """Return a SMBIOS date (mm/dd/yyyy; of two digits 19yy) as ISO; any other as it stands.

    Source: DSP0134, BIOS Information, Release Date.
    """
    match = _DATE.fullmatch(text)
    if not match or not (1 <= int(match[1]) <= 12 and 1 <= int(match[2]) <= 31):
        return text
    year = match[3] if len(match[3]) == 4 else "19" + match[3]
    return f"{year}-{match[1]}-{match[2]}"


def get(value: Any, *path: str) -> Any:
    """Return what stands in nested JSON objects under a path of keys, or None."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def each(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects of a list; of anything else none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _shown(sign: str) -> bool:
    return sign == "\t" or unicodedata.category(sign) not in {"Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"}


@cache
def _makes() -> dict[str, str]:
    path = Path(__file__).with_name("makes.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {fold(row["written"]): row["make"] for row in csv.DictReader(file)}
