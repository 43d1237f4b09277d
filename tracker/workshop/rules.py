"""What is allowed at the bench: when a device passes, and what is still missing when it does not."""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from tracker.custody.facts import Category, InspectionPassed
from tracker.refused import Refused
from tracker.words import Words, _
from tracker.workshop.checklists import Checklist

#: Categories that keep their user's data and so must be erased before they pass.
STORES_DATA = frozenset({Category.DESKTOP, Category.LAPTOP, Category.TABLET, Category.PHONE})


class Result(StrEnum):
    """The answer to a check."""

    PASS = "pass"
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
_GRADE = re.compile(r"(F[3-6]) (C[2-6])")


class DataFate(StrEnum):
    """What happened to the data of a retired device."""

    ERASED = "erased"
    DESTROYED = "destroyed"
    NONE = "no-storage"

    @property
    def label(self) -> Words:
        return FATE_LABELS[self]


FATE_LABELS = {
    DataFate.ERASED: _("Erased, as recorded"),
    DataFate.DESTROYED: _("Its drive was destroyed"),
    DataFate.NONE: _("It never stored data"),
}


class NotReady(Refused):
    """The device does not pass yet; `missing` lists everything that is still to do."""

    def __init__(self, missing: list[Words]) -> None:
        self.missing = missing
        super().__init__(
            _("It cannot pass yet: %(missing)s", missing="; ".join(str(each) for each in missing)),
            out=_("Finish these on the device's workshop page, then pass it."),
        )


class StillOpen(Refused):
    """A repair is not finished while a fault has no outcome."""

    def __init__(self, count: int) -> None:
        super().__init__(
            _("%(n)s faults have no outcome yet.", n=count), out=_("Say of each what became of it, then finish.")
        )


class NoFault(Refused):
    """Nothing was found that could be repaired."""

    def __init__(self) -> None:
        super().__init__(_("There is no open fault to repair."), out=_("Write down at least one fault first."))


class DataLeft(Refused):
    """A device that stores data does not leave without proof that they are gone."""

    def __init__(self) -> None:
        super().__init__(
            _("Its data have not been erased."),
            out=_("Record the erasure first, or that its drive was destroyed."),
        )


def passed(
    *,
    inspection: int,
    checklist: Checklist,
    results: Mapping[str, str],
    open_faults: int,
    blockers: Collection[str],
    category: Category,
    erasure: int | None,
    grade: str,
) -> InspectionPassed:
    """Return the fact that lets a device pass.

    `results` are the last answers by check; `erasure` is the id of a successful erasure since the
    device last came in; `grade` is such as "F4 C3".

    Raises:
        NotReady: with everything that is missing, not only the first thing.
    """
    missing = [
        *_unanswered(checklist, results),
        *([_("%(n)s open faults", n=open_faults)] if open_faults else []),
        *[_("blocked: %(why)s", why=BlockerKind(kind).label) for kind in sorted(blockers)],
    ]
    if category in STORES_DATA and erasure is None:
        missing.append(_("no successful data erasure"))
    if not _GRADE.fullmatch(grade):
        missing.append(_("no grade"))
    if missing:
        raise NotReady(missing)
    return InspectionPassed(inspection, checklist.name, grade, erasure)


def _unanswered(checklist: Checklist, results: Mapping[str, str]) -> Iterable[Words]:
    for check in checklist.checks:
        answer = results.get(check.key)
        if check.mandatory and answer is None:
            yield _("not checked: %(check)s", check=check.label)
        elif answer == Result.FAIL:
            yield _("bad: %(check)s", check=check.label)


def fate_of_data(fate: DataFate, *, category: Category, erased: bool) -> DataFate:
    """Return what happened to the data of a device that is retired.

    Raises:
        DataLeft: it stores data, and neither an erasure nor a destroyed drive is recorded.
    """
    if category in STORES_DATA and fate is not DataFate.DESTROYED and not (fate is DataFate.ERASED and erased):
        raise DataLeft
    return fate
