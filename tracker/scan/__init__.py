"""What a scanned text means: the device's page, the stranger's card, the scan page."""

from flask import Flask
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from tracker.scan import mode_views, views

# Importing these has given the blueprint its pages.
PAGES = (views, mode_views)


def init_app(app: Flask) -> None:
    """Open the scan pages."""
    app.extensions["lookups"] = FixedWindowRateLimiter(MemoryStorage())
    app.register_blueprint(views.bp)
