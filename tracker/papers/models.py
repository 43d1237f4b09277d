"""Papers that were issued of devices: what each says, word for word, and which devices are on it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Paper(Base):
    """One issued paper. It does not change (triggers): a wrong one is replaced by another, and says by which.

    Pupils and guardians stand in `says` only; emptied, the row tells no more than that there was a paper.
    """

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("org_id", "year", "seq"),
        CheckConstraint(
            "kind IN ('inspection', 'repair', 'erasure', 'pupil', 'return', 'retirement')", name="kind"
        ),
        CheckConstraint("seq > 0", name="number"),
        CheckConstraint("(kind IN ('pupil', 'return')) = (support_id IS NOT NULL)", name="of_a_pupil"),
        CheckConstraint("replaced_by > id", name="replaced_by_a_later_one"),
        Index("ix_paper_org_id_kind_id", "org_id", "kind", "id"),
        Index("ix_paper_kind_id", "kind", "id"),
        Index("ix_paper_support_id", "support_id"),
        Index("one_paper_replaces_one", "replaced_by", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    #: The organisation whose name stands over it; its numbers begin anew each year.
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    #: The day that stands on it, in Vietnam.
    on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: The support of the pupil it names, for the log of who read it.
    support_id: Mapped[str | None] = mapped_column(ForeignKey("support.id"))
    #: The fields of its record (`labels.records.plain`): enough to print it again to the byte.
    says: Mapped[dict[str, Any]] = mapped_column(JSON)
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))


class PaperDevice(Base):
    """A device on a paper, and how far its ledger had come."""

    __tablename__ = "paper_device"
    __table_args__ = (Index("ix_paper_device_device_id", "device_id"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    dseq: Mapped[int] = mapped_column(Integer)
