"""Makers of scans: as the station sends them, and settled."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.people.roles import Actor
from tracker.stations.actions import Context, settle
from tracker.stations.rules import Sent, scan_of

HOSTS = {"127.0.0.1:5000"}
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def sent(action: str, text: str = "", **more: Any) -> dict[str, Any]:
    """Return a scan as JSON."""
    return {
        "id": str(uuid.uuid4()),
        "run": "run-" + action + "-0001",
        "action": action,
        "text": text,
        "via": "typed",
        "at": millis(NOW),
        **more,
    }


def a_scan(action: str, text: str = "", **more: Any) -> Sent:
    return scan_of(sent(action, text, **more))


def told(session: Session, scan: Sent, by: Actor, *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    """Settle a scan in a transaction of its own and return what was told."""
    answer = settle(session, scan, Context(by, at, HOSTS, **more))
    session.commit()
    return answer


def undo_of(scan: Sent, **more: Any) -> Sent:
    return scan_of(
        {**sent(scan.action, scan.text), "run": scan.run, "undoes": scan.id, "place": scan.place,
         "handover": scan.handover, **more}
    )  # fmt: skip
