"""A check that is bad speaks for a fault or a blocker; the page offers it, and a person writes it down."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from tracker.workshop.kinds import BlockerKind, FaultKind, Result

#: What a bad check speaks for: a fault to repair, or a blocker that no repair takes away.
SUGGESTS: dict[str, FaultKind | BlockerKind] = {
    "power": FaultKind.NO_START,
    "screen": FaultKind.SCREEN,
    "touch": FaultKind.TOUCH,
    "keyboard": FaultKind.KEYBOARD,
    "pointer": FaultKind.KEYBOARD,
    "ports": FaultKind.PORTS,
    "buttons": FaultKind.PORTS,
    "camera": FaultKind.CAMERA,
    "microphone": FaultKind.SOUND,
    "speakers": FaultKind.SOUND,
    "wifi": FaultKind.NETWORK,
    "bluetooth": FaultKind.NETWORK,
    "sim": FaultKind.NETWORK,
    "battery": FaultKind.BATTERY,
    "charger": FaultKind.CHARGING,
    "storage": FaultKind.STORAGE,
    "system": FaultKind.SYSTEM,
    "casing": FaultKind.CASING,
    "account-lock": BlockerKind.ACCOUNT_LOCKED,
    "google-lock": BlockerKind.GOOGLE_LOCK,
    "apple-lock": BlockerKind.APPLE_LOCK,
    "mdm": BlockerKind.MDM,
    "firmware-password": BlockerKind.FIRMWARE_LOCK,
    "not-stolen": BlockerKind.STOLEN,
    "memory": FaultKind.MEMORY,
    "capacity": FaultKind.STORAGE,
    "battery-health": FaultKind.BATTERY,
    "cores": FaultKind.OTHER,
    "screen-size": FaultKind.SCREEN,
    "android": FaultKind.SYSTEM,
}

#: Checks that block by being bad, and no longer when they are good: what no repair takes away.
LOCKS: dict[str, BlockerKind] = {
    check: kind for check, kind in SUGGESTS.items() if isinstance(kind, BlockerKind)
}


class Answer(Protocol):
    """What `suggested` looks at of an answer to a check."""

    @property
    def result(self) -> str: ...
    @property
    def at(self) -> datetime: ...


def suggested(
    answers: Mapping[str, Answer], *, known: Collection[str], settled: Mapping[str, datetime]
) -> dict[FaultKind | BlockerKind, str]:
    """Return what the bad checks speak for and nobody has written down yet, with the check that says so.

    `known` are the kinds of open faults and blockers. `settled` says when a fault of a kind last got its
    outcome: a check answered before that has been dealt with, and wants checking again.
    """
    found: dict[FaultKind | BlockerKind, str] = {}
    for check, answer in answers.items():
        kind = SUGGESTS.get(check)
        if kind is None or answer.result != Result.FAIL or kind in known or kind in found:
            continue
        if kind not in settled or answer.at > settled[kind]:
            found[kind] = check
    return found
