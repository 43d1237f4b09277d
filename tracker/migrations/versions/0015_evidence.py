"""Evidence from the hardware, and what it answers."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "evidence_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("tool", sa.String(length=24), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("like_id", BIG, nullable=True),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('kept', 'asked', 'away')", name=op.f("ck_evidence_file_state")),
        sa.CheckConstraint("via IN ('web', 'collector', 'command')", name=op.f("ck_evidence_file_via")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_evidence_file_device_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_evidence_file_org_id")),
        sa.ForeignKeyConstraint(["like_id"], ["device.id"], name=op.f("fk_evidence_file_like_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_evidence_file_by")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["user_account.id"], name=op.f("fk_evidence_file_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
    )
    op.create_index("ix_evidence_file_device_id", "evidence_file", ["device_id"])
    op.create_index(
        "one_of_a_content",
        "evidence_file",
        ["device_id", "digest"],
        unique=True,
        sqlite_where=sa.text("state <> 'away'"),
        postgresql_where=sa.text("state <> 'away'"),
    )
    op.create_table(
        "evidence_mark",
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("of", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_evidence_mark_device_id")),
        sa.PrimaryKeyConstraint("device_id", "of", "value", name=op.f("pk_evidence_mark")),
    )
    op.create_index("ix_evidence_mark_value", "evidence_mark", ["value"])
    op.create_table(
        "known_drive",
        sa.Column("device_id", BIG, nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_to", sa.String(length=16), nullable=False),
        sa.Column("gone_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "gone_to IN ('', 'destroyed', 'kept', 'donor')", name=op.f("ck_known_drive_gone_to")
        ),
        sa.CheckConstraint("(gone_at IS NULL) = (gone_to = '')", name=op.f("ck_known_drive_gone_whole")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_known_drive_device_id")),
        sa.ForeignKeyConstraint(["gone_by"], ["user_account.id"], name=op.f("fk_known_drive_gone_by")),
        sa.PrimaryKeyConstraint("device_id", "serial", name=op.f("pk_known_drive")),
    )
    op.create_table(
        "collector_pass",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_collector_pass_user_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_collector_pass")),
    )
    op.create_table(
        "collected_answer",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_collected_answer_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collected_answer")),
    )
    op.add_column(
        "check_result", sa.Column("evidence", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Alembic adds no constraint to a table that stands on SQLite; a new column may bring its own.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE erasure ADD COLUMN log_id {kind}"
        " CONSTRAINT fk_erasure_log_id REFERENCES evidence_file (id)"
    )
