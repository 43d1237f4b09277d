"""Print jobs and their labels."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("design", sa.String(length=24), nullable=False),
        sa.Column("stock", sa.String(length=24), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("skip", sa.Integer(), nullable=False),
        sa.Column("by_column", sa.Boolean(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.CheckConstraint("labels > 0 AND sheets > 0 AND skip >= 0", name=op.f("ck_print_job_something")),
        sa.CheckConstraint("read BETWEEN 0 AND labels", name=op.f("ck_print_job_read_of_labels")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_print_job_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_print_job_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
    )
    op.create_index("ix_print_job_org_id_id", "print_job", ["org_id", "id"])
    op.create_table(
        "printed_label",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("says", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_printed_label_job_id")),
        sa.PrimaryKeyConstraint("job_id", "n", name=op.f("pk_printed_label")),
    )
    op.create_index("ix_printed_label_code", "printed_label", ["code"])
    op.create_table(
        "printed_again",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("skip", sa.Integer(), nullable=False),
        sa.CheckConstraint("first > 0 AND last >= first AND skip >= 0", name=op.f("ck_printed_again_range")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_printed_again_by")),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_printed_again_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_again")),
    )
    op.create_index("ix_printed_again_job_id", "printed_again", ["job_id"])
