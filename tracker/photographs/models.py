"""Photographs, whose pictures are in the store."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base

STAGES = "('received', 'before', 'after', 'handed-over')"


class Photograph(Base):
    """One picture of one device. The row stays for ever; a hidden one has lost its picture."""

    __tablename__ = "photograph"
    __table_args__ = (
        UniqueConstraint("device_id", "digest", "stage", "about"),
        CheckConstraint(f"stage IN {STAGES}", name="stage"),
        CheckConstraint("length(digest) = 64 AND length(small) = 64", name="content"),
        CheckConstraint(
            "width BETWEEN 1 AND 2048 AND height BETWEEN 1 AND 2048 AND bytes BETWEEN 1 AND 8000000",
            name="size",
        ),
        CheckConstraint(
            "(hidden_at IS NULL) = (hidden_by IS NULL) AND (hidden_at IS NULL) = (hidden_why = '')",
            name="hidden",
        ),
        Index("ix_photograph_digest", "digest"),
        Index("ix_photograph_small", "small"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    stage: Mapped[str] = mapped_column(String(16))
    #: What it shows, such as the key of a check; empty for the device as a whole.
    about: Mapped[str] = mapped_column(String(24), default="")
    #: SHA-256 of the picture, and of its thumbnail.
    digest: Mapped[str] = mapped_column(String(64))
    small: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    hidden_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    hidden_why: Mapped[str] = mapped_column(String(300), default="")
