"""What retired devices weigh."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retired_device",
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("weighed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint("grams BETWEEN 1 AND 60000", name=op.f("ck_retired_device_grams")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_retired_device_device_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_retired_device_org_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_retired_device_by")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_retired_device")),
    )
    op.create_index("ix_retired_device_org_id_at", "retired_device", ["org_id", "at"])
