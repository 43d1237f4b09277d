"""Scans of signed sheets, and where each page was filed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATES = "('filed', 'tray', 'discarded')"
KINDS = "('handover', 'donation', 'paper')"


def upgrade() -> None:
    op.create_table(
        "scan_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("refused", sa.String(length=16), nullable=False),
        sa.Column("numbers", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "length(sha256) = 64 AND size >= 0 AND pages >= 0", name=op.f("ck_scan_file_content")
        ),
        sa.CheckConstraint("(pages = 0) = (refused <> '')", name=op.f("ck_scan_file_read_or_refused")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_scan_file_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_scan_file_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_file")),
        sa.UniqueConstraint("org_id", "sha256", name=op.f("uq_scan_file_org_id_sha256")),
    )
    op.create_index("ix_scan_file_org_id_id", "scan_file", ["org_id", "id"])
    op.create_table(
        "signed_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_signed_sheet_state")),
        sa.CheckConstraint(f"kind IS NULL OR kind IN {KINDS}", name=op.f("ck_signed_sheet_kind")),
        sa.CheckConstraint(
            "(state = 'filed') = (kind IS NOT NULL) AND (kind IS NULL) = (record_id IS NULL)"
            " AND (kind IS NULL) = (page IS NULL) AND (page IS NULL OR page BETWEEN 1 AND 999)"
            " AND (pages IS NULL OR page <= pages)",
            name=op.f("ck_signed_sheet_filed_where"),
        ),
        sa.CheckConstraint("(state = 'filed') = (reason = '')", name=op.f("ck_signed_sheet_reason")),
        sa.ForeignKeyConstraint(["file_id"], ["scan_file.id"], name=op.f("fk_signed_sheet_file_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_signed_sheet_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_sheet")),
        sa.UniqueConstraint("file_id", "n", name=op.f("uq_signed_sheet_file_id_n")),
    )
    op.create_index("ix_signed_sheet_kind_record_id_page", "signed_sheet", ["kind", "record_id", "page"])
    op.create_index("ix_signed_sheet_org_id_state_id", "signed_sheet", ["org_id", "state", "id"])
    op.create_table(
        "signed_sheet_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_signed_sheet_step_state")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_signed_sheet_step_by")),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["signed_sheet.id"], name=op.f("fk_signed_sheet_step_sheet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_sheet_step")),
    )
    op.create_index("ix_signed_sheet_step_sheet_id", "signed_sheet_step", ["sheet_id"])
