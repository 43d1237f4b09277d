"""What a scanned text means: the device's page, the stranger's card, the scan page."""

from flask import Flask

from tracker.scan import views


def init_app(app: Flask) -> None:
    """Open the scan pages."""
    app.register_blueprint(views.bp)
