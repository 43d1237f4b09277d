import pytest

from tracker.db import engine_for


@pytest.fixture
def engine(sqlite_url):
    """An engine on a migrated SQLite file of its own."""
    made = engine_for(sqlite_url)
    yield made
    made.dispose()
