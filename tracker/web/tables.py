"""The cells of a table: what opens and closes each is written once for all of its rows."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup, escape

from tracker.web.jinja_lean import written

Tags = tuple[str, str]
Column = Any  # words, or words and their kind

_NOTHING = "–"
_NONE = f'<span class="none">{_NOTHING}</span>'


def table_cells(columns: Sequence[Column]) -> Callable[[], Iterator[Tags]]:
    """Return what gives, for each row, the tags of its cells: the first is the row's head.

    A column is the words of its head, or these and their kind: see templates/parts/table.html.
    """
    tags = []
    for at, column in enumerate(columns):
        words, kind = column if isinstance(column, (tuple, list)) else (column, "")
        tag = "td" if at else "th"
        head = "" if at else ' scope="row"'
        style = f' class="{escape(kind)}"' if kind else ""
        tags.append((f'<{tag}{head} data-label="{escape(words)}"{style}>', f"</{tag}>"))
    return partial(iter, tags)


def td(cells: Iterator[Tags], value: Any) -> Markup:
    """Return the next cell of a row."""
    before, after = next(cells)
    cell = before, _NONE if value == _NOTHING else written(value), after
    return Markup("".join(cell))  # noqa: S704  # each is escaped
