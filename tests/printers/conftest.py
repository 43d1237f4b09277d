"""A storekeeper of a workshop, who keeps its printers."""

from tests.prints.conftest import browser, session, storekeeper

__all__ = ["browser", "session", "storekeeper"]
