"""Named reads of organisations and their people, for those who administer them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from tracker.lists.fold import fold
from tracker.people.models import Invitation, Organisation, SignIn, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.people.signed_in import digest
from tracker.refused import Missing

PAGE = 50


def organisations(session: Session, *, q: str = "", kind: str = "", after: int = 0) -> Sequence[Row[Any]]:
    """Return a page of organisations and one more, with the number of people who may sign in."""
    people = (
        select(func.count())
        .where(User.org_id == Organisation.id, User.disabled_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(
            Organisation.id,
            Organisation.code,
            Organisation.name,
            Organisation.kind,
            Organisation.representative,
            Organisation.disabled_at,
            people.label("people"),
        )
        .where(Organisation.id > after)
        .order_by(Organisation.id)
        .limit(PAGE + 1)
    )
    for word in fold(q).split()[:6]:
        query = query.where(Organisation.search.contains(word, autoescape=True))
    if kind:
        query = query.where(Organisation.kind == kind)
    return session.execute(query).all()


def organisation(session: Session, org_id: int, *, to: Actor) -> Organisation:
    """Return an organisation: any for an administrator or coordinator, else one's own.

    Raises:
        Missing: there is none, or not for this person to see.
    """
    found = session.get(Organisation, org_id)
    if found is None or not (to.role.sees_everything or to.org == org_id):
        raise Missing
    return found


def of_kind(session: Session, *kinds: OrgKind) -> list[tuple[int, str]]:
    """Return the open organisations of these kinds as choices of a form."""
    rows = session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.kind.in_(kinds), Organisation.disabled_at.is_(None))
        .order_by(Organisation.name)
    )
    return [(row.id, row.name) for row in rows]


def users(session: Session, *, org: int | None = None, after: int = 0) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a page of people and one more, with whether an invitation of theirs is still open."""
    invited = (
        select(func.max(Invitation.expires_at))
        .where(Invitation.user_id == User.id, Invitation.used_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(
            User.id,
            User.name,
            User.email,
            User.role,
            User.disabled_at,
            (User.password_hash != "").label("joined"),
            invited.label("invited_until"),
            Organisation.name.label("org_name"),
        )
        .join(Organisation, Organisation.id == User.org_id)
        .where(User.id > after)
        .order_by(User.id)
        .limit(PAGE + 1)
    )
    return session.execute(query.where(User.org_id == org) if org else query).all()


def user(session: Session, user_id: int, *, to: Actor) -> User:
    """Return a person, for an administrator.

    Raises:
        Missing: there is none, or the reader is no administrator.
    """
    found = session.get(User, user_id)
    if found is None or to.role is not Role.ADMIN:
        raise Missing
    return found


def is_open(until: datetime | None, at: datetime) -> bool:
    """Return whether an invitation that lasts until then still works."""
    return until is not None and until > at


def whose_ended(session: Session, secret: str) -> int | None:
    """Return whose sign-in of this browser was ended on purpose: they signed out, or were disabled.

    One that only grew old was not, and neither was one that nobody knows.
    """
    row = session.execute(
        select(SignIn.user_id, SignIn.ended_at, User.disabled_at, Organisation.disabled_at)
        .join(User, User.id == SignIn.user_id)
        .join(Organisation, Organisation.id == User.org_id)
        .where(SignIn.id == digest(secret))
    ).first()
    return row[0] if row is not None and any(moment is not None for moment in row[1:]) else None


def colleagues(session: Session, *, org: int) -> Sequence[Row[int, str, str]]:
    """Return who may sign in for an organisation, by name: id, name and the organisation's name."""
    return session.execute(
        select(User.id, User.name, Organisation.name.label("org"))
        .join(Organisation, Organisation.id == User.org_id)
        .where(User.org_id == org, User.disabled_at.is_(None))
        .order_by(User.name, User.id)
        .limit(200)
    ).all()
