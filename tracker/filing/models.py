"""Scans of signed sheets: the files that were sent, their pages, and what became of each."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base

STATES = "('filed', 'tray', 'discarded')"
KINDS = "('handover', 'donation', 'paper')"


class ScanFile(Base):
    """A file as it came. Its content is in the store; of one that was not read only this row is kept."""

    __tablename__ = "scan_file"
    __table_args__ = (
        UniqueConstraint("org_id", "sha256"),
        CheckConstraint("length(sha256) = 64 AND size >= 0 AND pages >= 0", name="content"),
        CheckConstraint("(pages = 0) = (refused <> '')", name="read_or_refused"),
        Index("ix_scan_file_org_id_id", "org_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: What the sender called it.
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    pages: Mapped[int]
    #: Why no page was read (a key of `labels.scanned`), and the numbers of its sentence as JSON.
    refused: Mapped[str] = mapped_column(String(16), default="")
    numbers: Mapped[str] = mapped_column(String(120), default="{}")


class Sheet(Base):
    """One page of a file: filed to a page of a record, waiting in the tray, or discarded."""

    __tablename__ = "signed_sheet"
    __table_args__ = (
        UniqueConstraint("file_id", "n"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"kind IS NULL OR kind IN {KINDS}", name="kind"),
        CheckConstraint(
            "(state = 'filed') = (kind IS NOT NULL) AND (kind IS NULL) = (record_id IS NULL)"
            " AND (kind IS NULL) = (page IS NULL) AND (page IS NULL OR page BETWEEN 1 AND 999)"
            " AND (pages IS NULL OR page <= pages)",
            name="filed_where",
        ),
        CheckConstraint("(state = 'filed') = (reason = '')", name="reason"),
        Index("ix_signed_sheet_kind_record_id_page", "kind", "record_id", "page"),
        Index("ix_signed_sheet_org_id_state_id", "org_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("scan_file.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: Its place in the file, counted from 1.
    n: Mapped[int]
    #: SHA-256 of its picture in the store.
    picture: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str | None] = mapped_column(String(16))
    record_id: Mapped[int | None]
    page: Mapped[int | None]
    #: How many pages the record had when it was printed, as its code says; unknown for what was filed by its number.
    pages: Mapped[int | None]
    #: Why it is in the tray, a key of `rules.Why`, or why it was discarded, in a person's words.
    reason: Mapped[str] = mapped_column(String(300), default="")


class SheetStep(Base):
    """What was done with a page by whom: filed by its code or by hand, sent back to the tray, discarded."""

    __tablename__ = "signed_sheet_step"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_signed_sheet_step_sheet_id", "sheet_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("signed_sheet.id"))
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    by_hand: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str | None] = mapped_column(String(16))
    record_id: Mapped[int | None]
    page: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
