"""Named reads of the workshop."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from tracker.custody.facts import Category
from tracker.custody.models import Device, Event
from tracker.evidence.queries import known_drives
from tracker.lists.serials import normal_serial
from tracker.people.models import User
from tracker.photographs.queries import taken
from tracker.workshop import kinds, rules, versions
from tracker.workshop.checklists import Checklist
from tracker.workshop.kinds import BlockerKind, FaultKind
from tracker.workshop.models import Blocker, CheckResult, Erasure, Fault, Inspection, RepairJob
from tracker.workshop.rules import Examined, Wipe
from tracker.workshop.suggestions import suggested

DEVICE, EVENT = Device.__table__, Event.__table__

#: After these, data may be on the device that an earlier erasure knows nothing of.
BRINGS_DATA = ("receive", "give", "take-back", "find", "fit-drive")


#: After these, what the machine said of itself before may not be true any more.
CHANGES = (*BRINGS_DATA, "fit", "take-out")


def last_of(session: Session, device_id: int, kinds: Collection[str]) -> datetime | None:
    """Return when one of these last happened to a device."""
    at: datetime | None = session.scalar(
        select(func.max(EVENT.c.at)).where(EVENT.c.device_id == device_id, EVENT.c.kind.in_(kinds))
    )
    return at


def open_inspection(session: Session, device_id: int) -> Inspection | None:
    """Return the inspection that is going on, if any."""
    return session.scalar(
        select(Inspection).where(Inspection.device_id == device_id, Inspection.ended_at.is_(None))
    )


def results(session: Session, inspection_id: int) -> dict[str, CheckResult]:
    """Return the last answer to each check of an inspection."""
    rows = session.scalars(
        select(CheckResult).where(CheckResult.inspection_id == inspection_id).order_by(CheckResult.id)
    )
    return {row.check: row for row in rows}


def last_inspection(session: Session, device_id: int) -> Inspection | None:
    """Return the newest inspection, going on or ended."""
    return session.scalar(
        select(Inspection).where(Inspection.device_id == device_id).order_by(Inspection.id.desc()).limit(1)
    )


def faults(session: Session, device_id: int) -> list[Fault]:
    """Return the faults of a device, the open ones first, the newest of each first."""
    return list(
        session.scalars(
            select(Fault)
            .where(Fault.device_id == device_id)
            .order_by(Fault.settled_at.is_not(None), Fault.id.desc())
        )
    )


def open_faults(session: Session, device_id: int) -> list[Fault]:
    """Return the faults without an outcome, oldest first."""
    return list(
        session.scalars(
            select(Fault).where(Fault.device_id == device_id, Fault.settled_at.is_(None)).order_by(Fault.id)
        )
    )


def erasures(session: Session, device_id: int) -> list[Erasure]:
    """Return the erasures of a device, the newest first."""
    return list(
        session.scalars(select(Erasure).where(Erasure.device_id == device_id).order_by(Erasure.id.desc()))
    )


def counting(session: Session, device_id: int) -> int:
    """Return how many of the newest erasures count: those after data last came onto the device.

    The ledger's own order decides, since clocks may be wrong; each erasure is one event of it.
    """
    brought = select(func.max(EVENT.c.dseq)).where(
        EVENT.c.device_id == device_id, EVENT.c.kind.in_(BRINGS_DATA)
    )
    return (
        session.scalar(
            select(func.count()).where(
                EVENT.c.device_id == device_id,
                EVENT.c.kind == "erase",
                EVENT.c.dseq > func.coalesce(brought.scalar_subquery(), 0),
            )
        )
        or 0
    )


def proof(session: Session, device_id: int) -> int | None:
    """Return the id of the erasure that proves the data of a device gone, or None."""
    newest = erasures(session, device_id)[: counting(session, device_id)]
    return rules.proof(_wipes(newest), known_drives(session, device_id))


def _wipes(newest: Sequence[Erasure]) -> list[Wipe]:
    return [
        Wipe(each.id, each.drive, each.result == "ok", normal_serial(each.drive_serial or "").serial)
        for each in reversed(newest)
    ]


def tools(session: Session, *, org: int) -> list[str]:
    """Return the tools an organisation erased with lately."""
    lately = session.scalars(
        select(Erasure.tool).where(Erasure.org_id == org).order_by(Erasure.id.desc()).limit(200)
    )
    return sorted(set(lately))


def verifiers(session: Session, *, org: int) -> list[tuple[str, str]]:
    """Return who verified an organisation's erasures lately: names with their positions."""
    lately = session.execute(
        select(Erasure.verified_by, Erasure.verified_position)
        .where(Erasure.org_id == org, Erasure.verified_by != "")
        .order_by(Erasure.id.desc())
        .limit(200)
    )
    return sorted({(name or "", position or "") for name, position in lately})


def blockers(session: Session, device_id: int) -> list[Blocker]:
    """Return the open blockers of a device."""
    return list(
        session.scalars(
            select(Blocker)
            .where(Blocker.device_id == device_id, Blocker.cleared_at.is_(None))
            .order_by(Blocker.id)
        )
    )


class Work(NamedTuple):
    """Everything the bench knows of one device."""

    inspection: Inspection | None
    """The one that is going on, else the last."""
    checklist: Checklist | None
    answers: dict[str, CheckResult]
    faults: list[Fault]
    erasures: list[Erasure]
    counting: int
    """How many of the newest erasures count."""
    blockers: list[Blocker]
    proof: int | None
    """The erasure that proves the data gone."""
    examined: Examined | None
    """What must be in order before it passes; None before its first inspection."""
    suggested: dict[FaultKind | BlockerKind, str]
    drives: dict[str, str]
    """The drives that evidence has seen in it: names by serial."""
    unproven: list[str]
    """The serials of those that no erasure proves empty."""
    names: dict[int, str]

    @property
    def going_on(self) -> bool:
        """Whether an inspection is going on."""
        return self.inspection is not None and self.inspection.ended_at is None

    @property
    def open_faults(self) -> list[Fault]:
        """The faults without an outcome."""
        return [fault for fault in self.faults if fault.settled_at is None]


def work(session: Session, device: Row[Any]) -> Work:
    """Return everything the bench knows of a device."""
    inspection = last_inspection(session, device.id)
    answers = results(session, inspection.id) if inspection else {}
    found, wipes, blocked = (
        faults(session, device.id),
        erasures(session, device.id),
        blockers(session, device.id),
    )
    count = counting(session, device.id)
    open_now = [fault.kind for fault in found if fault.settled_at is None]
    drives, counted = known_drives(session, device.id), _wipes(wipes[:count])
    proven, unproven = rules.proof(counted, drives), rules.unproven(counted, drives)
    checklist = versions.named(session, inspection.checklist) if inspection else None
    examined = checklist and Examined(
        checklist=checklist,
        results={key: row.result for key, row in answers.items()},
        open_faults=len(open_now),
        blockers=[blocker.kind for blocker in blocked],
        category=Category(device.category),
        erasure=proven,
        values={key: row.value for key, row in answers.items() if row.value is not None},
        repaired_by=repairers(session, inspection) if checklist.other_person else frozenset(),
        inspected_by={row.by for row in answers.values() if not row.evidence},
        photographed=_photographed(session, device.id, inspection, checklist),
        unproven=[_with_serial(drives[serial], serial) for serial in unproven],
    )
    return Work(
        inspection=inspection,
        checklist=checklist,
        answers=answers,
        faults=found,
        erasures=wipes,
        counting=count,
        blockers=blocked,
        proof=proven,
        examined=examined,
        suggested=suggested(
            answers,
            known={*open_now, *(blocker.kind for blocker in blocked)},
            settled=_settled(found),
        ),
        drives=drives,
        unproven=unproven,
        names=_names(session, [inspection, *answers.values(), *found, *wipes, *blocked]),
    )


def _with_serial(name: str, serial: str) -> str:
    return name if serial in name else f"{name} ({serial})"


def _photographed(
    session: Session, device: int, inspection: Inspection | None, checklist: Checklist
) -> frozenset[str]:
    if inspection is None or not any(check.photo for check in checklist.checks):
        return frozenset()
    return frozenset(about for _stage, about in taken(session, device, since=inspection.started_at))


def repairers(session: Session, inspection: Inspection | None) -> set[int]:
    """Return who mended something in the repair before this inspection, since the device last passed.

    Found to be no fault is not mended. A repair that was left when the device was lost counts too.
    """
    if inspection is None:
        return set()
    before = session.scalar(
        select(RepairJob)
        .where(
            RepairJob.device_id == inspection.device_id,
            RepairJob.inspection_id < inspection.id,
            RepairJob.result.in_(("finished", "left")),
        )
        .order_by(RepairJob.id.desc())
        .limit(1)
    )
    if before is None or before.closed_at is None or _passed_since(session, inspection, before):
        return set()
    mended = session.scalars(
        select(Fault.settled_by).where(
            Fault.device_id == inspection.device_id,
            Fault.outcome != kinds.Outcome.NO_FAULT,
            Fault.settled_at.between(before.opened_at, before.closed_at),
        )
    )
    return {who for who in mended if who is not None}


def _passed_since(session: Session, inspection: Inspection, repair: RepairJob) -> bool:
    passed = select(Inspection.id).where(
        Inspection.device_id == inspection.device_id,
        Inspection.id.between(repair.inspection_id, inspection.id - 1),
        Inspection.result == "passed",
    )
    return session.scalar(passed.limit(1)) is not None


def _settled(found: list[Fault]) -> dict[str, datetime]:
    settled: dict[str, datetime] = {}
    for fault in found:
        if fault.settled_at:
            settled[fault.kind] = max(fault.settled_at, settled.get(fault.kind, fault.settled_at))
    return settled


def _names(session: Session, rows: Sequence[Any]) -> dict[int, str]:
    columns = ("by", "found_by", "settled_by", "set_by", "started_by", "ended_by")
    people = {getattr(row, column, None) for row in rows for column in columns} - {None}
    return names(session, people)


def names(session: Session, people: Collection[int | None]) -> dict[int, str]:
    """Return the names of people by their ids."""
    found = session.execute(select(User.id, User.name).where(User.id.in_(set(people) - {None})))
    return {row.id: row.name for row in found}
