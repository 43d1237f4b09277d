"""The road of a device: what may follow what, who may do it, and what must come with it.

One table answers for permissions, buttons, the diagram in the README and the tests. No status is
set anywhere else than by a move of this table.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from tracker.custody.facts import (
    Fact,
    FaultsFound,
    FaultsSettled,
    ForPupil,
    InspectionPassed,
    Nothing,
    Reason,
    Received,
    Retirement,
    Scanned,
    Shipment,
    TakenBy,
)
from tracker.people.roles import Role
from tracker.refused import Refused
from tracker.words import Words, _


class Status(StrEnum):
    """Where on the road a device is."""

    RECEIVED = "received"
    INSPECTING = "inspecting"
    REPAIRING = "repairing"
    READY = "ready"
    BOUND = "bound"
    ON_THE_WAY = "on-the-way"
    AT_SCHOOL = "at-school"
    GIVEN = "given"
    RETURNED = "returned"
    MISSING = "missing"
    RETIRED = "retired"

    @property
    def label(self) -> Words:
        return STATUS_LABELS[self]


class Move(StrEnum):
    """What somebody does with a device."""

    RECEIVE = "receive"
    INSPECT = "inspect"
    SEND_TO_REPAIR = "send-to-repair"
    FINISH_REPAIR = "finish-repair"
    PASS = "pass"  # noqa: S105  # a move, no password
    BIND = "bind"
    RELEASE = "release"
    SEND = "send"
    CONFIRM = "confirm"
    GIVE = "give"
    TAKE_BACK = "take-back"
    LOSE = "lose"
    FIND = "find"
    RETIRE = "retire"

    @property
    def label(self) -> Words:
        return MOVE_LABELS[self]


STATUS_LABELS = {
    Status.RECEIVED: _("Received"),
    Status.INSPECTING: _("Being inspected"),
    Status.REPAIRING: _("Being repaired"),
    Status.READY: _("Ready"),
    Status.BOUND: _("Bound to a pupil"),
    Status.ON_THE_WAY: _("On the way"),
    Status.AT_SCHOOL: _("At the school"),
    Status.GIVEN: _("Given to the pupil"),
    Status.RETURNED: _("Returned"),
    Status.MISSING: _("Missing"),
    Status.RETIRED: _("Retired"),
}

MOVE_LABELS = {
    Move.RECEIVE: _("Receive"),
    Move.INSPECT: _("Inspect"),
    Move.SEND_TO_REPAIR: _("Send to repair"),
    Move.FINISH_REPAIR: _("Finish repair"),
    Move.PASS: _("Pass"),
    Move.BIND: _("Bind to a pupil"),
    Move.RELEASE: _("Release"),
    Move.SEND: _("Send out"),
    Move.CONFIRM: _("Confirm receipt"),
    Move.GIVE: _("Give to the pupil"),
    Move.TAKE_BACK: _("Take back"),
    Move.LOSE: _("Report missing"),
    Move.FIND: _("Found again"),
    Move.RETIRE: _("Retire"),
}


class Step(NamedTuple):
    """One row of the road: from which statuses, to which, by whom, with what."""

    start: frozenset[Status]
    end: Status
    by: frozenset[Role]
    needs: type[Fact]


S, R = Status, Role

#: A device that is somewhere can be missed; one already missing or gone for good cannot.
ANY = frozenset(S) - {S.MISSING, S.RETIRED}
HOLDERS = frozenset({R.TECHNICIAN, R.STOREKEEPER, R.SCHOOL})


def _step(start: Iterable[Status], end: Status, by: Iterable[Role], needs: type[Fact]) -> Step:
    return Step(frozenset(start), end, frozenset(by), needs)


# fmt: off
MOVES: dict[Move, Step] = {
    Move.RECEIVE:        _step((),                                     S.RECEIVED,   {R.STOREKEEPER, R.TECHNICIAN}, Received),
    Move.INSPECT:        _step({S.RECEIVED, S.READY, S.RETURNED},      S.INSPECTING, {R.TECHNICIAN},            Nothing),
    Move.SEND_TO_REPAIR: _step({S.INSPECTING},                         S.REPAIRING,  {R.TECHNICIAN},            FaultsFound),
    Move.FINISH_REPAIR:  _step({S.REPAIRING},                          S.INSPECTING, {R.TECHNICIAN},            FaultsSettled),
    Move.PASS:           _step({S.INSPECTING},                         S.READY,      {R.TECHNICIAN},            InspectionPassed),
    Move.BIND:           _step({S.READY},                              S.BOUND,      {R.COORDINATOR},           ForPupil),
    Move.RELEASE:        _step({S.BOUND},                              S.READY,      {R.COORDINATOR},           Reason),
    Move.SEND:           _step({S.BOUND},                              S.ON_THE_WAY, {R.STOREKEEPER},           Shipment),
    Move.CONFIRM:        _step({S.ON_THE_WAY},                         S.AT_SCHOOL,  {R.SCHOOL},                Scanned),
    Move.GIVE:           _step({S.AT_SCHOOL},                          S.GIVEN,      {R.SCHOOL},                TakenBy),
    Move.TAKE_BACK:      _step({S.AT_SCHOOL, S.GIVEN},                 S.RETURNED,   {R.SCHOOL, R.COORDINATOR}, Reason),
    Move.LOSE:           _step(ANY,                                    S.MISSING,    HOLDERS | {R.COORDINATOR}, Reason),
    Move.FIND:           _step({S.MISSING},                            S.RETURNED,   HOLDERS | {R.COORDINATOR}, Reason),
    Move.RETIRE:         _step({S.RECEIVED, S.INSPECTING, S.REPAIRING, S.RETURNED, S.MISSING},
                                                                       S.RETIRED,    {R.COORDINATOR},           Retirement),
}
# fmt: on


class WrongMoment(Refused):
    """The move does not start from the status the device has."""

    def __init__(self, move: Move, status: Status | None) -> None:
        self.move, self.status = move, status
        if status is None:
            sentence = _("“%(move)s” is not possible: the device has not been received.", move=move.label)
        else:
            sentence = _(
                "“%(move)s” is not possible while the device is: %(status)s.",
                move=move.label,
                status=status.label,
            )
        super().__init__(sentence, out=_("Scan the device again to see what is possible now."))


class NotYours(Refused):
    """The role may not make this move."""

    def __init__(self, move: Move, role: Role) -> None:
        self.move, self.role = move, role
        who = ", ".join(str(r.label) for r in Role if r in MOVES[move].by)
        super().__init__(
            _("“%(move)s” is not for the role %(role)s.", move=move.label, role=role.label),
            out=_("It is done by: %(who)s.", who=who),
        )


def after(move: Move, status: Status | None, role: Role) -> Status:
    """Return the status of a device once `role` has made `move`; `status` is None before `receive`.

    Raises:
        NotYours: `role` may not make `move`.
        WrongMoment: `move` does not start from `status`.
    """
    step = MOVES[move]
    if role not in step.by:
        raise NotYours(move, role)
    if not starts(move, status):
        raise WrongMoment(move, status)
    return step.end


def starts(move: Move, status: Status | None) -> bool:
    """Return whether `move` starts from `status`."""
    return not MOVES[move].start if status is None else status in MOVES[move].start


@cache
def open_moves(status: Status, role: Role) -> tuple[Move, ...]:
    """Return the moves that `role` may make from `status`, in the order of the road."""
    return tuple(move for move, step in MOVES.items() if status in step.start and role in step.by)
