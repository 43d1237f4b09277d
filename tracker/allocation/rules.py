"""Who comes first, what a pupil's support stands at, and what is refused."""

from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from tracker.custody.codes import grouped
from tracker.custody.road import Status
from tracker.people.roles import Actor, Role
from tracker.refused import Refused
from tracker.words import Words, _

#: Pairs in one form; a school that waits for more confirms twice.
MOST_PAIRS = 100


class Policy(StrEnum):
    """Why a family is helped first, in the order in which a pupil's row writes them."""

    POOR = "ngheo"
    NEAR_POOR = "can_ngheo"
    ORPHAN = "mo_coi"
    DISABLED = "khuyet_tat"

    @property
    def label(self) -> Words:
        return POLICY_LABELS[self]


POLICY_LABELS = {
    Policy.POOR: _("Poor household"),
    Policy.NEAR_POOR: _("Near-poor household"),
    Policy.ORPHAN: _("Orphan"),
    Policy.DISABLED: _("With a disability"),
}

#: Poor before orphan or disabled before near poor; two reasons weigh more than either.
WEIGHTS = {Policy.POOR: 4, Policy.ORPHAN: 3, Policy.DISABLED: 3, Policy.NEAR_POOR: 2}


def policies(text: str) -> list[Policy]:
    """Return the policies that a pupil's row names."""
    named = text.split()
    return [one for one in Policy if one in named]


def weight(policy: str) -> int:
    """Return how much the policies of a pupil's row weigh: 0 for none, more is sooner."""
    return sum(WEIGHTS[one] for one in policies(policy))


def weights() -> dict[str, int]:
    """Return the weight of every text that a pupil's row may hold, for ordering in the database."""
    texts = [" ".join(some) for n in range(1, len(Policy) + 1) for some in combinations(Policy, n)]
    return {text: weight(text) for text in texts}


class PupilState(StrEnum):
    """What a pupil's support stands at."""

    WAITING = "waiting"
    REPLACEMENT = "replacement"
    BOUND = "bound"
    ON_THE_WAY = "on-the-way"
    AT_SCHOOL = "at-school"
    GIVEN = "given"
    CONNECTION = "connection"
    NO_NEED = "no-need"

    @property
    def label(self) -> Words:
        return STATES[self].label

    @property
    def tone(self) -> str:
        return STATES[self].tone

    @property
    def drawing(self) -> str:
        return STATES[self].drawing

    @property
    def bindable(self) -> bool:
        """Whether the pupil may be bound to a device now."""
        return self in {PupilState.WAITING, PupilState.REPLACEMENT}


class Shown(NamedTuple):
    """How pages show a state."""

    label: Words
    tone: str
    drawing: str


STATES = {
    PupilState.WAITING: Shown(_("Waiting for a device"), "warn", "hourglass-split"),
    PupilState.REPLACEMENT: Shown(_("Needs a replacement"), "bad", "arrow-repeat"),
    PupilState.BOUND: Shown(_("Device bound"), "info", "person-check"),
    PupilState.ON_THE_WAY: Shown(_("Device on the way"), "info", "truck"),
    PupilState.AT_SCHOOL: Shown(_("Device at the school"), "info", "building-check"),
    PupilState.GIVEN: Shown(_("Has received the device"), "ok", "person-heart"),
    PupilState.CONNECTION: Shown(_("Lacks only a connection"), "quiet", "wifi-off"),
    PupilState.NO_NEED: Shown(_("No lack on the list"), "quiet", "dash-circle"),
}

#: The statuses a bound device may have: any other ends the binding.
HELD = {
    Status.BOUND: PupilState.BOUND,
    Status.ON_THE_WAY: PupilState.ON_THE_WAY,
    Status.AT_SCHOOL: PupilState.AT_SCHOOL,
    Status.GIVEN: PupilState.GIVEN,
}

#: The road of a pupil's support, for the drawing of it.
STRETCHES = (
    PupilState.WAITING,
    PupilState.BOUND,
    PupilState.ON_THE_WAY,
    PupilState.AT_SCHOOL,
    PupilState.GIVEN,
)


def state_of(*, no_device: bool, no_net: bool, bound: str | None, lost_one: bool) -> PupilState:
    """Return what a pupil's support stands at.

    `bound` is the status of the device bound now, None without one; `lost_one` says that an earlier
    binding ended otherwise than by a release: the pupil's device was lost, taken back or retired.
    """
    if bound is not None:
        return HELD[Status(bound)]
    if no_device:
        return PupilState.REPLACEMENT if lost_one else PupilState.WAITING
    return PupilState.CONNECTION if no_net else PupilState.NO_NEED


def road_of(state: PupilState) -> list[tuple[Words, str]]:
    """Return the stretches of a pupil's road as done, now or ahead."""
    here = STRETCHES.index(PupilState.WAITING if state not in STRETCHES else state)
    return [
        (stretch.label, "done" if n < here else "now" if n == here else "ahead")
        for n, stretch in enumerate(STRETCHES)
    ]


class ReleaseReason(StrEnum):
    """Why a device is taken from a pupil before it was sent."""

    WRONG_PUPIL = "wrong-pupil"
    WRONG_DEVICE = "wrong-device"
    DEVICE_FAULT = "device-fault"
    NO_NEED = "no-need"
    LEFT_SCHOOL = "left-school"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return RELEASE_LABELS[self]


RELEASE_LABELS = {
    ReleaseReason.WRONG_PUPIL: _("Bound to the wrong pupil"),
    ReleaseReason.WRONG_DEVICE: _("The wrong device was chosen"),
    ReleaseReason.DEVICE_FAULT: _("A fault was found before sending"),
    ReleaseReason.NO_NEED: _("The pupil has a device by now"),
    ReleaseReason.LEFT_SCHOOL: _("The pupil has left the school"),
    ReleaseReason.OTHER: _("Another reason"),
}


class First(NamedTuple):
    """Who bound a pupil or a device first, and when (as pages write it)."""

    who: str
    when: str
    code: str


class PupilTaken(Refused):
    """The pupil has a device bound already: one support per pupil."""

    def __init__(self, first: First) -> None:
        self.first = first
        super().__init__(
            _(
                "Somebody was first: %(who)s bound the device %(code)s to this pupil at %(when)s.",
                who=first.who,
                code=grouped(first.code),
                when=first.when,
            ),
            out=_("Choose the next pupil who waits."),
        )


class DeviceTaken(Refused):
    """The device is bound to a pupil already."""

    def __init__(self, first: First) -> None:
        self.first = first
        super().__init__(
            _(
                "Somebody was first: %(who)s bound the device %(code)s to a pupil at %(when)s.",
                who=first.who,
                code=grouped(first.code),
                when=first.when,
            ),
            out=_("Choose another device that is ready."),
        )


class NotLacking(Refused):
    """The list does not say that the pupil's family lacks a device."""

    def __init__(self) -> None:
        super().__init__(
            _("The list does not say that this pupil lacks a device."),
            out=_("If that has changed, tick “A device for learning” on the pupil's page first."),
        )


class TakenIn(Refused):
    """A list of exactly this content was taken in before."""

    def __init__(self, who: str, when: str) -> None:
        super().__init__(
            _("This very file was taken in already, by %(who)s at %(when)s.", who=who, when=when),
            out=_("Nothing needs to be done. A corrected list is a new file and may be sent."),
        )


class Overtaken(Refused):
    """While this list was being taken in, somebody else added a pupil or a school that stands in it."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else added one of these rows a moment ago. Nothing was taken in."),
            out=_("Open the list again: it now shows what is there already."),
        )


class FileGone(Refused):
    """The uploaded file was deleted: lists that nobody takes in are kept for seven days."""

    def __init__(self) -> None:
        super().__init__(
            _("The file of this list is no longer kept."), out=_("Send the file again to take it in.")
        )


class AnotherSchool(Refused):
    """The head of a list names another school than that of the person sending it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("The head of this list names another school: %(name)s.", name=name),
            out=_("Send the list of your own school, or ask the department to send this one."),
        )


class NotForASchool(Refused):
    """The question touches a pupil of another school, so the department decides."""

    def __init__(self) -> None:
        super().__init__(
            _("This row concerns another school's list too: the department decides it."),
            out=_("Tell your coordinator; they see both lists."),
        )


def must_be_able_to_decide(by: Actor, why: str, *, twin_elsewhere: bool) -> None:
    """Check that a person may decide a row that a list left open.

    Raises:
        NotForASchool: school staff, and the row touches another school's pupil.
    """
    if by.role is Role.SCHOOL and (twin_elsewhere or "other_school" in why.split()):
        raise NotForASchool
