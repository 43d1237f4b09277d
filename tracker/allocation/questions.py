"""The rows of lists that a person decides: added, or left out. A question is answered once."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.allocation.bindings import PUPIL
from tracker.allocation.files import KEPT_FOR
from tracker.allocation.imports import LIST, SCHOOL, pupil_values, school_values
from tracker.allocation.list_rows import PupilRow
from tracker.allocation.models import Pupil
from tracker.allocation.rules import must_be_able_to_decide
from tracker.lists.models import ImportedList, ListQuestion
from tracker.lists.schools import SchoolRow
from tracker.lists.verdicts import REASONS, Outcome, Twin
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.words import Words, _

QUESTION = ListQuestion.__table__


class Decision(StrEnum):
    """What a person decided about a row."""

    ADDED = "added"
    LEFT_OUT = "left-out"

    @property
    def label(self) -> Words:
        return _("Added") if self is Decision.ADDED else _("Left out")


class Decided(Refused):
    """Somebody answered this question before."""

    def __init__(self) -> None:
        super().__init__(
            _("This row has been decided already."), out=_("Open the list again to see what was decided.")
        )


def found(session: Session, list_id: str, *, to: Actor) -> Row[Any]:
    """Return an uploaded list of pupils or schools, with who sent it and its school's code.

    Raises:
        Missing: there is none, or another organisation sent it.
    """
    query = (
        select(
            LIST, User.name.label("who"), SCHOOL.c.code.label("school_code"), SCHOOL.c.name.label("school")
        )
        .join(User, User.id == LIST.c.user_id)
        .outerjoin(SCHOOL, SCHOOL.c.id == LIST.c.school_id)
        .where(LIST.c.id == list_id, LIST.c.kind.in_(["pupils", "schools"]))
    )
    row = session.execute(query).first()
    if row is None or not (to.role.sees_everything or row.org_id == to.org):
        raise Missing
    return row


def lists(session: Session, *, to: Actor, most: int = 50) -> list[Row[Any]]:
    """Return the newest lists of pupils and schools that a person may see."""
    query = (
        select(LIST, User.name.label("who"))
        .join(User, User.id == LIST.c.user_id)
        .where(LIST.c.kind.in_(["pupils", "schools"]))
        .order_by(LIST.c.uploaded_at.desc(), LIST.c.id)
        .limit(most)
    )
    if not to.role.sees_everything:
        query = query.where(LIST.c.org_id == to.org)
    return list(session.execute(query))


def forget_old(session: Session, *, at: datetime) -> None:
    """Delete the entries of lists that nobody took in within the days that files are kept."""
    session.execute(
        delete(ImportedList).where(LIST.c.applied_at.is_(None), LIST.c.uploaded_at < at - KEPT_FOR)
    )


@dataclass(frozen=True, slots=True)
class Question:
    """One row that waits for a person, or that one decided."""

    id: int
    row: PupilRow | SchoolRow
    decision: str
    twin_id: int | None
    """The pupil who is perhaps the same, if they are there already."""
    twin_elsewhere: bool

    @property
    def words(self) -> list[Words]:
        return [REASONS[code].sentence for code in self.row.why]


def questions(session: Session, list_id: str, kind: str, *, to: Actor) -> list[Question]:
    """Return the questions of a list. The caller has checked who asks, and notes the twins shown."""
    rows = session.execute(select(QUESTION).where(QUESTION.c.list_id == list_id).order_by(QUESTION.c.id))
    return [_question(session, row, kind, to) for row in rows]


def _question(session: Session, found: Row[Any], kind: str, to: Actor) -> Question:
    values = json.loads(found.row)
    twin = Twin(**values.pop("twin")) if values.get("twin") else None
    values |= {"why": tuple(values["why"]), "outcome": Outcome(values["outcome"]), "twin": twin}
    row: PupilRow | SchoolRow = PupilRow(**values) if kind == "pupils" else SchoolRow(**values)
    twin_id = int(twin.code) if kind == "pupils" and twin and twin.code.isdigit() else None
    school = session.scalar(select(Pupil.school_id).where(Pupil.id == twin_id)) if twin_id else None
    elsewhere = school is not None and not to.role.sees_everything and school != to.org
    return Question(found.id, row, found.decision, None if elsewhere else twin_id, elsewhere)


def decide(
    session: Session, list_id: str, question_id: int, decision: Decision, *, by: Actor, at: datetime
) -> None:
    """Add the row of a question, or leave it out.

    A pupil whose number belongs to another pupil is added without a number. A school whose code is
    there with another name gets the name on the list.

    Raises:
        Missing: no such list or question for this person.
        Decided: somebody answered it before.
        NotForASchool: it touches another school's pupil, and school staff ask.
    """
    kind = found(session, list_id, to=by).kind
    asked = session.execute(
        select(QUESTION).where(QUESTION.c.id == question_id, QUESTION.c.list_id == list_id)
    ).first()
    if asked is None:
        raise Missing
    question = _question(session, asked, kind, by)
    must_be_able_to_decide(by, asked.why, twin_elsewhere=question.twin_elsewhere)
    answered = session.execute(
        update(ListQuestion)
        .where(QUESTION.c.id == question_id, QUESTION.c.decision == "")
        .values(decision=str(decision), decided_at=at, decided_by=by.user)
    )
    if answered.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult, as for every UPDATE
        raise Decided
    if decision is Decision.ADDED:
        _add(session, list_id, question.row, at)


def _add(session: Session, list_id: str, row: PupilRow | SchoolRow, at: datetime) -> None:
    if isinstance(row, SchoolRow):
        session.execute(update(Organisation).where(SCHOOL.c.code == row.code).values(**school_values(row)))
        return
    school = session.execute(select(SCHOOL.c.id).where(SCHOOL.c.code == row.school)).scalar_one()
    values = {"created_at": at, **pupil_values(row, school, list_id)}
    if row.id and session.scalar(select(PUPIL.c.id).where(PUPIL.c.citizen_id == row.id)) is not None:
        values["citizen_id"] = None
    try:
        with session.begin_nested():
            session.execute(insert(Pupil), values)
    except IntegrityError:  # the number was taken between our question and now
        session.execute(insert(Pupil), values | {"citizen_id": None})
