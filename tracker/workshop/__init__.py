import os

from flask import Flask

from tracker.custody.road import Move
from tracker.photographs.rules import SUBJECTS
from tracker.workshop import board_views, checklist_views, evidence_views, job_views, retire_views, work_views
from tracker.workshop.checklists import BY_NAME
from tracker.workshop.views import bp

__all__ = [
    "MOVE_PAGES",
    "board_views",
    "checklist_views",
    "evidence_views",
    "init_app",
    "job_views",
    "retire_views",
    "work_views",
]

#: The pages where the moves of this room are made.
MOVE_PAGES: dict[Move, str] = {
    Move.INSPECT: "workshop.inspect",
    Move.SEND_TO_REPAIR: "workshop.device",
    Move.FINISH_REPAIR: "workshop.device",
    Move.PASS: "workshop.device",
    Move.RETIRE: "workshop.retire",
}


def init_app(app: Flask) -> None:
    """Open the room, and say what photographs of its checks show."""
    SUBJECTS.update({check.key: check.label for list_ in BY_NAME.values() for check in list_.checks})
    app.config.setdefault("COLLECTED_LATER", os.environ.get("TRACKER_SERVED") == "1")
    app.register_blueprint(bp)
