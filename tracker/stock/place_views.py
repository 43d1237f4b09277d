"""Labels of places, and what their code opens."""

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from labels.job import Label
from tracker.db import db
from tracker.people.permissions import allowed, signed_in
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.prints.views import CARD, choices, print_now
from tracker.stock import queries
from tracker.stock.actions import BETWEEN
from tracker.stock.models import Place
from tracker.stock.views import bp
from tracker.web import show
from tracker.web.once import once

KEEPERS = (Role.STOREKEEPER, Role.TECHNICIAN, Role.SCHOOL)


@bp.get("/P/<int:place_id>", endpoint="scanned_place")
@bp.get("/p/<int:place_id>", endpoint="scanned_place_lower")
@signed_in
def scanned_place(place_id: int) -> ResponseReturnValue:
    """Go from the label of a place to what stands there, for those whose place it is."""
    place = queries.place(db.session(), place_id, to=me())
    return redirect(url_for("stock.devices", place=place.id), 303)


@bp.get("/places/<int:place_id>/labels")
@allowed(*KEEPERS)
def place_labels(place_id: int) -> ResponseReturnValue:
    """Ask whether to print the label of one place, or of all that is in it."""
    place = queries.open_place(db.session(), place_id, to=me())
    inside = queries.places_in(db.session(), place)
    return show("stock/place_labels.html", place=place, inside=inside, **choices(CARD))


@bp.post("/places/<int:place_id>/labels")
@allowed(*KEEPERS)
@once
def print_place_labels(place_id: int) -> ResponseReturnValue:
    """Print the label of a place, or of it and all that stands in it."""
    session = db.session()
    place = queries.open_place(session, place_id, to=me())
    wanted = queries.places_in(session, place) if request.form.get("which") == "all" else [place]
    base, path = current_app.config["TRACKER"].public_url, place.path
    return print_now([_label(place, base) for place in wanted], path, design="place")


def _label(place: Place, base: str) -> Label:
    return Label(
        url=f"{base}/P/{place.id}".upper(),
        title=place.name,
        detail=place.path.rpartition(BETWEEN)[0],
    )
