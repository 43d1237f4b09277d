"""Files that a machine's own tools wrote, kept as they came, and the marks by which a machine is known again."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.custody.models import BigId
from tracker.db import Base


class EvidenceFile(Base):
    """One file about one device. Its content is in the store, under its digest."""

    __tablename__ = "evidence_file"
    __table_args__ = (
        CheckConstraint("state IN ('kept', 'asked', 'away')", name="state"),
        CheckConstraint("via IN ('web', 'collector', 'command')", name="via"),
        Index("ix_evidence_file_device_id", "device_id"),
        Index(
            "one_of_a_content",
            "device_id",
            "digest",
            unique=True,
            sqlite_where=text("state <> 'away'"),
            postgresql_where=text("state <> 'away'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: SHA-256 of the content, as hexadecimal.
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    #: Which tool wrote it, see `facts.Kind`.
    tool: Mapped[str] = mapped_column(String(24))
    size: Mapped[int]
    #: kept; asked while it looks like another machine's and nobody has said; away when it was another's.
    state: Mapped[str] = mapped_column(String(8))
    #: Another device that it looks like, while it is asked.
    like_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    via: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class EvidenceMark(Base):
    """A mark that a device's evidence says of it, such as its serial; see `machines.marks`."""

    __tablename__ = "evidence_mark"
    __table_args__ = (Index("ix_evidence_mark_value", "value"),)

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True, autoincrement=False)
    of: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(120), primary_key=True)


class KnownDrive(Base):
    """A drive that evidence has seen in a device: each one must be erased, until somebody says it was taken out."""

    __tablename__ = "known_drive"
    __table_args__ = (
        CheckConstraint("gone_to IN ('', 'destroyed', 'kept', 'donor')", name="gone_to"),
        CheckConstraint("(gone_at IS NULL) = (gone_to = '')", name="gone_whole"),
    )

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True, autoincrement=False)
    #: In the form it is compared in.
    serial: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    #: Where it went, see `drives.Gone`; empty while it is in the device.
    gone_to: Mapped[str] = mapped_column(String(16), default="")
    gone_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class CollectorPass(Base):
    """A short-lived code by which the collecting script sends for whoever asked for it."""

    __tablename__ = "collector_pass"

    #: SHA-256 of the code.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
