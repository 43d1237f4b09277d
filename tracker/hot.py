"""Statements of the busiest pages and moves: built with SQLAlchemy once, run by the driver.

A scanned page runs three or four small reads, and building, caching and wrapping each costs several
times what the database needs for it. A `Hot` statement is compiled once for each dialect and executed
on the transaction's own driver connection; rows come back as named tuples, with the columns' types.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, Dialect, Insert, Select, bindparam
from sqlalchemy.engine.default import DefaultDialect

from tracker.connections import Driver


def given(name: str) -> BindParameter[Any]:
    """Return a parameter of a `Hot` statement, to be given by this name."""
    return bindparam(name, None, required=False)


def row_maker(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    """Return what makes named tuples with these fields of the cells of a row."""
    row: Any = namedtuple("Row", names)  # type: ignore[misc]  # known at run time only
    return row._make


#: SQLAlchemy's conversion of each type's values, by dialect: one moment goes to many places of a move.
_CONVERSIONS: dict[tuple[str, str], Callable[[Any], Any]] = {}


def _as_it_is(value: Any) -> Any:
    return value


class Prepared:
    """A statement compiled once for each dialect, to be run on the transaction's driver connection."""

    #: What follows the statement, in the words of both databases.
    ending = ""

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._compiled: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {}

    def run(self, on: Driver, values: dict[str, Any]) -> Any:
        """Execute with these values of the parameters and return the driver's cursor."""
        sql, arrange = self._compiled.get(on.dialect.name) or self._compile(on.dialect)
        return on.execute(sql, arrange(values))

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[dict[str, Any]], Any]]:
        assert isinstance(dialect, DefaultDialect)  # both of ours are
        compiled: Any = self.statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        fixed = dict(compiled.params)
        binds = compiled._bind_processors  # noqa: SLF001  # SQLAlchemy's own conversion of each parameter

        def prepared(values: dict[str, Any]) -> dict[str, Any]:
            merged = {**fixed, **values}
            return {name: binds[name](value) if name in binds else value for name, value in merged.items()}

        arrange: Callable[[dict[str, Any]], Any] = prepared
        if compiled.positional:
            kinds = {name: (dialect.name, repr(bind.type)) for name, bind in compiled.binds.items()}
            keep = {
                name: _CONVERSIONS.setdefault(kinds[name], lru_cache(64)(bind))
                for name, bind in binds.items()
            }
            plan = [(name, fixed[name], keep.get(name, _as_it_is)) for name in compiled.positiontup or ()]

            def arrange(values: dict[str, Any]) -> Any:
                return [bind(values.get(name, usual)) for name, usual, bind in plan]

        self._compiled[dialect.name] = (str(compiled) + self.ending, arrange)
        return self._compiled[dialect.name]


class Hot(Prepared):
    """A SELECT whose parameters are `given`, and none of them a list."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        super().__init__(query)
        self.columns = list(query.selected_columns)
        self._make = row_maker([column.key or "" for column in self.columns])
        self._processors: dict[str, list[tuple[int, Callable[[Any], Any]]]] = {}

    def all(self, on: Driver, **values: Any) -> list[Any]:
        """Return all rows for these values of the parameters."""
        rows = self.run(on, values).fetchall()
        make = self._make
        processors = self._processors.get(on.dialect.name)
        if processors is None:
            processors = self._processors[on.dialect.name] = self._process(on.dialect)
        if not processors:
            return [make(row) for row in rows]
        found = []
        for row in rows:
            cells = list(row)
            for at, process in processors:
                cells[at] = process(cells[at])
            found.append(make(cells))
        return found

    def first(self, on: Driver, **values: Any) -> Any | None:
        """Return the first row, or None."""
        rows = self.all(on, **values)
        return rows[0] if rows else None

    def _process(self, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
        return [
            (at, process)
            for at, column in enumerate(self.columns)
            if (process := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]


class Write(Prepared):
    """An INSERT, UPDATE or DELETE whose parameters are `given`. Columns' defaults are not filled in.

    With `if_new` an INSERT that meets a row with one of its keys writes none, and says so.
    """

    def __init__(self, statement: ClauseElement, *, if_new: bool = False, returning: str = "") -> None:
        # Inline: what the database fills in is not asked back.
        super().__init__(statement.inline() if isinstance(statement, Insert) else statement)
        self.ending = " ON CONFLICT DO NOTHING" * if_new + (f" RETURNING {returning}" if returning else "")

    def rows(self, on: Driver, **values: Any) -> int:
        """Execute and return how many rows it wrote.

        Raises:
            the driver's own IntegrityError (`broken(on)`): a constraint or a guard said no.
        """
        return int(self.run(on, values).rowcount)

    def returned(self, on: Driver, **values: Any) -> Any:
        """Execute and return the first column that `returning` names, of the row it wrote.

        Raises: as `rows`.
        """
        return self.run(on, values).fetchall()[0][0]


def broken(on: Driver) -> type[Exception]:
    """Return the exception by which this driver says that a constraint was broken."""
    dialect: Any = on.dialect
    error: type[Exception] = dialect.dbapi.IntegrityError
    return error
