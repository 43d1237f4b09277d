"""Scan stations: an action first, then scan after scan, on the bench, at the shelf and at the school gate."""

from flask import Flask

from tracker.stations import log_views, queries, views, worker

# Importing these has given the blueprint its pages.
PAGES = (views, worker, log_views)


def init_app(app: Flask) -> None:
    """Open the stations."""
    # The receipt is signed in a room before this one; it begins with what was ticked off here.
    app.extensions["ticked"] = queries.ticked
    app.register_blueprint(views.bp)
