"""Handovers between organisations, receipt by scan, and the giving to the pupil."""

from flask import Flask

from tracker.custody.road import Move
from tracker.handover import box_views as _boxes  # noqa: F401  # puts its pages on the blueprint
from tracker.handover import giving_views as _giving  # noqa: F401
from tracker.handover import receipt_views as _receipt  # noqa: F401
from tracker.handover import views

#: Where each move that this room owns is made; `send` and `confirm` begin at the lists of handovers.
MOVE_PAGES: dict[Move, str] = {
    Move.SEND: "handover.begin_with",
    Move.CONFIRM: "handover.confirm_with",
    Move.GIVE: "handover.give",
    Move.TAKE_BACK: "handover.take_back",
    Move.LOSE: "handover.lose",
    Move.FIND: "handover.find",
}


def init_app(app: Flask) -> None:
    """Open the pages of handovers."""
    app.register_blueprint(views.bp)
