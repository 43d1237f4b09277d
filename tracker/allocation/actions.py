"""The verbs of allocation: bind a device to a pupil, many to many, and release one.

What keeps one support per pupil and one pupil per device is in the database: `support.pupil_id` is
unique, and at most one binding is open for each support and each device. The questions asked before
only choose the better sentence.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.allocation.bindings import BINDING, PUPIL, SUPPORT
from tracker.allocation.models import Binding, Support
from tracker.allocation.rules import (
    MOST_PAIRS,
    DeviceTaken,
    First,
    NotLacking,
    PupilTaken,
    ReleaseReason,
)
from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.facts import ForPupil, Reason
from tracker.custody.ledger import Ask, Done
from tracker.custody.models import Device
from tracker.custody.road import Move, Status, after
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.web.filters import show_moment
from tracker.words import Words, _

DEVICE = Device.__table__


def bind(session: Session, pupil_id: int, device_id: int, *, by: Actor, ask: Ask) -> Done:
    """Bind a ready device to a pupil; the pupil's support is made, or found from an earlier device.

    A form sent twice gives the first answer again.

    Raises:
        Missing: no such pupil or device.
        PupilTaken, DeviceTaken: somebody was first; the sentence says who and when.
        NotLacking: the pupil's list does not say that a device is lacking.
        NotYours, WrongMoment, SomebodyWasFaster, OtherContent: see `custody`.
    """
    pupil = session.execute(select(PUPIL.c.no_device).where(PUPIL.c.id == pupil_id)).first()
    if pupil is None:
        raise Missing
    if repeated := _answered(session, pupil_id, device_id, by=by, ask=ask):
        return repeated
    # The device is locked before anything is inserted, so that two pairs never wait for each other.
    row = devices.locked(session, devices.device_by_id(session, device_id, to=by).id)
    if first := _first(session, BINDING.c.device_id == device_id):
        raise DeviceTaken(first)
    if first := _first(session, SUPPORT.c.pupil_id == pupil_id):
        raise PupilTaken(first)
    if not pupil.no_device:
        raise NotLacking
    after(Move.BIND, row.status, by.role)
    support = _support(session, pupil_id, by=by, at=ask.at)
    _open(session, support, device_id, pupil_id, by=by, ask=ask)
    return custody.make(session, device_id, Move.BIND, ForPupil(support), by=by, ask=ask)


def release(session: Session, device_id: int, *, reason: ReleaseReason, by: Actor, ask: Ask) -> Done:
    """Take a bound device from its pupil before it is sent; the pupil waits again.

    Raises:
        NotYours, WrongMoment, SomebodyWasFaster, OtherContent: see `custody`.
    """
    device = devices.device_by_id(session, device_id, to=by).id
    done = custody.make(session, device, Move.RELEASE, Reason(reason), by=by, ask=ask)
    bindings.close(session, device, event_id=done.event_id, at=ask.at)
    return done


class Paired(NamedTuple):
    """What became of one pair of a form."""

    pupil_id: int
    device_id: int
    refused: Refused | None

    @property
    def sentence(self) -> Words | str:
        return self.refused.sentence if self.refused else _("Bound.")


def bind_many(session: Session, pairs: Sequence[tuple[int, int]], *, by: Actor, ask: Ask) -> list[Paired]:
    """Bind many (pupil id, device id) pairs; return one outcome for each, in the order given.

    A pair that is refused leaves the others alone.

    Raises:
        Missing: a pupil or a device is not there.
        NotYours: the role may not bind.
        Refused: more pairs than one form takes, or one pupil or device twice.
    """
    after(Move.BIND, Status.READY, by.role)
    if len(pairs) > MOST_PAIRS:
        raise Refused(_("At most %(n)s pairs fit one form.", n=MOST_PAIRS), out=_("Bind them in two parts."))
    if len({pupil for pupil, _device in pairs}) < len(pairs) or len({device for _, device in pairs}) < len(
        pairs
    ):
        raise Refused(
            _("A pupil or a device stands in this form twice."), out=_("Open the page again and pair anew.")
        )
    _lock(session, pairs)
    return [_one_of_many(session, pupil, device, by=by, ask=ask) for pupil, device in pairs]


def _one_of_many(session: Session, pupil_id: int, device_id: int, *, by: Actor, ask: Ask) -> Paired:
    try:
        with session.begin_nested():
            bind(session, pupil_id, device_id, by=by, ask=ask.of(f"{pupil_id}:{device_id}"))
    except Refused as refused:
        return Paired(pupil_id, device_id, refused)
    return Paired(pupil_id, device_id, None)


def _lock(session: Session, pairs: Sequence[tuple[int, int]]) -> None:
    """Lock all devices, then all pupils, each by id: two forms at once wait, and never for each other."""
    ids = sorted(device for _pupil, device in pairs)
    session.execute(select(DEVICE.c.id).where(DEVICE.c.id.in_(ids)).order_by(DEVICE.c.id).with_for_update())
    ids = sorted(pupil for pupil, _device in pairs)
    session.execute(select(PUPIL.c.id).where(PUPIL.c.id.in_(ids)).order_by(PUPIL.c.id).with_for_update())


def _answered(session: Session, pupil_id: int, device_id: int, *, by: Actor, ask: Ask) -> Done | None:
    """Return the first answer when this very form made a binding before."""
    made = session.execute(
        select(BINDING.c.support_id, BINDING.c.device_id, SUPPORT.c.pupil_id)
        .join(SUPPORT, SUPPORT.c.id == BINDING.c.support_id)
        .where(BINDING.c.device_id == device_id, BINDING.c.opened_event == ask.event_id)
    ).first()
    if made is None or made.pupil_id != pupil_id:
        return None  # an id used for something else is refused by the ledger
    return custody.make(session, device_id, Move.BIND, ForPupil(made.support_id), by=by, ask=ask)


def _support(session: Session, pupil_id: int, *, by: Actor, at: datetime) -> str:
    """Return the support of a pupil, made now if there is none."""
    of_pupil = select(Support.id).where(Support.pupil_id == pupil_id)
    found = session.scalar(of_pupil)
    if found is not None:
        return found
    support = secrets.token_hex(16)
    values = {"id": support, "pupil_id": pupil_id, "created_at": at, "created_by": by.user}
    try:
        with session.begin_nested():
            session.execute(insert(Support), values)
    except IntegrityError:  # somebody made it between our question and now
        return session.execute(of_pupil).scalar_one()
    return support


def _open(session: Session, support: str, device_id: int, pupil_id: int, *, by: Actor, ask: Ask) -> None:
    values = {
        "support_id": support,
        "device_id": device_id,
        "opened_event": ask.event_id,
        "opened_at": ask.at,
        "opened_by": by.user,
    }
    try:
        with session.begin_nested():
            session.execute(insert(Binding), values)
    except IntegrityError as error:
        if first := _first(session, SUPPORT.c.pupil_id == pupil_id):
            raise PupilTaken(first) from error
        if first := _first(session, BINDING.c.device_id == device_id):
            raise DeviceTaken(first) from error
        raise


def _first(session: Session, whose: ColumnElement[bool]) -> First | None:
    """Return who opened the open binding of a pupil or a device."""
    row = session.execute(
        select(User.name, BINDING.c.opened_at, DEVICE.c.code)
        .select_from(BINDING)
        .join(SUPPORT, SUPPORT.c.id == BINDING.c.support_id)
        .join(User, User.id == BINDING.c.opened_by)
        .join(DEVICE, DEVICE.c.id == BINDING.c.device_id)
        .where(whose, BINDING.c.closed_event.is_(None))
    ).first()
    return None if row is None else First(row.name, show_moment(row.opened_at), row.code)
