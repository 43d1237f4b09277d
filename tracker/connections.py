"""Connections kept open between requests: readers for pages, writers for SQLite's sessions.

Taking a connection from SQLAlchemy's pool and putting it back costs as much as some statements.
"""

import sqlite3
from collections import deque
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event


class Driver:
    """The driver's cursor of a transaction: what `hot` statements run on."""

    __slots__ = ("cursor", "dialect")

    def __init__(self, dialect: Dialect, cursor: Any) -> None:
        self.dialect = dialect
        self.cursor = cursor

    def execute(self, sql: str, values: Any) -> Any:
        """Execute and return the cursor."""
        self.cursor.execute(sql, values)
        return self.cursor


class Reader(Driver):
    """A connection that only reads, with its one cursor: what `hot` statements of a GET run on.

    On SQLite it holds one snapshot until `end`; on PostgreSQL every statement sees what is committed, as it
    would within a transaction of the default isolation, and the round trips for BEGIN and ROLLBACK are saved.
    """

    __slots__ = ("_engine", "_used", "connection")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self._open()

    def _open(self) -> None:
        pooled = self._engine.raw_connection()
        pooled.detach()  # ours alone from now on
        raw: Any = pooled.dbapi_connection
        self._used = False
        if self.dialect.name == "sqlite":
            raw.execute("PRAGMA query_only=ON")
        else:
            raw.autocommit = True
            raw.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        self.connection, self.cursor = raw, raw.cursor()

    def begin(self) -> None:
        """Take one snapshot, where that costs no round trip."""
        self._used = False
        if self.dialect.name == "sqlite":
            self.connection.execute("BEGIN")

    def execute(self, sql: str, values: Any) -> Any:
        """Execute and return the cursor. A server that was started anew since the last page is found again."""
        try:
            self.cursor.execute(sql, values)
        except self._engine.dialect.dbapi.OperationalError:  # type: ignore[union-attr]  # both drivers have it
            if self._used or not getattr(self.connection, "broken", False):
                raise
            self._open()
            self.cursor.execute(sql, values)
        self._used = True
        return self.cursor

    def end(self) -> None:
        """Let the snapshot go; there is no lock to let go with it."""
        if self.dialect.name == "sqlite":
            sqlite3.Connection.rollback(self.connection)

    def close(self) -> None:
        self.connection.close()


class Readers:
    """The readers of one engine that nobody uses at the moment."""

    #: More than this many wait for nobody.
    MOST = 8

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.idle: deque[Reader] = deque()
        event.listen(engine, "engine_disposed", self._dispose)

    def take(self) -> Reader:
        try:
            reader = self.idle.pop()
        except IndexError:
            reader = Reader(self.engine)
        reader.begin()
        return reader

    def give_back(self, reader: Reader) -> None:
        try:
            reader.end()
        except Exception:
            reader.close()
            raise
        if len(self.idle) < self.MOST:
            self.idle.append(reader)
        else:
            reader.close()

    def _dispose(self, _engine: Engine) -> None:
        while self.idle:
            self.idle.pop().close()


class Writers:
    """Connections that write, kept open between requests: what sessions on SQLite run on."""

    #: More than this many wait for nobody.
    MOST = 8

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.idle: deque[Connection] = deque()
        event.listen(engine, "engine_disposed", self._dispose)

    def take(self) -> Connection:
        try:
            return self.idle.pop()
        except IndexError:
            connection = self.engine.connect()
            connection.detach()
            return connection

    def give_back(self, connection: Connection) -> None:
        if len(self.idle) < self.MOST and not connection.closed and not connection.in_transaction():
            self.idle.append(connection)
        else:
            connection.close()

    def _dispose(self, _engine: Engine) -> None:
        while self.idle:
            self.idle.pop().close()
