"""What is allowed at the bench: when a device passes, and what is still missing when it does not."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from tracker.custody.facts import Category, InspectionPassed, RetireReason
from tracker.custody.road import Status
from tracker.words import Words, _
from tracker.workshop.checklists import Check, Checklist
from tracker.workshop.kinds import (
    COSMETIC_GRADES,
    FUNCTION_GRADES,
    STORES_DATA,
    BlockerKind,
    DataFate,
    Outcome,
    Result,
)
from tracker.workshop.refusals import DataLeft, NotReady


class Wipe(NamedTuple):
    """One erasure: of one drive, or of the whole device when none is named."""

    id: int
    drive: str
    ok: bool
    serial: str = ""
    """The serial of the drive, in the form it is compared in."""


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
    values: Mapping[str, float] = MappingProxyType({})
    """What was measured, by check."""
    photographed: Collection[str] = frozenset()
    """The checks of which photographs were taken since the inspection began."""
    repaired_by: Collection[int] = frozenset()
    """Who repaired it before this inspection; none when it is no second one."""
    inspected_by: Collection[int] = frozenset()
    """Who gave the answers."""
    unproven: Collection[str] = ()
    """The drives that the machine says are in it, and that no erasure proves empty, by name."""


def proof(wipes: Iterable[Wipe], drives: Collection[str] = ()) -> int | None:
    """Return the id of the erasure that proves the data gone, or None.

    `wipes` are those since data came onto the device, oldest first. A failure stands until the same
    drive, or the whole device, is erased after it. Where the machine itself says which `drives` (serials)
    are in it, each of them must be erased, and what failed on a drive that is not in it is of no interest.
    """
    wipes = list(wipes)
    failed: list[Wipe] = []
    newest = None
    for wipe in wipes:
        if not wipe.ok:
            failed.append(wipe)
            continue
        newest = wipe.id
        failed = [each for each in failed if not _mends(wipe, each)]
    stands = [each for each in failed if not (drives and each.serial and each.serial not in drives)]
    return None if stands or unproven(wipes, drives) else newest


def _mends(good: Wipe, bad: Wipe) -> bool:
    """Say whether a wipe that succeeded is of the drive on which one failed before, or of the whole device."""
    drive, other = good.drive.strip().casefold(), bad.drive.strip().casefold()
    if drive and other:
        return drive == other
    known = bool(good.serial and bad.serial)
    return good.serial == bad.serial if known else not drive


def unproven(wipes: Iterable[Wipe], drives: Collection[str]) -> list[str]:
    """Return the drives (serials) whose last erasure is missing or failed.

    A wipe that names no drive speaks for a single one only, and one that names another serial for none.
    """
    erased: dict[str, bool] = {}
    for wipe in wipes:
        if wipe.serial in drives:
            erased[wipe.serial] = wipe.ok
        elif not wipe.drive.strip() and not wipe.serial and len(drives) == 1:
            erased[next(iter(drives))] = wipe.ok
    return [drive for drive in drives if not erased.get(drive)]


def missing(device: Examined) -> list[Words]:
    """Return everything that still keeps a device from passing, but for its grade."""
    found = [
        *_wrong_checks(device),
        *_without_photograph(device),
        *_same_hands(device),
        *([_("Faults without an outcome: %(n)s", n=device.open_faults)] if device.open_faults else []),
        *[_("Blocked: %(why)s", why=BlockerKind(kind).label) for kind in sorted(device.blockers)],
    ]
    if device.category in STORES_DATA and device.erasure is None:
        found.append(_("No successful data erasure"))
    found += [_("No verified erasure of the drive %(drive)s", drive=drive) for drive in device.unproven]
    return found


def _wrong_checks(device: Examined) -> Iterator[Words]:
    for check in device.checklist.checks:
        answer = device.results.get(check.key)
        if not check.mandatory:
            continue
        if answer is None or (check.always and answer == Result.NA):
            yield _("Not checked: %(check)s", check=check.label)
        elif answer == Result.FAIL and check.measured:
            yield below(check, device.values.get(check.key, 0))
        elif answer == Result.FAIL:
            yield _("Bad: %(check)s", check=check.label)


def below(check: Check, value: float) -> Words:
    """Return the words for what is measured and does not serve lessons."""
    return _(
        "Too little: %(check)s %(value)s, at least %(least)s",
        check=check.label,
        value=with_unit(value, check.unit),
        least=with_unit(check.least or 0, check.unit),
    )


def with_unit(value: float, unit: str) -> str:
    """Return a number as it is written here, with its unit: 1,5 GB."""
    text = f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    return f"{text} {unit}" if unit and unit not in "%″" else text + unit


def measured(check: Check, value: float) -> Result:
    """Return the answer that a measured value gives."""
    return Result.PASS if check.least is not None and value >= check.least else Result.FAIL


def _without_photograph(device: Examined) -> Iterator[Words]:
    for check in device.checklist.checks:
        answered = device.results.get(check.key) in {Result.PASS, Result.FAIL}
        if check.photo and (check.mandatory or answered) and check.key not in device.photographed:
            yield _("No photograph: %(check)s", check=check.label)


def _same_hands(device: Examined) -> Iterator[Words]:
    if device.checklist.other_person and set(device.repaired_by) & set(device.inspected_by):
        yield _("Inspected by who repaired it; somebody else must do it")


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


def possible_fates(
    *,
    category: Category,
    erased: bool,
    destroyed: bool,
    lost: bool,
    drives: bool = False,
    reason: RetireReason | None = None,
) -> list[DataFate]:
    """Return what can have happened to the data of a device that is retired for this reason, or for any.

    `erased` when a verified erasure is recorded since data came onto it, `destroyed` when that was the
    destruction of its drive, `lost` when the device is missing, `drives` when the machine says that it has some.
    """
    can = {
        DataFate.ERASED: erased,
        DataFate.DESTROYED: destroyed,
        DataFate.NONE: category not in STORES_DATA and not drives,
        DataFate.LOST: lost and reason is not RetireReason.PARTS,
        DataFate.LEFT: reason in {None, RetireReason.BACK_TO_DONOR},
    }
    return [fate for fate, possible in can.items() if possible]


def fate_of_data(
    fate: DataFate,
    *,
    category: Category,
    erased: bool,
    destroyed: bool,
    lost: bool,
    reason: RetireReason,
    drives: bool = False,
) -> DataFate:
    """Return what happened to the data of a device that is retired for this reason; see `possible_fates`.

    Raises:
        DataLeft: it stores data, and no erasure or destruction of it is recorded.
    """
    possible = possible_fates(
        category=category, erased=erased, destroyed=destroyed, lost=lost, drives=drives, reason=reason
    )
    if fate not in possible:
        raise DataLeft
    return fate


def lasted(time: timedelta) -> Words:
    """Return how long something lasted, as people say it: minutes, hours up to two days, then days."""
    minutes = max(0, int(time.total_seconds() // 60))
    if minutes < 120:
        return _("%(n)s minutes", n=minutes)
    return _("%(n)s hours", n=minutes // 60) if minutes < 48 * 60 else _("%(n)s days", n=minutes // (24 * 60))
