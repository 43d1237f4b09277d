"""The sealer: gives events their global order, signs the tree over them, and hands out copies.

Called when a record is printed, after a receipt, and by `tracker ledger seal`. It derives every leaf
anew from the stored body before it signs: one wrong hash, once signed, could never be mended.
"""

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from tracker.custody import checkpoint
from tracker.custody.checkpoint import Key
from tracker.custody.merkle import Frontier, leaf_hash
from tracker.custody.models import Checkpoint, Event
from tracker.refused import Refused
from tracker.words import _

EVENT = Event.__table__

#: PostgreSQL: only one sealer at a time, wherever it runs. Any fixed number of ours.
ADVISORY_LOCK = 7_160_350


class Damaged(Refused):
    """A stored event does not hash to its leaf: nothing is signed until it is explained."""

    def __init__(self, n: int) -> None:
        super().__init__(
            _("Event %(n)s of the ledger is damaged; nothing was signed.", n=n),
            out=_("Stop writing, keep a copy of the database, and compare it with the last backup."),
        )


class Forked(Refused):
    """A checkpoint exists that this database does not lead up to."""

    def __init__(self, known: int, here: int) -> None:
        super().__init__(
            _(
                "A signed checkpoint of %(known)s events is known, but only %(here)s are here; nothing was signed.",
                known=known,
                here=here,
            ),
            out=_("An old copy of the database was put back. Restore the newest one before going on."),
        )


def key_path(home: Path) -> Path:
    """Return where the signing key lies."""
    return home / "keys" / "ledger.key"


def key_of(home: Path) -> Key:
    """Return the signing key.

    Raises:
        Refused: there is none; `tracker init` makes one.
    """
    path = key_path(home)
    if not path.is_file():
        raise Refused(_("This installation has no key to sign its ledger."), out=_("Run `tracker init`."))
    return Key.load(path)


def make_key(home: Path, origin: str) -> Key:
    """Return the signing key, making one that is readable by its owner alone."""
    path = key_path(home)
    if path.is_file():
        return Key.load(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Key.make(origin)
    key.save(path)
    return key


def seal(session: Session, key: Key, *, at: datetime, home: Path | None = None) -> str:
    """Seal what is pending and return the newest signed checkpoint.

    Within the caller's transaction: the checkpoint may be shown only after its commit. With `home`
    the largest size ever signed is remembered outside the database too, so that a database put back
    from an old copy is noticed.

    Raises:
        Damaged: a stored event does not hash to its leaf.
        Forked: a larger checkpoint than this database knows of was signed before.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": ADVISORY_LOCK})
    frontier = _frontier(session)
    newest = newest_note(session)
    _must_not_fork(frontier.size, home)
    pending = session.execute(
        select(EVENT.c.n, EVENT.c.body, EVENT.c.leaf).where(EVENT.c.leaf_index.is_(None)).order_by(EVENT.c.n)
    ).all()
    if not pending and newest is not None:
        return newest
    for row in pending:
        leaf = leaf_hash(bytes(row.body))
        if leaf != bytes(row.leaf):
            raise Damaged(row.n)
        session.execute(update(Event).where(EVENT.c.n == row.n).values(leaf_index=frontier.size))
        frontier.append(leaf)
    root = frontier.root()
    note = checkpoint.sign(key.name, frontier.size, root, key)
    session.execute(
        insert(Checkpoint),
        {
            "size": frontier.size,
            "root": root,
            "note": note,
            "frontier": json.dumps([peak.hex() for peak in frontier.peaks]),
            "at": at,
        },
    )
    return note


def newest_note(session: Session) -> str | None:
    """Return the newest signed checkpoint, or None before the first."""
    return session.scalar(select(Checkpoint.note).order_by(Checkpoint.size.desc()).limit(1))


def uncovered(session: Session) -> int:
    """Return how many events no checkpoint covers yet."""
    return session.scalar(select(func.count()).select_from(EVENT).where(EVENT.c.leaf_index.is_(None))) or 0


def remember(home: Path, note: str) -> None:
    """Keep the size of a committed checkpoint outside the database."""
    path = home / "keys" / "largest-checkpoint"
    size = checkpoint.parse(note).size
    if size > _remembered(home):
        fresh = path.with_suffix(".new")
        fresh.write_text(f"{size}\n")
        fresh.replace(path)


def _remembered(home: Path) -> int:
    try:
        return int((home / "keys" / "largest-checkpoint").read_text())
    except (FileNotFoundError, ValueError):
        return 0


def _must_not_fork(size: int, home: Path | None) -> None:
    if home is not None and _remembered(home) > size:
        raise Forked(_remembered(home), size)


def _frontier(session: Session) -> Frontier:
    row = session.execute(
        select(Checkpoint.size, Checkpoint.frontier).order_by(Checkpoint.size.desc()).limit(1)
    ).first()
    if row is None:
        return Frontier()
    return Frontier(row.size, [bytes.fromhex(peak) for peak in json.loads(row.frontier)])
