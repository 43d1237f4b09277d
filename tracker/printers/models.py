"""Printers of an organisation, and how each is corrected on each label paper."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Printer(Base):
    """A printer: one that prints PDF by a driver of some computer, or a label printer on the network."""

    __tablename__ = "printer"
    __table_args__ = (
        CheckConstraint("kind IN ('pdf', 'tspl', 'zpl')", name="kind"),
        CheckConstraint("(kind = 'pdf') = (host = '')", name="reached"),
        CheckConstraint("port BETWEEN 9100 AND 9109", name="port"),
        CheckConstraint("dpi IN (203, 300, 600)", name="dpi"),
        CheckConstraint("name <> ''", name="named"),
        Index(
            "one_open_printer_of_a_name",
            "org_id",
            "name",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(8))
    #: A name or an address in figures on the network; empty for one that prints PDF.
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    dpi: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None]
    #: When a test label was last sent, and what became of it (`rules.Told`); none yet while it is on its way.
    tested_at: Mapped[datetime | None]
    test: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class Calibration(Base):
    """How a printer is corrected on a paper: the newest counts, the others stay for the jobs made with them.

    A place at x mm from the paper's left edge is printed at x · scale_x + dx; y from the top likewise.
    """

    __tablename__ = "calibration"
    __table_args__ = (
        CheckConstraint("dx BETWEEN -5 AND 5 AND dy BETWEEN -5 AND 5", name="shift"),
        CheckConstraint("scale_x BETWEEN 0.97 AND 1.03 AND scale_y BETWEEN 0.97 AND 1.03", name="scale"),
        Index("ix_calibration_printer_id_stock_id", "printer_id", "stock", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    printer_id: Mapped[int] = mapped_column(ForeignKey("printer.id"))
    stock: Mapped[str] = mapped_column(String(24))
    dx: Mapped[float] = mapped_column(Float(53))
    dy: Mapped[float] = mapped_column(Float(53))
    scale_x: Mapped[float] = mapped_column(Float(53))
    scale_y: Mapped[float] = mapped_column(Float(53))
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
