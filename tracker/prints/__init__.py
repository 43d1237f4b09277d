"""What is printed: labels on paper, each job kept with who, when, and which codes."""

from flask import Flask

from tracker.prints import badge_views, blank_views, mode_views, own_views, sending_views, views

# Importing these has given the blueprint its pages.
PAGES = (views, blank_views, badge_views, mode_views, own_views, sending_views)


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(views.bp)
