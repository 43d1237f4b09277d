from pathlib import Path

from tests.evidence.samples import CAPTURES, GOOD, REAL, REFUSED, real_captures
from tests.evidence.table import CHECKED, table

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evidence-captures.md"


def test_the_table_has_a_row_for_every_file_read_or_refused():
    rows = table(CAPTURES).splitlines()[2:]

    assert len(rows) == len(GOOD) + len(REFUSED)
    assert sum("| refused |" in row for row in rows) == len(REFUSED)
    assert not any("PF1VN0T8" in row for row in rows)


def test_the_table_in_the_documents_is_what_is_read_today():
    count = len(real_captures())

    assert table(REAL) in DOCUMENT.read_text(encoding="utf-8"), (
        f"Write it anew: python -m tests.evidence.table {REAL.name}, and compare by eye what changed."
    )
    assert f"{count} captures" in DOCUMENT.read_text(encoding="utf-8")


def test_what_is_marked_as_checked_is_there_and_counted():
    names = {path.relative_to(REAL).as_posix() for path in real_captures()}
    checked = CHECKED.read_text(encoding="utf-8").split()

    assert set(checked) <= names
    assert f"{len(checked)} files" in DOCUMENT.read_text(encoding="utf-8")
