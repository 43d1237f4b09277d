"""Named reads of papers, within the reader's scope, and of what they tell."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select, true
from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.allocation.bindings import OnPaper
from tracker.allocation.models import Support
from tracker.custody.models import Device
from tracker.handover.models import Giving
from tracker.intake.models import Donation
from tracker.intake.rules import number as donation_number
from tracker.papers.models import Paper, PaperDevice
from tracker.papers.rules import Kind
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor
from tracker.refused import Missing

PAPER = Paper.__table__
ON = PaperDevice.__table__
DEVICE = Device.__table__
ISSUER = Organisation.__table__.alias("issuer")
PAGE = 50


def visible(to: Actor) -> ColumnElement[bool]:
    """Return the condition for the papers a person may see: those of their organisation, or all."""
    return true() if to.role.sees_everything else PAPER.c.org_id == to.org


_LISTED: Select[Any] = select(
    *(PAPER.c[name] for name in "id kind org_id year seq on at by support_id replaced_by".split()),
    ISSUER.c.name.label("org_name"),
    ISSUER.c.code.label("org_code"),
).join(ISSUER, ISSUER.c.id == PAPER.c.org_id)


def papers(
    session: Session, *, to: Actor, kind: Kind | None = None, before: int | None = None
) -> list[Row[Any]]:
    """Return one page of papers and one more, the newest first; `before` is the last id of the page before."""
    query = _LISTED.where(visible(to)).order_by(PAPER.c.id.desc()).limit(PAGE + 1)
    if kind:
        query = query.where(PAPER.c.kind == kind)
    if before is not None:
        query = query.where(PAPER.c.id < before)
    return list(session.execute(query))


def paper(session: Session, paper_id: int, *, to: Actor) -> Row[Any]:
    """Return one paper with all it says.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    row = session.execute(
        _LISTED.add_columns(PAPER.c.says, User.name.label("by_name"))
        .join(User, User.id == PAPER.c.by)
        .where(PAPER.c.id == paper_id, visible(to))
    ).first()
    if row is None:
        raise Missing
    return row


def replaced(session: Session, paper_id: int) -> Row[Any] | None:
    """Return the paper that this one replaces, or None."""
    return session.execute(_LISTED.where(PAPER.c.replaced_by == paper_id)).first()


def by_id(session: Session, paper_id: int) -> Row[Any]:
    """Return what a list shows of one paper, whose scope the caller has checked."""
    return session.execute(_LISTED.where(PAPER.c.id == paper_id)).one()


def devices_of(session: Session, papers: Iterable[int]) -> dict[int, list[Row[Any]]]:
    """Return the devices on papers: code, category, make and model, by paper."""
    query: Select[Any] = (
        select(ON.c.paper_id, DEVICE.c.code, DEVICE.c.category, DEVICE.c.make, DEVICE.c.model)
        .join(DEVICE, DEVICE.c.id == ON.c.device_id)
        .where(ON.c.paper_id.in_(list(papers)))
        .order_by(DEVICE.c.id)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in session.execute(query):
        found.setdefault(row.paper_id, []).append(row)
    return found


def last_of(session: Session, kind: Kind, org: int) -> dict[str, Any]:
    """Return what the last paper of a kind of an organisation says; nothing before the first."""
    says = session.scalar(
        select(PAPER.c.says)
        .where(PAPER.c.kind == kind, PAPER.c.org_id == org)
        .order_by(PAPER.c.id.desc())
        .limit(1)
    )
    return dict(says or {})


# What papers tell of pupils. The caller has the scope from `pupil`, and notes the reading.


def pupil(session: Session, support: str, *, to: Actor) -> OnPaper:
    """Return the pupil of a support.

    Raises:
        Missing: not for this person to see.
    """
    return bindings.pupil_of(session, support, to=to)


def pupil_id(session: Session, support: str) -> int:
    """Return whose support this is, for the log; the pupil may have changed schools since."""
    return session.execute(select(Support.pupil_id).where(Support.id == support)).scalar_one()


def guardian(session: Session, device: int, support: str) -> str:
    """Return the name of the guardian who took a device for a pupil last; "" when the pupil did."""
    row = session.execute(
        select(Giving.taken_by, Giving.name)
        .where(Giving.device_id == device, Giving.support_id == support)
        .order_by(Giving.at.desc())
        .limit(1)
    ).first()
    return str(row.name) if row and row.taken_by == "guardian" else ""


def address_of(session: Session, support: str) -> str:
    """Return the address of a pupil's guardian as their last handover says it, or ""."""
    says = session.scalar(
        select(PAPER.c.says)
        .where(PAPER.c.support_id == support, PAPER.c.kind == Kind.PUPIL)
        .order_by(PAPER.c.id.desc())
        .limit(1)
    )
    return str(says["guardian"]["address"]) if says else ""


def organisation(session: Session, org: int) -> Row[Any]:
    """Return an organisation as papers need it."""
    return session.execute(select(Organisation.__table__).where(Organisation.id == org)).one()


def donation(session: Session, donation_id: int) -> tuple[str, date]:
    """Return the number of a donation and the day it was received."""
    row = session.execute(
        select(Donation.year, Donation.seq, Donation.received_on).where(Donation.id == donation_id)
    ).one()
    return donation_number(row.year, row.seq), row.received_on
