"""Print jobs: who printed which labels, when, on what, and how often again."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class PrintJob(Base):
    """Labels printed together. What they say is kept, so that they can be printed again to the letter."""

    __tablename__ = "print_job"
    __table_args__ = (
        CheckConstraint("labels > 0 AND sheets > 0 AND skip >= 0", name="something"),
        CheckConstraint("read BETWEEN 0 AND labels", name="read_of_labels"),
        Index("ix_print_job_org_id_id", "org_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: What it was printed for, in words: a donation's number, a device's code.
    subject: Mapped[str] = mapped_column(String(120))
    #: Names of `labels.designs.DESIGNS` and of `labels.stock`, or `own-` and the id of a `LabelStock`.
    design: Mapped[str] = mapped_column(String(24))
    stock: Mapped[str] = mapped_column(String(24))
    dpi: Mapped[int]
    skip: Mapped[int]
    by_column: Mapped[bool]
    labels: Mapped[int]
    sheets: Mapped[int]
    #: How many labels were read back from the finished paper before it was offered.
    read: Mapped[int]
    #: The fields of the design that were ticked, with commas between; None if nobody was asked.
    shows: Mapped[str | None] = mapped_column(String(120))


class PrintedLabel(Base):
    """One label of a job: its place in the order, its code, and what it says (fields of `labels.job.Label`)."""

    __tablename__ = "printed_label"
    __table_args__ = (Index("ix_printed_label_code", "code"),)

    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    says: Mapped[dict[str, str]] = mapped_column(JSON)


class PrintedAgain(Base):
    """A job, or some of its labels in a row, printed once more."""

    __tablename__ = "printed_again"
    __table_args__ = (
        CheckConstraint("first > 0 AND last >= first AND skip >= 0", name="range"),
        Index("ix_printed_again_job_id", "job_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id"))
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    first: Mapped[int]
    last: Mapped[int]
    skip: Mapped[int]
