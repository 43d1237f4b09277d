"""Where each move is made: the room that owns its fact says so."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Row

from tracker import allocation, handover, workshop
from tracker.custody.converters import address
from tracker.custody.road import HOLDERS, Move, Status
from tracker.db import db
from tracker.papers.rules import Issued, Kind, makes_sense
from tracker.people.roles import Actor, Role
from tracker.scan.queries import Shown
from tracker.spares.actions import for_parts
from tracker.words import Words, _

PAGES: dict[Move, str] = {**workshop.MOVE_PAGES, **allocation.MOVE_PAGES, **handover.MOVE_PAGES}


#: Where a technician works on one device.
BENCH = "workshop.device"


class Button(NamedTuple):
    """One big button of the device's page."""

    value: str
    label: Words
    url: str
    post: bool = False
    help: Words | str = ""


#: The first move of the list is the likely one; the others come later, these last.
LATER = {Move.SEND_TO_REPAIR: 1, Move.LOSE: 2, Move.RETIRE: 3}


def buttons(moves: list[Move], device: Row[Any], by: Actor) -> list[Button]:
    """Return a button for each move, the likely one first, then what else can be done."""
    ordered = sorted(moves, key=lambda move: LATER.get(move, 0))
    return [
        Button(str(move), move.label, address(PAGES[move], device.code), post=move is Move.INSPECT)
        for move in ordered
        if move in PAGES
    ]


def new_papers(
    status: Status, device: Row[Any], events: Sequence[Shown], issued: Sequence[Issued], by: Actor
) -> list[Kind]:
    """Return the papers to offer for a device now; what they need besides, their form says."""
    if device.transit_id is not None or not (device.holder_org_id == by.org or by.role is Role.COORDINATOR):
        return []
    last = {event.kind: event.dseq for event in reversed(events) if not event.undone}
    return makes_sense(status, last, issued, by.role)


class Link(NamedTuple):
    """A quiet way on from the device's page."""

    url: str
    label: Words
    icon: str


def further(device: Row[Any], by: Actor) -> list[Link]:
    """Return what can be done beside the moves: see its photographs; for a holder, put it elsewhere, give it a
    new label, go to the bench.
    """
    links = [Link(address("photographs.device", device.code), _("Photographs"), "camera")]
    if device.holder_org_id != by.org or device.transit_id is not None:
        return links
    if by.role is Role.TECHNICIAN and BENCH in current_app.view_functions:
        links.append(Link(address(BENCH, device.code), _("To the bench"), "tools"))
    if by.role is Role.TECHNICIAN and device.status == Status.RETIRED and for_parts(db.session(), device):
        links.append(Link(address("spares.harvest", device.code), _("Take parts out"), "box-seam"))
    if by.role in HOLDERS and device.status not in {Status.GIVEN, Status.MISSING}:
        links.append(Link(address("stock.move", device.code), _("Move to another place"), "pin-map"))
    if by.role in HOLDERS:
        links.append(Link(address("intake.label", device.code), _("Replace the label"), "upc"))
    return links
