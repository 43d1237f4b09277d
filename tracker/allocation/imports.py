"""Lists of pupils and schools: uploaded, previewed, taken in once, and the rows left to a person.

What each row means is judged by `tracker.allocation.list_rules` and `tracker.lists.schools`; here it
meets the database. A list is judged anew when it is taken in, so that the preview may be old.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.allocation.list_headings import HEADINGS
from tracker.allocation.list_rows import KnownPupil, KnownPupils, PupilRow, Wanted
from tracker.allocation.list_rules import settle_pupils, understand_pupils, wanted
from tracker.allocation.models import Pupil
from tracker.allocation.rules import AnotherSchool, Overtaken, TakenIn
from tracker.lists.fold import fold
from tracker.lists.headings import tables, unread
from tracker.lists.models import ImportedList, ListQuestion
from tracker.lists.outcomes import counts
from tracker.lists.reading import read
from tracker.lists.schools import HEADINGS as SCHOOL_HEADINGS
from tracker.lists.schools import SchoolFacts, SchoolNames, SchoolRow, judge_schools
from tracker.lists.sheets import Sheet
from tracker.lists.verdicts import Outcome
from tracker.people import places
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.refused import Missing
from tracker.web.filters import show_moment

LIST = ImportedList.__table__
SCHOOL = Organisation.__table__
PUPIL = Pupil.__table__

#: The day of the lists: communes on them are those of the time.
DAY = places.FIRST_DAY

JudgedRows = Sequence[PupilRow] | Sequence[SchoolRow]


def school_facts(session: Session) -> list[SchoolFacts]:
    """Return what lists must know of the schools."""
    rows = session.execute(
        select(SCHOOL.c.code, SCHOOL.c.name, SCHOOL.c.level, SCHOOL.c.commune, SCHOOL.c.district).where(
            SCHOOL.c.kind == OrgKind.SCHOOL
        )
    )
    return [SchoolFacts(*row) for row in rows]


def judged_pupils(session: Session, data: bytes, *, name: str, school: str, by: Actor) -> list[PupilRow]:
    """Read a list of pupils and compare it with who is there already.

    `school` is the code of the school it comes from, "" where the list says so itself. School staff
    send their own school's pupils only: a row of another school is refused.

    Raises:
        Refused: the file cannot be read, or does not say what school it is from; see `lists`.
        AnotherSchool: school staff, and the head of a sheet names another school.
    """
    sheets, schools = read(data, name=name), school_facts(session)
    chosen = next((one for one in schools if one.code == school), None)
    if by.role is Role.SCHOOL:
        if chosen is None:
            raise Missing
        _must_not_name_another(sheets, chosen, schools)
        schools = [chosen]
    rows = understand_pupils(sheets, chosen, schools=schools, on=DAY)
    return settle_pupils(rows, known_pupils(session, wanted(rows)))


def _must_not_name_another(sheets: Sequence[Sheet], own: SchoolFacts, schools: list[SchoolFacts]) -> None:
    names = SchoolNames(schools)
    for table in tables(sheets, HEADINGS, needs=("name",)):
        named = names.find_in(table.head)
        if named is not None and named.code != own.code:
            raise AnotherSchool(named.name)


def judged_schools(session: Session, data: bytes, *, name: str) -> list[SchoolRow]:
    """Read a list of schools and compare it with the organisations that are there already."""
    known = {row.code: row.name for row in session.execute(select(SCHOOL.c.code, SCHOOL.c.name))}

    def district_of(code: str) -> str | None:
        commune = places.commune(code, on=DAY)
        return commune.district if commune else None

    return judge_schools(read(data, name=name), known, district_of=district_of)


def unread_sheets(data: bytes, kind: str, *, name: str) -> list[str]:
    """Name the filled sheets of a file in which no list was found."""
    headings, needs = (
        (HEADINGS, ["name"]) if kind == "pupils" else (SCHOOL_HEADINGS, ["code", "name", "level"])
    )
    return unread(read(data, name=name), headings, needs=needs)


def known_pupils(session: Session, asked: Wanted, *, but: int | None = None) -> KnownPupils:
    """Return who of the asked is there already; `but` leaves out the pupil being changed."""
    found: dict[int, KnownPupil] = {}
    name_keys = sorted({name for name, _dob in asked.names})
    for column, values in ((PUPIL.c.citizen_id, sorted(asked.ids)), (PUPIL.c.name_key, name_keys)):
        for start in range(0, len(values), 500):
            rows = session.execute(
                select(
                    *(PUPIL.c.id, PUPIL.c.name_key, PUPIL.c.dob, PUPIL.c.dob_year, PUPIL.c.citizen_id),
                    SCHOOL.c.code,
                )
                .join(SCHOOL, SCHOOL.c.id == PUPIL.c.school_id)
                .where(column.in_(values[start : start + 500]))
            )
            for row in rows:
                born = row.dob.isoformat() if row.dob else str(row.dob_year or "")
                found[row.id] = KnownPupil(row.name_key, born, row.citizen_id or "", row.code, str(row.id))
    return KnownPupils.of(pupil for ref, pupil in found.items() if ref != but)


def digest(data: bytes) -> str:
    """Return by what a file is known again."""
    return hashlib.sha256(data).hexdigest()


def applied(session: Session, kind: str, sha256: str) -> Row[Any] | None:
    """Return id, organisation, who and when of the list of this content that was taken in, if one was."""
    return session.execute(
        select(LIST.c.id, LIST.c.org_id, LIST.c.applied_at, User.name)
        .join(User, User.id == LIST.c.user_id)
        .where(LIST.c.kind == kind, LIST.c.sha256 == sha256, LIST.c.applied_at.is_not(None))
    ).first()


def upload(
    session: Session, data: bytes, *, kind: str, name: str, school_id: int | None, by: Actor, at: datetime
) -> tuple[str, bool]:
    """Write down that a list came in; return its id, and whether it was taken in before.

    Raises:
        TakenIn: the same content was taken in before, from another organisation.
    """
    sha256 = digest(data)
    if earlier := applied(session, kind, sha256):
        if not (by.role.sees_everything or earlier.org_id == by.org):
            raise TakenIn(earlier.name, show_moment(earlier.applied_at))
        return earlier.id, True
    list_id = secrets.token_hex(16)
    session.execute(
        insert(ImportedList),
        {
            "id": list_id,
            "kind": kind,
            "filename": name.replace("\\", "/").rpartition("/")[2][:200],
            "sha256": sha256,
            "org_id": by.org,
            "user_id": by.user,
            "uploaded_at": at,
            "school_id": school_id,
        },
    )
    return list_id, False


def take_in_pupils(
    session: Session, list_id: str, rows: Sequence[PupilRow], *, by: Actor, at: datetime
) -> None:
    """Add the new pupils of a list and keep its open rows as questions, all or nothing.

    Raises:
        TakenIn: the same content was taken in before.
        Overtaken: somebody added one of these pupils meanwhile.
    """
    _mark(session, list_id, rows, by=by, at=at)
    ids = {row.code: row.id for row in session.execute(select(SCHOOL.c.code, SCHOOL.c.id))}
    values = [
        {"created_at": at, **pupil_values(row, ids[row.school], list_id)} for row in rows if row.outcome.added
    ]
    try:
        with session.begin_nested():
            if values:
                session.execute(insert(Pupil), values)
    except IntegrityError as error:
        raise Overtaken from error
    _ask(session, list_id, rows)


def take_in_schools(
    session: Session, list_id: str, rows: Sequence[SchoolRow], *, by: Actor, at: datetime
) -> None:
    """Add the new schools of a list and keep its open rows as questions, all or nothing.

    Raises:
        TakenIn, Overtaken: as for pupils.
    """
    _mark(session, list_id, rows, by=by, at=at)
    values = [
        {"code": row.code, "kind": str(OrgKind.SCHOOL), "created_at": at, **school_values(row)}
        for row in rows
        if row.outcome.added
    ]
    try:
        with session.begin_nested():
            if values:
                session.execute(insert(Organisation), values)
    except IntegrityError as error:
        raise Overtaken from error
    _ask(session, list_id, rows)


def school_values(row: SchoolRow) -> dict[str, Any]:
    """Return the columns of a school that a list fills."""
    return {
        "name": row.name[:200],
        "superior": _superior(row.level, row.district),
        "level": row.level,
        "commune": row.commune,
        "district": row.district,
        "units_of": DAY,
        "search": fold(f"{row.code} {row.name}"),
    }


def _superior(level: str, district: str) -> str:
    """Return the body above a school: the district's office, for upper secondary schools the department."""
    unit = places.district(district, on=DAY)
    if "THPT" in level or unit is None:
        return "Sở Giáo dục và Đào tạo"
    return f"Phòng Giáo dục và Đào tạo {unit.full_name}"


def pupil_values(row: PupilRow, school_id: int, list_id: str | None = None) -> dict[str, Any]:
    """Return a pupil's columns, for a row of a list or a form."""
    return {
        "school_id": school_id,
        "cls": row.cls[:16],
        "name": row.name[:120],
        "name_key": row.name_key[:120],
        "sex": row.sex,
        "dob": row.born,
        "dob_year": row.born_year,
        "citizen_id": row.id or None,
        "commune": row.commune,
        "policy": row.policy,
        "no_device": row.no_device,
        "no_net": row.no_net,
        "parent": row.parent[:120],
        "phone": row.phone[:20],
        "list_id": list_id,
        "remarks": " ".join(row.why),
    }


def _mark(session: Session, list_id: str, rows: JudgedRows, *, by: Actor, at: datetime) -> None:
    """Mark a list as taken in, once; on PostgreSQL one list at a time, so that none misses another's rows."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE imported_list IN SHARE ROW EXCLUSIVE MODE"))
    outcomes = {str(outcome): number for outcome, number in counts(rows).outcomes.items()}
    found = session.execute(select(LIST.c.kind, LIST.c.sha256).where(LIST.c.id == list_id)).one()
    try:
        with session.begin_nested():
            marked = session.execute(
                update(ImportedList)
                .where(LIST.c.id == list_id, LIST.c.applied_at.is_(None))
                .values(applied_at=at, user_id=by.user, counts=json.dumps(outcomes))
            )
    except IntegrityError as error:
        raise _taken_in(session, found.kind, found.sha256) from error
    if marked.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult, as for every UPDATE
        raise _taken_in(session, found.kind, found.sha256)


def counts_of(text: str) -> dict[Outcome, int]:
    """Return the counts kept with a list that was taken in, by outcome."""
    kept: dict[str, int] = json.loads(text)
    return {outcome: kept.get(str(outcome), 0) for outcome in Outcome}


def _taken_in(session: Session, kind: str, sha256: str) -> TakenIn:
    earlier = applied(session, kind, sha256)
    return TakenIn(earlier.name, show_moment(earlier.applied_at)) if earlier else TakenIn("–", "–")


def _ask(session: Session, list_id: str, rows: Iterable[PupilRow | SchoolRow]) -> None:
    questions = [
        {
            "list_id": list_id,
            "sheet": row.sheet[:80],
            "line": row.line,
            "why": " ".join(row.why)[:200],
            "row": json.dumps(asdict(row), ensure_ascii=False),
        }
        for row in rows
        if row.outcome is Outcome.ASK
    ]
    if questions:
        session.execute(insert(ListQuestion), questions)
