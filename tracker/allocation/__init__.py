"""Schools, pupils, their one support, and the device bound to it."""

from flask import Flask

from tracker.allocation import binding_views, list_views, views
from tracker.custody.road import Move

#: The modules whose pages stand on the one blueprint.
PAGES = (views, list_views, binding_views)

#: Where the scan page sends whoever wants to make one of these moves.
MOVE_PAGES: dict[Move, str] = {Move.BIND: "allocation.matching", Move.RELEASE: "allocation.release"}


def init_app(app: Flask) -> None:
    """Open the pages of schools, pupils, lists and binding."""
    app.register_blueprint(views.bp)
