"""Spare parts of a workshop, and every piece that came in or went out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Spare(Base):
    """Parts of one sort from one origin, in the stock of one workshop."""

    __tablename__ = "spare"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("unit_cost >= 0", name="unit_cost"),
        CheckConstraint("origin IN ('bought', 'donated', 'harvested')", name="origin"),
        CheckConstraint("(origin = 'harvested') = (from_device_id IS NOT NULL)", name="harvested_from"),
        Index("ix_spare_org_id_kind_id", "org_id", "kind", "id"),
        Index("ix_spare_from_device_id", "from_device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: From the list in `spares.rules`, such as battery or screen.
    kind: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(120))
    origin: Mapped[str] = mapped_column(String(16))
    #: The retired device it was taken out of.
    from_device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    #: In đồng, for one piece; empty when it was not bought.
    unit_cost: Mapped[int | None]
    #: Where it lies, in people's own words.
    place: Mapped[str] = mapped_column(String(80), default="")
    #: How many there are now: the sum of its moves.
    quantity: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class SpareMove(Base):
    """Pieces that came in (positive) or went out (negative), and why. Rows never change."""

    __tablename__ = "spare_move"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity"),
        CheckConstraint("why IN ('in', 'used', 'put-back', 'written-off', 'counted')", name="why"),
        CheckConstraint("(why IN ('used', 'put-back')) = (device_id IS NOT NULL)", name="device"),
        CheckConstraint("(why = 'put-back') = (of_id IS NOT NULL)", name="of"),
        Index("ix_spare_move_spare_id", "spare_id"),
        Index("ix_spare_move_job_id", "job_id"),
        Index(
            "one_put_back_of_a_use",
            "of_id",
            unique=True,
            sqlite_where=text("of_id IS NOT NULL"),
            postgresql_where=text("of_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    spare_id: Mapped[int] = mapped_column(ForeignKey("spare.id"))
    quantity: Mapped[int]
    why: Mapped[str] = mapped_column(String(16))
    #: The device that it was built into, or taken out of again.
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    #: The repair it was used for.
    job_id: Mapped[int | None] = mapped_column(ForeignKey("repair_job.id"))
    #: The use that is put back.
    of_id: Mapped[int | None] = mapped_column(ForeignKey("spare_move.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
