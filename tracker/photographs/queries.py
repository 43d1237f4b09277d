"""Named reads of photographs, always through who may see the device."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.custody.models import Device
from tracker.custody.queries import visible
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.photographs.models import Photograph
from tracker.photographs.rules import looks_at
from tracker.refused import Missing

PHOTOGRAPH = Photograph.__table__


def of_device(session: Session, device_id: int, *, to: Actor) -> list[Row[Any]]:
    """Return the photographs of a device that a person may look at, the oldest first, with names.

    The hidden ones are among them, without a picture to show. The caller has found the device in the scope.
    """
    taker, hider = aliased(User), aliased(User)
    return list(
        session.execute(
            select(*PHOTOGRAPH.c, taker.name.label("who"), hider.name.label("hider"))
            .join(taker, taker.id == PHOTOGRAPH.c.by)
            .outerjoin(hider, hider.id == PHOTOGRAPH.c.hidden_by)
            .where(PHOTOGRAPH.c.device_id == device_id, PHOTOGRAPH.c.stage.in_(looks_at(to.role)))
            .order_by(PHOTOGRAPH.c.id)
        )
    )


def taken(session: Session, device_id: int, *, since: datetime) -> set[tuple[str, str]]:
    """Return (stage, about) of what was photographed since then and is not hidden."""
    rows = session.execute(
        select(PHOTOGRAPH.c.stage, PHOTOGRAPH.c.about).where(
            PHOTOGRAPH.c.device_id == device_id,
            PHOTOGRAPH.c.at >= since,
            PHOTOGRAPH.c.hidden_at.is_(None),
        )
    )
    return {(row.stage, row.about) for row in rows}


def photograph(session: Session, photograph_id: int, *, to: Actor) -> Row[Any]:
    """Return a photograph that is not hidden, with its device’s code and holder and the name of who took it.

    Raises:
        Missing: there is none, or its device or its stage is not for this person to see.
    """
    row: Any = session.execute(
        select(*PHOTOGRAPH.c, Device.code, Device.holder_org_id, User.name.label("who"))
        .join(Device, Device.id == PHOTOGRAPH.c.device_id)
        .join(User, User.id == PHOTOGRAPH.c.by)
        .where(
            PHOTOGRAPH.c.id == photograph_id,
            PHOTOGRAPH.c.hidden_at.is_(None),
            PHOTOGRAPH.c.stage.in_(looks_at(to.role)),
            visible(to),
        )
    ).first()
    if row is None:
        raise Missing
    found: Row[Any] = row
    return found


def same(session: Session, device_id: int, *, digest: str, stage: str, about: str) -> Row[Any] | None:
    """Return the photograph of a device with this picture, stage and subject, if there is one; also a hidden one."""
    return session.execute(
        select(PHOTOGRAPH).where(
            PHOTOGRAPH.c.device_id == device_id,
            PHOTOGRAPH.c.digest == digest,
            PHOTOGRAPH.c.stage == stage,
            PHOTOGRAPH.c.about == about,
        )
    ).first()


def shown_elsewhere(session: Session, digest: str) -> bool:
    """Return whether a photograph that is not hidden needs this picture or thumbnail."""
    return bool(session.scalar(select(exists().where(_has((digest,)), PHOTOGRAPH.c.hidden_at.is_(None)))))


def hidden_once(session: Session, digests: Collection[str]) -> bool:
    """Return whether one of these pictures was hidden somewhere, and so may have been taken out of the store."""
    return bool(session.scalar(select(exists().where(_has(digests), PHOTOGRAPH.c.hidden_at.is_not(None)))))


def _has(digests: Collection[str]) -> Any:
    return or_(PHOTOGRAPH.c.digest.in_(digests), PHOTOGRAPH.c.small.in_(digests))
