"""Places, moving, counts, finding."""

from flask import Flask

from tracker.stock import place_views, views

# Importing these has given the blueprint its pages.
PAGES = (views, place_views)


def init_app(app: Flask) -> None:
    """Open the stock pages."""
    app.register_blueprint(views.bp)
