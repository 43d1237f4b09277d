"""What the codes of cards open on a phone: the station."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tracker.custody.road import HOLDERS
from tracker.db import db
from tracker.people import queries as people
from tracker.people.permissions import signed_in
from tracker.people.signed_in import me
from tracker.prints.modes import MODES
from tracker.refused import Missing, Refused
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


@bp.get("/U/<int:user_id>", endpoint="badge")
@bp.get("/u/<int:user_id>", endpoint="badge_lower")
@signed_in
def badge(user_id: int) -> ResponseReturnValue:
    """Go from a badge, which a phone's camera has opened, to the station; a colleague's; others it tells nothing."""
    if me().role not in HOLDERS or user_id not in {
        row.id for row in people.colleagues(db.session(), org=me().org)
    }:
        raise Missing
    return redirect(url_for("stations.station"), 303)
