"""The label printers of an installation: what they are, how each is corrected, and how labels reach them."""

from flask import Flask

from tracker.printers import calibration_views, views

# Importing these has given the blueprint its pages.
PAGES = (views, calibration_views)


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(views.bp)
