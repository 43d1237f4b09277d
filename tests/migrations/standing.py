"""What stands in a database beside its columns: triggers, functions, indexes, constraints, one a line.

The frozen lists, sqlite.txt and postgresql.txt, say for each line from which revision on it stands
(`0002-`), and until which where a later one takes it away (`0002-0005`). After a migration that is meant
to change them, write them again and read the difference before committing it:

    python -m tests.migrations.standing
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from tests import postgres
from tracker.db import engine_for

HERE = Path(__file__).parent
SCRIPTS = HERE.parents[1] / "tracker/migrations"

#: Parts of a CREATE TABLE that are more than a column's name, type and NOT NULL.
RULES = re.compile(
    r"^(CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN)\b|\b(PRIMARY KEY|UNIQUE|CHECK|REFERENCES|DEFAULT)\b"
)

#: A column added to a table that stood, with its own reference, says the same as a reference of the table.
ADDED = re.compile(r"^(\w+) \w+ (CONSTRAINT \w+) (REFERENCES \w+ \(\w+\))$")
AS_WRITTEN = r"\2 FOREIGN KEY(\1) \3"

POSTGRES = """
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT 'index ' || tablename || ' ' || indexdef
    FROM pg_indexes
    WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass || ' ' || pg_get_triggerdef(oid)
        || CASE tgenabled WHEN 'O' THEN '' ELSE ' (disabled)' END
    FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function ' || proname || ' ' || prosrc
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def standing(connection: Connection) -> set[str]:
    """Return the lines of what stands now."""
    read = sqlite_lines if connection.dialect.name == "sqlite" else postgres_lines
    return {line for line in read(connection) if line.split()[1] != "alembic_version"}


def postgres_lines(connection: Connection) -> Iterator[str]:
    for line in connection.scalars(text(POSTGRES)):
        yield " ".join(line.split())


def sqlite_lines(connection: Connection) -> Iterator[str]:
    made = connection.execute(
        text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    )
    for kind, name, table, sql in made:
        statement = " ".join(sql.split())
        if kind != "table" or statement.startswith("CREATE VIRTUAL"):
            yield f"{kind} {table} {statement}"
        elif not re.match(r"sqlite_|device_find_", name):  # SQLite's own
            for part in parts(statement):
                if RULES.search(part):
                    yield f"constraint {table} {ADDED.sub(AS_WRITTEN, part)}"


def parts(statement: str) -> Iterator[str]:
    """Split what is in the outermost parentheses of a CREATE TABLE at its commas."""
    depth, part = 0, ""
    for mark in statement[statement.index("(") + 1 : statement.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if mark == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += mark
    yield part.strip()


# Revisions


def chain(scripts: Path = SCRIPTS) -> list[str]:
    """Return the revisions from the first to the last."""
    return [script.revision for script in reversed(list(directory(scripts).walk_revisions()))]


def directory(scripts: Path = SCRIPTS) -> ScriptDirectory:
    return ScriptDirectory.from_config(settings(scripts))


def settings(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    return config


def upgrade(url: str, revision: str, scripts: Path = SCRIPTS) -> None:
    """Migrate with the scripts of any folder; `tracker.db.migrate` does so with ours."""
    config = settings(scripts)
    config.attributes["url"] = url
    command.upgrade(config, revision)


def after_each(url: str, scripts: Path = SCRIPTS) -> dict[str, set[str]]:
    """Migrate an empty database step by step and return what stands after each revision."""
    steps = {}
    engine = engine_for(url)
    try:
        for revision in chain(scripts):
            upgrade(url, revision, scripts)
            with engine.connect() as connection:
                steps[revision] = standing(connection)
    finally:
        engine.dispose()
    return steps


# The frozen lists


def frozen(dialect: str, revisions: Iterable[str]) -> dict[str, set[str]]:
    """Return what must stand after each of these revisions, by the list."""
    revisions = list(revisions)
    must: dict[str, set[str]] = {revision: set() for revision in revisions}
    for written in (HERE / f"{dialect}.txt").read_text(encoding="utf-8").splitlines():
        span, line = written.split(maxsplit=1)
        first, last = span.split("-")
        for revision in revisions[revisions.index(first) : revisions.index(last or revisions[-1]) + 1]:
            must[revision].add(line)
    return must


def rendered(steps: dict[str, set[str]]) -> str:
    """Return the list of these steps as it is frozen."""
    revisions = list(steps)
    written = []
    for line in set().union(*steps.values()):
        for stands, run in groupby(revisions, key=lambda revision: line in steps[revision]):
            span = list(run)
            if stands:
                last = "" if span[-1] == revisions[-1] else span[-1]
                written.append((line, f"{span[0]}-{last}"))
    return "".join(f"{span:<10}{line}\n" for line, span in sorted(written))


def main() -> None:
    """Write both lists again."""
    with tempfile.TemporaryDirectory() as folder:
        write("sqlite", f"sqlite:///{folder}/tracker.db")
    with postgres.cluster() as cluster:
        write("postgresql", cluster.url(cluster.create()))


def write(dialect: str, url: str) -> None:
    path = HERE / f"{dialect}.txt"
    path.write_text(rendered(after_each(url)), encoding="utf-8")
    print(f"{path}: {len(path.read_text(encoding='utf-8').splitlines())} lines")


if __name__ == "__main__":
    main()
