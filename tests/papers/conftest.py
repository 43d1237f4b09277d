import pytest

from tests.handover.makers import with_key


@pytest.fixture
def app(make_app, sqlite_url):
    """Pages on one database; what only a database can keep is tried on both in test_numbers."""
    return with_key(make_app(sqlite_url))
