"""Makers of small true things: organisations, people, donations, devices at any point of the road.

Devices are moved by the road itself, so their ledgers are whole. All names are invented.
"""

import itertools
import uuid
from datetime import UTC, date, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tracker.allocation.models import Binding, Pupil, Support
from tracker.custody import actions, queries
from tracker.custody.facts import (
    FaultsFound,
    ForPupil,
    InspectionPassed,
    Nothing,
    Reason,
    Retirement,
    Scanned,
    Shipment,
    TakenBy,
)
from tracker.custody.ledger import Ask
from tracker.custody.road import Move, Status
from tracker.intake.models import Donation, Donor
from tracker.lists.fold import fold, same_name
from tracker.people import actions as people
from tracker.people.models import User
from tracker.people.roles import ROLES_IN, Actor, OrgKind, Role

_numbers = itertools.count(1)

AT = datetime(2021, 11, 15, 2, 0, tzinfo=UTC)

HOME_OF = {
    Role.TECHNICIAN: OrgKind.WORKSHOP,
    Role.STOREKEEPER: OrgKind.WAREHOUSE,
    Role.SCHOOL: OrgKind.SCHOOL,
    Role.COORDINATOR: OrgKind.PROGRAMME,
    Role.AUDITOR: OrgKind.PROGRAMME,
    Role.ADMIN: OrgKind.PROGRAMME,
}


def ask(note: str = "", at: datetime = AT) -> Ask:
    """Return a fresh request."""
    return Ask(uuid.uuid4().hex, at, note=note)


def an_organisation(
    session: Session, *, kind: OrgKind = OrgKind.WORKSHOP, name: str = "", **more: Any
) -> int:
    """Return the id of a new organisation."""
    n = next(_numbers)
    code = str(more.pop("code", f"X{uuid.uuid4().hex[:10]}"))
    return people.add_organisation(
        session, code=code, kind=kind, name=name or f"Đơn vị thử {kind} {n}", at=AT, **more
    )


def a_person(
    session: Session, *, role: Role = Role.TECHNICIAN, org: int | None = None, name: str = ""
) -> Actor:
    """Return a new person of this role, in a new organisation of a fitting kind unless one is given."""
    if org is None:
        kind = HOME_OF[role]
        assert role in ROLES_IN[kind]
        org = an_organisation(session, kind=kind)
    email = f"{role}-{uuid.uuid4().hex[:12]}@example.vn"
    user = people.add_user(session, email=email, name=name or "Trần Thị Thử", org_id=org, role=role, at=AT)
    return Actor(user, org, role)


def sign_in_as(client: FlaskClient, actor: Actor, session: Session) -> None:
    """Sign the test client in, as a browser that has just done so."""
    secret = people.open_sign_in(session, actor.user, at=datetime.now(UTC))
    session.commit()
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = secret
        cookie["_fresh"] = True
        cookie["seen"] = int(datetime.now(UTC).timestamp())


def email_of(session: Session, actor: Actor) -> str:
    """Return the e-mail of a person."""
    return session.execute(select(User.email).where(User.id == actor.user)).scalar_one()


def a_donor(session: Session, *, name: str = "Công ty TNHH Thử Nghiệm", kind: str = "company") -> int:
    """Return the id of a new donor."""
    return session.execute(
        insert(Donor).values(kind=kind, name=name, search=fold(name), created_at=AT).returning(Donor.id)
    ).scalar_one()


def a_donation(session: Session, *, by: Actor, donor: int | None = None) -> int:
    """Return the id of a new donation received by the actor's organisation."""
    return session.execute(
        insert(Donation)
        .values(
            year=2021,
            seq=1000 + next(_numbers) + uuid.uuid4().int % 1_000_000,
            donor_id=donor or a_donor(session),
            org_id=by.org,
            kind="in-kind",
            received_on=date(2021, 11, 1),
            created_at=AT,
            created_by=by.user,
        )
        .returning(Donation.id)
    ).scalar_one()


def a_pupil(session: Session, *, school: int | None = None, name: str = "Nguyễn Văn Thử", **more: Any) -> int:
    """Return the id of a new pupil who has no device."""
    values: dict[str, Any] = {"cls": "10A1", "sex": "M", "dob": date(2006, 5, 4), "no_device": True, **more}
    school = school or an_organisation(session, kind=OrgKind.SCHOOL)
    return session.execute(
        insert(Pupil)
        .values(school_id=school, name=name, name_key=same_name(name), created_at=AT, **values)
        .returning(Pupil.id)
    ).scalar_one()


ROAD_TO: dict[Status, tuple[Move, ...]] = {
    Status.RECEIVED: (),
    Status.INSPECTING: (Move.INSPECT,),
    Status.REPAIRING: (Move.INSPECT, Move.SEND_TO_REPAIR),
    Status.READY: (Move.INSPECT, Move.PASS),
    Status.BOUND: (Move.INSPECT, Move.PASS, Move.BIND),
    Status.ON_THE_WAY: (Move.INSPECT, Move.PASS, Move.BIND, Move.SEND),
    Status.AT_SCHOOL: (Move.INSPECT, Move.PASS, Move.BIND, Move.SEND, Move.CONFIRM),
    Status.GIVEN: (Move.INSPECT, Move.PASS, Move.BIND, Move.SEND, Move.CONFIRM, Move.GIVE),
    Status.RETURNED: (Move.INSPECT, Move.LOSE, Move.FIND),
    Status.MISSING: (Move.LOSE,),
    Status.RETIRED: (Move.RETIRE,),
}


def a_device(
    session: Session,
    *,
    status: Status = Status.RECEIVED,
    holder: int | None = None,
    school: int | None = None,
    pupil: int | None = None,
    category: str = "laptop",
    **values: Any,
) -> int:
    """Return the id of a new device that the road has brought to `status`.

    `holder` is the workshop that received it. From `bound` on it belongs to `pupil` of `school`,
    with support and binding; the handover on its way has the number 1 and no rows of its own.
    """
    technician = a_person(session, role=Role.TECHNICIAN, org=holder)
    described = {"make": "Dell", "model": "Latitude 5400", "serial": "", **values}
    described.setdefault("search", fold(f"{described['make']} {described['model']} {described['serial']}"))
    device, _code = actions.receive(
        session, described, donation=a_donation(session, by=technician), category=category, code=None,
        by=technician, ask=ask(),
    )  # fmt: skip
    for move in ROAD_TO[status]:
        _make(session, device, move, technician, school=school, pupil=pupil)
    session.flush()
    return device


def _make(
    session: Session, device: int, move: Move, technician: Actor, *, school: int | None, pupil: int | None
) -> None:
    this = ask()
    row = queries.locked(session, device)
    coordinator = Role.COORDINATOR
    support = session.scalar(
        select(Binding.support_id).where(Binding.device_id == device, Binding.closed_event.is_(None))
    )
    by = technician
    match move:
        case Move.INSPECT:
            fact: Any = Nothing()
        case Move.SEND_TO_REPAIR:
            fact = FaultsFound((1,))
        case Move.PASS:
            fact = InspectionPassed(1, "laptop/1", "F4 C3", 1)
        case Move.BIND:
            by = a_person(session, role=coordinator)
            pupil = pupil or a_pupil(session, school=school)
            support = uuid.uuid4().hex
            session.execute(
                insert(Support).values(id=support, pupil_id=pupil, created_at=AT, created_by=by.user)
            )
            session.execute(
                insert(Binding).values(
                    support_id=support,
                    device_id=device,
                    opened_event=this.event_id,
                    opened_at=AT,
                    opened_by=by.user,
                )
            )
            fact = ForPupil(support)
        case Move.SEND:
            by = a_person(session, role=Role.STOREKEEPER, org=row.holder_org_id)
            to = session.execute(
                select(Pupil.school_id)
                .join(Support, Support.pupil_id == Pupil.id)
                .where(Support.id == support)
            ).scalar_one()
            fact = Shipment(1, to)
        case Move.CONFIRM:
            by = a_person(session, role=Role.SCHOOL, org=row.toward_org_id)
            fact = Scanned(row.transit_id, "received")
        case Move.GIVE:
            by = a_person(session, role=Role.SCHOOL, org=row.holder_org_id)
            fact = TakenBy(str(support), "guardian", "0" * 64)
        case Move.RETIRE:
            by = a_person(session, role=coordinator)
            fact = Retirement("recycled", "destroyed", None)
        case _:
            fact = Reason("other")
    actions.make(session, device, move, fact, by=by, ask=this)
    if move in {Move.LOSE, Move.TAKE_BACK, Move.RELEASE, Move.RETIRE}:
        session.execute(
            update(Binding)
            .where(Binding.device_id == device, Binding.closed_event.is_(None))
            .values(closed_event=this.event_id, closed_at=AT)
        )
