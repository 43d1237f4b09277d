"""One chain of migrations for both databases: it makes what the models say, and no step loses a guard."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from tests.migrations.standing import SCRIPTS, after_each, chain, directory, frozen, standing, upgrade
from tracker import tables
from tracker.db import engine_for

RENEW = (
    "If this migration is meant to change triggers, indexes or constraints, write the lists again with "
    "`python -m tests.migrations.standing` and read their difference before committing it. "
    "If not: batch_alter_table drops the triggers of its table, so make them again in the same migration."
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """Give the address of a database in which nothing has been made."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        name = server.create()
        yield server.url(name)
        server.drop(name)


@contextmanager
def connected(url):
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def ours(_object, name, _kind, _reflected, _other):
    return not (name or "").startswith("device_find")  # made by hand, for searching


def differences(url):
    with connected(url) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_object": ours}
        )
        return compare_metadata(context, tables.metadata)


def lost_and_new(dialect, steps):
    """Say of each revision what is missing there and what stands there unknown to the list."""
    must = frozen(dialect, steps)
    return {
        revision: {"lost": sorted(must[revision] - stands), "new": sorted(stands - must[revision])}
        for revision, stands in steps.items()
        if stands != must[revision]
    }


def dialect_of(url):
    return url.split(":")[0].split("+")[0]


# The chain


def test_the_migrations_are_one_line_with_one_end():
    revisions = directory()

    assert (len(revisions.get_bases()), len(revisions.get_heads())) == (1, 1)
    assert [script.revision for script in revisions.walk_revisions() if script.is_branch_point] == []
    assert sorted(path.name[:4] for path in (SCRIPTS / "versions").glob("*.py")) == chain()


# What the migrations make is what the models say


def test_from_nothing_the_migrations_make_what_the_models_say(database_url):
    assert differences(database_url) == []


def test_control_a_column_too_many_is_seen(database_url):
    with connected(database_url) as connection:
        connection.execute(text("ALTER TABLE place ADD COLUMN colour VARCHAR(10)"))
        connection.commit()

    assert [(what, column.name) for what, _schema, _table, column in differences(database_url)] == [
        ("remove_column", "colour")
    ]


def test_constraints_and_partial_indexes_are_those_of_the_models(empty):
    """Alembic compares neither checks nor the conditions of indexes, so the models' own tables are made."""
    with connected(empty) as connection:
        tables.metadata.create_all(connection)
        by_models = standing(connection)

    lines = frozen(dialect_of(empty), chain())[chain()[-1]]
    by_hand = {line for line in lines if line.startswith(("trigger", "function")) or "device_find" in line}
    assert by_models == lines - by_hand


# What stands after every step


def test_after_every_migration_all_guards_indexes_and_constraints_stand(empty):
    steps = after_each(empty)

    assert list(steps) == chain()
    assert lost_and_new(dialect_of(empty), steps) == {}, RENEW


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_frozen_lists_hold_what_the_ledger_and_the_races_rest_on(dialect):
    lines = frozen(dialect, chain())[chain()[-1]]

    for guard in (
        "event_only_sealed",
        "event_no_delete",
        "checkpoint_no_update",
        "checkpoint_no_delete",
        "checkpoint_no_replace",
        "support_for_ever",
        "label_for_ever",
        "label_claimed_once",
    ):
        assert any(line.startswith("trigger") and guard in line for line in lines), guard
    for rule in (
        "one_open_binding_of_a_device",
        "one_open_binding_of_a_support",
        "one_open_line_of_a_device",
        "one_live_label",
        "event_sealed",
    ):
        (line,) = (line for line in lines if f"CREATE UNIQUE INDEX {rule} " in line)
        assert " WHERE " in line
    for rule in ("UNIQUE (device_id, dseq)", "UNIQUE (event_id)", "UNIQUE (pupil_id)"):
        assert any(line.endswith(rule) for line in lines), rule


# Controls: migrations that somebody might write


@pytest.fixture
def scripts(tmp_path):
    return shutil.copytree(SCRIPTS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))


def add(scripts: Path, body: str) -> None:
    """Add a migration with this body to the end of a copy of the chain."""
    (scripts / "versions/9999_control.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision, down_revision = '9999', '{chain()[-1]}'\nbranch_labels = depends_on = None\n\n\n"
        f"def upgrade():\n    {body}\n"
    )


BATCH = (
    "with op.batch_alter_table('{table}', recreate='always') as batch: "
    "batch.alter_column('{column}', type_=sa.String(80))"
)


@pytest.mark.parametrize(
    ("table", "column", "gone"),
    [
        ("event", "kind", {"event_only_sealed", "event_no_delete", "event_no_replace"}),
        ("label", "code", {"label_for_ever", "label_claimed_once"}),
        ("device", "model", {"device_find_new", "device_find_changed", "device_find_gone"}),
    ],
)
def test_control_a_batch_migration_that_drops_triggers_is_caught(tmp_path, scripts, table, column, gone):
    add(scripts, BATCH.format(table=table, column=column))
    url = f"sqlite:///{tmp_path / 'control.db'}"

    said = lost_and_new("sqlite", after_each(url, scripts))

    assert list(said) == ["9999"]
    assert {line.split()[4] for line in said["9999"]["lost"] if line.startswith(f"trigger {table} ")} == gone


@pytest.mark.parametrize(
    "body",
    [
        "op.drop_index('one_live_label', table_name='label')",
        (
            "op.execute('DROP INDEX one_live_label'); "
            "op.execute('CREATE UNIQUE INDEX one_live_label ON label (device_id)')"
        ),
        "op.execute('DROP TRIGGER event_no_delete' + (' ON event' * (op.get_bind().dialect.name != 'sqlite')))",
    ],
    ids=["index gone", "condition gone", "trigger gone"],
)
def test_control_any_guard_or_condition_that_goes_is_caught(empty, scripts, body):
    add(scripts, body)

    said = lost_and_new(dialect_of(empty), after_each(empty, scripts))

    assert list(said) == ["9999"]
    assert len(said["9999"]["lost"]) == 1


def test_a_migration_that_fails_half_way_leaves_nothing_behind(empty, scripts):
    add(scripts, "op.execute('CREATE TABLE half (n INTEGER)'); op.execute('SELECT no_such_thing')")
    last = chain()[-1]
    upgrade(empty, last, scripts)

    with pytest.raises(DBAPIError):
        upgrade(empty, "head", scripts)

    with connected(empty) as connection:
        assert not inspect(connection).has_table("half")
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == last
        assert standing(connection) == frozen(dialect_of(empty), chain())[last]


def test_migrating_again_changes_nothing(database_url):
    with connected(database_url) as connection:
        before = standing(connection)

    upgrade(database_url, "head")

    with connected(database_url) as connection:
        assert standing(connection) == before
