"""Spare parts: the workshop's stock, what repairs use, and what retired devices give."""

from flask import Flask

from tracker.spares import views


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(views.bp)
