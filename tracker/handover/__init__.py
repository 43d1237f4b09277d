"""Handovers between organisations, receipt by scan, and the giving to the pupil."""

from flask import Flask

from tracker.custody.road import Move
from tracker.handover import giving_views, receipt_views, views

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
    receipt_views.add_to(views.bp)
    giving_views.add_to(views.bp)
    app.register_blueprint(views.bp)
