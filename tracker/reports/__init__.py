"""The first page, the menu, and the page of the ledger."""

from flask import Flask

from tracker.reports import menu, views


def init_app(app: Flask) -> None:
    """Open the first page and give every page its menu."""
    app.register_blueprint(views.bp)
    menu.init_app(app)
