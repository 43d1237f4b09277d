"""What has been answered, so that a form sent twice is done once."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Answered(Base):
    """A write that was done: its client-made id, what was asked, and where the answer is."""

    __tablename__ = "answered"
    __table_args__ = ({"sqlite_with_rowid": False},)

    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    req_hash: Mapped[bytes] = mapped_column(LargeBinary)
    location: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
