"""What every page shares: language, pages, errors, headers, forms sent once."""

from flask import Flask

from tracker.web import errors, filters, gate, headers, language, pages, parts, static_files
from tracker.web.cookie import Cookies
from tracker.web.once import done
from tracker.web.pages import show

__all__ = ["done", "show"]


def init_app(app: Flask) -> None:
    """Arrange the shared parts; the order matters where one hook must come first."""
    app.session_interface = Cookies()
    gate.init_app(app)  # first: decides whether the request may write
    headers.init_app(app)
    language.init_app(app)
    filters.init_app(app)
    pages.init_app(app)
    parts.init_app(app)
    static_files.init_app(app)
    errors.init_app(app)
