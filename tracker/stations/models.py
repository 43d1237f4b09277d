"""Every scan at a station, for ever: also what was unknown, refused or repeated."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class StationRun(Base):
    """One sitting at a station: an action, where or for which handover, and what is scanned in it."""

    __tablename__ = "station_run"
    __table_args__ = (
        Index("ix_station_run_org_id_started_at", "org_id", "started_at"),
        {"sqlite_with_rowid": False},
    )

    #: Made by the client, as there may be no network when it begins.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    action: Mapped[str] = mapped_column(String(24))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("handover.id"))
    #: When its first scan reached the server.
    started_at: Mapped[datetime]
    #: When it was closed as finished; nothing of it was unsent then.
    ended_at: Mapped[datetime | None]
    #: Of a finished count: how many stood there by the list, and as JSON the ids of those that nobody scanned.
    expected: Mapped[int | None] = mapped_column(Integer)
    missing: Mapped[str | None] = mapped_column(Text)


class Scan(Base):
    """One scan: who, when, where, what was read, and what it came to. Rows are never changed or deleted."""

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint(
            "verdict IN ('done', 'already', 'blocked', 'unknown', 'retired', 'not-yours')", name="verdict"
        ),
        CheckConstraint("via IN ('camera', 'typed', 'photo')", name="via"),
        Index("ix_scan_org_id_n", "org_id", "n"),
        Index("ix_scan_run_id_n", "run_id", "n"),
        Index("ix_scan_device_id_n", "device_id", "n"),
        Index("ix_scan_verdict_n", "verdict", "n"),
        Index(
            "ix_scan_handover_id_n",
            "handover_id",
            "n",
            sqlite_where=text("handover_id IS NOT NULL"),
            postgresql_where=text("handover_id IS NOT NULL"),
        ),
        Index(
            "one_undo_of_a_scan",
            "undoes",
            unique=True,
            sqlite_where=text("undoes IS NOT NULL AND verdict = 'done'"),
            postgresql_where=text("undoes IS NOT NULL AND verdict = 'done'"),
        ),
        {"sqlite_autoincrement": True},
    )

    #: Order of arrival.
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    #: Made by the client when it was scanned: the same scan sent again gets its first answer.
    id: Mapped[str] = mapped_column(String(64), unique=True)
    #: SHA-256 of what was asked for: the same id with other content is refused.
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    run_id: Mapped[str] = mapped_column(ForeignKey("station_run.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: Whose badge was scanned at a bench that several share; else empty.
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: Who brought it in from a file; else empty.
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[str] = mapped_column(String(24))
    #: As it was read.
    text: Mapped[str] = mapped_column(String(200))
    via: Mapped[str] = mapped_column(String(8))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("handover.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    #: The id of the scan that this one takes back.
    undoes: Mapped[str | None] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    #: What it says in a count or a receipt: here, elsewhere; ticked, unexpected. Else empty.
    mark: Mapped[str] = mapped_column(String(16), default="")
    #: The event of the ledger that it caused, if any.
    event_id: Mapped[str | None] = mapped_column(String(64))
    #: What the person was told, as JSON, in the language they read.
    told: Mapped[str] = mapped_column(Text)
    #: When it reached the server, when it was scanned by the phone's clock, and how many milliseconds that clock was behind.
    at: Mapped[datetime]
    client_at: Mapped[datetime | None]
    behind: Mapped[int | None] = mapped_column(BigInteger)
    #: Whether it waited in an outbox.
    queued: Mapped[bool] = mapped_column(default=False)
