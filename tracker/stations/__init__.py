"""Scan stations: an action first, then scan after scan, on the bench, at the shelf and at the school gate."""

from flask import Flask

from tracker.stations import actions, log_views, queries, views, worker

# Importing these has given the blueprint its pages.
PAGES = (views, worker, log_views)


def init_app(app: Flask) -> None:
    """Open the stations."""
    # The receipt is signed in a room before this one; it begins with what was ticked off here.
    app.extensions["ticked"] = queries.ticked
    # And what is scanned into the lists of their forms is kept here like any other scan.
    app.extensions["keep_scans"] = actions.keep_lines
    app.register_blueprint(views.bp)
