"""Handovers between organisations, line by line, and the giving to the pupil."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Handover(Base):
    """A paper with lines from one organisation to another: draft → sent → received → closed."""

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("year", "seq"),
        CheckConstraint("status IN ('draft', 'sent', 'received', 'closed', 'cancelled')", name="status"),
        CheckConstraint("from_org_id <> to_org_id", name="two_parties"),
        CheckConstraint("status IN ('draft', 'cancelled') OR sent_at IS NOT NULL", name="sent"),
        CheckConstraint(
            "(seq IS NULL) = (sent_at IS NULL) AND (year IS NULL) = (seq IS NULL)", name="number"
        ),
        Index("ix_handover_from_org_id_id", "from_org_id", "id"),
        Index("ix_handover_to_org_id_id", "to_org_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Year and number within it, as on the paper: 05/2021. Given on sending, so that no draft leaves a gap.
    year: Mapped[int | None] = mapped_column(Integer)
    seq: Mapped[int | None] = mapped_column(Integer)
    from_org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    to_org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: received: signed, with lines still open; closed: every line settled.
    status: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: SHA-256 of the one-time secret on the last printed record; a new print makes a new one.
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    secret_until: Mapped[datetime | None]
    #: Set once, when the secret confirmed the receipt.
    secret_used_at: Mapped[datetime | None]
    #: Wrong secrets tried; five lock the record until it is printed anew.
    wrong_tries: Mapped[int] = mapped_column(Integer, default=0)
    printed: Mapped[int] = mapped_column(Integer, default=0)
    #: Name and position typed by who signed, and the strokes drawn, as JSON of integers.
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signed_name: Mapped[str] = mapped_column(String(120), default="")
    signature: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class HandoverLine(Base):
    """One device on a handover, settled by itself."""

    __tablename__ = "handover_line"
    __table_args__ = (
        UniqueConstraint("handover_id", "device_id"),
        CheckConstraint(
            "state IN ('listed', 'sent', 'received', 'missing', 'damaged', 'unexpected', 'removed')",
            name="state",
        ),
        Index(
            "one_open_line_of_a_device",
            "device_id",
            unique=True,
            sqlite_where=text("state IN ('listed', 'sent')"),
            postgresql_where=text("state IN ('listed', 'sent')"),
        ),
        Index("ix_handover_line_device_id", "device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    #: The support it goes to, for a delivery to a school.
    support_id: Mapped[str | None] = mapped_column(ForeignKey("support.id"))
    state: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Giving(Base):
    """Who took a device at the school. Personal; the ledger holds a digest of it only."""

    __tablename__ = "giving"
    __table_args__ = (
        CheckConstraint("taken_by IN ('pupil', 'guardian')", name="taken_by"),
        Index("ix_giving_device_id", "device_id"),
    )

    event_id: Mapped[str] = mapped_column(ForeignKey("event.event_id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    support_id: Mapped[str] = mapped_column(ForeignKey("support.id"))
    taken_by: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120))
    signature: Mapped[str] = mapped_column(Text)
    #: Random key of the digest in the ledger; deleting it makes the digest say nothing.
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
