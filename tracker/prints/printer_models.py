"""What print jobs have to do with printers: how each was corrected, and what was sent over the network."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class PrintedOn(Base):
    """The printer a job was made for, and the correction in its paper; nothing for no particular printer.

    Its own bytes stay the same whatever the printer's calibration becomes. With `again_id` it is that of one time
    that the job was printed again.
    """

    __tablename__ = "printed_on"
    __table_args__ = (
        CheckConstraint("scale_x > 0 AND scale_y > 0", name="scale"),
        Index(
            "one_printer_of_a_job",
            "job_id",
            unique=True,
            sqlite_where=text("again_id IS NULL"),
            postgresql_where=text("again_id IS NULL"),
        ),
        Index(
            "one_printer_of_an_again",
            "again_id",
            unique=True,
            sqlite_where=text("again_id IS NOT NULL"),
            postgresql_where=text("again_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id"))
    again_id: Mapped[int | None] = mapped_column(ForeignKey("printed_again.id"))
    printer_id: Mapped[int] = mapped_column(ForeignKey("printer.id"))
    dx: Mapped[float] = mapped_column(Float(53))
    dy: Mapped[float] = mapped_column(Float(53))
    scale_x: Mapped[float] = mapped_column(Float(53))
    scale_y: Mapped[float] = mapped_column(Float(53))


class Sending(Base):
    """Labels of a job on their way to a label printer, or what became of them.

    Whoever sends says so every few seconds (`alive_at`); one that fell silent was interrupted with its server.
    """

    __tablename__ = "sending"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'interrupted')", name="state"),
        CheckConstraint("first > 0 AND last >= first", name="range"),
        CheckConstraint("labels_sent BETWEEN 0 AND last - first + 1", name="labels_sent"),
        Index(
            "one_open_sending_of_a_printer",
            "printer_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'sending')"),
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index("ix_sending_job_id", "job_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id"))
    printer_id: Mapped[int] = mapped_column(ForeignKey("printer.id"))
    first: Mapped[int]
    last: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    #: How many of them the printer's side has taken whole.
    labels_sent: Mapped[int]
    #: Why it failed (`printers.rules.Told`).
    error: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    alive_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
