"""What may go where, and how the lines of a handover are settled. Pure."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from tracker.custody.codes import grouped
from tracker.custody.road import Status
from tracker.people.roles import OrgKind, Role
from tracker.refused import Refused
from tracker.words import Words, _

#: Devices on one record; more than this nobody counts and signs for in one go.
MOST_LINES = 300


class Stage(StrEnum):
    """Where a handover is: a paper that is written, sent, signed for, settled."""

    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Words:
        return STAGE_LABELS[self]


STAGE_LABELS = {
    Stage.DRAFT: _("Draft"),
    Stage.SENT: _("Sent, not yet confirmed"),
    Stage.RECEIVED: _("Signed for, lines open"),
    Stage.CLOSED: _("Settled"),
    Stage.CANCELLED: _("Cancelled"),
}

#: What the receiving side may know of.
OUTSIDE = (Stage.SENT, Stage.RECEIVED, Stage.CLOSED)


class Line(StrEnum):
    """What became of one device on a handover."""

    LISTED = "listed"
    SENT = "sent"
    RECEIVED = "received"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    REMOVED = "removed"

    @property
    def label(self) -> Words:
        return LINE_LABELS[self]


LINE_LABELS = {
    Line.LISTED: _("On the list"),
    Line.SENT: _("Not yet settled"),
    Line.RECEIVED: _("Received in order"),
    Line.DAMAGED: _("Received damaged"),
    Line.MISSING: _("Did not arrive"),
    Line.UNEXPECTED: _("Not on the record"),
    Line.REMOVED: _("Taken off the list"),
}

#: Statuses in which a device may go to another warehouse or workshop.
TRANSFERABLE = frozenset({Status.RECEIVED, Status.READY, Status.BOUND, Status.RETURNED})


class Outcome(NamedTuple):
    """What became of one line of a list of codes."""

    text: str
    ok: bool
    sentence: Words
    out: Words | str = ""


class CannotGo(Refused):
    """This device may not be put on this handover."""


class NoWay(Refused):
    """Nothing goes from this organisation to that one."""

    def __init__(self) -> None:
        super().__init__(
            _("Your organisation does not hand devices over to this one."),
            out=_("Choose a receiver from the list."),
        )


def receivers(kind: OrgKind, role: Role) -> frozenset[OrgKind]:
    """Return the kinds of organisation to which a person of this role may send from this kind."""
    stores = frozenset({OrgKind.WAREHOUSE, OrgKind.WORKSHOP})
    match role:
        case Role.STOREKEEPER:
            return stores | {OrgKind.SCHOOL}
        case Role.TECHNICIAN:
            return stores
        case Role.SCHOOL if kind is OrgKind.SCHOOL:
            return stores
    return frozenset()


class Going(Protocol):
    """What these rules look at of a device."""

    code: str
    status: str


def must_go(device: Going, *, sender: OrgKind, receiver: OrgKind, to: int, school: int | None) -> None:
    """Check that a device may go from one kind of organisation to the organisation `to`.

    `school` is the school of the pupil it is bound to, if it is bound.

    Raises:
        CannotGo: it may not.
    """
    status = Status(device.status)
    if receiver is OrgKind.SCHOOL:
        if status is not Status.BOUND:
            raise CannotGo(
                _(
                    "Only a device bound to a pupil goes to a school; this one is: %(status)s.",
                    status=status.label,
                ),
                out=_("The coordinator binds it to a pupil first."),
            )
        if school != to:
            raise CannotGo(
                _("This device is bound to a pupil of another school."),
                out=_("Put it aside for the handover to that school."),
            )
    elif sender is OrgKind.SCHOOL and status is not Status.RETURNED:
        raise CannotGo(
            _("A school sends back only what was taken back; this one is: %(status)s.", status=status.label),
            out=_("Take it back from the pupil first."),
        )
    elif status not in TRANSFERABLE:
        raise CannotGo(
            _("A device does not travel while it is: %(status)s.", status=status.label),
            out=_("Finish what is going on with it first."),
        )


# Settling


class OnPaper(Protocol):
    """One line as settling looks at it."""

    id: int
    device_id: int
    code: str


class Said(NamedTuple):
    """What a person said of one line beside the scan: nothing, `damaged` or `missing`, and a note."""

    state: str = ""
    note: str = ""


class Settled(NamedTuple):
    """How one line is settled."""

    line: int
    device: int
    state: Line
    note: str


class NotSettled(Refused):
    """What was entered contradicts itself; `wrong` says so line by line, by line id or scanned text."""

    def __init__(self, wrong: Mapping[str, Words]) -> None:
        self.wrong = dict(wrong)
        super().__init__(
            _("What was entered does not fit together; nothing has been recorded."),
            out=" ".join(str(words) for words in list(self.wrong.values())[:5]),
        )


def settle(
    lines: Iterable[OnPaper],
    scanned: Collection[int],
    said: Mapping[int, Said],
    *,
    missing_only: bool = False,
) -> list[Settled]:
    """Return how each line is settled that anything was said of; the others stay open.

    A line is received, whole or damaged, only when its device was scanned, and missing only when it
    was not. `missing_only` is for the sender, who cannot say that something arrived.

    Raises:
        NotSettled: a line contradicts its scan.
    """
    settled: list[Settled] = []
    wrong: dict[str, Words] = {}
    for line in sorted(lines, key=lambda line: line.device_id):
        here, what = line.device_id in scanned, said.get(line.id, Said())
        code = grouped(line.code)
        if what.state == Line.DAMAGED and not here:
            wrong[str(line.id)] = _("%(code)s is said to be damaged, but was not scanned.", code=code)
        elif what.state == Line.MISSING and here:
            wrong[str(line.id)] = _("%(code)s is said to be missing, but was scanned.", code=code)
        elif here and missing_only:
            wrong[str(line.id)] = _("%(code)s: only the receiver can say that it arrived.", code=code)
        elif what.state == Line.DAMAGED and not what.note.strip():
            wrong[str(line.id)] = _("%(code)s: say what is damaged.", code=code)
        elif here or what.state == Line.MISSING:
            state = Line(what.state) if what.state else Line.RECEIVED
            settled.append(Settled(line.id, line.device_id, state, what.note.strip()[:500]))
    if wrong:
        raise NotSettled(wrong)
    return settled


def number(seq: int | None, year: int | None) -> str:
    """Return a record's number as on paper, 05/2021, or "" for a draft."""
    return f"{seq:02d}/{year}" if seq is not None else ""
