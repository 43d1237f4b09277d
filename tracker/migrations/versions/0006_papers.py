"""Papers of devices, and what a certificate says of an erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: What no UPDATE may change. `says` is written once its paper has a number, and may be emptied.
KEPT = ("id", "kind", "org_id", "year", "seq", '"on"', "at", '"by"')

SQLITE = (
    f"""
    CREATE TRIGGER paper_as_issued BEFORE UPDATE ON paper
    WHEN {" OR ".join(f"NEW.{name} <> OLD.{name}" for name in KEPT)}
        OR NEW.support_id IS NOT OLD.support_id
        OR (NEW.says <> OLD.says AND OLD.says <> '{{}}' AND NEW.says <> '{{}}')
        OR (OLD.replaced_by IS NOT NULL AND NEW.replaced_by IS NOT OLD.replaced_by)
    BEGIN SELECT RAISE(ABORT, 'a paper stays as it was issued'); END
    """,
    """
    CREATE TRIGGER paper_for_ever BEFORE DELETE ON paper
    BEGIN SELECT RAISE(ABORT, 'a paper stays as it was issued'); END
    """,
)

POSTGRES = (
    f"""
    CREATE FUNCTION paper_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE'
            OR {" OR ".join(f"NEW.{name} <> OLD.{name}" for name in KEPT)}
            OR NEW.support_id IS DISTINCT FROM OLD.support_id
            OR (NEW.says::text <> OLD.says::text AND OLD.says::text <> '{{}}' AND NEW.says::text <> '{{}}')
            OR (OLD.replaced_by IS NOT NULL AND NEW.replaced_by IS DISTINCT FROM OLD.replaced_by)
        THEN RAISE EXCEPTION 'a paper stays as it was issued'; END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER paper_as_issued BEFORE UPDATE OR DELETE ON paper
    FOR EACH ROW EXECUTE FUNCTION paper_as_issued()
    """,
)


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("support_id", sa.String(length=32), nullable=True),
        sa.Column("says", sa.JSON(), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('inspection', 'repair', 'erasure', 'pupil', 'return', 'retirement')",
            name=op.f("ck_paper_kind"),
        ),
        sa.CheckConstraint("seq > 0", name=op.f("ck_paper_number")),
        sa.CheckConstraint(
            "(kind IN ('pupil', 'return')) = (support_id IS NOT NULL)", name=op.f("ck_paper_of_a_pupil")
        ),
        sa.CheckConstraint("replaced_by > id", name=op.f("ck_paper_replaced_by_a_later_one")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_paper_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_paper_org_id")),
        sa.ForeignKeyConstraint(["replaced_by"], ["paper.id"], name=op.f("fk_paper_replaced_by")),
        sa.ForeignKeyConstraint(["support_id"], ["support.id"], name=op.f("fk_paper_support_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("org_id", "year", "seq", name=op.f("uq_paper_org_id_year_seq")),
    )
    op.create_index("ix_paper_org_id_kind_id", "paper", ["org_id", "kind", "id"])
    op.create_index("ix_paper_kind_id", "paper", ["kind", "id"])
    op.create_index("ix_paper_support_id", "paper", ["support_id"])
    op.create_index("one_paper_replaces_one", "paper", ["replaced_by"], unique=True)
    op.create_table(
        "paper_device",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("device_id", big, nullable=False),
        sa.Column("dseq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_paper_device_device_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_device_paper_id")),
        sa.PrimaryKeyConstraint("paper_id", "device_id", name=op.f("pk_paper_device")),
    )
    op.create_index("ix_paper_device_device_id", "paper_device", ["device_id"])
    # Empty for what was recorded before: no certificate is made of it.
    for name, type_ in (
        ("drive_make", sa.String(length=80)),
        ("drive_model", sa.String(length=80)),
        ("drive_serial", sa.String(length=80)),
        ("capacity", sa.String(length=40)),
        ("started_at", sa.DateTime(timezone=True)),
        ("ended_at", sa.DateTime(timezone=True)),
        ("readback", sa.String(length=160)),
        ("verified_by", sa.String(length=120)),
        ("verified_position", sa.String(length=120)),
    ):
        op.add_column("erasure", sa.Column(name, type_, nullable=True))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
