"""What is known of a serial or an IMEI already, in all organisations; of others' only that there is one."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.custody.models import Device
from tracker.custody.queries import visible
from tracker.custody.road import Status
from tracker.intake.list_rules import KnownDevice, KnownDevices, Wanted
from tracker.people.roles import Actor

DEVICE = Device.__table__
#: Parameters in one statement; SQLite takes some 32,000, PostgreSQL 65,000.
SOME = 900


class Like(NamedTuple):
    """A device that has the same serial or IMEI; `code` is empty when it is with others."""

    code: str
    name: str
    status: Status | None
    since: datetime | None
    by_serial: bool


def alike(session: Session, serial: str | None, imeis: Sequence[str], *, to: Actor) -> list[Like]:
    """Return the devices with this normal serial or one of these IMEIs; of others' only that there is one."""
    same = [DEVICE.c.serial_norm == serial] if serial else []
    if imeis:
        same += [DEVICE.c.imei1.in_(imeis), DEVICE.c.imei2.in_(imeis)]
    if not same:
        return []
    rows = session.execute(
        select(DEVICE, visible(to).label("seen")).where(or_(*same)).order_by(DEVICE.c.id).limit(20)
    )
    found = []
    for row in rows:
        by_serial = bool(serial) and row.serial_norm == serial
        if row.seen:
            name = f"{row.make} {row.model}".strip()
            found.append(Like(row.code, name, Status(row.status), row.created_at, by_serial))
        else:
            found.append(Like("", "", None, None, by_serial))
    return found


def with_numbers(session: Session, numbers: Sequence[str], *, to: Actor) -> list[Like]:
    """Return the devices that have the first of these numbers that any has, as a serial or as an IMEI."""
    for number in numbers:
        if found := alike(session, number, [number], to=to):
            return found
    return []


def known_devices(session: Session, asked: Wanted) -> KnownDevices:
    """Return what is there already of the serials and IMEIs of a list, in all organisations."""
    by_serial: dict[str, list[KnownDevice]] = {}
    by_imei: dict[str, str] = {}
    columns = (
        DEVICE.c.serial_norm,
        DEVICE.c.make,
        DEVICE.c.model,
        DEVICE.c.code,
        DEVICE.c.imei1,
        DEVICE.c.imei2,
    )
    query = select(*columns).order_by(DEVICE.c.id)
    for some in _some(asked.serials):
        for row in session.execute(query.where(DEVICE.c.serial_norm.in_(some))):
            by_serial.setdefault(row.serial_norm, []).append(KnownDevice(row.make, row.model, row.code))
    for some in _some(asked.imeis):
        for row in session.execute(query.where(or_(DEVICE.c.imei1.in_(some), DEVICE.c.imei2.in_(some)))):
            for imei in (row.imei1, row.imei2):
                if imei in some:
                    by_imei.setdefault(imei, row.code)
    return KnownDevices(by_serial, by_imei)


def _some(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), SOME):
        yield ordered[start : start + SOME]


def seen_codes(session: Session, codes: Collection[str], *, to: Actor) -> frozenset[str]:
    """Return which of these device codes the reader may see."""
    found: set[str] = set()
    for some in _some(frozenset(codes)):
        found.update(session.scalars(select(DEVICE.c.code).where(DEVICE.c.code.in_(some), visible(to))))
    return frozenset(found)
