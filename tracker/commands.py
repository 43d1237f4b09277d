"""Commands for whoever runs the installation: set up, serve, back up."""

import errno
import os
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from sqlalchemy import URL, inspect, make_url, text

from tracker import config, create_app
from tracker.custody import seal
from tracker.db import MIGRATIONS, db, engine_for, migrate, reading
from tracker.trust import commands as trust

#: Before this version SQLite can damage a database when a checkpoint meets a commit; our lock keeps them apart.
SQLITE_MENDED = (3, 51, 3)

PORT = click.IntRange(1, 65535)

#: Where Debian keeps PostgreSQL's programs, each version in a folder of its own.
POSTGRESQL = Path("/usr/lib/postgresql")


def prepare() -> config.Config:
    """Make what an installation needs and lacks: home, secret, database, key. Running it again changes nothing."""
    home = config.home_of(dict(os.environ))
    config.write_secret(home)
    settings = config.read()
    migrate(settings.database_url)
    seal.make_key(home, settings.origin)
    return settings


def must_be_ready() -> None:
    """Check that the application's database has all tables.

    Raises:
        NotConfigured: it has none, or those of an older version.
    """
    newest = max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("0*.py"))
    with reading(), db.engine.connect() as connection:
        made = inspect(connection).has_table("alembic_version")
        version = connection.scalar(text("SELECT version_num FROM alembic_version")) if made else None
    if version is None:
        raise config.NotConfigured("The database has no tables yet. Run `tracker init` first.")
    if version < newest:
        raise config.NotConfigured("The database is of an older version. Run `tracker init` to bring it up.")


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
@click.option("--port", default=5000, show_default=True, type=PORT)
@click.option("--workers", default=0, help="Processes; one a core when left out.")
@click.option("--tls", is_flag=True, help="Serve https with the certificate of `tracker tls init`.")
@click.option(
    "--trust-port",
    default=5080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="With --tls: where the page that hands out the authority is, without TLS; 0 is nowhere.",
)
def serve(*, host: str, port: int, workers: int, tls: bool, trust_port: int) -> None:
    """Serve the application."""
    if tls:
        os.environ["TRACKER_TLS"] = "1"  # the workers read it
    settings = config.read()
    certificate = trust.certificate_for(settings) if settings.tls else None
    host = must_be_free(host, port)
    if certificate and trust_port:
        must_be_free(host, trust_port)
    app = create_app(settings)
    with app.app_context():
        must_be_ready()
        db.engine.dispose()
    click.echo(f"Serving {settings.public_url} on {'https' if certificate else 'http'}://{host}:{port}")
    with trust.handing_out(host, trust_port if certificate else 0):
        run(host, port, workers, certificate)


def must_be_free(host: str, port: int) -> str:
    """Return the number of the address to serve on.

    Raises:
        ClickException: there is no such address here, or another program has the port.
    """
    try:
        family, kind, _protocol, _name, at = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(at)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(
            f"Cannot serve on {host}:{port}: {why}. Stop what uses it, or choose another: --port {port % 65535 + 1}."
            if getattr(error, "errno", None) in {errno.EADDRINUSE, errno.EACCES}
            else f"Cannot serve on {host}: {why}. Choose an address of this machine, such as --host 127.0.0.1."
        ) from error
    return str(at[0])


def run(
    host: str, port: int, workers: int, certificate: Path | None = None, *, app: str = "tracker.wsgi:app"
) -> None:
    """Serve until stopped; `workers` 0 is one a core, `certificate` a file of a key and its certificate."""
    os.environ["TRACKER_SERVED"] = "1"  # the workers read it: evidence is read by a process of its own
    Granian(
        app,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or os.cpu_count() or 1,
        blocking_threads=1,
        log_access=False,
        websockets=False,
        ssl_cert=certificate,
        ssl_key=certificate,
        ssl_protocol_min=SSLProtocols.tls12,  # tablets that are given away are old
    ).serve()


@trust.tls.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5080, show_default=True, type=PORT)
def page(host: str, port: int) -> None:
    """Serve, without TLS, only the page that hands out the authority; `tracker serve --tls` does it by itself."""
    config.read()
    address = must_be_free(host, port)
    click.echo(f"Handing out the authority on http://{address}:{port}/trust")
    run(address, port, 1, app="tracker.trust_wsgi:app")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a copy of the whole database to FILE, while it is in use.

    SQLite by its backup interface (a plain copy of the file would be torn), PostgreSQL by pg_dump.
    """
    if file.exists():
        raise click.ClickException(f"{file} exists already. Choose another name: no copy is written over.")
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # nobody else may ever read it
    try:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(Path(url.database or ""), file)
        else:
            _dump_postgresql(url, file)
    except BaseException:
        file.unlink()
        raise
    click.echo(f"{file}: {file.stat().st_size} bytes")


def _dump_postgresql(url: URL, file: Path) -> None:
    newest_first = sorted(POSTGRESQL.glob("*/bin/pg_dump"), key=lambda path: -float(path.parts[-3]))
    program = shutil.which("pg_dump") or next(map(str, newest_first), None)
    if program is None:
        raise click.ClickException("pg_dump was not found. Install it: apt-get install postgresql-client.")
    # The password goes by the environment: everybody may read the words of a command.
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, "PGPASSWORD": url.password} if url.password else None
    with file.open("wb") as out:
        done = subprocess.run(
            [program, "--format=custom", plain],
            stdout=out,
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
        )
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise click.ClickException(f"No copy was written. {why}")


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
