"""Named reads of evidence: the files of a device, and the one picture they give together."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, tuple_
from sqlalchemy.orm import Session

from tracker.custody.models import Device
from tracker.evidence.facts import Facts, Kind
from tracker.evidence.machines import Mark
from tracker.evidence.merge import Picture, merge
from tracker.evidence.models import EvidenceFile, EvidenceMark, KnownDrive
from tracker.evidence.read import read
from tracker.people.models import User
from tracker.refused import Missing, Refused
from tracker.store import Files

FILE, MARK = EvidenceFile.__table__, EvidenceMark.__table__

#: Files never change, so what was read of them is kept in this process, the latest of them.
_FACTS: OrderedDict[str, Facts] = OrderedDict()
MOST_FACTS = 500


def facts(digest: str, name: str, files: Files) -> Facts:
    """Return what a kept file says.

    Raises:
        Damaged: the store has lost it.
        Refused: it is not understood any more.
    """
    if digest not in _FACTS:
        _FACTS[digest] = read(name, files.get(digest))
        while len(_FACTS) > MOST_FACTS:
            _FACTS.popitem(last=False)
    return _FACTS[digest]


def of_its_own(facts: Facts) -> Facts:
    """Return what a file says of the machine it is kept with.

    A drive is often taken out and wiped in another machine, which the log then describes: it speaks of its
    wipes only.
    """
    if facts.kind is not Kind.NWIPE:
        return facts
    return Facts(facts.kind, wipes=facts.wipes, whole=facts.whole, notes=facts.notes)


def of_device(session: Session, device: int) -> Sequence[Row[Any]]:
    """Return the files of a device that are not away, the newest first, with who sent them."""
    return session.execute(
        select(FILE, User.name.label("by_name"), Device.code.label("like_code"))
        .join(User, User.id == FILE.c.by)
        .join(Device, Device.id == FILE.c.like_id, isouter=True)
        .where(FILE.c.device_id == device, FILE.c.state != "away")
        .order_by(FILE.c.id.desc())
    ).all()


def file(session: Session, device: int, file_id: int) -> Row[Any]:
    """Return one file of a device.

    Raises:
        Missing: it has none with this id.
    """
    row = session.execute(select(FILE).where(FILE.c.id == file_id, FILE.c.device_id == device)).first()
    if row is None:
        raise Missing
    return row


def by_digest(session: Session, device: int, digest: str) -> int | None:
    """Return the id of a device's file with this content, if there is one that is not away."""
    return session.scalar(
        select(FILE.c.id).where(FILE.c.device_id == device, FILE.c.digest == digest, FILE.c.state != "away")
    )


def picture(session: Session, device: int, files: Files, *, since: datetime | None = None) -> Picture:
    """Return what the kept files of a device say together, or those that came `since` then.

    One that cannot be read now is in `refused`.
    """
    query = select(FILE.c.digest, FILE.c.name).where(FILE.c.device_id == device, FILE.c.state == "kept")
    if since is not None:
        query = query.where(FILE.c.at >= since)
    rows = session.execute(query.order_by(FILE.c.id)).all()
    found: list[tuple[str, Facts]] = []
    lost: list[tuple[str, str]] = []
    for row in rows:
        try:
            found.append((row.name, of_its_own(facts(row.digest, row.name, files))))
        except Refused as no:
            lost.append((row.name, str(no)))
    seen = merge(found)
    return seen._replace(refused=(*seen.refused, *lost))


def with_marks(session: Session, marks: Collection[Mark], *, but: int) -> int | None:
    """Return another device whose evidence has one of these marks, or None."""
    if not marks:
        return None
    return session.scalar(
        select(MARK.c.device_id)
        .where(tuple_(MARK.c.of, MARK.c.value).in_([tuple(mark) for mark in marks]), MARK.c.device_id != but)
        .limit(1)
    )


def with_serial(session: Session, serials: Collection[str], *, org: int) -> list[str]:
    """Return the codes of the devices of an organisation that have one of these normal serials."""
    if not serials:
        return []
    return list(
        session.scalars(
            select(Device.code)
            .where(Device.serial_norm.in_(serials), Device.holder_org_id == org)
            .order_by(Device.id)
            .limit(5)
        )
    )


def counted(session: Session, device: int) -> int:
    """Return how many files of a device count."""
    return session.scalar(select(func.count()).where(FILE.c.device_id == device, FILE.c.state == "kept")) or 0


def known_drives(session: Session, device: int) -> dict[str, str]:
    """Return the drives that evidence has seen in a device and nobody took out: names by normal serial.

    Two of the same make and model are told apart by their serials.
    """
    rows = session.execute(
        select(KnownDrive.serial, KnownDrive.name)
        .where(KnownDrive.device_id == device, KnownDrive.gone_at.is_(None))
        .order_by(KnownDrive.serial)
    )
    found = {row.serial: row.name for row in rows}
    names = list(found.values())
    return {
        serial: name if names.count(name) == 1 else f"{name} · {serial}" for serial, name in found.items()
    }
