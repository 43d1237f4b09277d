"""Retiring a device for good: its data first, then why, its weight for the recycler, and the record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, case, func, insert, select, true
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.facts import Category, Retirement, RetireReason
from tracker.custody.ledger import Ask, Done
from tracker.custody.models import Device
from tracker.custody.road import Move, Status
from tracker.evidence.queries import known_drives
from tracker.people.models import Organisation
from tracker.people.roles import Actor
from tracker.workshop import jobs, queries, rules
from tracker.workshop.actions import end_inspection
from tracker.workshop.kinds import DataFate, Method
from tracker.workshop.models import Erasure, RetiredDevice

DEVICE, RETIRED = Device.__table__, RetiredDevice.__table__

#: What a device of each category weighs when nobody weighed it, in grams, with what belongs to it.
USUAL: dict[Category, int] = {
    Category.DESKTOP: 8_000,
    Category.LAPTOP: 2_200,
    Category.TABLET: 500,
    Category.PHONE: 170,
    Category.OTHER: 1_000,
}
#: No device weighs more.
HEAVIEST = 60_000


class Data(NamedTuple):
    """What is recorded of the data of a device."""

    erasure: int | None
    """The erasure that proves them gone."""
    destroyed: bool
    """Whether it was the destruction of the drive."""
    drives: bool
    """Whether the machine says that it has drives."""


def data_of(session: Session, device: int) -> Data:
    """Return what is recorded of the data of a device."""
    proof, drives = queries.proof(session, device), bool(known_drives(session, device))
    if proof is None:
        return Data(None, destroyed=False, drives=drives)
    method = session.scalar(select(Erasure.method).where(Erasure.id == proof))
    return Data(proof, destroyed=method == Method.DESTROY, drives=drives)


def fates(session: Session, device: Row[Any], reason: RetireReason | None = None) -> list[DataFate]:
    """Return what can have happened to the data of a device: with this reason, or with any."""
    data = data_of(session, device.id)
    return rules.possible_fates(
        category=Category(device.category),
        erased=data.erasure is not None,
        destroyed=data.destroyed,
        lost=device.status == Status.MISSING,
        drives=data.drives,
        reason=reason,
    )


def retire(
    session: Session,
    device: Row[Any],
    reason: RetireReason,
    fate: DataFate,
    *,
    grams: int | None = None,
    by: Actor,
    ask: Ask,
) -> Done:
    """Retire a device for good. Without `grams` it weighs what is usual for its category.

    Raises:
        DataLeft: it stores data and they are not shown to be gone.
    """
    devices.locked(session, device.id)  # nobody records a failed erasure between the look and the move
    category, data = Category(device.category), data_of(session, device.id)
    fate = rules.fate_of_data(
        fate,
        category=category,
        erased=data.erasure is not None,
        destroyed=data.destroyed,
        lost=device.status == Status.MISSING,
        drives=data.drives,
        reason=reason,
    )
    proved = data.erasure if fate in {DataFate.ERASED, DataFate.DESTROYED} else None
    fact = Retirement(str(reason), str(fate), proved)
    done = custody.make(session, device.id, Move.RETIRE, fact, by=by, ask=ask)
    if done.again:
        return done
    jobs.end(session, device.id, "left", by=by, at=ask.at)
    end_inspection(session, device.id, "left", by=by, at=ask.at)
    session.execute(
        insert(RetiredDevice),
        {
            "device_id": device.id,
            "org_id": device.holder_org_id,
            "reason": reason,
            "grams": grams or USUAL[category],
            "weighed": grams is not None,
            "at": ask.at,
            "by": by.user,
        },
    )
    return done


def weight(session: Session, device: int) -> tuple[int, bool] | None:
    """Return what a retired device weighs in grams, and whether it was weighed; None of an older one."""
    row = session.execute(
        select(RETIRED.c.grams, RETIRED.c.weighed).where(RETIRED.c.device_id == device)
    ).first()
    return None if row is None else (row.grams, row.weighed)


def weights(session: Session, *, since: datetime, until: datetime, to: Actor) -> Sequence[Row[Any]]:
    """Return counts and grams of what was retired in a time, by organisation, category and reason.

    What is missing was not there to be weighed, and is left out.
    """
    theirs = true() if to.role.sees_everything else RETIRED.c.org_id == to.org
    return session.execute(
        select(
            Organisation.name.label("org_name"),
            DEVICE.c.category,
            RETIRED.c.reason,
            func.count().label("devices"),
            func.sum(RETIRED.c.grams).label("grams"),
            func.sum(case((RETIRED.c.weighed, 1), else_=0)).label("weighed"),
        )
        .join(DEVICE, DEVICE.c.id == RETIRED.c.device_id)
        .join(Organisation, Organisation.id == RETIRED.c.org_id)
        .where(theirs, RETIRED.c.at >= since, RETIRED.c.at < until)
        .group_by(Organisation.name, DEVICE.c.category, RETIRED.c.reason)
        .order_by(Organisation.name, DEVICE.c.category, RETIRED.c.reason)
    ).all()
