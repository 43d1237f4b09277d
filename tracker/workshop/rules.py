"""What is allowed at the bench: when a device passes, and what is still missing when it does not."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from tracker.custody.facts import Category, InspectionPassed
from tracker.custody.road import Status
from tracker.words import Words, _
from tracker.workshop.checklists import Checklist
from tracker.workshop.refusals import DataLeft, NotReady

#: Categories that keep their user's data and so must be erased before they pass.
STORES_DATA = frozenset({Category.DESKTOP, Category.LAPTOP, Category.TABLET, Category.PHONE})


class Result(StrEnum):
    """The answer to a check."""

    PASS = "pass"  # noqa: S105  # the answer to a check
    FAIL = "fail"
    NA = "na"

    @property
    def label(self) -> Words:
        return RESULT_LABELS[self]


RESULT_LABELS = {Result.PASS: _("Good"), Result.FAIL: _("Bad"), Result.NA: _("Does not apply")}


class FaultKind(StrEnum):
    """What is wrong."""

    NO_START = "no-start"
    SCREEN = "screen"
    TOUCH = "touch"
    KEYBOARD = "keyboard"
    BATTERY = "battery"
    CHARGING = "charging"
    STORAGE = "storage"
    MEMORY = "memory"
    NETWORK = "network"
    CAMERA = "camera"
    SOUND = "sound"
    PORTS = "ports"
    CASING = "casing"
    SYSTEM = "system"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return FAULT_LABELS[self]


FAULT_LABELS = {
    FaultKind.NO_START: _("Does not start"),
    FaultKind.SCREEN: _("Screen"),
    FaultKind.TOUCH: _("Touch"),
    FaultKind.KEYBOARD: _("Keyboard or touchpad"),
    FaultKind.BATTERY: _("Battery"),
    FaultKind.CHARGING: _("Charging"),
    FaultKind.STORAGE: _("Drive"),
    FaultKind.MEMORY: _("Memory"),
    FaultKind.NETWORK: _("Network"),
    FaultKind.CAMERA: _("Camera"),
    FaultKind.SOUND: _("Sound"),
    FaultKind.PORTS: _("Ports or buttons"),
    FaultKind.CASING: _("Casing"),
    FaultKind.SYSTEM: _("System or software"),
    FaultKind.OTHER: _("Other"),
}


class Outcome(StrEnum):
    """What became of a fault."""

    FIXED = "fixed"
    REPLACED = "replaced-part"
    NO_FAULT = "not-a-fault"
    CANNOT_FIX = "cannot-fix"

    @property
    def label(self) -> Words:
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    Outcome.FIXED: _("Repaired"),
    Outcome.REPLACED: _("Part replaced"),
    Outcome.NO_FAULT: _("No fault found"),
    Outcome.CANNOT_FIX: _("Cannot be repaired"),
}


class Method(StrEnum):
    """How data was erased, by NIST SP 800-88."""

    CLEAR = "clear"
    PURGE = "purge"
    DESTROY = "destroy"

    @property
    def label(self) -> Words:
        return METHOD_LABELS[self]


METHOD_LABELS = {
    Method.CLEAR: _("Clear: overwritten, or reset to factory state"),
    Method.PURGE: _("Purge: secure erase of the drive, or encryption key destroyed"),
    Method.DESTROY: _("Destroy: the drive was destroyed"),
}


class BlockerKind(StrEnum):
    """Why a device does not move on."""

    NEEDS_PART = "needs-part"
    WIPE_FAILED = "wipe-failed"
    ACCOUNT_LOCKED = "account-locked"
    STOLEN = "reported-stolen"
    NEEDS_DECISION = "needs-decision"

    @property
    def label(self) -> Words:
        return BLOCKER_LABELS[self]


BLOCKER_LABELS = {
    BlockerKind.NEEDS_PART: _("Needs a part"),
    BlockerKind.WIPE_FAILED: _("Erasure failed"),
    BlockerKind.ACCOUNT_LOCKED: _("Locked to an account"),
    BlockerKind.STOLEN: _("Reported stolen"),
    BlockerKind.NEEDS_DECISION: _("Needs a decision"),
}

#: The blockers people set and clear; a failed erasure is cleared by a successful one.
BY_HAND = tuple(kind for kind in BlockerKind if kind is not BlockerKind.WIPE_FAILED)

#: Where a device is while the workshop works on it; only then are erasures and blockers recorded.
BENCH = (Status.INSPECTING, Status.REPAIRING, Status.RETURNED, Status.RECEIVED)

#: R2v3 functional and cosmetic grades that fit a device for a pupil, in the programme's own words.
FUNCTION_GRADES: dict[str, Words] = {
    "F3": _("Key functions work"),
    "F4": _("All of the hardware works"),
    "F5": _("Refurbished, software loaded"),
    "F6": _("Like new"),
}
COSMETIC_GRADES: dict[str, Words] = {
    "C2": _("Worn, marks everywhere"),
    "C3": _("Fair, visible scratches"),
    "C4": _("Good, light scratches"),
    "C5": _("Very good"),
    "C6": _("Excellent"),
}


class DataFate(StrEnum):
    """What happened to the data of a retired device."""

    ERASED = "erased"
    DESTROYED = "destroyed"
    NONE = "no-storage"
    LOST = "lost"

    @property
    def label(self) -> Words:
        return FATE_LABELS[self]


FATE_LABELS = {
    DataFate.ERASED: _("Erased, as recorded"),
    DataFate.DESTROYED: _("Its drive was destroyed"),
    DataFate.NONE: _("It never stored data"),
    DataFate.LOST: _("Lost with the device, not erased"),
}


class Wipe(NamedTuple):
    """One erasure: of one drive, or of the whole device when none is named."""

    id: int
    drive: str
    ok: bool


class Examined(NamedTuple):
    """What the bench knows of a device that is being inspected."""

    checklist: Checklist
    results: Mapping[str, str]
    """The last answer to each check."""
    open_faults: int
    blockers: Collection[str]
    category: Category
    erasure: int | None
    """The erasure that proves its data gone, see `proof`."""


def proof(wipes: Iterable[Wipe]) -> int | None:
    """Return the id of the erasure that proves the data gone, or None.

    `wipes` are those since data came onto the device, oldest first. A failure stands until the same
    drive, or the whole device, is erased after it.
    """
    failed: set[str] = set()
    newest = None
    for wipe in wipes:
        drive = wipe.drive.strip().casefold()
        if not wipe.ok:
            failed.add(drive)
            continue
        newest = wipe.id
        failed = failed - {drive} if drive else set()
    return None if failed else newest


def missing(device: Examined) -> list[Words]:
    """Return everything that still keeps a device from passing, but for its grade."""
    found = [
        *_wrong_checks(device),
        *([_("Faults without an outcome: %(n)s", n=device.open_faults)] if device.open_faults else []),
        *[_("Blocked: %(why)s", why=BlockerKind(kind).label) for kind in sorted(device.blockers)],
    ]
    if device.category in STORES_DATA and device.erasure is None:
        found.append(_("No successful data erasure"))
    return found


def _wrong_checks(device: Examined) -> Iterator[Words]:
    for check in device.checklist.checks:
        answer = device.results.get(check.key)
        if not check.mandatory:
            continue
        if answer is None or (check.always and answer == Result.NA):
            yield _("Not checked: %(check)s", check=check.label)
        elif answer == Result.FAIL:
            yield _("Bad: %(check)s", check=check.label)


def functions(device: Examined | None) -> list[tuple[str, Words]]:
    """Return the functional grades a device may get: with anything bad, that key functions work."""
    best = "F3" if device and _bad(device) else "F6"
    return [(grade, label) for grade, label in FUNCTION_GRADES.items() if grade <= best]


def _bad(device: Examined) -> list[Words]:
    return [check.label for check in device.checklist.checks if device.results.get(check.key) == Result.FAIL]


def wrong_grade(device: Examined, grade: str) -> Words | None:
    """Return what is wrong with a grade such as “F4 C3”, if anything."""
    function, _space, cosmetic = grade.partition(" ")
    if function not in FUNCTION_GRADES or cosmetic not in COSMETIC_GRADES:
        return _("No grade")
    if function not in dict(functions(device)):
        return _("Grade F3 at most, because this is bad: %(check)s", check=_bad(device)[0])
    return None


def passed(device: Examined, *, inspection: int, grade: str) -> InspectionPassed:
    """Return the fact that lets a device pass.

    Raises:
        NotReady: with everything that is missing, not only the first thing.
    """
    wrong = wrong_grade(device, grade)
    still = missing(device) + ([wrong] if wrong else [])
    if still:
        raise NotReady(still)
    return InspectionPassed(inspection, device.checklist.name, grade, device.erasure)


def outcomes_in(status: Status) -> tuple[Outcome, ...]:
    """Return what may become of a fault: in a repair anything, before it only that there is none."""
    return tuple(Outcome) if status is Status.REPAIRING else (Outcome.NO_FAULT,)


def possible_fates(*, category: Category, erased: bool, lost: bool) -> list[DataFate]:
    """Return what can have happened to the data of a device that is retired."""
    can = {
        DataFate.ERASED: erased,
        DataFate.DESTROYED: True,
        DataFate.NONE: category not in STORES_DATA,
        DataFate.LOST: lost,
    }
    return [fate for fate, possible in can.items() if possible]


def fate_of_data(fate: DataFate, *, category: Category, erased: bool, lost: bool) -> DataFate:
    """Return what happened to the data of a device that is retired; `lost` when it is missing.

    Raises:
        DataLeft: it stores data, and neither an erasure nor a destroyed drive is recorded.
    """
    if fate not in possible_fates(category=category, erased=erased, lost=lost):
        raise DataLeft
    return fate
