"""The outcome of a list as a file to send back, and its counts."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from tracker.lists.verdicts import REASONS, Outcome
from tracker.words import Words

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width: Excel reads them too
_UNSEEN = " \u00a0\u200b\u200c\u200d\u2060\ufeff"


class JudgedRow(Protocol):
    """Any row of a list with its outcome; `columns` are its fields in the order of the file."""

    columns: ClassVar[tuple[str, ...]]

    @property
    def outcome(self) -> Outcome: ...
    @property
    def why(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows had each outcome, and how often each reason was given."""

    rows: int
    outcomes: Mapping[Outcome, int]
    reasons: Mapping[str, int]

    @property
    def added(self) -> int:
        return self.outcomes[Outcome.NEW] + self.outcomes[Outcome.WARN]


def counts(rows: Iterable[JudgedRow]) -> Counts:
    """Count the outcomes (all five, also those with none) and the reasons of a judged list."""
    rows = list(rows)
    outcomes = Counter(row.outcome for row in rows)
    reasons = Counter(code for row in rows for code in row.why)
    return Counts(len(rows), {one: outcomes[one] for one in Outcome}, dict(sorted(reasons.items())))


def sentences(row: JudgedRow) -> list[tuple[Words, Words]]:
    """Return for each reason of a row what it says and what can be done."""
    return [(REASONS[code].sentence, REASONS[code].out) for code in row.why]


def outcomes_csv(rows: Sequence[JudgedRow], *, columns: Sequence[str]) -> bytes:
    """Write the rows as CSV in UTF-8 with a BOM, as Excel wants it; `columns` names the fields.

    A value that Excel would take for a formula gets an apostrophe before it (T17).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([plain_cell(_shown(getattr(row, name))) for name in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def record(row: JudgedRow) -> dict[str, str]:
    """Return the row as its line in the file says it, by column."""
    return {name: _shown(getattr(row, name)) for name in row.columns}


def plain_cell(text: str) -> str:
    """Return the text so that no spreadsheet programme takes it for a formula."""
    return "'" + text if text.lstrip(_UNSEEN).startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return " ".join(value)
    return str(value)
