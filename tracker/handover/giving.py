"""The verbs at the end of the road: give to the pupil, take back, report missing, found again."""

import hashlib
import hmac
import secrets
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.custody import actions as custody
from tracker.custody.canonical import canonical
from tracker.custody.facts import Reason, TakenBy
from tracker.custody.ledger import Ask, Done
from tracker.custody.road import Move
from tracker.handover import queries, receipt
from tracker.handover.models import Giving, Handover
from tracker.handover.reasons import FindReason, LoseReason, TakeBackReason
from tracker.handover.rules import Line
from tracker.handover.signing import Signature
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import Words, _

#: Who may take a device at the school.
TAKERS: dict[str, Words] = {"pupil": _("The pupil"), "guardian": _("A parent or guardian")}


def commitment(key: str, signature: Signature) -> str:
    """Return the digest the ledger keeps of a name and a signature.

    Keyed with a random key that lies beside the name: with both deleted the digest says nothing, and
    with both kept anybody can show that they were not altered.
    """
    said = {"name": signature.name, "strokes": hashlib.sha256(signature.strokes.encode()).hexdigest()}
    return hmac.new(bytes.fromhex(key), canonical(said), hashlib.sha256).hexdigest()


def give(
    session: Session, device_id: int, *, taken_by: str, signature: Signature, by: Actor, ask: Ask
) -> Done:
    """Give a device to the pupil it is bound to, and keep who took it.

    Raises:
        Refused: it is bound to nobody, or nobody was named.
        WrongMoment, NotYours, NotHere: the road says no.
    """
    if taken_by not in TAKERS:
        raise Refused(_("Say who takes the device."), out=_("The pupil, or a parent or guardian."))
    bound = bindings.open_binding(session, device_id)
    if bound is None:
        raise Refused(
            _("This device is not bound to a pupil."),
            out=_("The coordinator binds it before it can be given."),
        )
    key = secrets.token_hex(32)
    fact = TakenBy(bound.support_id, taken_by, commitment(key, signature))
    done = custody.make(session, device_id, Move.GIVE, fact, by=by, ask=ask)
    session.execute(
        insert(Giving),
        {
            "event_id": done.event_id,
            "device_id": device_id,
            "support_id": bound.support_id,
            "taken_by": taken_by,
            "name": signature.name,
            "signature": signature.strokes,
            "key": key,
            "at": ask.at,
            "by": by.user,
        },
    )
    return done


def take_back(session: Session, device_id: int, *, reason: TakeBackReason, by: Actor, ask: Ask) -> Done:
    """Take a device back from its pupil or its school; the binding ends, the support stays.

    Raises:
        NeedsNote: “another reason” without a note.
        WrongMoment, NotYours, NotHere: the road says no.
    """
    _must_say(reason, ask)
    done = custody.make(session, device_id, Move.TAKE_BACK, Reason(reason), by=by, ask=ask)
    bindings.close(session, device_id, event_id=done.event_id, at=ask.at)
    return done


def lose(session: Session, device_id: int, *, reason: LoseReason, by: Actor, ask: Ask) -> Done:
    """Report a device missing. Its binding ends; a line it travels or is listed on is settled by it.

    Raises:
        NeedsNote: “another reason” without a note.
        WrongMoment, NotYours, NotHere: the road says no.
    """
    _must_say(reason, ask)
    line = queries.open_line(session, device_id)
    if line is not None:  # the record first, as everywhere: two orders would wait for each other
        session.execute(select(Handover.id).where(Handover.id == line.handover_id).with_for_update())
    done = custody.make(session, device_id, Move.LOSE, Reason(reason), by=by, ask=ask)
    bindings.close(session, device_id, event_id=done.event_id, at=ask.at)
    if line is not None:
        state = Line.MISSING if line.state == Line.SENT else Line.REMOVED
        receipt.mark(session, line.id, state, note=ask.note, by=by, at=ask.at)
        receipt.close_if_settled(session, line.handover_id, at=ask.at)
    return done


def find(session: Session, device_id: int, *, reason: FindReason, by: Actor, ask: Ask) -> Done:
    """Record that a missing device is there again; it waits for an inspection.

    Raises:
        NeedsNote: “another reason” without a note.
        WrongMoment, NotYours, NotHere: the road says no.
    """
    _must_say(reason, ask)
    return custody.make(session, device_id, Move.FIND, Reason(reason), by=by, ask=ask)


class NeedsNote(Refused):
    """“Another reason” must be said in words."""

    def __init__(self) -> None:
        super().__init__(_("Another reason needs a note."), out=_("Write in a few words what happened."))


def _must_say(reason: Any, ask: Ask) -> None:
    if reason == "other" and not ask.note.strip():
        raise NeedsNote
