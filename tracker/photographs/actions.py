"""What is done with photographs: taken and kept, or hidden."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, text, update
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.ledger import Ask
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.db import driver
from tracker.hot import Write, given
from tracker.people.roles import Actor
from tracker.photographs import queries
from tracker.photographs.images import Clean
from tracker.photographs.models import Photograph
from tracker.photographs.rules import NotTaken, Stage
from tracker.refused import Missing
from tracker.store import Files
from tracker.words import _

#: Whoever hides waits for those who keep, so that no picture is taken from under a row that is being written.
KEEPING = 7_162

_FIELDS = "device_id stage about digest small width height bytes org_id by at".split()
_KEEP = Write(
    insert(Photograph).values({name: given(name) for name in _FIELDS} | {"hidden_why": ""}), if_new=True
)


class Taking(NamedTuple):
    """Who photographs which device, when in its life, and about what; `ask` is the form's own."""

    device: Row[Any]
    stage: Stage
    about: str
    by: Actor
    ask: Ask


class Stored(NamedTuple):
    """A picture that is in the store, with the digests of it and of its thumbnail."""

    picture: Clean
    digest: str
    small: str


def store(files: Files, picture: Clean) -> Stored:
    """Put a picture into the store: outside of any transaction, and before any row speaks of it.

    Raises:
        Unreachable: the store does not answer.
    """
    return Stored(picture, files.put(picture.data), files.put(picture.small))


def may_take(session: Session, device: Row[Any], *, by: Actor) -> None:
    """Check that a person may photograph a device now.

    Raises:
        NotHere, InTransit: it is elsewhere.
    """
    now = devices.locked(session, device.id)
    must_hold(now, by)
    must_be_at_rest(now, by)


def is_there(session: Session, new: Taking, picture: Clean) -> bool:
    """Return whether this very picture is kept already, for the same stage and subject.

    Raises:
        NotTaken: it was, and is hidden.
    """
    digest = hashlib.sha256(picture.data).hexdigest()
    there = queries.same(session, new.device.id, digest=digest, stage=new.stage, about=new.about)
    if there is not None and there.hidden_at is not None:
        raise NotTaken(
            _("This very picture was hidden: %(why)s", why=there.hidden_why),
            out=_("Take another photograph."),
        )
    return there is not None


def keep(session: Session, new: Taking, stored: Stored, *, files: Files) -> bool:
    """Write that a photograph was taken, in the ledger too; return whether it is new.

    Raises:
        NotHere, InTransit: the device is elsewhere.
        NotTaken: this very picture was hidden meanwhile.
        SomebodyWasFaster, OtherContent: see `ledger`.
    """
    device, stage, about, by, ask = new
    may_take(session, device, by=by)
    _lock(session, alone=False)
    picture = stored.picture
    kept = _KEEP.rows(
        driver(session), device_id=device.id, stage=str(stage), about=about, digest=stored.digest, small=stored.small,
        width=picture.width, height=picture.height, bytes=len(picture.data), org_id=by.org, by=by.user, at=ask.at,
    )  # fmt: skip
    if not kept:
        return not is_there(session, new, picture)
    if queries.hidden_once(session, (stored.digest, stored.small)):
        store(files, picture)  # between our putting it and this row, somebody may have taken it away
    data = {"stage": str(stage), "about": about, "digest": stored.digest}
    this = ask.of(f"{stage}:{about}:{stored.digest}")
    custody.note_fact(session, device.id, "photograph", data, by=by, ask=this)
    return True


def hide(session: Session, photograph: Row[Any], why: str, *, files: Files, by: Actor, at: datetime) -> None:
    """Hide a photograph and take its picture out of the store.

    The row stays, and so does the ledger's event with the digest. If the store refuses, nothing is hidden;
    if the picture is gone and this is not committed, hiding it again does the rest.

    Raises:
        Missing: somebody has hidden it meanwhile.
        NotHere: the device is with somebody else.
        Unreachable: the store does not answer.
    """
    must_hold(devices.locked(session, photograph.device_id), by)
    _lock(session, alone=True)
    hidden = session.execute(
        update(Photograph)
        .where(Photograph.id == photograph.id, Photograph.hidden_at.is_(None))
        .values(hidden_at=at, hidden_by=by.user, hidden_why=why)
    )
    if not hidden.rowcount:  # type: ignore[attr-defined]
        raise Missing
    for digest in (photograph.digest, photograph.small):
        if not queries.shown_elsewhere(session, digest):
            files.remove(digest)


def _lock(session: Session, *, alone: bool) -> None:
    # On SQLite whoever writes is alone anyway.
    if session.get_bind().dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock(:n)" if alone else "pg_advisory_xact_lock_shared(:n)"
        session.execute(text(f"SELECT {lock}"), {"n": KEEPING})
