"""Many devices quickly, each with a true first event, for measuring growth."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from tests.makers import a_donation, a_person
from tracker.custody.canonical import canonical
from tracker.custody.codes import mint
from tracker.custody.ledger import moment
from tracker.custody.models import Device, Event, Label
from tracker.people.roles import Actor, Role

MODELS = (
    ("laptop", "Dell", "Latitude E5520"),
    ("phone", "Samsung", "Galaxy A10"),
    ("tablet", "Lenovo", "MIIX 310"),
)


def a_workshop(session: Session) -> tuple[Actor, int]:
    """Return a technician and a donation to their workshop."""
    technician = a_person(session, role=Role.TECHNICIAN, name="Trần Thị Đo")
    return technician, a_donation(session, by=technician)


def many_devices(session: Session, count: int, *, by: Actor, donation: int) -> list[str]:
    """Add `count` received devices with their first events and return their codes."""
    now = datetime.now(UTC)
    first = (session.execute(text("SELECT coalesce(max(id), 0) FROM device")).scalar_one()) + 1
    codes: set[str] = set()
    while len(codes) < count:
        codes.add(mint())
    minted = sorted(codes)
    for start in range(0, count, 5000):
        some = minted[start : start + 5000]
        devices, events, labels = [], [], []
        for i, code in enumerate(some, first + start):
            body = _body(i, code, by, donation, now)
            leaf = hashlib.sha256(b"\0" + body).digest()
            devices.append(_device(i, code, by, donation, now, leaf))
            labels.append(
                {"code": code, "device_id": i, "org_id": by.org, "minted_at": now, "claimed_at": now}
            )
            events.append(
                {"event_id": f"bench-{i}-{secrets.token_hex(6)}", "req_hash": leaf, "device_id": i, "dseq": 1,
                 "kind": "receive", "at": now, "body": body, "leaf": leaf, "leaf_index": None}
            )  # fmt: skip
        session.execute(insert(Device), devices)
        session.execute(insert(Label), labels)
        session.execute(insert(Event), events)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT setval(pg_get_serial_sequence('device', 'id'), (SELECT max(id) FROM device))")
        )
        session.execute(text("ANALYZE"))
    session.commit()
    return minted


def _device(i: int, code: str, by: Actor, donation: int, now: datetime, leaf: bytes) -> dict[str, Any]:
    category, make, model = MODELS[i % 3]
    serial = f"SN{i:08d}"
    return {
        "id": i, "code": code, "category": category, "make": make, "model": model, "serial": serial,
        "serial_norm": serial, "donation_id": donation, "search": f"{code} {make} {model} {serial}".lower(),
        "created_at": now, "status": "received", "holder_org_id": by.org, "dseq": 1, "dhash": leaf,
        "changed_at": now, "charger": False, "cable": False, "bag": False, "note": "", "grade": "",
    }  # fmt: skip


def _body(i: int, code: str, by: Actor, donation: int, now: datetime) -> bytes:
    return canonical(
        {
            "v": 1, "id": f"bench-{i}", "dev": i, "dseq": 1, "prev": "", "kind": "receive", "batch": None,
            "actor": by.user, "role": str(by.role), "org": by.org, "at": moment(now), "client_at": None,
            "salt": secrets.token_hex(16), "data": {"donation": donation, "category": "laptop", "code": code},
            "state": "received",
            "cust": {"org": by.org, "support": None, "place": None, "transit": None, "toward": None},
        }
    )  # fmt: skip
