"""What a scan may show: to a stranger a coarse state, to the holder the moves open now."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from tracker.custody.road import Move, Status, open_moves
from tracker.custody.rules import Held, InTransit, NotHere, must_be_at_rest, must_hold
from tracker.people.roles import Actor
from tracker.words import Words, _


class Coarse(StrEnum):
    """All that a stranger learns of a device. Anything finer could tell that a child was helped."""

    PREPARING = "preparing"
    IN_USE = "in-use"
    LOST = "lost"
    RETIRED = "retired"

    @property
    def label(self) -> Words:
        return COARSE_LABELS[self]


COARSE_LABELS = {
    Coarse.PREPARING: _("Being prepared"),
    Coarse.IN_USE: _("In use"),
    Coarse.LOST: _("Reported missing"),
    Coarse.RETIRED: _("Retired"),
}

_PREPARED = {Status.ON_THE_WAY, Status.AT_SCHOOL, Status.GIVEN}


def coarse(status: Status) -> Coarse:
    """Return what a stranger is told of a status."""
    if status is Status.MISSING:
        return Coarse.LOST
    if status is Status.RETIRED:
        return Coarse.RETIRED
    return Coarse.IN_USE if status in _PREPARED else Coarse.PREPARING


def possible_moves(status: Status, device: Held, by: Actor) -> list[Move]:
    """Return the moves this person may make with this device now."""
    return [move for move in open_moves(status, by.role) if _may(move, device, by)]


def _may(move: Move, device: Held, by: Actor) -> bool:
    try:
        must_hold(device, by, move=move, handover=device.transit_id)
        must_be_at_rest(device, by, move=move)
    except (NotHere, InTransit):
        return False
    return True


class Leg(NamedTuple):
    """One holder on the way from donor to pupil."""

    who: str
    since: object


#: The stretches of the road, as the device's page draws it.
STRETCHES: tuple[tuple[Status, ...], ...] = (
    (Status.RECEIVED,),
    (Status.INSPECTING, Status.REPAIRING),
    (Status.READY,),
    (Status.BOUND,),
    (Status.ON_THE_WAY,),
    (Status.AT_SCHOOL,),
    (Status.GIVEN,),
)


def stretches(status: Status, passed: Iterable[Status]) -> tuple[tuple[Words, str], ...]:
    """Return each stretch of the road with whether it is done, now, ahead, or left out."""
    been = set(passed)
    shown: list[tuple[Words, str]] = []
    here = next((i for i, stretch in enumerate(STRETCHES) if status in stretch), None)
    for i, stretch in enumerate(STRETCHES):
        if here is None:
            state = "done" if been.intersection(stretch) else "off"
        else:
            state = "now" if i == here else "done" if i < here else "ahead"
        label = status if i == here else stretch[0]
        shown.append((label.label, state))
    if here is None:
        shown.append((status.label, "now"))
    return tuple(shown)
