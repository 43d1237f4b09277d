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


class LabelStock(Base):
    """Label paper of one's own, in hundredths of a millimetre. It never changes: jobs are printed on it again."""

    __tablename__ = "label_stock"
    __table_args__ = (
        CheckConstraint(
            "page_width BETWEEN 2000 AND 33000 AND page_height BETWEEN 2000 AND 33000", name="page"
        ),
        CheckConstraint('"columns" > 0 AND "rows" > 0 AND "columns" * "rows" <= 500', name="count"),
        CheckConstraint("label_width >= 500 AND label_height >= 500", name="label"),
        CheckConstraint("origin_x >= 0 AND origin_y >= 0", name="origin"),
        CheckConstraint(
            '("columns" = 1 OR pitch_x >= label_width) AND ("rows" = 1 OR pitch_y >= label_height)',
            name="apart",
        ),
        CheckConstraint(
            'origin_x + ("columns" - 1) * pitch_x + label_width <= page_width'
            ' AND origin_y + ("rows" - 1) * pitch_y + label_height <= page_height',
            name="inside",
        ),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        Index(
            "one_open_stock_of_a_name",
            "org_id",
            "name",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "one_open_stock_of_a_name_for_all",
            "name",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND org_id IS NULL"),
            postgresql_where=text("closed_at IS NULL AND org_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Whose it is; nobody's is everybody's.
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(40))
    page_width: Mapped[int]
    page_height: Mapped[int]
    columns: Mapped[int]
    rows: Mapped[int]
    label_width: Mapped[int]
    label_height: Mapped[int]
    #: The top left corner of the first label.
    origin_x: Mapped[int]
    origin_y: Mapped[int]
    #: From one label's corner to the next one's.
    pitch_x: Mapped[int]
    pitch_y: Mapped[int]
    #: The one that was corrected by making this.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("label_stock.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
