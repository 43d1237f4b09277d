"""Administrative units, dated: a code alone does not say which place is meant.

Codes were used again when Vĩnh Phúc became part of Phú Thọ on 1 July 2025 (08707 was phường Tích
Sơn and is phường Vĩnh Yên), so every question carries a date. Kept are the units of Vĩnh Phúc as
of 2021-11-01 and 2025-03-01, and what they became on 2025-07-01, when districts ended. A day before
the first of these is answered as the first.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from tracker.lists.fold import same_name

FIRST_DAY = date(2021, 11, 1)
PROVINCE = {"26": "Tỉnh Vĩnh Phúc", "25": "Tỉnh Phú Thọ"}

_HERE = Path(__file__).parent
_KIND_OF_COMMUNE = re.compile(r"(?:xã|thị trấn|phường|t\.?\s?t\b\.?|[xp]\b\.?)\s*(?=\S)", re.IGNORECASE)
_KIND_OF_DISTRICT = re.compile(
    r"(?:thành phố|thị xã|huyện|quận|t\.?\s?[px]\b\.?|[hq]\b\.?)\s*(?=\S)", re.IGNORECASE
)
# Without marks nobody can tell "phuong Khoan" (a ward) from "Phuong Khoan" (a name): the name goes first.
_UNMARKED_COMMUNE = re.compile(r"(?:xa|thi tran|phuong)\s+(?=\S)")
_UNMARKED_DISTRICT = re.compile(r"(?:thanh pho|thi xa|huyen|quan)\s+(?=\S)")
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, ward or township, as it was named from `valid_from` until before `valid_until`.

    `district` is the code of its district, None since 1 July 2025.
    """

    code: str
    kind: str
    name: str
    district: str | None
    valid_from: date
    valid_until: date | None

    @property
    def full_name(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class District:
    """A district, town or city under the province; there are none since 1 July 2025."""

    code: str
    kind: str
    name: str
    province: str
    valid_from: date
    valid_until: date | None

    @property
    def full_name(self) -> str:
        return f"{self.kind} {self.name}"


def commune(code: str, *, on: date) -> Commune | None:
    """Return the commune that had `code` on that day, or None."""
    return next((one for one in _communes_of_code().get(code, ()) if _holds(one, on)), None)


def district(code: str, *, on: date) -> District | None:
    """Return the district that had `code` on that day, or None."""
    return next((one for one in _districts() if one.code == code and _holds(one, on)), None)


def communes(district_code: str | None, *, on: date) -> tuple[Commune, ...]:
    """List the communes of a district on that day, by code; of the whole province for None."""
    return tuple(one for one in _communes() if _holds(one, on) and district_code in (None, one.district))


def districts(*, on: date) -> tuple[District, ...]:
    """List the districts that existed on that day, by code."""
    return tuple(one for one in _districts() if _holds(one, on))


def became(code: str, *, on: date) -> Commune | None:
    """Return the commune into which the commune of the time before 1 July 2025 went whole.

    None if `on` lies before that day, or for a commune that had already ended on 1 March 2025.
    """
    new = _became().get(code)
    return commune(new, on=on) if new and on >= _REFORM else None


def find_commune(text: str, district_code: str | None, *, on: date) -> Commune | None:
    """Return the commune a person means by `text`, within one district (None: the whole province).

    Takes "Xã Đức Bác", "X. Đức Bác", "xã đức bác", "Đức Bác", either fashion of tone (Hoà, Hòa),
    decomposed Unicode and text without marks. "Phương Khoan" is a name, not a ward called Khoan.
    None if nothing, or more than one commune, is meant.
    """
    return _find_commune(text, district_code, _day(on))


def find_district(text: str, *, on: date) -> District | None:
    """Return the district a person means by `text`, such as "TP Phúc Yên" or "Sông Lô"."""
    return _find_district(text, _day(on))


_REFORM = date(2025, 7, 1)


def _day(on: date) -> date:
    """Return the first day of the period `on` lies in, so that answers can be kept."""
    return max((day for day in _turns() if day <= on), default=FIRST_DAY)


@cache
def _turns() -> tuple[date, ...]:
    return tuple(sorted({one.valid_from for one in _communes()}))


def _holds(one: Commune | District, on: date) -> bool:
    day = max(on, FIRST_DAY)
    return one.valid_from <= day and (one.valid_until is None or day < one.valid_until)


@lru_cache(maxsize=8192)
def _find_commune(text: str, district_code: str | None, day: date) -> Commune | None:
    by_toned, by_folded = _names(district_code, day)
    for spelling in _spellings(text, _KIND_OF_COMMUNE, _UNMARKED_COMMUNE):
        found = by_toned.get(_toned(spelling)) or by_folded.get(same_name(spelling), [])
        if len(found) == 1:
            return found[0]
    return None


@lru_cache(maxsize=256)
def _names(district_code: str | None, day: date) -> tuple[dict[str, list[Commune]], dict[str, list[Commune]]]:
    """Index the communes by toned and by folded name."""
    by_toned: dict[str, list[Commune]] = {}
    by_folded: dict[str, list[Commune]] = {}
    for one in communes(district_code, on=day):
        by_toned.setdefault(_toned(one.name), []).append(one)
        by_folded.setdefault(same_name(one.name), []).append(one)
    return by_toned, by_folded


@lru_cache(maxsize=1024)
def _find_district(text: str, day: date) -> District | None:
    by_folded = {same_name(one.name): one for one in districts(on=day)}
    spellings = map(same_name, _spellings(text, _KIND_OF_DISTRICT, _UNMARKED_DISTRICT))
    return next((by_folded[one] for one in spellings if one in by_folded), None)


def _spellings(text: str, kinds: re.Pattern[str], unmarked_kinds: re.Pattern[str]) -> Iterator[str]:
    """Yield what may be the bare name in `text`, the likeliest first."""
    text = " ".join(unicodedata.normalize("NFC", text).split()).strip(" .,;")
    kind = kinds.match(text)
    if kind:
        yield text[kind.end() :]
        if len(kind.group().strip(" .")) > 2:
            return
    yield text
    if text.isascii():
        lower = text.lower()
        unmarked = unmarked_kinds.match(lower)
        if unmarked:
            yield lower[unmarked.end() :]


def _toned(name: str) -> str:
    """Return a key that keeps every mark but not where the tone stands: Hoà and Hòa are one."""
    words = unicodedata.normalize("NFD", name.lower()).split()
    return " ".join(_TONE.sub("", word) + "".join(_TONE.findall(word)) for word in words)


@cache
def _communes() -> tuple[Commune, ...]:
    return tuple(
        Commune(row["code"], row["kind"], row["name"], row["district"] or None, *_period(row))
        for row in _rows("communes.csv")
    )


@cache
def _communes_of_code() -> dict[str, list[Commune]]:
    of_code: dict[str, list[Commune]] = defaultdict(list)
    for one in _communes():
        of_code[one.code].append(one)
    return of_code


@cache
def _districts() -> tuple[District, ...]:
    return tuple(
        District(row["code"], row["kind"], row["name"], row["province"], *_period(row))
        for row in _rows("districts.csv")
    )


@cache
def _became() -> dict[str, str]:
    return {row["old"]: row["new"] for row in _rows("became.csv")}


def _period(row: dict[str, str]) -> tuple[date, date | None]:
    until = row["valid_until"]
    return date.fromisoformat(row["valid_from"]), date.fromisoformat(until) if until else None


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
