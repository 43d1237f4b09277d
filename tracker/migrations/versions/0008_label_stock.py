"""Label paper of one's own, which never changes once made, and what the labels of a job show."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER label_stock_fixed BEFORE UPDATE ON label_stock
    WHEN OLD.closed_at IS NOT NULL OR NEW.closed_at IS NULL
        OR NEW.id IS NOT OLD.id OR NEW.org_id IS NOT OLD.org_id OR NEW.name IS NOT OLD.name
        OR NEW.page_width IS NOT OLD.page_width OR NEW.page_height IS NOT OLD.page_height
        OR NEW."columns" IS NOT OLD."columns" OR NEW."rows" IS NOT OLD."rows"
        OR NEW.label_width IS NOT OLD.label_width OR NEW.label_height IS NOT OLD.label_height
        OR NEW.origin_x IS NOT OLD.origin_x OR NEW.origin_y IS NOT OLD.origin_y
        OR NEW.pitch_x IS NOT OLD.pitch_x OR NEW.pitch_y IS NOT OLD.pitch_y
        OR NEW.replaces_id IS NOT OLD.replaces_id OR NEW.made_at IS NOT OLD.made_at OR NEW.made_by IS NOT OLD.made_by
    BEGIN SELECT RAISE(ABORT, 'label stock never changes'); END
    """,
    """
    CREATE TRIGGER label_stock_for_ever BEFORE DELETE ON label_stock
    BEGIN SELECT RAISE(ABORT, 'label stock never changes'); END
    """,
)

POSTGRES = (
    """
    CREATE FUNCTION label_stock_fixed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL
            AND to_jsonb(NEW) - 'closed_at' - 'closed_by' = to_jsonb(OLD) - 'closed_at' - 'closed_by'
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'label stock never changes' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER label_stock_fixed BEFORE UPDATE ON label_stock
    FOR EACH ROW EXECUTE FUNCTION label_stock_fixed()
    """,
    """
    CREATE TRIGGER label_stock_for_ever BEFORE DELETE ON label_stock
    FOR EACH ROW EXECUTE FUNCTION refuse('label stock never changes')
    """,
)


def upgrade() -> None:
    op.create_table(
        "label_stock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("page_width", sa.Integer(), nullable=False),
        sa.Column("page_height", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("label_width", sa.Integer(), nullable=False),
        sa.Column("label_height", sa.Integer(), nullable=False),
        sa.Column("origin_x", sa.Integer(), nullable=False),
        sa.Column("origin_y", sa.Integer(), nullable=False),
        sa.Column("pitch_x", sa.Integer(), nullable=False),
        sa.Column("pitch_y", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "page_width BETWEEN 2000 AND 33000 AND page_height BETWEEN 2000 AND 33000",
            name=op.f("ck_label_stock_page"),
        ),
        sa.CheckConstraint(
            '"columns" > 0 AND "rows" > 0 AND "columns" * "rows" <= 500', name=op.f("ck_label_stock_count")
        ),
        sa.CheckConstraint("label_width >= 500 AND label_height >= 500", name=op.f("ck_label_stock_label")),
        sa.CheckConstraint("origin_x >= 0 AND origin_y >= 0", name=op.f("ck_label_stock_origin")),
        sa.CheckConstraint(
            '("columns" = 1 OR pitch_x >= label_width) AND ("rows" = 1 OR pitch_y >= label_height)',
            name=op.f("ck_label_stock_apart"),
        ),
        sa.CheckConstraint(
            'origin_x + ("columns" - 1) * pitch_x + label_width <= page_width'
            ' AND origin_y + ("rows" - 1) * pitch_y + label_height <= page_height',
            name=op.f("ck_label_stock_inside"),
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_label_stock_closed")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_label_stock_org_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["label_stock.id"], name=op.f("fk_label_stock_replaces_id")),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_label_stock_made_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_label_stock_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_stock")),
    )
    for name, columns, where in (
        ("one_open_stock_of_a_name", ["org_id", "name"], "closed_at IS NULL"),
        ("one_open_stock_of_a_name_for_all", ["name"], "closed_at IS NULL AND org_id IS NULL"),
    ):
        op.create_index(
            name,
            "label_stock",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.add_column("print_job", sa.Column("shows", sa.String(length=120), nullable=True))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
