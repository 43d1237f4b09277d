"""Printers, their calibrations, the printer of a job, and what is sent to it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    printers()
    jobs()


def printers() -> None:
    op.create_table(
        "printer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("test", sa.JSON(), nullable=True),
        sa.CheckConstraint("kind IN ('pdf', 'tspl', 'zpl')", name=op.f("ck_printer_kind")),
        sa.CheckConstraint("(kind = 'pdf') = (host = '')", name=op.f("ck_printer_reached")),
        sa.CheckConstraint("port BETWEEN 9100 AND 9109", name=op.f("ck_printer_port")),
        sa.CheckConstraint("dpi IN (203, 300, 600)", name=op.f("ck_printer_dpi")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_printer_named")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_printer_created_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_printer_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
    )
    _one("one_open_printer_of_a_name", "printer", ["org_id", "name"], "closed_at IS NULL")
    op.create_table(
        "calibration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("printer_id", sa.Integer(), nullable=False),
        sa.Column("stock", sa.String(length=24), nullable=False),
        *_correction(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint("dx BETWEEN -5 AND 5 AND dy BETWEEN -5 AND 5", name=op.f("ck_calibration_shift")),
        sa.CheckConstraint(
            "scale_x BETWEEN 0.97 AND 1.03 AND scale_y BETWEEN 0.97 AND 1.03",
            name=op.f("ck_calibration_scale"),
        ),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_calibration_by")),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_calibration_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    op.create_index("ix_calibration_printer_id_stock_id", "calibration", ["printer_id", "stock", "id"])


def jobs() -> None:
    op.create_table(
        "printed_on",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("again_id", sa.Integer(), nullable=True),
        sa.Column("printer_id", sa.Integer(), nullable=False),
        *_correction(),
        sa.CheckConstraint("scale_x > 0 AND scale_y > 0", name=op.f("ck_printed_on_scale")),
        sa.ForeignKeyConstraint(["again_id"], ["printed_again.id"], name=op.f("fk_printed_on_again_id")),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_printed_on_job_id")),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_printed_on_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_on")),
    )
    _one("one_printer_of_a_job", "printed_on", ["job_id"], "again_id IS NULL")
    _one("one_printer_of_an_again", "printed_on", ["again_id"], "again_id IS NOT NULL")
    op.create_table(
        "sending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("printer_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("labels_sent", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'interrupted')", name=op.f("ck_sending_state")
        ),
        sa.CheckConstraint("first > 0 AND last >= first", name=op.f("ck_sending_range")),
        sa.CheckConstraint("labels_sent BETWEEN 0 AND last - first + 1", name=op.f("ck_sending_labels_sent")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_sending_by")),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_sending_job_id")),
        sa.ForeignKeyConstraint(["printer_id"], ["printer.id"], name=op.f("fk_sending_printer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
    )
    _one("one_open_sending_of_a_printer", "sending", ["printer_id"], "state IN ('waiting', 'sending')")
    op.create_index("ix_sending_job_id", "sending", ["job_id"])


def _correction() -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(53), nullable=False) for name in ("dx", "dy", "scale_x", "scale_y")]


def _one(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)
