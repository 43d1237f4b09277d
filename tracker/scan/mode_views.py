"""What the code of a mode's card opens on a phone: the page where that is done."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tracker.people.permissions import signed_in
from tracker.prints.modes import MODES
from tracker.scan.views import bp
from tracker.web import show

#: Where each mode is worked in, and with what in the address.
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "inspect": ("workshop.bench", {}),
    "send-to-repair": ("workshop.bench", {}),
    "ready": ("workshop.bench", {}),
    "move": ("stock.move", {}),
    "count": ("stock.counts", {}),
    "load": ("handover.handovers", {"side": "out"}),
    "confirm": ("handover.handovers", {"side": "in"}),
    "give": ("handover.waiting", {}),
}


@bp.get("/M/<action>", endpoint="mode")
@bp.get("/m/<action>", endpoint="mode_lower")
@signed_in
def mode(action: str) -> ResponseReturnValue:
    """Go from the card of an action to the page where it is done."""
    if action.lower() not in MODES:
        return show("scan/no_mode.html", modes=MODES.values()), 404
    endpoint, values = PAGES[action.lower()]
    return redirect(url_for(endpoint, **values), 303)
