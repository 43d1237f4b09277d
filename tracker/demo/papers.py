"""A few papers of each kind, so that the demonstration shows what is signed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from labels.records import Checkpoint
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.demo.world import World
from tracker.handover import giving
from tracker.handover.reasons import TakeBackReason
from tracker.papers import actions, form, queries
from tracker.papers.gather import gather
from tracker.papers.rules import Kind
from tracker.people.roles import Actor
from tracker.web.pages import new_event_id

#: How many devices stand on a paper of the demonstration, at the most.
FEW = 4
HELD = timedelta(days=2)


class Issuing(NamedTuple):
    """What all papers of the demonstration share."""

    session: Session
    stands: Checkpoint
    base: str
    at: datetime


def taken_back(session: Session, world: World, *, at: datetime) -> list[tuple[Actor, str]]:
    """Take a device back from a pupil at each of two schools; return who did, and its code."""
    back: list[tuple[Actor, str]] = []
    for school in world.schools:
        given = _of(session, school.org, Status.GIVEN)
        if len(given) > FEW and len(back) < 2:
            ask = Ask(new_event_id(), at - HELD)
            device = session.scalars(select(Device.id).where(Device.code == given[-1])).one()
            giving.take_back(session, device, reason=TakeBackReason.LEFT_SCHOOL, by=school.staff, ask=ask)
            back.append((school.staff, given[-1]))
    return back


def issue_some(issuing: Issuing, world: World, back: Sequence[tuple[Actor, str]]) -> None:
    """Issue papers of every kind; one of them is replaced by a corrected one."""
    session = issuing.session
    for site in world.workshops:
        if site.technician:
            held = _of(session, site.org, Status.READY) + _of(session, site.org, Status.BOUND)
            first = _issue(issuing, Kind.INSPECTION, held, site.technician, INSPECTED)
            _issue(issuing, Kind.REPAIR, held, site.technician, REPAIRED)
            _issue(issuing, Kind.ERASURE, held, site.technician, ERASED)
    if first:
        row = queries.paper(session, first, to=world.coordinator)
        _issue(issuing, Kind.INSPECTION, held, world.coordinator, INSPECTED, replaces=row)
    for school in world.schools[:6]:
        _issue(issuing, Kind.PUPIL, _of(session, school.org, Status.GIVEN)[:1], school.staff, GUARDED)
    for staff, code in back:
        _issue(
            issuing, Kind.RETURN, [code], staff, RETURNED | {f"condition-{code}": "Hoạt động tốt, xước nhẹ"}
        )
    retired = list(session.scalars(select(Device.code).where(Device.status == Status.RETIRED).limit(FEW)))
    condition = "Bo mạch chính hỏng, chi phí sửa vượt giá trị còn lại"
    worn = {f"condition-{code}": condition for code in retired}
    _issue(issuing, Kind.RETIREMENT, retired, world.coordinator, COUNCIL | worn)


def _of(session: Session, org: int, status: Status) -> list[str]:
    wanted = (Device.holder_org_id == org, Device.status == status)
    return list(session.scalars(select(Device.code).where(*wanted).order_by(Device.id)))


def _issue(
    issuing: Issuing,
    kind: Kind,
    codes: Sequence[str],
    by: Actor,
    said: dict[str, str],
    *,
    replaces: Row[Any] | None = None,
) -> int | None:
    session = issuing.session
    known = gather(session, kind, codes[: 10 * FEW], by=by, hosts=()).known[:FEW]
    if not known:
        return None
    return actions.issue(
        session,
        kind,
        known,
        form.proposed(known, {}, position="Kỹ thuật viên") | said,
        stands=issuing.stands,
        base=issuing.base,
        replaces=replaces,
        by=by,
        at=issuing.at,
    )


INSPECTED: dict[str, str] = {}
REPAIRED = {"accepted_name": "Đỗ Thị Thanh Hà", "accepted_position": "Tổ trưởng kỹ thuật"}
ERASED = {"performer_position": "Kỹ thuật viên"}
GUARDED = {"relation": "mẹ", "guardian_address": "Thôn Đồng Mẫu, xã Đồng Mẫu"}
RETURNED = {"returner_address": "Thôn Đồng Mẫu, xã Đồng Mẫu"}
COUNCIL = {
    "basis": "Quyết định số 15/QĐ-VP về việc thành lập Hội đồng thanh lý thiết bị",
    **form.as_answers(
        [
            ("Lê Quang Thịnh", "Phó Chánh Văn phòng, Chủ tịch Hội đồng"),
            ("Vũ Thị Mai Lan", "Kế toán trưởng"),
            ("Phan Văn Minh", "Kỹ thuật viên"),
        ]
    ),
}
