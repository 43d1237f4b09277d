"""Statements of the busiest pages: built with SQLAlchemy once, run by the driver.

A scanned page runs three or four small reads, and building, caching and wrapping each costs several
times what the database needs for it. A `Hot` statement is compiled once for each dialect and executed
on the transaction's own driver connection; rows come back as named tuples, with the columns' types.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Select, bindparam
from sqlalchemy.engine.default import DefaultDialect

from tracker.db import Reader


def given(name: str) -> BindParameter[Any]:
    """Return a parameter of a `Hot` statement, to be given by this name."""
    return bindparam(name, None, required=False)


def row_maker(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    """Return what makes named tuples with these fields of the cells of a row."""
    row: Any = namedtuple("Row", names)  # type: ignore[misc]  # known at run time only
    return row._make


class Hot:
    """A SELECT whose parameters are `given`, and none of them a list."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self.query = query
        self._make = row_maker([column.key or "" for column in query.selected_columns])
        self._compiled: dict[str, tuple[str, Any, list[Any]]] = {}

    def all(self, connection: Connection | Reader, **values: Any) -> list[Any]:
        """Return all rows for these values of the parameters."""
        sql, arrange, processors = self._compiled.get(connection.dialect.name) or self._compile(
            connection.dialect
        )
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, arrange(values))
            rows = cursor.fetchall()
        finally:
            cursor.close()
        make = self._make
        if not processors:
            return [make(row) for row in rows]
        found = []
        for row in rows:
            cells = list(row)
            for at, process in processors:
                cells[at] = process(cells[at])
            found.append(make(cells))
        return found

    def first(self, connection: Connection | Reader, **values: Any) -> Any | None:
        """Return the first row, or None."""
        rows = self.all(connection, **values)
        return rows[0] if rows else None

    def _compile(self, dialect: Dialect) -> tuple[str, Any, list[Any]]:
        assert isinstance(dialect, DefaultDialect)  # both of ours are
        compiled = self.query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        fixed = dict(compiled.params)
        binds: Any = compiled._bind_processors  # noqa: SLF001  # SQLAlchemy's own conversion of each parameter

        def prepared(values: dict[str, Any]) -> dict[str, Any]:
            merged = {**fixed, **values}
            return {name: binds[name](value) if name in binds else value for name, value in merged.items()}

        if compiled.positional:
            order = list(compiled.positiontup or ())

            def arrange(values: dict[str, Any]) -> Any:
                ready = prepared(values)
                return [ready[name] for name in order]
        else:
            arrange = prepared
        processors = [
            (at, process)
            for at, column in enumerate(self.query.selected_columns)
            if (process := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]
        self._compiled[dialect.name] = (str(compiled), arrange, processors)
        return self._compiled[dialect.name]
