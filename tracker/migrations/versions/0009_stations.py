"""Scan stations: sittings, and every scan for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE TRIGGER scan_fixed BEFORE UPDATE ON scan BEGIN SELECT RAISE(ABORT, 'scans never change'); END",
    "CREATE TRIGGER scan_for_ever BEFORE DELETE ON scan BEGIN SELECT RAISE(ABORT, 'scans never change'); END",
)
POSTGRES = (
    "CREATE TRIGGER scan_fixed BEFORE UPDATE ON scan FOR EACH ROW EXECUTE FUNCTION refuse('scans never change')",
    "CREATE TRIGGER scan_for_ever BEFORE DELETE ON scan FOR EACH ROW EXECUTE FUNCTION refuse('scans never change')",
    "CREATE TRIGGER scan_not_emptied BEFORE TRUNCATE ON scan FOR EACH STATEMENT EXECUTE FUNCTION refuse('scans never change')",
)


def upgrade() -> None:
    op.create_table(
        "station_run",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("handover_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("missing", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_station_run_user_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_station_run_org_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_station_run_place_id")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_station_run_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_run")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_station_run_org_id_started_at", "station_run", ["org_id", "started_at"])
    op.create_table(
        "scan",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("via", sa.String(length=8), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("handover_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undoes", sa.String(length=64), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("behind", sa.BigInteger(), nullable=True),
        sa.Column("queued", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('done', 'already', 'blocked', 'unknown', 'retired', 'not-yours')",
            name=op.f("ck_scan_verdict"),
        ),
        sa.CheckConstraint("via IN ('camera', 'typed', 'photo')", name=op.f("ck_scan_via")),
        sa.ForeignKeyConstraint(["run_id"], ["station_run.id"], name=op.f("fk_scan_run_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_scan_user_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_scan_org_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["user_account.id"], name=op.f("fk_scan_operator_id")),
        sa.ForeignKeyConstraint(["imported_by"], ["user_account.id"], name=op.f("fk_scan_imported_by")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_scan_place_id")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_scan_handover_id")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_scan_device_id")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_scan")),
        sa.UniqueConstraint("id", name=op.f("uq_scan_id")),
        sqlite_autoincrement=True,
    )
    for name, columns, where in (
        ("ix_scan_org_id_n", ["org_id", "n"], None),
        ("ix_scan_run_id_n", ["run_id", "n"], None),
        ("ix_scan_device_id_n", ["device_id", "n"], None),
        ("ix_scan_verdict_n", ["verdict", "n"], None),
        ("ix_scan_handover_id_n", ["handover_id", "n"], "handover_id IS NOT NULL"),
        ("one_undo_of_a_scan", ["undoes"], "undoes IS NOT NULL AND verdict = 'done'"),
    ):
        op.create_index(
            name,
            "scan",
            columns,
            unique=name.startswith("one_"),
            sqlite_where=sa.text(where) if where else None,
            postgresql_where=sa.text(where) if where else None,
        )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
