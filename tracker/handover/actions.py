"""The verbs of a handover until it is on its way: draft, add, remove, cancel, send, print."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.codes import grouped, parse
from tracker.custody.facts import Shipment
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.road import Move
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.handover import queries, secret
from tracker.handover.models import Handover, HandoverLine
from tracker.handover.rules import (
    MOST_LINES,
    OUTSIDE,
    CannotGo,
    Line,
    NoWay,
    Outcome,
    Stage,
    must_go,
    receivers,
)
from tracker.people.models import Organisation
from tracker.people.roles import Actor, OrgKind
from tracker.refused import Missing, Refused
from tracker.words import Words, _

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DEVICE = Device.__table__

#: PostgreSQL: one number at a time. Any fixed number of ours, with the year as the second key.
NUMBERING = 7_160


class TooLate(Refused):
    """The handover is no longer in the stage this belongs to."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(
            _("This is not possible any more: the handover is “%(stage)s”.", stage=stage.label),
            out=_("Open it again to see what happened."),
        )


def draft(session: Session, *, to: int, note: str, by: Actor, at: datetime) -> int:
    """Begin a handover from the actor's organisation to another and return its id.

    Raises:
        NoWay: nothing goes from here to there, or there is no such organisation.
    """
    kind = session.scalar(
        select(Organisation.kind).where(Organisation.id == to, Organisation.disabled_at.is_(None))
    )
    if (
        kind is None
        or to == by.org
        or OrgKind(kind) not in receivers(queries.kind_of(session, by.org), by.role)
    ):
        raise NoWay
    return session.execute(
        insert(Handover)
        .values(
            from_org_id=by.org,
            to_org_id=to,
            status=Stage.DRAFT,
            note=note.strip()[:500],
            created_at=at,
            created_by=by.user,
        )
        .returning(Handover.id)
    ).scalar_one()


def _own_draft(session: Session, handover_id: int, by: Actor) -> Row[Any]:
    row = queries.locked(session, handover_id, to=by)
    if row.from_org_id != by.org:
        raise Missing
    if row.status != Stage.DRAFT:
        raise TooLate(Stage(row.status))
    return row


def add(
    session: Session, handover_id: int, texts: Iterable[str], *, by: Actor, hosts: Collection[str]
) -> list[Outcome]:
    """Put devices on a draft; return one outcome for each text, none left out.

    A line that is refused leaves the others alone.

    Raises:
        Missing: the draft is not theirs.
        TooLate: it was sent or cancelled.
        Refused: more lines than one record takes.
    """
    row = _own_draft(session, handover_id, by)
    texts = list(texts)
    there = len(queries.lines(session, handover_id, Line.LISTED))
    if there + len(texts) > MOST_LINES:
        raise Refused(
            _("At most %(n)s devices go on one record.", n=MOST_LINES),
            out=_("Make a second handover for the rest."),
        )
    kinds = queries.kind_of(session, by.org), queries.kind_of(session, row.to_org_id)
    seen: set[str] = set()
    outcomes = []
    for line in texts:
        try:
            code = parse(line, hosts=hosts)
            if code in seen:
                outcomes.append(Outcome(grouped(code), True, _("Scanned twice; counted once.")))
                continue
            seen.add(code)
            outcomes.append(Outcome(grouped(code), True, _put(session, row, code, kinds, by)))
        except Refused as refused:
            outcomes.append(Outcome(line[:60], False, _words(refused.sentence), refused.out))
        except Missing:
            outcomes.append(
                Outcome(line[:60], False, _("Not a device of yours."), _("Put it aside and ask whose it is."))
            )
    return outcomes


def _words(sentence: Words | str) -> Words:
    return sentence if isinstance(sentence, Words) else Words(sentence)


def _put(session: Session, row: Row[Any], code: str, kinds: tuple[OrgKind, OrgKind], by: Actor) -> Words:
    device = devices.device(session, code, to=by)
    support = _checked(session, row, device, kinds, by)
    if other := queries.open_line(session, device.id):
        if other.handover_id == row.id:
            return _("Was on the list already.")
        raise _listed_elsewhere(code)
    try:
        with session.begin_nested():
            _write_line(session, row.id, device.id, support)
    except IntegrityError as error:  # put on another list between our look and our writing
        raise _listed_elsewhere(code) from error
    return _("Added.")


def _listed_elsewhere(code: str) -> CannotGo:
    return CannotGo(
        _("%(code)s is on another handover that is not settled.", code=grouped(code)),
        out=_("Take it off that one first."),
    )


def _write_line(session: Session, handover_id: int, device: int, support: str | None) -> None:
    listed = {"state": Line.LISTED, "support_id": support, "note": "", "settled_at": None, "settled_by": None}
    again = session.execute(
        update(HandoverLine)
        .where(HandoverLine.handover_id == handover_id, HandoverLine.device_id == device)
        .values(**listed)
    )
    if again.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(HandoverLine).values(handover_id=handover_id, device_id=device, **listed))


def _checked(
    session: Session, row: Row[Any], device: Row[Any], kinds: tuple[OrgKind, OrgKind], by: Actor
) -> str | None:
    must_hold(device, by)
    must_be_at_rest(device, by)
    bound = bindings.open_binding(session, device.id)
    must_go(
        device,
        sender=kinds[0],
        receiver=kinds[1],
        to=row.to_org_id,
        school=bound.school_id if bound else None,
    )
    return bound.support_id if bound and kinds[1] is OrgKind.SCHOOL else None


def remove(session: Session, handover_id: int, line_id: int, *, by: Actor, at: datetime) -> None:
    """Take a device off a draft.

    Raises:
        Missing: the draft or the line is not there for this person.
        TooLate: it was sent or cancelled.
    """
    _own_draft(session, handover_id, by)
    changed = session.execute(
        update(HandoverLine)
        .where(
            HandoverLine.id == line_id,
            HandoverLine.handover_id == handover_id,
            HandoverLine.state == Line.LISTED,
        )
        .values(state=Line.REMOVED, settled_at=at, settled_by=by.user)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Missing


def cancel(session: Session, handover_id: int, *, by: Actor, at: datetime) -> None:
    """Give up a draft; its devices are free for another. It has used no number.

    Raises:
        Missing: the draft is not theirs.
        TooLate: it was sent or cancelled.
    """
    _own_draft(session, handover_id, by)
    session.execute(
        update(HandoverLine)
        .where(HandoverLine.handover_id == handover_id, HandoverLine.state == Line.LISTED)
        .values(state=Line.REMOVED, settled_at=at, settled_by=by.user)
    )
    session.execute(
        update(Handover).where(Handover.id == handover_id).values(status=Stage.CANCELLED, closed_at=at)
    )


def send(session: Session, handover_id: int, *, by: Actor, ask: Ask) -> str:
    """Send a draft with all its devices, in one transaction, and return the number it got.

    Raises:
        Missing: the draft is not theirs.
        TooLate: it was sent or cancelled.
        CannotGo: a device on it may not go (any more), or there is none.
        NotYours: only a storekeeper sends to a school.
    """
    row = _own_draft(session, handover_id, by)
    kinds = queries.kind_of(session, by.org), queries.kind_of(session, row.to_org_id)
    if kinds[1] not in receivers(kinds[0], by.role):
        raise NoWay
    lines = sorted(queries.lines(session, handover_id, Line.LISTED), key=lambda line: line.device_id)
    if not lines:
        raise CannotGo(
            _("There is no device on this handover."), out=_("Scan the devices that go with it first.")
        )
    for line in lines:
        _send_one(session, row, line, kinds, by=by, ask=ask)
    year = ask.at.astimezone(VIETNAM).year
    seq = _next_number(session, year)
    session.execute(
        update(HandoverLine)
        .where(HandoverLine.handover_id == handover_id, HandoverLine.state == Line.LISTED)
        .values(state=Line.SENT)
    )
    session.execute(
        update(Handover)
        .where(Handover.id == handover_id)
        .values(status=Stage.SENT, year=year, seq=seq, sent_at=ask.at, sent_by=by.user)
    )
    return f"{seq:02d}/{year}"


def _send_one(
    session: Session, row: Row[Any], line: Row[Any], kinds: tuple[OrgKind, OrgKind], *, by: Actor, ask: Ask
) -> None:
    device = devices.locked(session, line.device_id)
    try:
        support = _checked(session, row, device, kinds, by)
    except Refused as refused:
        raise CannotGo(
            _("%(code)s cannot go: %(why)s", code=grouped(line.code), why=refused.sentence),
            out=_("Take it off the list, or settle what holds it; nothing has been sent."),
        ) from refused
    if support != line.support_id:  # bound anew since it was listed, to a pupil of the same school
        session.execute(update(HandoverLine).where(HandoverLine.id == line.id).values(support_id=support))
    this = ask.of(device.id)
    if kinds[1] is OrgKind.SCHOOL:
        custody.make(session, device.id, Move.SEND, Shipment(row.id, row.to_org_id), by=by, ask=this)
        return
    custody.note_fact(
        session,
        device.id,
        "dispatch",
        {"handover": row.id, "toward": row.to_org_id},
        by=by,
        ask=this,
        custody=lambda now: now._replace(place=None, transit=row.id, toward=row.to_org_id),
    )


def _next_number(session: Session, year: int) -> int:
    # SQLite has one writer at a time; on PostgreSQL the next one waits here until we commit or roll back.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:one, :two)"), {"one": NUMBERING, "two": year})
    newest = session.scalar(select(func.max(Handover.seq)).where(Handover.year == year))
    return (newest or 0) + 1


def new_print(session: Session, handover_id: int, *, by: Actor, at: datetime) -> str:
    """Count a print and return its one-time secret; the one before opens nothing any more.

    Comes back "" where the paper needs none: between stores, and once the receipt is signed.

    Raises:
        Missing: the record is not theirs to print.
        TooLate: it is a draft still, or cancelled.
    """
    row = queries.locked(session, handover_id, to=by)
    if row.from_org_id != by.org:
        raise Missing
    if row.status not in OUTSIDE:
        raise TooLate(Stage(row.status))
    values: dict[str, Any] = {"printed": row.printed + 1}
    drawn = ""
    if row.status == Stage.SENT and queries.kind_of(session, row.to_org_id) is OrgKind.SCHOOL:
        drawn = secret.draw()
        values |= {"secret_hash": secret.digest(drawn), "secret_until": at + secret.LASTS, "wrong_tries": 0}
    session.execute(update(Handover).where(Handover.id == handover_id).values(**values))
    return drawn
