"""Schools: how a list of them is read, and how a name on another list finds one."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from tracker.lists.fold import fold, same_name
from tracker.lists.headings import Headings, Row, tables
from tracker.lists.sheets import Sheet
from tracker.lists.verdicts import Outcome, Twin, outcome_of

LEVELS = ("TH", "THCS", "THPT", "TH&THCS", "THCS&THPT")

HEADINGS: Headings = {
    **dict.fromkeys(("stt", "tt"), "ordinal"),
    **dict.fromkeys(("ma truong", "ma", "code"), "code"),
    **dict.fromkeys(("ten", "ten truong", "truong", "name"), "name"),
    **dict.fromkeys(("cap", "cap hoc", "level"), "level"),
    **dict.fromkeys(("ma xa", "ma xa phuong", "commune"), "commune"),
    **dict.fromkeys(("ma huyen", "district"), "district"),
}

_LEVEL_WORDS = [
    (re.compile(r"\btrung hoc co so\b|\bcap 2\b"), "thcs"),
    (re.compile(r"\btrung hoc pho thong\b|\bcap 3\b"), "thpt"),
    (re.compile(r"\btieu hoc\b|\bcap 1\b"), "th"),
    (re.compile(r"\b(?:va|and)\b|[\W_]+"), " "),
]


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """What lists must know of a school; `district` is the code of 2021, where its pupils' communes are."""

    code: str
    name: str
    level: str = ""
    commune: str = ""
    district: str = ""


class SchoolNames:
    """Finds schools by what lists call them: “Trường TH Hợp Lý” is “Trường Tiểu học Hợp Lí”."""

    def __init__(self, schools: Iterable[SchoolFacts]) -> None:
        self._schools = tuple(schools)
        self._found: dict[str, SchoolFacts | None] = {}

    def find(self, text: str) -> SchoolFacts | None:
        """Return the one school of this name or code; None if there is none or more than one."""
        if text not in self._found:
            key = school_key(text)
            with_name = self._by_key.get(key, []) if key else []
            self._found[text] = with_name[0] if len(with_name) == 1 else self._by_code.get(text.strip())
        return self._found[text]

    def find_in(self, texts: Iterable[str]) -> SchoolFacts | None:
        """Return the first school that is named in the head of a list."""
        return next((school for text in texts if (school := self.find(text))), None)

    @cached_property
    def _by_key(self) -> dict[str, list[SchoolFacts]]:
        by_key: dict[str, list[SchoolFacts]] = {}
        for school in self._schools:
            by_key.setdefault(school_key(school.name), []).append(school)
        return by_key

    @cached_property
    def _by_code(self) -> dict[str, SchoolFacts]:
        return {school.code: school for school in self._schools}


def school_key(name: str) -> str:
    """Return the key under which a school's name, in full or shortened, is one."""
    key = fold(name)
    for words, short in _LEVEL_WORDS:
        key = words.sub(short, key)
    return same_name(re.sub(r"^(?:ten )?truong ", "", key.strip()))


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One row of a list of schools."""

    columns: ClassVar[tuple[str, ...]] = (
        *("file", "sheet", "line", "outcome", "why"),
        *("code", "name", "level", "commune", "district"),
    )

    file: str
    sheet: str
    line: int
    outcome: Outcome
    why: tuple[str, ...]
    code: str
    name: str
    level: str
    commune: str
    district: str
    twin: Twin | None = None

    @property
    def facts(self) -> SchoolFacts:
        return SchoolFacts(self.code, self.name, self.level, self.commune, self.district)


def judge_schools(
    sheets: Sequence[Sheet],
    known: Mapping[str, str],
    *,
    district_of: Callable[[str], str | None] = lambda _code: None,
) -> list[SchoolRow]:
    """Read a list of schools and conclude what to do with each row.

    `known` maps the codes that are there already to their names. `district_of` returns the district
    code of a commune code on the day of the list, None for one it does not know.

    Raises: NoTable if no sheet has headings for code, name and level.
    """
    names = {code: (name, Twin(code=code)) for code, name in known.items()}
    judged = []
    for table in tables(sheets, HEADINGS, needs=("code", "name", "level")):
        for row in table.rows():
            judged.append(_judge(row, names, district_of))
            one = judged[-1]
            if one.outcome is not Outcome.BAD:
                names.setdefault(one.code, (one.name, Twin(sheet=one.sheet, line=one.line)))
    return judged


def _judge(
    row: Row, names: Mapping[str, tuple[str, Twin]], district_of: Callable[[str], str | None]
) -> SchoolRow:
    code, name = row.text("code"), row.text("name", most=200)
    level = row.text("level").upper().replace(" ", "")
    commune, district = row.text("commune").zfill(5), row.text("district")
    if not row.text("commune"):
        commune = ""
    twin = None
    if not code or len(code) > 32:
        why = ["code_missing"]
    elif not name:
        why = ["name_missing"]
    elif level not in LEVELS:
        why = ["level_unknown"]
    else:
        within = district_of(commune)
        why = ["place_unknown"] if within is None or district not in ("", within) else []
        district = district or within or ""
        if code in names:
            there, twin = names[code]
            why.append("same_code" if school_key(there) == school_key(name) else "code_conflict")
    return SchoolRow(
        file=row.sheet.file,
        sheet=row.sheet.name,
        line=row.number,
        outcome=outcome_of(why),
        why=tuple(why),
        code=code,
        name=name,
        level=level if level in LEVELS else "",
        commune=commune,
        district=district,
        twin=twin,
    )
