"""Which papers there are, who issues them, and which devices go together on one. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from tracker.custody.road import Move, Status
from tracker.people.roles import Actor, Role
from tracker.refused import Refused
from tracker.words import Words, _

#: Devices on one paper; more than this nobody looks at one by one before signing.
MOST_DEVICES = 300
#: Characters of a text on paper.
LONGEST = 300


class Kind(StrEnum):
    """The papers of this room; donation receipts and handovers between organisations have their own."""

    INSPECTION = "inspection"
    REPAIR = "repair"
    ERASURE = "erasure"
    PUPIL = "pupil"
    RETURN = "return"
    RETIREMENT = "retirement"

    @property
    def label(self) -> Words:
        return LABELS[self]

    @property
    def personal(self) -> bool:
        """Whether it names a pupil."""
        return self in {Kind.PUPIL, Kind.RETURN}


LABELS = {
    Kind.INSPECTION: _("Inspection record"),
    Kind.REPAIR: _("Repair record"),
    Kind.ERASURE: _("Certificate of erasure"),
    Kind.PUPIL: _("Handover to a pupil"),
    Kind.RETURN: _("Return record"),
    Kind.RETIREMENT: _("Retirement record"),
}

_WORKSHOP = frozenset({Role.TECHNICIAN, Role.STOREKEEPER, Role.COORDINATOR})
_SCHOOL = frozenset({Role.SCHOOL, Role.COORDINATOR})

#: Who issues what. Coordinators do so in the name of the organisation that holds the devices.
ISSUERS: dict[Kind, frozenset[Role]] = {
    Kind.INSPECTION: _WORKSHOP,
    Kind.REPAIR: _WORKSHOP,
    Kind.ERASURE: _WORKSHOP,
    Kind.PUPIL: _SCHOOL,
    Kind.RETURN: _SCHOOL,
    Kind.RETIREMENT: _WORKSHOP,
}
ISSUING = frozenset[Role]().union(*ISSUERS.values())


class CannotStand(Refused):
    """This device may not stand on this paper."""


class Together(Protocol):
    """What must be the same of all devices of a paper."""

    @property
    def org_id(self) -> int: ...
    @property
    def support(self) -> str | None: ...
    @property
    def performer(self) -> str: ...
    @property
    def verifier(self) -> str: ...


def number(kind: Kind, seq: int, code: str) -> str:
    """Return the number of a paper as the decree wants it, such as 07/BB-VP, by its issuer's code."""
    return f"{seq:02d}/{'GCN' if kind is Kind.ERASURE else 'BB'}-{code}"


def reads_pupils(role: Role) -> bool:
    """Return whether a role may read what names a pupil, of its own organisation."""
    return role in {Role.SCHOOL, Role.COORDINATOR}


def must_issue(kind: Kind, org: int, by: Actor) -> None:
    """Check that a person may issue this kind of paper in the name of an organisation.

    Raises:
        CannotStand: their role or their organisation does not.
    """
    if by.role not in ISSUERS[kind]:
        raise CannotStand(
            _("“%(kind)s” is not issued by the role %(role)s.", kind=kind.label, role=by.role.label),
            out=_(
                "It is issued by: %(who)s.", who=", ".join(str(role.label) for role in sorted(ISSUERS[kind]))
            ),
        )
    if by.role is not Role.COORDINATOR and org != by.org:
        raise CannotStand(
            _("Another organisation did this; the paper is in its name."),
            out=_("Ask that organisation or the coordinator for the paper."),
        )


def must_fit(first: Together, other: Together) -> None:
    """Check that two devices can stand on the same paper.

    Raises:
        CannotStand: they belong to different people or organisations.
    """
    if other.org_id != first.org_id:
        why = _("It belongs on a paper of another organisation than the first device.")
    elif other.support != first.support:
        why = _("It was given to another pupil than the first device.")
    elif other.performer != first.performer:
        why = _("Somebody else erased it than the first device; each signs for what they did.")
    elif first.verifier and other.verifier and other.verifier != first.verifier:
        why = _("Somebody else verified it than the first device; each signs for what they did.")
    else:
        return
    raise CannotStand(why, out=_("Make a second paper for it."))


class Issued(NamedTuple):
    """A paper that a device is on, as its page lists it."""

    id: int
    kind: Kind
    number: str
    replaced: bool
    dseq: int


#: After which event each paper makes sense, and, where that matters, in which status.
AFTER: dict[Kind, tuple[str, Status | None]] = {
    Kind.INSPECTION: (Move.PASS, None),
    Kind.REPAIR: (Move.FINISH_REPAIR, None),
    Kind.ERASURE: ("erase", None),
    Kind.PUPIL: (Move.GIVE, Status.GIVEN),
    Kind.RETURN: (Move.TAKE_BACK, Status.RETURNED),
    Kind.RETIREMENT: (Move.RETIRE, Status.RETIRED),
}


#: What takes the sense from a paper when it has happened since: data came onto the device again, it was lost.
ENDS: dict[Kind, tuple[Move, ...]] = {
    Kind.ERASURE: (Move.RECEIVE, Move.GIVE, Move.TAKE_BACK, Move.FIND),
    Kind.RETURN: (Move.FIND,),
}


def makes_sense(status: Status, last: Mapping[str, int], issued: Iterable[Issued], role: Role) -> list[Kind]:
    """Return the papers to offer for a device now.

    `last` says where in its ledger each kind of event last stands; one is offered when it has happened and
    no paper since tells of it.
    """
    told = {
        paper.kind: paper.dseq for paper in sorted(issued, key=lambda each: each.dseq) if not paper.replaced
    }
    return [
        kind
        for kind, (event, only_in) in AFTER.items()
        if role in ISSUERS[kind]
        and last.get(event, 0) > told.get(kind, 0)
        and only_in in {None, status}
        and not any(last.get(later, 0) > last[event] for later in ENDS.get(kind, ()))
    ]


# What was found, in words that fit on paper.


def findings(good: int, bad: list[tuple[str, str]], faults: list[str]) -> str:
    """Return what an inspection found: how many checks are good, which are bad and why, which faults.

    What is too long for paper loses its notes first; then the rest is counted, never cut off.
    """
    for notes in (True, False):
        named = [f"{label} ({note})" if note and notes else label for label, note in bad]
        said = _findings(good, named, faults)
        if len(said) <= LONGEST:
            return said
    for kept in range(len(bad), -1, -1):
        named = [label for label, _note in bad[:kept]]
        said = _findings(good, [*named, f"và {len(bad) - kept} mục khác (xem trên hệ thống)"], [])
        if len(said) <= LONGEST:
            break
    return said


def _findings(good: int, bad: list[str], faults: list[str]) -> str:
    parts = [f"{good} mục kiểm tra đạt" if bad else f"Đạt cả {good} mục kiểm tra"]
    if bad:
        parts.append(f"không đạt: {'; '.join(bad)}")
    if faults:
        parts.append(f"hư hỏng: {'; '.join(faults)}")
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."
