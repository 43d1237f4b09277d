"""An index from which the board is read."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_device_holder_org_id_status_changed_at", "device", ["holder_org_id", "status", "changed_at"]
    )
    op.create_index("ix_inspection_started_at", "inspection", ["started_at"])
