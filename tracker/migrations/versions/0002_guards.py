"""Guards: the database itself refuses to change what has happened.

On SQLite a BEFORE INSERT trigger is needed beside those on UPDATE and DELETE, because INSERT OR
REPLACE passes a delete trigger unless recursive_triggers is on. On PostgreSQL a statement trigger
stops TRUNCATE. Neither stops who owns the database; the checkpoints outside are for them.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER event_only_sealed BEFORE UPDATE ON event
    WHEN NOT (OLD.leaf_index IS NULL
        AND NEW.leaf_index = (SELECT coalesce(max(leaf_index), -1) + 1 FROM event WHERE leaf_index IS NOT NULL)
        AND NEW.n = OLD.n AND NEW.event_id = OLD.event_id AND NEW.req_hash = OLD.req_hash
        AND NEW.device_id = OLD.device_id AND NEW.dseq = OLD.dseq AND NEW.kind = OLD.kind
        AND NEW.at = OLD.at AND NEW.body = OLD.body AND NEW.leaf = OLD.leaf)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER event_no_delete BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER event_no_replace BEFORE INSERT ON event
    WHEN NEW.leaf_index IS NOT NULL
        OR EXISTS (SELECT 1 FROM event WHERE n = NEW.n)
        OR EXISTS (SELECT 1 FROM event WHERE event_id = NEW.event_id)
        OR EXISTS (SELECT 1 FROM event WHERE device_id = NEW.device_id AND dseq = NEW.dseq)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
    """,
    """
    CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
    """,
    """
    CREATE TRIGGER checkpoint_no_replace BEFORE INSERT ON checkpoint
    WHEN EXISTS (SELECT 1 FROM checkpoint WHERE size >= NEW.size)
    BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
    """,
    """
    CREATE TRIGGER support_for_ever BEFORE DELETE ON support
    BEGIN SELECT RAISE(ABORT, 'a support is for ever'); END
    """,
    """
    CREATE TRIGGER support_of_one_pupil BEFORE UPDATE ON support
    WHEN NEW.id <> OLD.id OR NEW.pupil_id <> OLD.pupil_id
    BEGIN SELECT RAISE(ABORT, 'a support is for ever'); END
    """,
    """
    CREATE TRIGGER label_for_ever BEFORE DELETE ON label
    BEGIN SELECT RAISE(ABORT, 'codes are never used again'); END
    """,
    """
    CREATE TRIGGER label_claimed_once BEFORE UPDATE ON label
    WHEN NEW.code <> OLD.code OR (OLD.device_id IS NOT NULL AND NEW.device_id IS NOT OLD.device_id)
        OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS NOT OLD.retired_at)
    BEGIN SELECT RAISE(ABORT, 'codes are never used again'); END
    """,
)

POSTGRES = (
    """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE FUNCTION event_only_sealed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF OLD.leaf_index IS NULL
            AND NEW.leaf_index = (SELECT coalesce(max(leaf_index), -1) + 1 FROM event WHERE leaf_index IS NOT NULL)
            AND ROW(NEW.n, NEW.event_id, NEW.req_hash, NEW.device_id, NEW.dseq, NEW.kind, NEW.at, NEW.body, NEW.leaf)
              = ROW(OLD.n, OLD.event_id, OLD.req_hash, OLD.device_id, OLD.dseq, OLD.kind, OLD.at, OLD.body, OLD.leaf)
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE FUNCTION checkpoint_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF EXISTS (SELECT 1 FROM checkpoint WHERE size >= NEW.size) THEN
            RAISE EXCEPTION 'checkpoints are append-only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER event_only_sealed BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION event_only_sealed()",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON event "
    "FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is append-only')",
    "CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse('the ledger is append-only')",
    "CREATE TRIGGER event_unsealed BEFORE INSERT ON event "
    "FOR EACH ROW WHEN (NEW.leaf_index IS NOT NULL) EXECUTE FUNCTION refuse('the ledger is append-only')",
    "CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint "
    "FOR EACH ROW EXECUTE FUNCTION refuse('checkpoints are append-only')",
    "CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint "
    "FOR EACH ROW EXECUTE FUNCTION refuse('checkpoints are append-only')",
    "CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON checkpoint "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse('checkpoints are append-only')",
    "CREATE TRIGGER checkpoint_no_replace BEFORE INSERT ON checkpoint "
    "FOR EACH ROW EXECUTE FUNCTION checkpoint_grows()",
    "CREATE TRIGGER support_for_ever BEFORE DELETE ON support "
    "FOR EACH ROW EXECUTE FUNCTION refuse('a support is for ever')",
    "CREATE TRIGGER support_no_truncate BEFORE TRUNCATE ON support "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse('a support is for ever')",
    "CREATE TRIGGER support_of_one_pupil BEFORE UPDATE ON support FOR EACH ROW "
    "WHEN (NEW.id <> OLD.id OR NEW.pupil_id <> OLD.pupil_id) "
    "EXECUTE FUNCTION refuse('a support is for ever')",
    "CREATE TRIGGER label_for_ever BEFORE DELETE ON label "
    "FOR EACH ROW EXECUTE FUNCTION refuse('codes are never used again')",
    "CREATE TRIGGER label_no_truncate BEFORE TRUNCATE ON label "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse('codes are never used again')",
    "CREATE TRIGGER label_claimed_once BEFORE UPDATE ON label FOR EACH ROW "
    "WHEN (NEW.code <> OLD.code "
    "OR (OLD.device_id IS NOT NULL AND NEW.device_id IS DISTINCT FROM OLD.device_id) "
    "OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at)) "
    "EXECUTE FUNCTION refuse('codes are never used again')",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
