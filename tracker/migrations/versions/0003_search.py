"""Search: fragments of three letters and more, by trigrams over the folded column."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE VIRTUAL TABLE device_find USING fts5(search, content='device', content_rowid='id', tokenize='trigram')",
    """
    CREATE TRIGGER device_find_new AFTER INSERT ON device
    BEGIN INSERT INTO device_find(rowid, search) VALUES (NEW.id, NEW.search); END
    """,
    """
    CREATE TRIGGER device_find_changed AFTER UPDATE OF search ON device
    BEGIN
        INSERT INTO device_find(device_find, rowid, search) VALUES ('delete', OLD.id, OLD.search);
        INSERT INTO device_find(rowid, search) VALUES (NEW.id, NEW.search);
    END
    """,
    """
    CREATE TRIGGER device_find_gone AFTER DELETE ON device
    BEGIN INSERT INTO device_find(device_find, rowid, search) VALUES ('delete', OLD.id, OLD.search); END
    """,
)

POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX device_find ON device USING gin (search gin_trgm_ops)",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
