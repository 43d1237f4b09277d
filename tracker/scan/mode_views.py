"""What the code of a mode's card opens on a phone: the station, set to that action."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tracker.custody.road import HOLDERS
from tracker.people.permissions import signed_in
from tracker.people.signed_in import me
from tracker.prints.modes import MODES
from tracker.refused import Refused
from tracker.scan.views import bp
from tracker.web import show
from tracker.words import _


@bp.get("/M/<action>", endpoint="mode")
@bp.get("/m/<action>", endpoint="mode_lower")
@signed_in
def mode(action: str) -> ResponseReturnValue:
    """Go from the card of an action to the station where it is done."""
    if action.lower() not in MODES:
        return show("scan/no_mode.html", modes=MODES.values()), 404
    if me().role not in HOLDERS:
        raise Refused(_("This action is not for your role."), out=_("Scan another mode card."))
    # After the “#”, since the station is one page for every action.
    return redirect(url_for("stations.station", _anchor=action.lower()), 303)
