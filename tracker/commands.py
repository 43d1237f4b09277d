"""Commands for whoever runs the installation: set up, serve, back up."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import make_url

from tracker import config
from tracker.custody import seal
from tracker.db import engine_for, migrate

#: Before this version SQLite can damage a database when a checkpoint meets a commit; our lock keeps them apart.
SQLITE_MENDED = (3, 51, 3)


def prepare() -> config.Config:
    """Make what an installation needs and lacks: home, secret, database, key. Running it again changes nothing."""
    home = config.home_of(dict(os.environ))
    config.write_secret(home)
    settings = config.read()
    migrate(settings.database_url)
    seal.make_key(home, settings.origin)
    return settings


@click.command()
def init() -> None:
    """Make the installation: its home, secret, database and key. Safe to run again."""
    settings = prepare()
    backend = make_url(settings.database_url).get_backend_name()
    click.echo(
        f"Home: {settings.home}\nDatabase: {backend}\nAddress on labels and papers: {settings.public_url}"
    )
    if backend == "sqlite" and sqlite3.sqlite_version_info < SQLITE_MENDED:
        click.echo(
            f"Note: SQLite {sqlite3.sqlite_version} has the WAL-reset bug (mended in 3.51.3). "
            "Use the database through this program only: its lock keeps clear of it."
        )
    click.echo("Next: tracker user add --role admin --email YOU@EXAMPLE --name 'YOUR NAME'")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
@click.option("--workers", default=0, help="Processes; one a core when left out.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the application."""
    click.echo(f"Serving {config.read().public_url} on http://{host}:{port}")
    run(host, port, workers)


def run(host: str, port: int, workers: int) -> None:
    """Serve until stopped; `workers` 0 is one a core."""
    Granian(
        "tracker.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or os.cpu_count() or 1,
        blocking_threads=1,
        log_access=False,
        websockets=False,
    ).serve()


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a copy of the whole database to FILE, while it is in use.

    SQLite by its backup interface (a plain copy of the file would be torn), PostgreSQL by pg_dump.
    """
    if file.exists():
        raise click.ClickException(f"{file} exists already.")
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(Path(url.database or ""), file)
    else:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with file.open("xb") as out:
            subprocess.run(["pg_dump", "--format=custom", plain], stdout=out, check=True)  # noqa: S607
    file.chmod(0o600)
    click.echo(f"{file}: {file.stat().st_size} bytes")


def _copy_sqlite(source: Path, file: Path) -> None:
    engine = engine_for(f"sqlite:///{source}")
    try:
        with closing(sqlite3.connect(file)) as copy, engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            if raw is None:
                raise click.ClickException("The database cannot be opened.")
            raw.backup(copy)
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        engine.dispose()
    if verdict != "ok":
        raise click.ClickException(f"The copy is damaged: {verdict}")


COMMANDS = [init, serve, backup]
