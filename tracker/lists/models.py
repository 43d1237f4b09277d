"""Spreadsheets that came in, and their rows that a person must decide about."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class ImportedList(Base):
    """A spreadsheet that was uploaded, previewed, and perhaps taken in. Taken in once at most."""

    __tablename__ = "imported_list"
    __table_args__ = (
        CheckConstraint("kind IN ('devices', 'pupils', 'schools', 'organisations')", name="kind"),
        Index(
            "one_import_of_a_file",
            "kind",
            "sha256",
            unique=True,
            sqlite_where=text("applied_at IS NOT NULL"),
            postgresql_where=text("applied_at IS NOT NULL"),
        ),
    )

    #: Random, so that nobody finds another's list by counting.
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    #: The file itself lies under TRACKER_HOME/lists by this id, until applied or seven days old.
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    #: Rows by outcome once applied, as JSON: {"new": 78, "warn": 32, …}.
    counts: Mapped[str] = mapped_column(Text, default="{}")
    #: The school of a pupil list.
    school_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))


class ListQuestion(Base):
    """A row that may be the same as something known: a person decides."""

    __tablename__ = "list_question"
    __table_args__ = (UniqueConstraint("list_id", "sheet", "line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[str] = mapped_column(ForeignKey("imported_list.id"))
    sheet: Mapped[str] = mapped_column(String(80))
    line: Mapped[int] = mapped_column(Integer)
    #: Reason codes, space separated.
    why: Mapped[str] = mapped_column(String(200))
    #: The row's understood values as JSON.
    row: Mapped[str] = mapped_column(Text)
    #: What was decided: added or left out.
    decision: Mapped[str] = mapped_column(String(16), default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
