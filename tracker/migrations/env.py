"""Alembic's entry: one chain of migrations for both databases, all or nothing."""

from typing import Any

from alembic import context

from tracker import tables
from tracker.db import engine_for

#: Made by hand in a migration and unknown to the models: search tables and indexes.
BY_HAND = ("device_find",)


def ours(_object: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
    """Tell Alembic to leave alone what a migration makes by hand."""
    return not (name or "").startswith(BY_HAND)


url = context.config.attributes["url"]
engine = engine_for(url)
try:
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=tables.metadata,
            user_module_prefix="",
            include_object=ours,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
