"""The page that hands the authority to phones. Public: whoever needs it cannot sign in yet."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from tracker.people.permissions import public
from tracker.trust import queries
from tracker.trust.profile import TYPE, profile
from tracker.trust.queries import Standing
from tracker.trust.rules import SYSTEMS, system_of
from tracker.web import show
from tracker.words import _

bp = Blueprint("trust", __name__, url_prefix="/trust")


@bp.get("")
@public
def page() -> ResponseReturnValue:
    """Say what trusting means and how it is done on the reader's own system."""
    return show("trust/page.html", **_shown())


def plain_page() -> str:
    """Return the same page without a menu, for the listener that has no other page."""
    return show("trust/plain.html", **_shown())


def _shown() -> dict[str, Any]:
    at, settings = datetime.now(UTC), current_app.config["TRACKER"]
    standing = queries.standing(settings.home)
    mine = system_of(request.user_agent.string)
    return {
        "standing": standing,
        "state": standing.state(at),
        "mine": mine,
        "systems": sorted(SYSTEMS, key=lambda system: system != mine),
        "address": settings.public_url,
        "encrypted": request.is_secure,
    }


@bp.get("/authority.crt")
@public
def certificate() -> ResponseReturnValue:
    """Hand out the certificate for Android and Windows, which take the bare form."""
    return _file(_there().der, "application/x-x509-ca-cert", "authority.crt")


@bp.get("/authority.mobileconfig")
@public
def mobileconfig() -> ResponseReturnValue:
    """Hand out the profile for iOS and iPadOS."""
    standing = _there()
    host = standing.limits.hosts[0] if standing.limits else ""
    name = str(_("Trust on the network: %(host)s", host=host))
    says = str(
        _("Lets this device check that it is talking with %(host)s. It reaches no other name.", host=host)
    )
    return _file(profile(standing, name=name, says=says), TYPE, "authority.mobileconfig")


@bp.get("/mark.svg")
@public
def mark() -> ResponseReturnValue:
    """Show a green tick. The plain page loads it over TLS: a browser that does not trust yet shows words instead."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="48" height="48">'
        '<circle cx="12" cy="12" r="12" fill="#17592a"/>'
        '<path d="m6 12 4 4 8-8" fill="none" stroke="#fff" stroke-width="3"/></svg>'
    )
    return Response(
        drawing, mimetype="image/svg+xml", headers={"Cross-Origin-Resource-Policy": "cross-origin"}
    )


def _there() -> Standing:
    standing = queries.standing(current_app.config["TRACKER"].home)
    if standing.authority is None:
        abort(404)
    return standing


def _file(content: bytes, mimetype: str, name: str) -> Response:
    return Response(
        content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
