"""The binding of a device to a pupil's support, for the rooms below that open roads or end them.

`close` goes with every event that ends a binding (release, take-back, lose, retire), in the same
transaction, so that no device is free while its pupil still counts as served, nor the other way round.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from tracker.allocation.models import Binding, Pupil, Support
from tracker.people.roles import Actor, Role
from tracker.refused import Missing

BINDING = cast(Table, Binding.__table__)
SUPPORT = cast(Table, Support.__table__)
PUPIL = cast(Table, Pupil.__table__)

T = TypeVar("T")


class Bound(NamedTuple):
    """Whom a device is bound to: ids only."""

    support_id: str
    pupil_id: int
    school_id: int


class OnPaper(NamedTuple):
    """What a paper prints of a pupil. Personal."""

    support_id: str
    pupil_id: int
    school_id: int
    name: str
    cls: str
    parent: str
    phone: str


def open_binding(session: Session, device_id: int) -> Bound | None:
    """Return the open binding of a device, or None. For actions: the caller has checked the scope."""
    row = session.execute(
        select(SUPPORT.c.id, PUPIL.c.id, PUPIL.c.school_id)
        .join(BINDING, BINDING.c.support_id == SUPPORT.c.id)
        .join(PUPIL, PUPIL.c.id == SUPPORT.c.pupil_id)
        .where(BINDING.c.device_id == device_id, BINDING.c.closed_event.is_(None))
    ).first()
    return None if row is None else Bound(*row)


def open_bindings(session: Session, device_ids: Iterable[int]) -> dict[int, Bound]:
    """Return the open bindings of many devices, by device; a device without one is left out."""
    found: dict[int, Bound] = {}
    for some in _chunks(sorted(set(device_ids))):
        rows = session.execute(
            select(BINDING.c.device_id, SUPPORT.c.id, PUPIL.c.id, PUPIL.c.school_id)
            .join(SUPPORT, BINDING.c.support_id == SUPPORT.c.id)
            .join(PUPIL, PUPIL.c.id == SUPPORT.c.pupil_id)
            .where(BINDING.c.device_id.in_(some), BINDING.c.closed_event.is_(None))
        )
        found |= {row[0]: Bound(*row[1:]) for row in rows}
    return found


def close(session: Session, device_id: int, *, event_id: str, at: datetime) -> None:
    """Close the open binding of a device, if it has one, by the event that ends it.

    An event closes one binding: when a form is repeated after the device was bound anew, the new
    binding stays.
    """
    earlier = BINDING.alias()
    again = select(earlier.c.id).where(earlier.c.device_id == device_id, earlier.c.closed_event == event_id)
    session.execute(
        update(Binding)
        .where(BINDING.c.device_id == device_id, BINDING.c.closed_event.is_(None), ~again.exists())
        .values(closed_event=event_id, closed_at=at)
    )


def may_read(to: Actor, school_id: int) -> bool:
    """Say whether a person may read the pupils of a school: its own staff, and who sees everything."""
    return to.role.sees_everything or (to.role is Role.SCHOOL and to.org == school_id)


def pupil_of(session: Session, support_id: str, *, to: Actor) -> OnPaper:
    """Return what a paper prints of the pupil of a support. The caller notes the reading (`people.access`).

    Raises:
        Missing: there is no such support, or its pupil is not for this person to see.
    """
    found = pupils_of(session, [support_id], to=to)
    if support_id not in found:
        raise Missing
    return found[support_id]


def pupils_of(session: Session, support_ids: Iterable[str], *, to: Actor) -> dict[str, OnPaper]:
    """Return what papers print of the pupils of many supports; those not for this person are left out."""
    found: dict[str, OnPaper] = {}
    for some in _chunks(sorted(set(support_ids))):
        rows = session.execute(
            select(
                *(SUPPORT.c.id, PUPIL.c.id, PUPIL.c.school_id, PUPIL.c.name),
                *(PUPIL.c.cls, PUPIL.c.parent, PUPIL.c.phone),
            )
            .join(PUPIL, PUPIL.c.id == SUPPORT.c.pupil_id)
            .where(SUPPORT.c.id.in_(some))
        )
        found |= {row[0]: OnPaper(*row) for row in rows if may_read(to, row.school_id)}
    return found


def _chunks(items: list[T], size: int = 500) -> list[list[T]]:
    return [items[i : i + size] for i in range(0, len(items), size)]
