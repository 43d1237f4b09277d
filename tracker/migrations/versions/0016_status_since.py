"""Since when a device is in its status, from the ledger; the board is read from its index."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATE = {
    "sqlite": "json_extract(CAST({}.body AS TEXT), '$.state')",
    "postgresql": "convert_from({}.body, 'UTF8')::json->>'state'",
}


def upgrade() -> None:
    state = STATE[op.get_bind().dialect.name]
    op.add_column(
        "device",
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default="1970-01-01 00:00:00"),
    )
    # The newest event that left the device in another status than the event before it.
    op.execute(
        "UPDATE device SET since = coalesce(("
        " SELECT e.at FROM event e LEFT JOIN event p ON p.device_id = e.device_id AND p.dseq = e.dseq - 1"
        f" WHERE e.device_id = device.id AND (p.n IS NULL OR {state.format('e')} <> {state.format('p')})"
        " ORDER BY e.dseq DESC LIMIT 1), changed_at)"
    )
    op.drop_index("ix_device_holder_org_id_status_changed_at", "device")
    op.create_index("ix_device_holder_org_id_status_since", "device", ["holder_org_id", "status", "since"])
