"""Repair jobs, what they wait for, and the stock of spare parts."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER spare_move_fixed BEFORE UPDATE ON spare_move
    BEGIN SELECT RAISE(ABORT, 'moves of parts never change'); END
    """,
    """
    CREATE TRIGGER spare_move_for_ever BEFORE DELETE ON spare_move
    BEGIN SELECT RAISE(ABORT, 'moves of parts never change'); END
    """,
)
POSTGRES = (
    """
    CREATE TRIGGER spare_move_fixed BEFORE UPDATE ON spare_move
    FOR EACH ROW EXECUTE FUNCTION refuse('moves of parts never change')
    """,
    """
    CREATE TRIGGER spare_move_for_ever BEFORE DELETE ON spare_move
    FOR EACH ROW EXECUTE FUNCTION refuse('moves of parts never change')
    """,
)
DEVICE_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _jobs()
    _spares()
    # Alembic adds no constraint to a table that stands on SQLite; a new column may bring its own.
    op.execute(
        "ALTER TABLE inspection ADD COLUMN technician_id INTEGER"
        " CONSTRAINT fk_inspection_technician_id REFERENCES user_account (id)"
    )
    op.create_index("ix_inspection_org_id_ended_at", "inspection", ["org_id", "ended_at"])
    op.add_column("fault", sa.Column("barrier", sa.String(length=24), nullable=True))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def _jobs() -> None:
    op.create_table(
        "repair_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", DEVICE_ID, nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("warranty_of", sa.String(length=80), nullable=False),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (result = '')", name=op.f("ck_repair_job_result_when_closed")
        ),
        sa.CheckConstraint("minutes >= 0 AND cost >= 0", name=op.f("ck_repair_job_not_negative")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_repair_job_device_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_repair_job_org_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_repair_job_inspection_id")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["user_account.id"], name=op.f("fk_repair_job_opened_by")),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["user_account.id"], name=op.f("fk_repair_job_technician_id")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_repair_job_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_job")),
    )
    _index("one_open_job", "repair_job", ["device_id"], where="closed_at IS NULL")
    op.create_index("ix_repair_job_device_id", "repair_job", ["device_id"])
    op.create_index("ix_repair_job_org_id_closed_at", "repair_job", ["org_id", "closed_at"])
    op.create_table(
        "job_wait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_by", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('part', 'quote', 'decision')", name=op.f("ck_job_wait_kind")),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_job_wait_order")),
        sa.ForeignKeyConstraint(["job_id"], ["repair_job.id"], name=op.f("fk_job_wait_job_id")),
        sa.ForeignKeyConstraint(["since_by"], ["user_account.id"], name=op.f("fk_job_wait_since_by")),
        sa.ForeignKeyConstraint(["until_by"], ["user_account.id"], name=op.f("fk_job_wait_until_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_wait")),
    )
    _index("one_open_wait_of_a_kind", "job_wait", ["job_id", "kind"], where="until IS NULL")


def _spares() -> None:
    op.create_table(
        "spare",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("from_device_id", DEVICE_ID, nullable=True),
        sa.Column("unit_cost", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_spare_quantity")),
        sa.CheckConstraint("unit_cost >= 0", name=op.f("ck_spare_unit_cost")),
        sa.CheckConstraint("origin IN ('bought', 'donated', 'harvested')", name=op.f("ck_spare_origin")),
        sa.CheckConstraint(
            "(origin = 'harvested') = (from_device_id IS NOT NULL)", name=op.f("ck_spare_harvested_from")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_spare_org_id")),
        sa.ForeignKeyConstraint(["from_device_id"], ["device.id"], name=op.f("fk_spare_from_device_id")),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_spare_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spare")),
    )
    op.create_index("ix_spare_org_id_kind_id", "spare", ["org_id", "kind", "id"])
    op.create_index("ix_spare_from_device_id", "spare", ["from_device_id"])
    op.create_table(
        "spare_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spare_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("device_id", DEVICE_ID, nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("of_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_spare_move_quantity")),
        sa.CheckConstraint(
            "why IN ('in', 'used', 'put-back', 'written-off', 'counted')", name=op.f("ck_spare_move_why")
        ),
        sa.CheckConstraint(
            "(why IN ('used', 'put-back')) = (device_id IS NOT NULL)", name=op.f("ck_spare_move_device")
        ),
        sa.CheckConstraint("(why = 'put-back') = (of_id IS NOT NULL)", name=op.f("ck_spare_move_of")),
        sa.ForeignKeyConstraint(["spare_id"], ["spare.id"], name=op.f("fk_spare_move_spare_id")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_spare_move_device_id")),
        sa.ForeignKeyConstraint(["job_id"], ["repair_job.id"], name=op.f("fk_spare_move_job_id")),
        sa.ForeignKeyConstraint(["of_id"], ["spare_move.id"], name=op.f("fk_spare_move_of_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_spare_move_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spare_move")),
    )
    op.create_index("ix_spare_move_spare_id", "spare_move", ["spare_id"])
    op.create_index("ix_spare_move_job_id", "spare_move", ["job_id"])
    _index("one_put_back_of_a_use", "spare_move", ["of_id"], where="of_id IS NOT NULL")


def _index(name: str, table: str, columns: list[str], *, where: str) -> None:
    op.create_index(
        name, table, columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
