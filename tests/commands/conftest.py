import pytest
from click.testing import CliRunner

from tracker.__main__ import main


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return an empty home that the environment names, and nothing else of ours in it."""
    for name in (
        "DATABASE_URL",
        "TRACKER_URL",
        "TRACKER_SECRET",
        "TRACKER_LOCALE",
        "TRACKER_PRINTERS",
        "TRACKER_DEMO",
        "TRACKER_TLS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "installation"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "installation"


@pytest.fixture
def tracker(home):
    """Type `tracker …`; `code` is what it should end with. What it says is returned."""

    def type_in(*words, code=0, given=None):
        answer = CliRunner().invoke(main, [str(word) for word in words], input=given)
        # A mistake of ours would be another exception, shown as a traceback.
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        assert answer.exit_code == code, answer.output
        return answer.output

    return type_in


@pytest.fixture
def installed(tracker, home, database_url, monkeypatch):
    """The same on a fresh installation, on both databases."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    tracker("init")
    return tracker
