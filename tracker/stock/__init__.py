"""Places, moving, counts, finding."""

from flask import Flask

from tracker.stock import views


def init_app(app: Flask) -> None:
    """Open the stock pages."""
    app.register_blueprint(views.bp)
