"""Where things stand: warehouse, room, shelf."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Place(Base):
    """A place of one organisation, inside another place of it or at the top."""

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("kind IN ('warehouse', 'room', 'shelf')", name="kind"),
        UniqueConstraint("org_id", "path"),
        Index("ix_place_parent_id", "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))
    #: Names from the top down, such as “Kho tạm › Phòng 2 › Kệ A”.
    path: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
