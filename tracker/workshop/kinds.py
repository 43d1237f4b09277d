"""The words of the bench: answers, faults and their outcomes, erasures, blockers, grades, the fate of data."""

from datetime import timedelta
from enum import StrEnum

from tracker.custody.facts import Category
from tracker.custody.road import Status
from tracker.words import Words, _

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


class Barrier(StrEnum):
    """Why something cannot be repaired: the barriers of the Open Repair Data Standard."""

    NO_PARTS = "no-parts"
    PARTS_TOO_DEAR = "parts-too-dear"
    CANNOT_OPEN = "cannot-open"
    NO_INFORMATION = "no-information"
    NO_EQUIPMENT = "no-equipment"
    WORN_OUT = "worn-out"

    @property
    def label(self) -> Words:
        return BARRIER_LABELS[self]


BARRIER_LABELS = {
    Barrier.NO_PARTS: _("No spare part is to be had"),
    Barrier.PARTS_TOO_DEAR: _("The spare part is too dear"),
    Barrier.CANNOT_OPEN: _("It cannot be opened"),
    Barrier.NO_INFORMATION: _("No information on how to repair it"),
    Barrier.NO_EQUIPMENT: _("The tools for it are missing"),
    Barrier.WORN_OUT: _("It is too worn out"),
}


class Wait(StrEnum):
    """What a repair waits for."""

    PART = "part"
    QUOTE = "quote"
    DECISION = "decision"

    @property
    def label(self) -> Words:
        return WAIT_LABELS[self]

    @property
    def blocker(self) -> "BlockerKind":
        """The reason beside the status while it waits."""
        return BlockerKind(f"needs-{self}")


WAIT_LABELS = {
    Wait.PART: _("A part"),
    Wait.QUOTE: _("A quote"),
    Wait.DECISION: _("A decision"),
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
    NEEDS_QUOTE = "needs-quote"
    GOOGLE_LOCK = "google-lock"
    APPLE_LOCK = "apple-lock"
    MDM = "mdm"
    FIRMWARE_LOCK = "firmware-password"
    ACCOUNT_LOCKED = "account-locked"
    STOLEN = "reported-stolen"
    NEEDS_DECISION = "needs-decision"

    @property
    def label(self) -> Words:
        return BLOCKER_LABELS[self]


BLOCKER_LABELS = {
    BlockerKind.NEEDS_PART: _("Needs a part"),
    BlockerKind.WIPE_FAILED: _("Erasure failed"),
    BlockerKind.NEEDS_QUOTE: _("Waits for a quote"),
    BlockerKind.GOOGLE_LOCK: _("Locked to a Google account"),
    BlockerKind.APPLE_LOCK: _("Apple Activation Lock is on"),
    BlockerKind.MDM: _("Managed from afar (MDM)"),
    BlockerKind.FIRMWARE_LOCK: _("Firmware password"),
    BlockerKind.ACCOUNT_LOCKED: _("Locked to an account"),
    BlockerKind.STOLEN: _("Reported stolen"),
    BlockerKind.NEEDS_DECISION: _("Needs a decision"),
}

#: The blockers people set and clear; a failed erasure is cleared by a successful one, a quote is waited for in a repair.
BY_HAND = tuple(
    kind for kind in BlockerKind if kind not in {BlockerKind.WIPE_FAILED, BlockerKind.NEEDS_QUOTE}
)

#: Where a device is while the workshop works on it; only then are erasures and blockers recorded.
BENCH = (Status.INSPECTING, Status.REPAIRING, Status.RETURNED, Status.RECEIVED)

#: After so long in a status somebody should look why. The programme's own figures, to be changed here.
TOO_LONG: dict[Status, timedelta] = {
    Status.RECEIVED: timedelta(days=7),
    Status.INSPECTING: timedelta(days=3),
    Status.REPAIRING: timedelta(days=14),
    Status.READY: timedelta(days=14),
    Status.BOUND: timedelta(days=7),
    Status.ON_THE_WAY: timedelta(days=5),
    Status.AT_SCHOOL: timedelta(days=7),
    Status.RETURNED: timedelta(days=7),
}

#: R2v3 functional and cosmetic grades, in the programme's own words. Source: SERI, R2 Equipment Categorization v1.2.
ALL_FUNCTION_GRADES: dict[str, Words] = {
    "F1": _("For collectors only"),
    "F2": _("For special uses only"),
    "F3": _("Key functions work"),
    "F4": _("All of the hardware works"),
    "F5": _("Refurbished, software loaded"),
    "F6": _("Like new"),
}
ALL_COSMETIC_GRADES: dict[str, Words] = {
    "C0": _("Not looked at"),
    "C1": _("Damaged: cracked, bent or broken"),
    "C2": _("Worn, marks everywhere"),
    "C3": _("Fair, visible scratches"),
    "C4": _("Good, light scratches"),
    "C5": _("Very good"),
    "C6": _("Excellent"),
    "C7": _("As new, certified by its maker"),
    "C8": _("New, its box was never opened"),
    "C9": _("New, only its box was opened"),
}
#: Those that fit a device for a pupil.
FUNCTION_GRADES = {grade: words for grade, words in ALL_FUNCTION_GRADES.items() if grade >= "F3"}
COSMETIC_GRADES = {grade: words for grade, words in ALL_COSMETIC_GRADES.items() if grade >= "C2"}


class DataFate(StrEnum):
    """What happened to the data of a retired device."""

    ERASED = "erased"
    DESTROYED = "destroyed"
    NONE = "no-storage"
    LOST = "lost"
    LEFT = "left-on"

    @property
    def label(self) -> Words:
        return FATE_LABELS[self]


FATE_LABELS = {
    DataFate.ERASED: _("Erased, as recorded"),
    DataFate.DESTROYED: _("Its drive was destroyed"),
    DataFate.NONE: _("It never stored data"),
    DataFate.LOST: _("Lost with the device, not erased"),
    DataFate.LEFT: _("Left on it: it goes back to its donor"),
}
