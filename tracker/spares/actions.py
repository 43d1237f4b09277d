"""The verbs of the parts' stock. Pieces are never made or lost between its moves."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.facts import RetireReason
from tracker.custody.ledger import Ask
from tracker.custody.road import Move, Status
from tracker.custody.rules import must_hold
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.spares.models import Spare, SpareMove
from tracker.spares.rules import Described, NotEnough, Origin, SpareKind, Why
from tracker.words import _

SPARE, MOVE = Spare.__table__, SpareMove.__table__


def add(
    session: Session,
    said: Described,
    origin: Origin,
    *,
    by: Actor,
    at: datetime,
    from_device: int | None = None,
) -> int:
    """Take parts that came in into the stock of the person's workshop; return the id of their row."""
    made = session.execute(
        insert(Spare)
        .values(
            {
                "org_id": by.org,
                "kind": said.kind,
                "name": said.name,
                "origin": origin,
                "from_device_id": from_device,
                "unit_cost": said.unit_cost,
                "place": said.place,
                "quantity": said.quantity,
                "made_at": at,
                "made_by": by.user,
            }
        )
        .returning(Spare.id)
    ).scalar_one()
    _note(session, made, said.quantity, Why.IN, by=by, at=at)
    return made


def _note(
    session: Session,
    spare: int,
    quantity: int,
    why: Why,
    *,
    by: Actor,
    at: datetime,
    device: int | None = None,
    job: int | None = None,
    of: int | None = None,
    note: str = "",
) -> int:
    return session.execute(
        insert(SpareMove)
        .values(
            {
                "spare_id": spare,
                "quantity": quantity,
                "why": why,
                "device_id": device,
                "job_id": job,
                "of_id": of,
                "note": note.strip()[:500],
                "at": at,
                "by": by.user,
            }
        )
        .returning(SpareMove.id)
    ).scalar_one()


def _spare(session: Session, spare: int, by: Actor) -> Row[Any]:
    row = session.execute(select(SPARE).where(SPARE.c.id == spare, SPARE.c.org_id == by.org)).first()
    if row is None:
        raise Missing
    return row


def _change(session: Session, row: Row[Any], by_how_many: int) -> None:
    # In one statement, so that two people who take the last piece cannot both have it.
    changed = session.execute(
        update(Spare)
        .where(SPARE.c.id == row.id, SPARE.c.quantity + by_how_many >= 0)
        .values(quantity=SPARE.c.quantity + by_how_many)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE
        left = session.scalar(select(SPARE.c.quantity).where(SPARE.c.id == row.id))
        raise NotEnough(row.name, left or 0)


def build_in(
    session: Session, spare: int, quantity: int, *, device: int, job: int | None, by: Actor, ask: Ask
) -> int:
    """Build parts of the stock into a device that is being repaired; return the id of the move.

    A drive may bring somebody's data, so erasures of the device before it do not count any more.

    Raises:
        Missing: they are not in this workshop's stock.
        NotEnough: there are fewer.
    """
    row = _spare(session, spare, by)
    if quantity < 1:
        raise Refused(_("At least one piece."), out=_("Write how many."))
    _change(session, row, -quantity)
    kind = "fit-drive" if row.kind == SpareKind.DRIVE else "fit"
    data = {"spare": spare, "part": row.kind, "quantity": quantity, "from": row.from_device_id}
    custody.note_fact(session, device, kind, data, by=by, ask=ask)
    return _note(session, spare, -quantity, Why.USED, by=by, at=ask.at, device=device, job=job)


def put_back(session: Session, move: int, *, device: int, by: Actor, ask: Ask) -> None:
    """Put back into the stock what was built into a device by this move.

    Raises:
        Missing: it was not built into this device by this workshop.
        Refused: it was put back before.
    """
    used = session.execute(
        select(MOVE).where(MOVE.c.id == move, MOVE.c.device_id == device, MOVE.c.why == Why.USED)
    ).first()
    if used is None:
        raise Missing
    row = _spare(session, used.spare_id, by)
    devices.locked(session, device)  # two who put the same back at once come one after the other
    if session.scalar(select(MOVE.c.id).where(MOVE.c.of_id == move)) is not None:
        raise Refused(_("This was put back before."), out=_("Open the page again."))
    _change(session, row, -used.quantity)
    data = {"spare": row.id, "part": row.kind, "quantity": -used.quantity}
    custody.note_fact(session, device, "take-out", data, by=by, ask=ask)
    _note(
        session,
        row.id,
        -used.quantity,
        Why.PUT_BACK,
        by=by,
        at=ask.at,
        device=device,
        job=used.job_id,
        of=move,
    )


def write_off(session: Session, spare: int, quantity: int, note: str, *, by: Actor, at: datetime) -> None:
    """Take pieces out of the stock that nobody can use, with the reason.

    Raises:
        Missing: they are not in this workshop's stock.
        NotEnough: there are fewer.
        Refused: nobody said why.
    """
    row = _spare(session, spare, by)
    if quantity < 1 or not note.strip():
        raise Refused(_("Say how many and why."), out=_("Write both."))
    _change(session, row, -quantity)
    _note(session, spare, -quantity, Why.WRITTEN_OFF, by=by, at=at, note=note)


def counted(session: Session, spare: int, found: int, seen: int, *, by: Actor, at: datetime) -> None:
    """Set the stock to what was counted, `seen` being what the page showed; the difference is a move.

    Raises:
        Missing: they are not in this workshop's stock.
        Refused: the stock has changed since the page was shown.
    """
    row = _spare(session, spare, by)
    if found == seen:
        return
    changed = session.execute(
        update(Spare).where(SPARE.c.id == spare, SPARE.c.quantity == seen).values(quantity=found)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE
        raise Refused(
            _("The stock of “%(name)s” has changed meanwhile.", name=row.name), out=_("Count again.")
        )
    _note(session, spare, found - seen, Why.COUNTED, by=by, at=at)


class NotForParts(Refused):
    """Parts are taken only out of what was retired for them, which says that its data are gone."""

    def __init__(self) -> None:
        super().__init__(
            _("This device was not retired for its parts."),
            out=_("A coordinator retires it with the reason “Used for parts” first."),
        )


def harvest(session: Session, device: Row[Any], said: Described, *, by: Actor, ask: Ask) -> int:
    """Take parts out of a retired device into the workshop's stock; return the id of their row.

    Raises:
        NotHere: it is elsewhere.
        NotForParts: it was not retired, or for another reason.
    """
    must_hold(device, by)
    if not for_parts(session, device):
        raise NotForParts
    spare = add(session, said, Origin.HARVESTED, by=by, at=ask.at, from_device=device.id)
    data = {"spare": spare, "part": str(said.kind), "quantity": said.quantity}
    custody.note_fact(session, device.id, "harvest", data, by=by, ask=ask)
    return spare


def for_parts(session: Session, device: Row[Any]) -> bool:
    """Return whether a device was retired to give its parts to others."""
    if device.status != Status.RETIRED:
        return False
    retired = [line for line in devices.history(session, device.id) if line.kind == Move.RETIRE]
    return bool(retired) and retired[0].data.get("reason") == RetireReason.PARTS
