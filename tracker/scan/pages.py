"""Where each move is made: the room that owns its fact says so."""

from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import Row

from tracker import allocation, handover, workshop
from tracker.custody.road import Move
from tracker.people.roles import Actor
from tracker.words import Words

PAGES: dict[Move, str] = {**workshop.MOVE_PAGES, **allocation.MOVE_PAGES, **handover.MOVE_PAGES}


class Button(NamedTuple):
    """One big button of the device's page."""

    value: str
    label: Words
    url: str
    post: bool = False
    help: Words | str = ""


#: The first move of the list is the likely one; these come last.
RARE = (Move.LOSE, Move.RETIRE)


def buttons(moves: list[Move], device: Row[Any], by: Actor) -> list[Button]:
    """Return a button for each move, the likely one first, then what else can be done."""
    ordered = sorted(moves, key=lambda move: move in RARE)
    return [
        Button(str(move), move.label, url_for(PAGES[move], code=device.code), post=move is Move.INSPECT)
        for move in ordered
    ]
