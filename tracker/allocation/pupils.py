"""The verbs of one pupil: add by form, change. Who is there already is asked as for a list."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.allocation.bindings import PUPIL
from tracker.allocation.imports import known_pupils, pupil_values
from tracker.allocation.list_rows import PupilRow
from tracker.allocation.list_rules import settle_pupils, wanted
from tracker.allocation.models import Pupil
from tracker.lists.verdicts import REASONS
from tracker.people.roles import Actor, Role
from tracker.refused import Missing, Refused

WRITERS = frozenset({Role.SCHOOL, Role.COORDINATOR})

#: What a correction leaves as it is.
STAYS = frozenset({"school_id", "list_id"})


class PerhapsThere(Refused):
    """The pupil is, or may be, on a list already; `code` is the reason of `lists.verdicts`."""

    def __init__(self, code: str, twin: int | None) -> None:
        self.code, self.twin = code, twin
        super().__init__(REASONS[code].sentence, out=REASONS[code].out)

    @property
    def by_number(self) -> bool:
        """Whether the citizen number stands against it: then only another number helps."""
        return self.code != "maybe_same"


def add_pupil(
    session: Session, row: PupilRow, school_id: int, *, sure: bool = False, by: Actor, at: datetime
) -> int:
    """Add a pupil to a school's list by hand and return their id.

    `sure` says that a person has compared the pupil with the one of the same name and birthday.

    Raises:
        Missing: the school is not this person's to write for.
        PerhapsThere: the number, or name and birthday, is another pupil's.
    """
    _must_write_for(by, school_id)
    _must_be_new(session, row, sure=sure)
    try:
        with session.begin_nested():
            return session.execute(
                insert(Pupil).values(created_at=at, **pupil_values(row, school_id)).returning(Pupil.id)
            ).scalar_one()
    except IntegrityError as error:
        raise PerhapsThere("id_conflict", None) from error


def change_pupil(
    session: Session, pupil_id: int, row: PupilRow, school_id: int, *, sure: bool, by: Actor
) -> None:
    """Correct a pupil's details; the school and the list they came from stay.

    Raises:
        Missing: the school is not this person's to write for.
        PerhapsThere: the number, or name and birthday, is another pupil's.
    """
    _must_write_for(by, school_id)
    _must_be_new(session, row, sure=sure, but=pupil_id)
    values = {name: value for name, value in pupil_values(row, school_id).items() if name not in STAYS}
    try:
        with session.begin_nested():
            session.execute(
                update(Pupil).where(PUPIL.c.id == pupil_id, PUPIL.c.school_id == school_id).values(**values)
            )
    except IntegrityError as error:
        raise PerhapsThere("id_conflict", None) from error


def _must_write_for(by: Actor, school_id: int) -> None:
    if by.role not in WRITERS or not bindings.may_read(by, school_id):
        raise Missing


def _must_be_new(session: Session, row: PupilRow, *, sure: bool, but: int | None = None) -> None:
    known = known_pupils(session, wanted([row]), but=but)
    settled = settle_pupils([replace(row, why=())], known)[0]
    if settled.why and not (sure and settled.why == ("maybe_same",)):
        twin = settled.twin.code if settled.twin else ""
        raise PerhapsThere(settled.why[0], int(twin) if twin.isdigit() else None)
