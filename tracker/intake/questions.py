"""The rows of a list of devices that a person decides: added, or left out. Each is decided once."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from tracker.custody import labels
from tracker.intake import known, lists
from tracker.intake.files import row_of
from tracker.intake.known import Like
from tracker.intake.list_rules import DeviceRow
from tracker.intake.rules import must_receive
from tracker.lists.models import ListQuestion
from tracker.lists.verdicts import REASONS
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
    """Somebody decided about this row before."""

    def __init__(self) -> None:
        super().__init__(
            _("This row has been decided already."), out=_("Open the list again to see what was decided.")
        )


@dataclass(frozen=True, slots=True)
class Question:
    """One row that waits for a person, or that one decided, and the devices it is like."""

    id: int
    row: DeviceRow
    donation: int
    decision: Decision | None
    alike: list[Like]

    @property
    def words(self) -> list[tuple[Words, Words]]:
        return [(REASONS[code].sentence, REASONS[code].out) for code in self.row.why]


def questions(session: Session, list_id: str, *, to: Actor) -> list[Question]:
    """Return the questions of a list, those that wait first. The caller has found the list in the scope."""
    query = select(QUESTION).where(QUESTION.c.list_id == list_id).order_by(QUESTION.c.decision, QUESTION.c.id)
    return [_question(session, row, to) for row in session.execute(query)]


def waiting(session: Session, list_id: str) -> int:
    """Return how many rows of a list wait for a decision."""
    query = select(QUESTION.c.id).where(QUESTION.c.list_id == list_id, QUESTION.c.decision == "")
    return len(session.execute(query).all())


def _question(session: Session, found: Row[Any], to: Actor) -> Question:
    values = json.loads(found.row)
    donation = values.pop("donation")
    row = row_of(values)
    alike = known.alike(session, row.serial or None, row.comparable, to=to)
    return Question(found.id, row, donation, Decision(found.decision) if found.decision else None, alike)


def decide(
    session: Session, list_id: str, question_id: int, decision: Decision, *, by: Actor, at: datetime
) -> str | None:
    """Receive the device of a row, or leave it out; return the new device's code.

    Raises:
        MustReceive: not a person at the door.
        Missing: no such list or question in this organisation.
        Decided: somebody decided before.
    """
    must_receive(by)
    kept = lists.found(session, list_id, to=by, own=True)
    asked = session.execute(
        select(QUESTION).where(QUESTION.c.id == question_id, QUESTION.c.list_id == list_id)
    ).first()
    if asked is None:
        raise Missing
    question = _question(session, asked, by)
    answered = session.execute(
        update(ListQuestion)
        .where(QUESTION.c.id == question_id, QUESTION.c.decision == "")
        .values(decision=str(decision), decided_at=at, decided_by=by.user)
    )
    if answered.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult, as for every UPDATE
        raise Decided
    if decision is Decision.LEFT_OUT:
        return None
    code = labels.mint(session, 1, by=by, at=at)[0]
    lists.receive_row(session, kept, question.row, donation=question.donation, code=code, by=by, at=at)
    return code
