"""Photographs of devices."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STAGES = "('received', 'before', 'after', 'handed-over')"
FIXED = 'id, device_id, stage, about, digest, small, width, height, bytes, org_id, "by", at'
SAID = "photographs are for ever"
SQLITE = (
    f"CREATE TRIGGER photograph_for_ever BEFORE DELETE ON photograph BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
    f"CREATE TRIGGER photograph_fixed BEFORE UPDATE OF {FIXED} ON photograph "
    f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
    "CREATE TRIGGER photograph_hidden_once BEFORE UPDATE ON photograph WHEN OLD.hidden_at IS NOT NULL "
    f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
)
POSTGRES = (
    f"CREATE TRIGGER photograph_for_ever BEFORE DELETE ON photograph FOR EACH ROW EXECUTE FUNCTION refuse('{SAID}')",
    f"CREATE TRIGGER photograph_fixed BEFORE UPDATE OF {FIXED} ON photograph FOR EACH ROW EXECUTE FUNCTION refuse('{SAID}')",
    "CREATE TRIGGER photograph_hidden_once BEFORE UPDATE ON photograph FOR EACH ROW WHEN (OLD.hidden_at IS NOT NULL) "
    f"EXECUTE FUNCTION refuse('{SAID}')",
    f"CREATE TRIGGER photograph_not_emptied BEFORE TRUNCATE ON photograph FOR EACH STATEMENT EXECUTE FUNCTION refuse('{SAID}')",
)


def upgrade() -> None:
    op.create_table(
        "photograph",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("small", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by", sa.Integer(), nullable=True),
        sa.Column("hidden_why", sa.String(length=300), nullable=False),
        sa.CheckConstraint(f"stage IN {STAGES}", name=op.f("ck_photograph_stage")),
        sa.CheckConstraint("length(digest) = 64 AND length(small) = 64", name=op.f("ck_photograph_content")),
        sa.CheckConstraint(
            "width BETWEEN 1 AND 2048 AND height BETWEEN 1 AND 2048 AND bytes BETWEEN 1 AND 8000000",
            name=op.f("ck_photograph_size"),
        ),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_by IS NULL) AND (hidden_at IS NULL) = (hidden_why = '')",
            name=op.f("ck_photograph_hidden"),
        ),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_photograph_by")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_photograph_device_id")),
        sa.ForeignKeyConstraint(["hidden_by"], ["user_account.id"], name=op.f("fk_photograph_hidden_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_photograph_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photograph")),
        sa.UniqueConstraint(
            "device_id", "digest", "stage", "about", name=op.f("uq_photograph_device_id_digest_stage_about")
        ),
    )
    op.create_index("ix_photograph_digest", "photograph", ["digest"])
    op.create_index("ix_photograph_small", "photograph", ["small"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
