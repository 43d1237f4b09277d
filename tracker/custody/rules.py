"""Who may act on a device that is somewhere: its holder, and only while it is at rest."""

from typing import Protocol

from tracker.custody.road import Move
from tracker.people.roles import Actor, Role
from tracker.refused import Refused
from tracker.words import _


class Held(Protocol):
    """What these rules look at of a device."""

    holder_org_id: int
    toward_org_id: int | None
    transit_id: int | None


class NotHere(Refused):
    """The device is not with the organisation of the person acting."""

    def __init__(self) -> None:
        super().__init__(
            _("This device is not with your organisation."),
            out=_("It must come to you by a handover first."),
        )


class InTransit(Refused):
    """The device is on a handover that was sent and not settled."""

    def __init__(self) -> None:
        super().__init__(
            _("This device is on its way with a handover; nothing else can happen to it before it arrives."),
            out=_("The receiving organisation settles it on the handover first."),
        )


def must_hold(device: Held, by: Actor, *, move: Move | None = None, handover: int | None = None) -> None:
    """Check that the device is with the person's organisation; coordinators act across all.

    Raises:
        NotHere: it is elsewhere, or is to be confirmed on another handover or at another school.
    """
    if move is Move.CONFIRM:
        if device.toward_org_id != by.org or device.transit_id != handover:
            raise NotHere
    elif by.role is Role.COORDINATOR or device.holder_org_id == by.org:
        return
    elif move is not Move.LOSE or device.toward_org_id != by.org:
        raise NotHere


def must_be_at_rest(device: Held, by: Actor, *, move: Move | None = None) -> None:
    """Check that nothing but its arrival or its loss happens to a device in transit.

    Raises:
        InTransit: it is on its way.
    """
    if device.transit_id is not None and move not in {Move.CONFIRM, Move.LOSE}:
        raise InTransit
