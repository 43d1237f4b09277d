"""What the hardware says to the checklist, and what it has for a minimum specification.

A card that is there need not work: only the drive and the battery answer for themselves, everything else is a
hint. The keys are those of `tracker.workshop.checklists`.
"""

from typing import NamedTuple

from tracker.evidence.facts import Battery, Drive, DriveKind, Facts, NicKind
from tracker.words import Words, _

PASS, FAIL = "pass", "fail"
#: The least a full charge must hold of its design for an hour of video on the usual battery of 40 Wh.
GOOD_BATTERY = 0.60
#: A gauge that claims more is wrong, and answers nothing.
MOST_BATTERY = 1.5

#: Drives that are watched by SMART; eMMC, sticks and discs have none.
_WATCHED = frozenset((DriveKind.HDD, DriveKind.SSD, DriveKind.NVME, DriveKind.UNKNOWN))
_BAD_HEALTH = frozenset(("dead", "failure"))


class Answer(NamedTuple):
    """What the hardware says to a check: `result` is "pass" or "fail"."""

    result: str
    reason: Words


class Hint(NamedTuple):
    """What the hardware says beside a check that a person must still make."""

    key: str
    words: Words


class Spec(NamedTuple):
    """What a minimum specification asks for; None is unknown. Sizes are bytes."""

    memory: int | None
    storage: int | None
    cores: int | None
    firmware_year: int | None


def pre_answers(facts: Facts) -> dict[str, Answer]:
    """Return the answers that need no person, by the check's key: `storage` and `battery` at most."""
    found = {"storage": _storage(facts), "battery": _battery(facts)}
    return {key: answer for key, answer in found.items() if answer}


def hints(facts: Facts) -> tuple[Hint, ...]:
    """Return what is there, by the check's key; whether it works is for a person to try."""
    found = [Hint("camera", _("A camera is built in: %(name)s.", name=name)) for name in facts.cameras]
    for nic in facts.nics:
        if nic.kind is NicKind.WIFI:
            found.append(Hint("wifi", _("A Wi-Fi card is there: %(name)s.", name=nic.model or nic.name)))
        elif nic.kind is NicKind.BLUETOOTH:
            found.append(Hint("bluetooth", _("Bluetooth is there: %(name)s.", name=nic.model or nic.name)))
    found += [
        Hint("account-lock", _("Android says %(name)s = %(value)s.", name=lock.name, value=lock.value))
        for lock in facts.locks
    ]
    for drive in inside(facts):
        if drive.kind in _WATCHED and not _proven(drive) and not _troubles(drive):
            found.append(
                Hint("storage", _("Nothing is known of the health of the drive %(name)s.", name=_name(drive)))
            )
    return tuple(dict.fromkeys(found))


def spec(facts: Facts) -> Spec:
    """Return memory, storage of drives that stay in the machine, cores, and the year of the firmware."""
    sizes = [drive.size for drive in inside(facts) if drive.size]
    return Spec(
        memory=facts.total_memory,
        storage=sum(sizes) or None,
        cores=facts.cpu.cores if facts.cpu else None,
        firmware_year=facts.firmware.year if facts.firmware else None,
    )


def inside(facts: Facts) -> list[Drive]:
    """Return the drives that stay in the machine."""
    outside = (DriveKind.USB, DriveKind.OPTICAL)
    return [
        drive
        for drive in facts.drives
        if not drive.usb and drive.removable is not True and drive.kind not in outside
    ]


def _name(drive: Drive) -> str:
    return drive.model or drive.path or drive.serial or "?"


def _proven(drive: Drive) -> bool:
    return drive.passed is True and drive.counted


def _troubles(drive: Drive) -> list[Words]:
    name = _name(drive)
    found = (
        [_("The drive %(name)s says that it is failing (SMART).", name=name)] if drive.passed is False else []
    )
    if drive.reallocated:
        found.append(_("The drive %(name)s has %(n)s reallocated sectors.", name=name, n=drive.reallocated))
    if drive.pending:
        found.append(
            _("The drive %(name)s has %(n)s sectors it cannot read (pending).", name=name, n=drive.pending)
        )
    if drive.uncorrectable:
        found.append(
            _(
                "The drive %(name)s counts %(n)s errors it could not correct.",
                name=name,
                n=drive.uncorrectable,
            )
        )
    return found


def _storage(facts: Facts) -> Answer | None:
    watched = [drive for drive in inside(facts) if drive.kind in _WATCHED]
    for drive in watched:
        if troubles := _troubles(drive):
            return Answer(FAIL, troubles[0])
    if not watched or not all(_proven(drive) for drive in watched):
        return None
    names = ", ".join(_name(drive) for drive in watched)
    return Answer(PASS, _("SMART is passed, without bad sectors: %(names)s.", names=names))


def _battery(facts: Facts) -> Answer | None:
    for battery in facts.batteries:
        if battery.health in _BAD_HEALTH:
            return Answer(
                FAIL, _("The battery says that it is worn out (%(health)s).", health=battery.health)
            )
    known = [battery for battery in facts.batteries if _plausible(battery)]
    if not known or len(known) < len(facts.batteries) or len({battery.unit for battery in known}) > 1:
        return None
    left = sum(battery.full or 0 for battery in known) / sum(battery.design or 0 for battery in known)
    return Answer(
        PASS if left >= GOOD_BATTERY else FAIL,
        _(
            "A full charge holds %(left)s %% of the battery's design; at least %(least)s %% is good.",
            left=int(left * 100),
            least=int(GOOD_BATTERY * 100),
        ),
    )


def _plausible(battery: Battery) -> bool:
    return battery.left is not None and 0 <= battery.left <= MOST_BATTERY
