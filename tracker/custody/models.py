"""The device, its labels, and the ledger of everything that happened to it."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracker.custody.road import Status
from tracker.db import Base

#: SQLite counts up by itself only in an INTEGER key.
BigId = BigInteger().with_variant(Integer, "sqlite")

_STATUSES = ", ".join(f"'{status}'" for status in Status)


class Device(Base):
    """One donated device. Status, holder and place are copies of its last event in the ledger."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        CheckConstraint("category IN ('desktop', 'laptop', 'tablet', 'phone', 'other')", name="category"),
        Index("ix_device_status_id", "status", "id"),
        Index("ix_device_holder_org_id_id", "holder_org_id", "id"),
        Index("ix_device_holder_org_id_status_id", "holder_org_id", "status", "id"),
        Index("ix_device_holder_org_id_status_since", "holder_org_id", "status", "since"),
        Index("ix_device_toward_org_id_id", "toward_org_id", "id"),
        Index("ix_device_category_id", "category", "id"),
        Index("ix_device_place_id_id", "place_id", "id"),
        Index("ix_device_donation_id_id", "donation_id", "id"),
        Index("ix_device_serial_norm", "serial_norm"),
        Index("ix_device_imei1", "imei1"),
        Index("ix_device_imei2", "imei2"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: The code of its live label.
    code: Mapped[str] = mapped_column(String(8), unique=True)
    category: Mapped[str] = mapped_column(String(16))
    make: Mapped[str] = mapped_column(String(80), default="")
    model: Mapped[str] = mapped_column(String(120), default="")
    #: As written by whoever received it; `serial_norm` is what duplicates are looked for by.
    serial: Mapped[str] = mapped_column(String(120), default="")
    serial_norm: Mapped[str | None] = mapped_column(String(120))
    imei1: Mapped[str | None] = mapped_column(String(20))
    imei2: Mapped[str | None] = mapped_column(String(20))
    charger: Mapped[bool] = mapped_column(default=False)
    cable: Mapped[bool] = mapped_column(default=False)
    bag: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"))
    #: Code, make, model, serial, IMEIs and donor, without tones and case.
    search: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    # Copies of the last event, written by `ledger.record` alone.
    status: Mapped[str] = mapped_column(String(16))
    #: The organisation that answers for it; the school once a pupil has it.
    holder_org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: The support of the pupil who has it, once given.
    holder_support: Mapped[str | None] = mapped_column(String(32))
    #: The organisation it is on its way to, and the handover it goes with.
    toward_org_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    transit_id: Mapped[int | None] = mapped_column(Integer)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    #: R2v3 functional and cosmetic grade of the last passed inspection, such as F4 C3.
    grade: Mapped[str] = mapped_column(String(8), default="")
    dseq: Mapped[int] = mapped_column(Integer, default=0)
    dhash: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    #: When its last event was.
    changed_at: Mapped[datetime]
    #: When it came into its status.
    since: Mapped[datetime] = mapped_column(server_default="1970-01-01 00:00:00")


class Label(Base):
    """A code on paper: minted, then claimed by a device, perhaps retired for a new one."""

    __tablename__ = "label"
    __table_args__ = (
        CheckConstraint("length(code) = 8", name="length"),
        CheckConstraint("retired_at IS NULL OR device_id IS NOT NULL", name="retired_was_claimed"),
        Index(
            "one_live_label",
            "device_id",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
        Index("ix_label_org_id_minted_at", "org_id", "minted_at"),
    )

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: Empty until the label is stuck on a device and scanned for the first time.
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    #: Who may claim it; empty for a roll that any organisation may use.
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    minted_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class Event(Base):
    """One thing that happened to one device. Rows are appended and never changed.

    `body` is the truth: canonical JSON, hashed as it stands. The other columns are copies of what
    is in it, for finding, or come from outside it (`leaf_index` is given once by the sealer).
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("device_id", "dseq"),
        CheckConstraint("length(body) BETWEEN 2 AND 16384", name="body"),
        CheckConstraint("length(leaf) = 32", name="leaf"),
        Index(
            "event_pending",
            "n",
            sqlite_where=text("leaf_index IS NULL"),
            postgresql_where=text("leaf_index IS NULL"),
        ),
        Index(
            "event_sealed",
            "leaf_index",
            unique=True,
            sqlite_where=text("leaf_index IS NOT NULL"),
            postgresql_where=text("leaf_index IS NOT NULL"),
        ),
    )

    #: Order of arrival; on PostgreSQL neither gapless nor the order of commits.
    n: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Made by the client, kept for ever.
    event_id: Mapped[str] = mapped_column(String(64), unique=True)
    #: SHA-256 of what was asked for: the same id with other content is refused.
    req_hash: Mapped[bytes] = mapped_column(LargeBinary)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    dseq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    #: Place in the sealed log; empty until sealed.
    leaf_index: Mapped[int | None] = mapped_column(BigInteger)


class EventNote(Base):
    """What a person wrote beside an event. Outside the ledger, since people write names; erasable."""

    __tablename__ = "event_note"

    event_id: Mapped[str] = mapped_column(ForeignKey("event.event_id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class Checkpoint(Base):
    """A signed root over the first `size` events."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    #: The newest hashes of the tree, so that sealing need not read all leaves again.
    frontier: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
