"""The installation itself as one who acts: what a command does without naming a person is its doing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.people import actions
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.people.rules import RoleDoesNotFit

NAME = "Máy chủ (dòng lệnh)"
ROLES = {
    OrgKind.PROGRAMME: Role.COORDINATOR,
    OrgKind.WAREHOUSE: Role.STOREKEEPER,
    OrgKind.WORKSHOP: Role.STOREKEEPER,
}


def acting(session: Session, *, org: int, at: datetime) -> Actor:
    """Return the installation as it acts in an organisation.

    It has an account there, made when first needed: without a password and disabled, so that nobody
    can be signed in as it, but named beside what it did.

    Raises:
        RoleDoesNotFit: the organisation is a school, where only people act.
    """
    kind = OrgKind(session.scalars(select(Organisation.kind).where(Organisation.id == org)).one())
    if kind not in ROLES:
        raise RoleDoesNotFit(Role.STOREKEEPER, kind)
    email = f"tracker@{org}.invalid"
    user = session.scalar(select(User.id).where(User.email == email))
    if user is None:
        user = actions.add_user(session, email=email, name=NAME, org_id=org, role=ROLES[kind], at=at)
        actions.disable(session, user, at=at)
    return Actor(user, org, ROLES[kind])


def office(session: Session, *, at: datetime) -> int:
    """Return the programme's office, made when first needed."""
    query = select(Organisation.id).where(Organisation.kind == OrgKind.PROGRAMME)
    return session.scalar(query.order_by(Organisation.id).limit(1)) or actions.add_organisation(
        session, code="VP", kind=OrgKind.PROGRAMME, name="Văn phòng chương trình", at=at
    )
