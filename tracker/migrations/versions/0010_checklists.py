"""Checklists that a coordinator changes, second inspections, and what is measured."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER checklist_version_fixed BEFORE UPDATE ON checklist_version
    BEGIN SELECT RAISE(ABORT, 'checklists never change'); END
    """,
    """
    CREATE TRIGGER checklist_version_for_ever BEFORE DELETE ON checklist_version
    BEGIN SELECT RAISE(ABORT, 'checklists never change'); END
    """,
)
POSTGRES = (
    """
    CREATE TRIGGER checklist_version_fixed BEFORE UPDATE ON checklist_version
    FOR EACH ROW EXECUTE FUNCTION refuse('checklists never change')
    """,
    """
    CREATE TRIGGER checklist_version_for_ever BEFORE DELETE ON checklist_version
    FOR EACH ROW EXECUTE FUNCTION refuse('checklists never change')
    """,
)


def upgrade() -> None:
    op.create_table(
        "checklist_version",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "category IN ('desktop', 'laptop', 'tablet', 'phone', 'other')",
            name=op.f("ck_checklist_version_category"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_checklist_version_made_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_checklist_version")),
        sa.UniqueConstraint("category", "version", name=op.f("uq_checklist_version_category_version")),
    )
    # Alembic adds no constraint to a table that stands on SQLite; a new column may bring its own.
    op.execute(
        "ALTER TABLE inspection ADD COLUMN follows_id INTEGER"
        " CONSTRAINT fk_inspection_follows_id REFERENCES inspection (id)"
    )
    op.add_column("check_result", sa.Column("value", sa.Double(), nullable=True))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
