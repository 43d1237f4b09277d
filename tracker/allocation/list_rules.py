"""What to make of a list of pupils, row by row.

`judge_pupils` reads and settles in one go. An action that must first look up who is there already
calls `understand_pupils`, asks the database for `wanted` numbers and names, then `settle_pupils`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from tracker.allocation.list_headings import HEADINGS, POLICIES, POLICY_WORDS
from tracker.allocation.list_rows import KnownPupil, KnownPupils, PupilRow, Wanted
from tracker.lists.fold import fold, same_name, tidy
from tracker.lists.headings import Row, Table, tables
from tracker.lists.schools import SchoolFacts, SchoolNames
from tracker.lists.sheets import LONGEST, Cell, Sheet, text_of, ticked
from tracker.lists.values import Birthday, birthday, citizen_number, phone, sex_of
from tracker.lists.verdicts import Outcome, Twin, outcome_of
from tracker.people import places
from tracker.refused import Refused
from tracker.words import _

__all__ = [
    "KnownPupil",
    "KnownPupils",
    "PupilRow",
    "Wanted",
    "WhichSchool",
    "judge_pupils",
    "settle_pupils",
    "understand_pupils",
    "wanted",
]

LONGEST_NAME = 120

_CLASS_NAME = re.compile(r"(?:lớp\s*)?(\d{1,2}\s?[A-ZĐa-zđ]{0,3}\d{0,2}(?:[./]\d{1,2})?)", re.IGNORECASE)
_LINE_END = re.compile(r"[,;]?\s*[\r\n]+\s*")
_PROVINCES = frozenset({"vinh phuc", "phu tho"})


class WhichSchool(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("The list does not say which school it comes from."),
            out=_(
                "Write the school's name above the table or in a column of its own, or choose the school when importing."
            ),
        )


def judge_pupils(
    sheets: Sequence[Sheet],
    school: SchoolFacts | None,
    *,
    known: KnownPupils,
    schools: Iterable[SchoolFacts],
    on: date = places.FIRST_DAY,
) -> list[PupilRow]:
    """Read the rows of a list of pupils and conclude what to do with each.

    The school is the row's own, else `school`, else the one in the head of the sheet. Communes are
    those of `on`, the day of the list.

    Raises: NoTable if no sheet has headings with a name and two others; WhichSchool if nothing says
    what school a sheet is from.
    """
    return settle_pupils(understand_pupils(sheets, school, schools=schools, on=on), known)


def understand_pupils(
    sheets: Sequence[Sheet],
    school: SchoolFacts | None,
    *,
    schools: Iterable[SchoolFacts],
    on: date = places.FIRST_DAY,
) -> list[PupilRow]:
    """Read each row by itself, without looking for duplicates. Raises: NoTable, WhichSchool."""
    names = SchoolNames(schools)
    rows = []
    for table in tables(sheets, HEADINGS, needs=("name",)):
        if "school" in table.columns:
            rows += [
                _row(row, names.find(row.text("school")) or _only(row, school), on) for row in table.rows()
            ]
        else:
            from_head = school or _named(table, names)
            rows += [_row(row, from_head, on) for row in table.rows()]
    return rows


def wanted(rows: Iterable[PupilRow]) -> Wanted:
    """Say whom `settle_pupils` must know about: the numbers and names in the list."""
    kept = [row for row in rows if row.outcome is not Outcome.BAD]
    return Wanted(
        frozenset(row.id for row in kept if row.id),
        frozenset((row.name_key, row.dob) for row in kept if row.dob),
    )


def settle_pupils(rows: Iterable[PupilRow], known: KnownPupils) -> list[PupilRow]:
    """Find the rows that repeat or contradict an earlier row or a pupil who is there already.

    Refused rows count for nothing: no later row is a duplicate of one.
    """
    by_id: dict[str, list[PupilRow]] = {}
    by_name: dict[tuple[str, str], list[PupilRow]] = {}
    settled = []
    for row in rows:
        if row.outcome is not Outcome.BAD:
            found = _same_number(row, by_id, known) or _same_person(row, by_name, known)
            if found:
                why = (*row.why, found[0])
                row = replace(row, why=why, outcome=outcome_of(why), twin=found[1])  # noqa: PLW2901
            if row.id:
                by_id.setdefault(row.id, []).append(row)
            by_name.setdefault((row.name_key, row.dob), []).append(row)
        settled.append(row)
    return settled


def _same_number(
    row: PupilRow, earlier: Mapping[str, Sequence[PupilRow]], known: KnownPupils
) -> tuple[str, Twin] | None:
    if not row.id:
        return None
    rows = earlier.get(row.id, ())
    for one in rows:
        if _is_same(row, one):
            return "same_id", _twin(one)
    there = known.by_id.get(row.id)
    if there and there.school != row.school:
        return "other_school", Twin(code=there.ref)
    if there:
        return "same_id" if _is_same(row, there) else "id_conflict", Twin(code=there.ref)
    return ("id_conflict", _twin(rows[0])) if rows else None


def _same_person(
    row: PupilRow, earlier: Mapping[tuple[str, str], Sequence[PupilRow]], known: KnownPupils
) -> tuple[str, Twin] | None:
    """Find who has the same name and birthday; two different numbers tell two pupils apart."""
    if not row.dob:
        return None
    key = (row.name_key, row.dob)
    for one in earlier.get(key, ()):
        if not (row.id and one.id):
            return "maybe_same", _twin(one)
    for there in known.by_name.get(key, ()):
        if not (row.id and there.id):
            return "maybe_same", Twin(code=there.ref)
    return None


def _is_same(row: PupilRow, other: PupilRow | KnownPupil) -> bool:
    return (row.name_key, row.dob) == (other.name_key, other.dob)


def _twin(row: PupilRow) -> Twin:
    return Twin(sheet=row.sheet, line=row.line)


def _named(table: Table, names: SchoolNames) -> SchoolFacts:
    school = names.find_in(table.head)
    if school is None:
        raise WhichSchool
    return school


def _only(row: Row, school: SchoolFacts | None) -> SchoolFacts | None:
    """Return the chosen school for a row whose school column is empty; a wrong name stays wrong."""
    return None if row.text("school") else school


def _row(row: Row, school: SchoolFacts | None, on: date) -> PupilRow:
    name = row.text("name")
    if len(name) > LONGEST_NAME:
        name = ""  # a sentence stands where the name should
    born, sex = _born(row), _sex(row)
    number = citizen_number(row.text("number"), sex=sex, year=born.year)
    refused = _refused(name, born, number.number, school)
    why = refused or (*number.why, *born.why)
    address, commune, district = (_address(row, one) for one in ("address", "commune", "district"))
    within = _district(district, school, on)
    return PupilRow(
        file=row.sheet.file,
        sheet=row.sheet.name,
        line=row.number,
        outcome=outcome_of(why),
        why=why,
        school=school.code if school else "",
        cls=row.text("cls", most=16) or _class_of(row.sheet.name),
        name=name,
        sex=sex,
        dob=born.text,
        id=number.number,
        commune=_commune(commune or address, within, on),
        policy=_policy(row),
        no_device=ticked(row.cell("no_device")),
        no_net=ticked(row.cell("no_net")),
        parent=row.text("parent", most=LONGEST_NAME),
        phone=phone(row.cell("phone"))[:20],
        address=", ".join(filter(None, (address, commune, district))),
        name_key=same_name(name),
    )


def _refused(name: str, born: Birthday, number: str, school: SchoolFacts | None) -> tuple[str, ...]:
    faults = []
    if "dob_bad" in born.why:
        faults.append("dob_bad")
    if not name:
        faults.append("no_name")
    if not (born.text or born.why or number):
        faults.append("no_key")
    if school is None:
        faults.append("school_unknown")
    return tuple(faults)


def _born(row: Row) -> Birthday:
    cells: list[Cell] = [row.cell(one) for one in ("born", "born_boy", "born_girl")]
    return birthday(next((cell for cell in cells if cell != ""), ""))


def _sex(row: Row) -> str:
    boy = ticked(row.cell("boy")) or row.text("born_boy") != ""
    girl = ticked(row.cell("girl")) or row.text("born_girl") != ""
    if boy != girl:
        return "M" if boy else "F"
    return sex_of(row.text("sex"))


def _class_of(sheet: str) -> str:
    match = _CLASS_NAME.fullmatch(sheet.strip())
    return match[1] if match else ""


def _policy(row: Row) -> str:
    named = set(_policies(row.text("policy")))
    return " ".join(one for one in POLICIES if one in named or ticked(row.cell(one)))


@lru_cache(maxsize=8192)
def _policies(text: str) -> tuple[str, ...]:
    parts = (re.sub(r"[\W_]+", " ", fold(part)).strip() for part in re.split(r"[;,/+&\n]", text))
    return tuple(POLICY_WORDS[part] for part in parts if part in POLICY_WORDS)


def _district(text: str, school: SchoolFacts | None, on: date) -> str | None:
    named = places.find_district(text, on=on) if text else None
    return named.code if named else (school.district or None) if school else None


def _address(row: Row, field: str) -> str:
    """Return the address on one line: what stood under another in the cell follows a comma."""
    cell = row.cell(field)
    if isinstance(cell, str) and "\n" in cell:
        return tidy(_LINE_END.sub(", ", cell[:LONGEST].strip()))
    return text_of(cell)


@lru_cache(maxsize=8192)
def _commune(address: str, district: str | None, on: date) -> str:
    """Find the commune in an address such as “Thôn 2, Xã Ngọc Mỹ” or “Xã Bồ Lý, Huyện Tam Đảo”.

    In “Thôn 9, Lập Thạch” the last part is the township, not the district of the same name.
    """
    parts = [part.strip() for part in address.replace(";", ",").split(",") if part.strip()]
    if len(parts) > 1 and fold(parts[-1]).removeprefix("tinh ") in _PROVINCES:
        parts.pop()
    named = places.find_district(parts[-1], on=on) if len(parts) > 1 else None
    tries: list[tuple[str, str | None]] = (
        [(part, named.code) for part in reversed(parts[:-1])] if named else []
    )
    tries += [(part, district) for part in reversed(parts)]
    found = (places.find_commune(part, within, on=on) for part, within in tries)
    return next((one.code for one in found if one), "")
