"""Repairs in the words of the Open Repair Data Standard, for whoever compares repairs over many places.

Fields, categories and codes are those of version 0.3: https://standard.openrepair.org, and its tables in
https://github.com/openrepair/data (2025/07). No text that somebody wrote goes out: people write names.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from tracker.custody.facts import Category
from tracker.custody.models import Device
from tracker.lists.outcomes import plain_cell
from tracker.people.models import Organisation
from tracker.people.roles import Actor
from tracker.workshop.kinds import Barrier, FaultKind, Outcome
from tracker.workshop.models import Fault, RepairJob

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
PROVIDER, COUNTRY = "Sóng và máy tính cho em", "VNM"
FIELDS = (
    "id", "data_provider", "country", "partner_product_category", "product_category", "product_category_id", "brand",
    "year_of_manufacture", "product_age", "repair_status", "repair_barrier_if_end_of_life", "group_identifier",
    "event_date", "problem",
)  # fmt: skip

CATEGORIES: dict[Category, tuple[str, int]] = {
    Category.DESKTOP: ("Desktop computer", 4),
    Category.LAPTOP: ("Laptop", 16),
    Category.TABLET: ("Tablet", 30),
    Category.PHONE: ("Mobile", 19),
    Category.OTHER: ("Misc", 18),
}
BARRIERS: dict[Barrier, str] = {
    Barrier.NO_PARTS: "Spare parts not available",
    Barrier.PARTS_TOO_DEAR: "Spare parts too expensive",
    Barrier.CANNOT_OPEN: "No way to open product",
    Barrier.NO_INFORMATION: "Repair information not available",
    Barrier.NO_EQUIPMENT: "Lack of equipment",
    Barrier.WORN_OUT: "Too worn out",
}


class Found(NamedTuple):
    """A fault of a repair, and what became of it."""

    kind: FaultKind
    outcome: Outcome | None
    barrier: Barrier | None


def status(result: str, faults: Sequence[Found]) -> str:
    """Return the `repair_status` of a job with this result ("" while it is open)."""
    outcomes = {fault.outcome for fault in faults}
    if Outcome.CANNOT_FIX in outcomes:
        return "End of life"
    if not result:
        return "Repairable"
    mended = outcomes & {Outcome.FIXED, Outcome.REPLACED}
    return "Fixed" if result == "finished" and mended else "Unknown"


def barrier(faults: Iterable[Found]) -> str:
    """Return the first barrier among the faults that could not be repaired, or ""."""
    return next((BARRIERS[each.barrier] for each in faults if each.barrier), "")


def problem(faults: Iterable[Found]) -> str:
    """Return the faults with their outcomes, in codes."""
    return "; ".join(f"{each.kind}: {each.outcome or 'open'}" for each in faults)


def rows(session: Session, *, since: datetime, until: datetime, to: Actor) -> Iterator[tuple[str, ...]]:
    """Yield a line for each repair begun in a time that was not undone, the oldest first."""
    jobs = session.execute(
        select(RepairJob.id, RepairJob.inspection_id, RepairJob.device_id, RepairJob.result, RepairJob.opened_at,
               RepairJob.closed_at, Device.category, Device.make, Organisation.name.label("workshop"))
        .join(Device, Device.id == RepairJob.device_id)
        .join(Organisation, Organisation.id == RepairJob.org_id)
        .where(RepairJob.opened_at >= since, RepairJob.opened_at < until, RepairJob.result != "undone",
               true() if to.role.sees_everything else RepairJob.org_id == to.org)
        .order_by(RepairJob.id)
    ).all()  # fmt: skip
    found = _faults(session, [job.inspection_id for job in jobs])
    for job in jobs:
        yield _line(job, found.get(job.inspection_id, []))


def _faults(session: Session, inspections: Sequence[int]) -> dict[int, list[Found]]:
    faults: dict[int, list[Found]] = {}
    for at in range(0, len(inspections), 500):
        some = inspections[at : at + 500]
        for row in session.execute(
            select(Fault.inspection_id, Fault.kind, Fault.outcome, Fault.barrier)
            .where(Fault.inspection_id.in_(some))
            .order_by(Fault.id)
        ):
            fault = Found(
                FaultKind(row.kind),
                Outcome(row.outcome) if row.outcome else None,
                Barrier(row.barrier) if row.barrier else None,
            )
            faults.setdefault(row.inspection_id, []).append(fault)
    return faults


def _line(job: Any, faults: Sequence[Found]) -> tuple[str, ...]:
    category = Category(job.category)
    name, number = CATEGORIES[category]
    became = status(job.result, faults)
    return (
        f"smt-{job.id}", PROVIDER, COUNTRY, str(category), name, str(number), job.make.strip() or "Unknown", "", "",
        became, barrier(faults) if became == "End of life" else "", job.workshop,
        f"{(job.closed_at or job.opened_at).astimezone(VIETNAM):%Y-%m-%d}", problem(faults),
    )  # fmt: skip


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """Write the lines as CSV in UTF-8 under the standard's names."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(FIELDS)
    writer.writerows([plain_cell(cell) for cell in line] for line in lines)
    return out.getvalue().encode()
