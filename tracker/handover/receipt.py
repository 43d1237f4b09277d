"""The verbs of the receiving side: confirm by scan and secret, and settle what stayed open."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.codes import grouped, parse
from tracker.custody.facts import Reason, Scanned
from tracker.custody.labels import RetiredCode, UnknownCode
from tracker.custody.ledger import Ask
from tracker.custody.road import Move
from tracker.custody.rules import NotHere
from tracker.handover import queries, secret
from tracker.handover.actions import TooLate
from tracker.handover.models import Handover, HandoverLine
from tracker.handover.reasons import LoseReason
from tracker.handover.rules import Line, NotSettled, Said, Settled, Stage, settle
from tracker.handover.signing import Signature
from tracker.people.roles import Actor, OrgKind, Role
from tracker.refused import Missing, Refused
from tracker.words import Words, _


class AlreadySigned(Refused):
    """The receipt was confirmed before; a secret works once."""

    def __init__(self) -> None:
        super().__init__(
            _("The receipt of this handover was confirmed already."),
            out=_("Lines that are still open are settled on its page, without the paper."),
        )


class OwnDispatch(Refused):
    """Nobody confirms what they sent themselves."""

    def __init__(self) -> None:
        super().__init__(
            _("Whoever sent a handover cannot confirm that it arrived."),
            out=_("Somebody else at the receiving organisation confirms it."),
        )


class Found(NamedTuple):
    """The devices whose labels were scanned: those on the record, and those that are not."""

    on_paper: set[int]
    unexpected: set[int]


class Receipt(NamedTuple):
    """What a confirmation recorded."""

    settled: int
    open: int
    unexpected: int


def use_secret(session: Session, handover_id: int, hashed: str, *, org: int, at: datetime) -> bool:
    """Use up the secret of a record; True for exactly one caller, however many come at once."""
    used = session.execute(
        update(Handover)
        .where(
            Handover.id == handover_id,
            Handover.to_org_id == org,
            Handover.status == Stage.SENT,
            Handover.secret_hash == hashed,
            Handover.secret_until > at,
            Handover.secret_used_at.is_(None),
        )
        .values(secret_used_at=at)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def count_wrong(session: Session, handover_id: int) -> None:
    """Count one wrong secret. The caller commits this even though it refuses the rest."""
    session.execute(
        update(Handover).where(Handover.id == handover_id).values(wrong_tries=Handover.wrong_tries + 1)
    )


def receive(
    session: Session,
    handover_id: int,
    *,
    code: str,
    texts: Iterable[str],
    said: Mapping[int, Said],
    signature: Signature,
    by: Actor,
    ask: Ask,
    hosts: Collection[str],
) -> Receipt:
    """Confirm the receipt of a handover: use its secret, settle its lines, keep the signature.

    `code` is the secret of the newest print; a transfer between stores needs none. Lines of which
    nothing was said stay on their way.

    Raises:
        Missing: it was not sent to this person's organisation.
        AlreadySigned, OwnDispatch: it is not theirs to confirm (any more).
        NoSecret, Expired, Locked, WrongSecret: the secret does not open it. Of `WrongSecret` the
            caller commits the counted try, which is all that was written by then.
        NotSettled: what was scanned and said does not fit together.
    """
    row = _to_receive(session, handover_id, by)
    if row.status != Stage.SENT:
        raise AlreadySigned
    if queries.kind_of(session, row.to_org_id) is OrgKind.SCHOOL:
        try:
            hashed = secret.must_open(row, code, at=ask.at)
        except secret.WrongSecret:
            count_wrong(session, handover_id)
            raise
        if not use_secret(session, handover_id, hashed, org=by.org, at=ask.at):
            raise AlreadySigned
    lines = queries.lines(session, handover_id)
    found = _found(session, lines, texts, hosts)
    settled = settle([line for line in lines if line.state == Line.SENT], found.on_paper, said)
    session.execute(
        update(Handover)
        .where(Handover.id == handover_id)
        .values(
            status=Stage.RECEIVED,
            received_at=ask.at,
            signed_by=by.user,
            signed_name=signature.name,
            signature=signature.strokes,
        )
    )
    return _record(session, row, settled, found.unexpected, by=by, ask=ask)


def settle_later(
    session: Session,
    handover_id: int,
    *,
    texts: Iterable[str],
    said: Mapping[int, Said],
    by: Actor,
    ask: Ask,
    hosts: Collection[str],
) -> Receipt:
    """Settle lines that stayed open: the receiver any of them, the sender and a coordinator as missing.

    Raises:
        Missing: the handover is not there for this person.
        TooLate: it is not on its way, or nothing on it is open; or its receiver has not signed yet.
        NotSettled: what was scanned and said does not fit together.
    """
    row = _to_settle(session, handover_id, by)
    lines = queries.lines(session, handover_id)
    return _settle(session, row, lines, _found(session, lines, texts, hosts), said, by=by, ask=ask)


def settle_one(session: Session, handover_id: int, device: int, *, by: Actor, ask: Ask) -> Receipt:
    """Settle the open line of one device that has arrived after the receipt was signed, or note it as unexpected.

    Raises:
        Missing, TooLate, NotSettled: as `settle_later`.
    """
    row = _to_settle(session, handover_id, by)
    lines = queries.lines(session, handover_id)
    return _settle(session, row, lines, _split({device}, lines), {}, by=by, ask=ask)


def _to_settle(session: Session, handover_id: int, by: Actor) -> Row[Any]:
    row = queries.locked(session, handover_id, to=by)
    receiver = row.to_org_id == by.org
    if not receiver and row.from_org_id != by.org and by.role is not Role.COORDINATOR:
        raise Missing
    if row.status not in ({Stage.RECEIVED} if receiver else {Stage.SENT, Stage.RECEIVED}):
        raise TooLate(Stage(row.status))
    return row


def _settle(
    session: Session,
    row: Row[Any],
    lines: list[Row[Any]],
    found: Found,
    said: Mapping[int, Said],
    *,
    by: Actor,
    ask: Ask,
) -> Receipt:
    receiver = row.to_org_id == by.org
    still = [line for line in lines if line.state == Line.SENT]
    settled = settle(still, found.on_paper, said, missing_only=not receiver)
    return _record(session, row, settled, found.unexpected if receiver else set(), by=by, ask=ask)


def _to_receive(session: Session, handover_id: int, by: Actor) -> Row[Any]:
    row = queries.locked(session, handover_id, to=by)
    if row.to_org_id != by.org:
        raise Missing
    if row.sent_by == by.user:
        raise OwnDispatch
    return row


def _found(session: Session, lines: list[Row[Any]], texts: Iterable[str], hosts: Collection[str]) -> Found:
    scanned: set[int] = set()
    wrong: dict[str, Words] = {}
    for text in texts:
        try:
            scanned.add(_named(session, parse(text, hosts=hosts)))
        except Refused as refused:
            wrong[text[:60]] = (
                refused.sentence if isinstance(refused.sentence, Words) else Words(refused.sentence)
            )
    if wrong:
        raise NotSettled(wrong)
    return _split(scanned, lines)


def _split(scanned: set[int], lines: list[Row[Any]]) -> Found:
    on_paper = {line.device_id for line in lines if line.state not in {Line.UNEXPECTED, Line.REMOVED}}
    return Found(scanned & on_paper, scanned - on_paper)


def _named(session: Session, code: str) -> int:
    label = devices.label(session, code)
    if label is None:
        raise UnknownCode(code)
    if label.retired and label.live:  # an old label proves nothing: it may be on anything by now
        raise RetiredCode(code, label.live)
    if label.device is None:
        raise Refused(_("The label %(code)s is on no device yet.", code=grouped(code)))
    return label.device


def _record(
    session: Session, row: Row[Any], settled: list[Settled], unexpected: set[int], *, by: Actor, ask: Ask
) -> Receipt:
    for line in settled:
        _settle_one(session, row, line, by=by, ask=ask)
    for device in sorted(unexpected):
        _note_unexpected(session, row.id, device, by=by, at=ask.at)
    still = close_if_settled(session, row.id, at=ask.at)
    return Receipt(len(settled), still, len(unexpected))


def _settle_one(session: Session, row: Row[Any], line: Settled, *, by: Actor, ask: Ask) -> None:
    this = replace(ask.of(line.device), note=line.note or ask.note)
    if line.state is Line.MISSING:
        custody.make(session, line.device, Move.LOSE, Reason(LoseReason.NOT_ARRIVED), by=by, ask=this)
        bindings.close(session, line.device, event_id=this.event_id, at=ask.at)
    elif queries.kind_of(session, row.to_org_id) is OrgKind.SCHOOL:
        custody.make(session, line.device, Move.CONFIRM, Scanned(row.id, str(line.state)), by=by, ask=this)
    else:
        _arrive(session, row, line, by=by, ask=this)
    mark(session, line.line, line.state, note=line.note, by=by, at=ask.at)


def _arrive(session: Session, row: Row[Any], line: Settled, *, by: Actor, ask: Ask) -> None:
    device = devices.locked(session, line.device)
    if device.transit_id != row.id or device.toward_org_id != by.org:
        raise NotHere
    custody.note_fact(
        session,
        line.device,
        "arrive",
        {"handover": row.id, "condition": str(line.state)},
        by=by,
        ask=ask,
        custody=lambda now: now._replace(org=by.org, place=None, transit=None, toward=None),
        in_transit=True,
    )


def mark(session: Session, line_id: int, state: Line, *, note: str, by: Actor, at: datetime) -> None:
    """Settle one open line. The custody of its device is moved beside it, in the same transaction."""
    session.execute(
        update(HandoverLine)
        .where(HandoverLine.id == line_id, HandoverLine.state.in_((Line.SENT, Line.LISTED)))
        .values(state=state, note=note[:500], settled_at=at, settled_by=by.user)
    )


def _note_unexpected(session: Session, handover_id: int, device: int, *, by: Actor, at: datetime) -> None:
    told = {"state": Line.UNEXPECTED, "settled_at": at, "settled_by": by.user}
    again = session.execute(
        update(HandoverLine)
        .where(HandoverLine.handover_id == handover_id, HandoverLine.device_id == device)
        .values(**told)
    )
    if again.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(
            insert(HandoverLine).values(handover_id=handover_id, device_id=device, note="", **told)
        )


def close_if_settled(session: Session, handover_id: int, *, at: datetime) -> int:
    """Close a handover whose last line is settled; return how many are still open."""
    still = session.scalar(
        select(func.count())
        .select_from(HandoverLine)
        .where(HandoverLine.handover_id == handover_id, HandoverLine.state == Line.SENT)
    )
    if not still:
        session.execute(
            update(Handover)
            .where(Handover.id == handover_id, Handover.status.in_((Stage.SENT, Stage.RECEIVED)))
            .values(status=Stage.CLOSED, closed_at=at)
        )
    return still or 0
