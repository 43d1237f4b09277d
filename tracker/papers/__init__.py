"""Papers that are issued of devices: inspected, repaired, erased, given to a pupil, returned, retired."""

from flask import Flask

from tracker.papers import form_views as _form  # noqa: F401  # puts its pages on the blueprint
from tracker.papers import views


def init_app(app: Flask) -> None:
    """Open the pages of papers."""
    app.register_blueprint(views.bp)
