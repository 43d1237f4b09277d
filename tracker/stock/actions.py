"""The verbs of stock: add a place, close one, move devices to one."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.codes import parse
from tracker.custody.labels import RetiredCode
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.road import Status
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.stock import queries
from tracker.stock.models import Place
from tracker.stock.rules import MOST_CODES, Outcome, PlaceKind, must_fit, must_stand
from tracker.words import Words, _

BETWEEN = " › "


class NameTaken(Refused):
    """There is a place of this name there."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There is a place “%(name)s” there already.", name=name), out=_("Choose another name.")
        )


def add_place(
    session: Session, *, kind: PlaceKind, name: str, inside: int | None, by: Actor, at: datetime
) -> int:
    """Add a place to the actor's organisation and return its id; one closed before is opened again.

    Raises:
        Missing: the place it is to stand in is not theirs, or is closed.
        DoesNotFit: that kind does not stand there.
        NameTaken: there is one of this name there.
    """
    name = " ".join(name.replace(BETWEEN.strip(), " ").split())[:80]
    if not name:
        raise Refused(_("A place needs a name."), out=_("Write what stands on its door or its shelf."))
    parent = queries.open_place(session, inside, to=by) if inside else None
    must_fit(kind, PlaceKind(parent.kind) if parent else None)
    path = f"{parent.path}{BETWEEN}{name}" if parent else name
    if closed := session.scalar(
        select(Place).where(Place.org_id == by.org, Place.path == path, Place.closed_at.is_not(None))
    ):
        closed.kind, closed.closed_at = kind, None
        session.flush()
        return closed.id
    try:
        return session.execute(
            insert(Place)
            .values(org_id=by.org, parent_id=inside, kind=kind, name=name, path=path[:300], created_at=at)
            .returning(Place.id)
        ).scalar_one()
    except IntegrityError as error:
        raise NameTaken(name) from error


def close_place(session: Session, place_id: int, *, by: Actor, at: datetime) -> None:
    """Close a place in which nothing stands any more.

    Raises:
        Missing: it is not theirs, or is closed already.
        Refused: devices or open places stand in it.
    """
    place = queries.open_place(session, place_id, to=by)
    inside = session.scalar(
        select(Place.id).where(Place.parent_id == place_id, Place.closed_at.is_(None)).limit(1)
    ) or session.scalar(select(Device.id).where(Device.place_id == place_id).limit(1))
    if inside is not None:
        raise Refused(
            _("Something still stands in “%(name)s”.", name=place.path), out=_("Move it elsewhere first.")
        )
    place.closed_at = at
    session.flush()


def move_here(
    session: Session, texts: list[str], place_id: int, *, by: Actor, ask: Ask, hosts: set[str]
) -> list[Outcome]:
    """Move every device scanned to one place; return one outcome for each line, none left out.

    A line that is refused leaves the others alone.

    Raises:
        Missing: the place is not theirs, or is closed.
        Refused: more lines than one form takes.
    """
    place = queries.open_place(session, place_id, to=by)
    if len(texts) > MOST_CODES:
        raise Refused(_("At most %(n)s codes fit one form.", n=MOST_CODES), out=_("Send them in two parts."))
    said: dict[str, Outcome] = {}
    outcomes = []
    for line in texts:
        try:
            code = parse(line, hosts=hosts)
        except Refused as refused:
            outcomes.append(Outcome(line[:60], False, refused.sentence, refused.out))
            continue
        if first := said.get(code):
            outcomes.append(first._replace(sentence=_("Scanned twice; counted once."), out=""))
        else:
            said[code] = _outcome(session, code, place, by=by, ask=ask)
            outcomes.append(said[code])
    return outcomes


def _outcome(session: Session, code: str, place: Place, *, by: Actor, ask: Ask) -> Outcome:
    try:
        return Outcome(code, True, _move(session, code, place, by=by, ask=ask))
    except Refused as refused:
        return Outcome(code, False, refused.sentence, refused.out)
    except Missing:
        # The same for a code of others and for one that was never minted.
        return Outcome(code, False, _("Not a device of yours."), _("Put it aside and ask whose it is."))


def _device(session: Session, code: str, by: Actor) -> Any:
    try:
        return devices.device(session, code, to=by)
    except Missing:
        replaced = devices.label(session, code)
        if replaced is None or not replaced.retired or replaced.live is None:
            raise
        devices.device(session, replaced.live, to=by)  # says Missing when it is not theirs
        raise RetiredCode(code, replaced.live) from None


def _move(session: Session, code: str, place: Place, *, by: Actor, ask: Ask) -> Words:
    row = _device(session, code, by)
    must_hold(row, by)
    must_be_at_rest(row, by)
    must_stand(Status(row.status))
    if row.place_id == place.id:
        return _("Was there already.")
    custody.note_fact(
        session,
        row.id,
        "place",
        {"place": place.id},
        by=by,
        ask=ask.of(row.id),
        custody=lambda now: now._replace(place=place.id),
    )
    return _("Moved to %(place)s.", place=place.path)
