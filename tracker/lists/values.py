"""What stands in a cell about a person: birthday, sex, citizen number, telephone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from tracker.lists.fold import fold, tidy
from tracker.lists.sheets import Cell, digits_lost, text_of

_DAY_FIRST = re.compile(r"(\d{1,2})\s?[/.\-\s]\s?(\d{1,2})\s?[/.\-\s]\s?(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[T ]00:00(?::00)?)?")
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_YEAR = re.compile(r"(?:nam )?(\d{4})")
_MONTH = re.compile(r"(?:thang )?(\d{1,2})\s?[/.\-]\s?(\d{4})")
_NO_VALUE = frozenset(
    {"", "-", "--", "—", "–", "?", "không", "không có", "chưa có", "ko có", "không rõ", "chưa rõ"}
)
_BOY = frozenset({"nam", "trai", "m", "male"})
_GIRL = frozenset({"nu", "gai", "f", "female"})

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(7306, 73051)  # 1920 to 2099, as the numbers of unformatted dates


@dataclass(frozen=True, slots=True)
class Birthday:
    """A full date or a year, as `text` (2006-04-28 or 2006); "" if there is none or no such day."""

    text: str = ""
    why: tuple[str, ...] = ()

    @property
    def year(self) -> int | None:
        return int(self.text[:4]) if self.text else None


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A citizen number of 12 digits, or "" when none is to be taken."""

    number: str = ""
    why: tuple[str, ...] = ()


def birthday(cell: Cell) -> Birthday:
    """Understand a birthday: a true date, day/month/year in any of the usual signs, or only a year.

    The reasons are `dob_year` (only the year) and `dob_bad` (there is no such day).
    A year of two digits is of this century up to 49.
    """
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        return _full(day.year, day.month, day.day)
    if isinstance(cell, bool):
        return Birthday(why=("dob_bad",))
    if isinstance(cell, int | float):
        return _of_number(float(cell))
    return _of_text(text_of(cell))


def sex_of(text: str) -> str:
    """Return M or F for what stands in a column such as Nam/Nữ, or "" for anything else."""
    said = fold(text)
    return "M" if said in _BOY else "F" if said in _GIRL else ""


def citizen_number(text: str, *, sex: str, year: int | None) -> CitizenNumber:
    """Understand a citizen number beside the sex ("M", "F", "") and year of birth of its row.

    12 digits: province 3, sex and century 1, year 2, random 6; there is no check digit.
    10 or 11 digits get their zeros back only if sex and year then agree.
    """
    text = tidy(text)
    if text.lower() in _NO_VALUE:
        return CitizenNumber(why=("id_missing",))
    if digits_lost(text):
        return CitizenNumber(why=("id_lost",))
    digits = re.sub(r"[\s.\-']", "", text)
    if not (digits.isascii() and digits.isdigit()):
        return CitizenNumber(why=("id_bad",))
    if len(digits) == 12:
        return CitizenNumber(digits, () if _agrees(digits, sex, year) else ("id_dob",))
    if len(digits) in (10, 11) and year is not None and sex:
        whole = digits.zfill(12)
        if _agrees(whole, sex, year):
            return CitizenNumber(whole, ("id_zero",))
    return CitizenNumber(why=("id_bad",))


def phone(cell: Cell) -> str:
    """Return a telephone number as 10 digits when it is one, else as it was written.

    A number that lost its 0, +84 and dots are put right.
    """
    text = text_of(cell)
    if text.lower() in _NO_VALUE:
        return ""
    digits = re.sub(r"[\s.\-()]", "", text)
    if re.fullmatch(r"\+?84[35789]\d{8}", digits):
        return "0" + digits[-9:]
    if re.fullmatch(r"[35789]\d{8}", digits):
        return "0" + digits
    return digits if re.fullmatch(r"0\d{9,10}", digits) else text


def _agrees(digits: str, sex: str, year: int | None) -> bool:
    """Say whether the sex, century and year in the number are those of the row, where known."""
    century, odd = divmod(int(digits[3]), 2)
    if sex and odd != (sex == "F"):
        return False
    if year is None:
        return True
    return 1900 + century * 100 == year // 100 * 100 and int(digits[4:6]) == year % 100


def _of_number(number: float) -> Birthday:
    if not number.is_integer():
        return Birthday(why=("dob_bad",))
    whole = int(number)
    if EARLIEST_YEAR <= whole <= LATEST_YEAR:
        return Birthday(str(whole), ("dob_year",))
    if whole in _EXCEL_DAYS:
        return Birthday((_EXCEL_EPOCH + timedelta(days=whole)).isoformat())
    return Birthday(why=("dob_bad",))


@lru_cache(maxsize=8192)
def _of_text(text: str) -> Birthday:
    if text.lower() in _NO_VALUE:
        return Birthday()
    if match := _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(fold(text)):
        day, month, year = match.groups()
        return _full(_century(year), int(month), int(day))
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.groups()
        return _full(int(year), int(month), int(day))
    said = fold(text)
    month_of = _MONTH.fullmatch(said)
    if month_of and not 1 <= int(month_of[1]) <= 12:
        return Birthday(why=("dob_bad",))
    only_year = month_of[2] if month_of else (match[1] if (match := _YEAR.fullmatch(said)) else "")
    if only_year and EARLIEST_YEAR <= int(only_year) <= LATEST_YEAR:
        return Birthday(only_year, ("dob_year",))
    return Birthday(why=("dob_bad",))


def _century(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < 50 else 1900)


def _full(year: int, month: int, day: int) -> Birthday:
    try:
        whole = date(year, month, day)
    except ValueError:
        return Birthday(why=("dob_bad",))
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return Birthday(why=("dob_bad",))
    return Birthday(whole.isoformat())
