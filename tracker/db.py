"""The database: SQLite by default (`tracker.sqlite` has its settings), PostgreSQL by DATABASE_URL.

A transaction writes unless it was opened under `reading()`; pages asked for by GET are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.types import TypeDecorator

from tracker.config import NotConfigured
from tracker.connections import Driver, Reader, Readers, Writers
from tracker.sqlite import LockedConnection

MIGRATIONS = Path(__file__).parent / "migrations"
HOW_TO_WRITE_IT = (
    "Write it as postgresql://tracker@/tracker or sqlite:////srv/tracker/tracker.db, "
    "or leave it out to use the SQLite file in TRACKER_HOME."
)

_reading: ContextVar[bool] = ContextVar("reading", default=False)


class Instant(TypeDecorator[datetime]):
    """A moment, in UTC in the database and with its zone in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share: names for every constraint, instants in UTC."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant}


class Session(FlaskSession):
    """Flask-SQLAlchemy's session of the one database, for which a move need not pay.

    On SQLite it keeps its connection until the request ends and hands it on to the next: taking one from the
    pool and putting it back costs as much as some statements. And a transaction that `hot` statements begin is
    begun on the driver's connection; whatever else the session does joins it, and if there is nothing else,
    SQLAlchemy's own transaction, connection and pool have no part in it. PostgreSQL's connections come from
    the pool, which finds out whether the server was started anew.
    """

    _known_in: Any = None
    _known: Driver | None = None
    _kept: Connection | None = None
    _begun: LockedConnection | None = None

    def get_bind(self, *_args: Any, **_options: Any) -> Engine | Connection:
        return self._keep() or db.engine

    def _keep(self) -> Connection | None:
        if self._kept is None:
            writers: Writers | None = current_app.extensions.get("writers")
            self._kept = writers.take() if writers else None
        return self._kept

    def driver(self) -> Driver:
        """Return what `hot` statements run on in this transaction."""
        transaction = self.get_nested_transaction() or self.get_transaction()
        whole = transaction is None or transaction.is_active  # one whose flush failed takes nothing more
        if self._known is None or self._known_in is not transaction or not whole:
            kept = self._keep()
            if kept is None or transaction is not None:
                connection = self.connection()
                self._known = Driver(connection.dialect, connection.connection.cursor())
            else:
                raw: Any = kept.connection.dbapi_connection
                raw.begin(only_reads=_reading.get())
                raw.ahead = True
                self._begun = raw
                self._known = Driver(kept.dialect, raw.cursor())
            self._known_in = self.get_nested_transaction() or self.get_transaction()
        return self._known

    def commit(self) -> None:
        begun = self._begun
        if begun is None or self.get_transaction() is not None:
            super().commit()
        if begun is not None and begun.in_transaction:
            begun.commit()
        self._forget()  # only now: what failed is rolled back

    def rollback(self) -> None:
        super().rollback()
        begun = self._forget()
        if begun is not None and begun.in_transaction:
            begun.rollback()

    def close(self) -> None:
        try:
            if self.get_transaction() is not None or self.identity_map or self.new:
                super().close()
        finally:
            begun, kept, self._kept = self._forget(), self._kept, None
            if begun is not None and begun.in_transaction:
                begun.rollback()
            if kept is not None:
                writers: Writers = current_app.extensions["writers"]
                writers.give_back(kept)

    def _forget(self) -> LockedConnection | None:
        self._known = self._known_in = None
        begun, self._begun = self._begun, None
        return begun


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": Session})


@contextmanager
def reading() -> Iterator[None]:
    """Open transactions inside that only read: no lock, and SQLite refuses to write in them."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def read_only() -> None:
    """Let the rest of this request only read."""
    _reading.set(True)


def may_write() -> None:
    """Let the rest of this request write (the default)."""
    _reading.set(False)


def driver(session: OrmSession) -> Driver:
    """Return what `hot` statements run on in this session's transaction."""
    if isinstance(session, Session):
        return session.driver()
    connection = session.connection()
    return Driver(connection.dialect, connection.connection.cursor())


def hot_connection() -> Driver:
    """Return what this request's `hot` statements run on.

    A request that writes reads in its own transaction. One that only reads gets a reader, without a
    session or a pool around it, which would cost more than the reading.
    """
    if not _reading.get():
        return driver(db.session())
    here = g._get_current_object()  # asked once: each look through the proxy costs as much as a small read
    reader: Reader | None = here.get("reader")
    if reader is None:
        readers: Readers = current_app.extensions["readers"]
        reader = here.reader = readers.take()
    return reader


def stop_reading() -> None:
    """End the reading of this request, if there was any."""
    reader: Reader | None = g.pop("reader", None)
    if reader is not None:
        readers: Readers = current_app.extensions["readers"]
        readers.give_back(reader)


def engine_options(url: str) -> dict[str, Any]:
    """Return what `create_engine` needs for this address."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"factory": LockedConnection, "check_same_thread": False, "timeout": 20}}
    return {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}


def address(url: str) -> str:
    """Return the address with the driver we use: psycopg 3 for PostgreSQL.

    Raises:
        NotConfigured: it is no address, or of another database.
    """
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise NotConfigured(f"DATABASE_URL is no address of a database. {HOW_TO_WRITE_IT}") from error
    if found.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise NotConfigured(f"DATABASE_URL names “{found.drivername}”. {HOW_TO_WRITE_IT}")
    if found.get_backend_name() == "sqlite" and found.database in {None, "", ":memory:"}:
        raise NotConfigured(f"DATABASE_URL names no file. {HOW_TO_WRITE_IT}")
    return url


def engine_for(url: str) -> Engine:
    """Make an engine outside of the application, with the same settings."""
    engine = create_engine(address(url), **engine_options(address(url)))
    arrange(engine)
    return engine


def arrange(engine: Engine) -> None:
    """Give every connection of the engine our settings."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _settle_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgres)


def _settle_sqlite(connection: LockedConnection, _record: object) -> None:
    connection.settle()


def _begin_sqlite(connection: Any) -> None:
    raw: LockedConnection = connection.connection.dbapi_connection
    if not raw.ahead:
        raw.begin(only_reads=_reading.get())


def _begin_postgres(connection: Any) -> None:
    # psycopg sends this with its BEGIN, so it costs no round trip.
    connection.connection.dbapi_connection.read_only = _reading.get()


def init_app(app: Flask) -> None:
    """Connect the application to its database."""
    url = address(app.config["TRACKER"].database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    with app.app_context():
        arrange(db.engine)
        app.extensions["readers"] = Readers(db.engine)
        if db.engine.dialect.name == "sqlite":
            app.extensions["writers"] = Writers(db.engine)


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`, making an SQLite file that is not there."""
    from alembic import command  # alembic is heavy and only needed here
    from alembic.config import Config as AlembicConfig

    backend = make_url(address(url))
    if backend.get_backend_name() == "sqlite" and backend.database:
        Path(backend.database).parent.mkdir(parents=True, exist_ok=True)
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = address(url)
    command.upgrade(config, revision)
