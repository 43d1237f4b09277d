"""Every route declares who may use it; one that does not is refused to everybody."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tracker.people.roles import Role
from tracker.people.signed_in import person

V = TypeVar("V", bound=Callable[..., ResponseReturnValue])

#: Open to strangers.
PUBLIC: frozenset[Role] = frozenset()
EVERYBODY = frozenset(Role)


def allowed(*roles: Role) -> Callable[[V], V]:
    """Declare that people of these roles may use the route.

    Raises:
        TypeError: no role is named, which would read as if strangers were meant.
    """
    if not roles:
        raise TypeError("name the roles, or say @public")

    def declare(view: V) -> V:
        view.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def public(view: V) -> V:
    """Declare that the route is open to strangers."""
    view.allowed = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: V) -> V:
    """Declare that everybody who is signed in may use the route."""
    view.allowed = EVERYBODY  # type: ignore[attr-defined]
    return view


def declared(endpoint: str) -> frozenset[Role] | None:
    """Return who may use an endpoint, or None when it does not say."""
    if endpoint == "static":
        return PUBLIC
    return getattr(current_app.view_functions.get(endpoint), "allowed", None)


def init_app(app: Flask) -> None:
    """Check every request against what its route declares."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    roles = declared(request.endpoint)
    if roles is None:
        abort(403)
    if roles == PUBLIC:
        return None
    who = person()
    if who is not None and who.role in roles:
        return None
    if who is not None:
        abort(403)
    if request.method != "GET":
        abort(401)
    return redirect(url_for("people.sign_in", to=request.full_path.rstrip("?")), 303)
