"""Photographs of devices: before and after the work, as they came, as they were handed over."""

from flask import Flask

from tracker.photographs.views import bp


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(bp)
