"""Where gifts come in: donors, donations, devices at the door, lists of devices from spreadsheets."""

from flask import Flask

from tracker.intake import device_views, donor_views, list_views, views

# Importing these has given the blueprint its pages.
PAGES = (views, donor_views, device_views, list_views)


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(views.bp)
