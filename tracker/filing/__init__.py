"""Signed papers that come back: each page files itself to its record by the code in its foot, or waits in a tray."""

from flask import Flask

from tracker.filing import tray_views, views
from tracker.filing.shown import signed_sheets
from tracker.web.pages import on_every_page

# Importing these has given the blueprint its pages.
PAGES = (views, tray_views)


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(views.bp)
    on_every_page(app, lambda: {"signed_sheets": signed_sheets})
