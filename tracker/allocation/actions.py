"""The verbs of allocation: bind a device to a pupil, many to many, and release one.

What keeps one support per pupil and one pupil per device is in the database: `support.pupil_id` is
unique, and at most one binding is open for each support and each device. The questions asked before
only choose the better sentence.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.allocation.bindings import BINDING, PUPIL, SUPPORT
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
from tracker.custody.models import Device, Event
from tracker.custody.road import Move, Status, after
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.web.filters import show_moment
from tracker.words import Words, _

DEVICE = Device.__table__
EVENT = Event.__table__
USER = User.__table__

# The hot path is built once: putting these together costs more than running them.
_PUPIL = (
    select(PUPIL.c.no_device, SUPPORT.c.id.label("support"))
    .outerjoin(SUPPORT, SUPPORT.c.pupil_id == PUPIL.c.id)
    .where(PUPIL.c.id == bindparam("pupil"))
)
_ASKED_BEFORE = select(EVENT.c.n).where(EVENT.c.event_id == bindparam("event"))
_FIRST = (
    select(USER.c.name, BINDING.c.opened_at, BINDING.c.device_id, DEVICE.c.code)
    .select_from(BINDING)
    .join(SUPPORT, SUPPORT.c.id == BINDING.c.support_id)
    .join(USER, USER.c.id == BINDING.c.opened_by)
    .join(DEVICE, DEVICE.c.id == BINDING.c.device_id)
    .where(
        (BINDING.c.device_id == bindparam("device")) | (SUPPORT.c.pupil_id == bindparam("pupil")),
        BINDING.c.closed_event.is_(None),
    )
)


def bind(session: Session, pupil_id: int, device_id: int, *, by: Actor, ask: Ask) -> Done:
    """Bind a ready device to a pupil; the pupil's support is made, or found from an earlier device.

    A form sent twice gives the first answer again.

    Raises:
        Missing: no such pupil or device.
        PupilTaken, DeviceTaken: somebody was first; the sentence says who and when.
        NotLacking: the pupil's list does not say that a device is lacking.
        NotYours, WrongMoment, SomebodyWasFaster, OtherContent: see `custody`.
    """
    pupil = session.execute(_PUPIL, {"pupil": pupil_id}).first()
    # The device is locked before anything is inserted, so that two pairs never wait for each other.
    device = session.execute(
        select(DEVICE.c.status).where(DEVICE.c.id == device_id, devices.visible(by)).with_for_update()
    ).first()
    if pupil is None or device is None:
        raise Missing
    if not _asked_before(session, ask):
        _must_be_free(session, pupil_id, device_id)
        after(Move.BIND, Status(device.status), by.role)
        if not pupil.no_device:
            raise NotLacking
    support = pupil.support or _support(session, pupil_id, by=by, at=ask.at)
    done = custody.make(session, device_id, Move.BIND, ForPupil(support), by=by, ask=ask)
    if not done.again:
        _open(session, support, device_id, pupil_id, by=by, ask=ask)
    return done


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


def _asked_before(session: Session, ask: Ask) -> bool:
    """Say whether this form was sent before: then the ledger gives its first answer, or refuses other content."""
    return session.scalar(_ASKED_BEFORE, {"event": ask.event_id}) is not None


def _must_be_free(session: Session, pupil_id: int, device_id: int) -> None:
    if first := session.execute(_FIRST, {"device": device_id, "pupil": pupil_id}).first():
        raise _taken(first, device_id)


def _taken(first: Row[Any, Any, Any, Any], device_id: int) -> Refused:
    who = First(first.name, show_moment(first.opened_at), first.code)
    return DeviceTaken(who) if first.device_id == device_id else PupilTaken(who)


def _support(session: Session, pupil_id: int, *, by: Actor, at: datetime) -> str:
    """Make the support of a pupil, or return the one that somebody made a moment ago."""
    support = secrets.token_hex(16)
    values = {"id": support, "pupil_id": pupil_id, "created_at": at, "created_by": by.user}
    try:
        with session.begin_nested():
            session.execute(insert(SUPPORT), values)
    except IntegrityError:
        return str(session.execute(select(SUPPORT.c.id).where(SUPPORT.c.pupil_id == pupil_id)).scalar_one())
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
            session.execute(insert(BINDING), values)
    except IntegrityError as error:
        first = session.execute(_FIRST, {"device": device_id, "pupil": pupil_id}).first()
        if first is None:
            raise
        raise _taken(first, device_id) from error
