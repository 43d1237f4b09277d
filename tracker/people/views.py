"""Signing in and out, accepting an invitation, choosing the language."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from sqlalchemy import update

from tracker.db import db
from tracker.people import actions
from tracker.people.models import User
from tracker.people.permissions import public
from tracker.people.signed_in import load
from tracker.web import show
from tracker.web.language import LOCALES, translate

bp = Blueprint("people", __name__)


def own_page(to: str) -> str:
    """Return `to` when it is a plain path of ours, else the start page."""
    parts = urlsplit(to)
    plain = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc and "\\" not in to
    return to if plain and to.isprintable() else url_for("home.start")


def _let_in(secret: str) -> None:
    """Give this browser a new session: nothing of the one before it stays."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    session["seen"] = int(datetime.now(UTC).timestamp())
    if person := load(secret):
        login_user(person)


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form."""
    if current_user.is_authenticated:
        return redirect(own_page(request.args.get("to", "/")), 303)
    return show("people/sign_in.html", to=request.args.get("to", "/"), email="", error=None)


@bp.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Sign in with e-mail and password."""
    email, to = request.form.get("email", ""), request.form.get("to", "/")
    now = datetime.now(UTC)
    address = request.remote_addr or ""
    secret = actions.sign_in(db.session(), email, request.form.get("password", ""), address=address, at=now)
    db.session.commit()
    if secret is None:
        return show("people/sign_in.html", to=to, email=email, error=actions.WrongPassword()), 422
    _let_in(secret)
    return redirect(own_page(to), 303)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the sign-in of this browser."""
    if current_user.is_authenticated:
        actions.sign_out(db.session(), current_user.get_id(), at=datetime.now(UTC))
        db.session.commit()
    logout_user()
    session.clear()
    return redirect(url_for("people.sign_in"), 303)


@bp.get("/invitation/<secret>")
@public
def invitation(secret: str) -> ResponseReturnValue:
    """Show whom the invitation is for, and ask for a password."""
    user = actions.invited(db.session(), secret, at=datetime.now(UTC))
    return show("people/invitation.html", user=user, secret=secret)


@bp.post("/invitation/<secret>")
@public
def accept(secret: str) -> ResponseReturnValue:
    """Set the password and sign in."""
    opened = actions.accept(db.session(), secret, request.form.get("password", ""), at=datetime.now(UTC))
    db.session.commit()
    _let_in(opened)
    flash(translate("Welcome. Your password is set."), "ok")
    return redirect(url_for("home.start"), 303)


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    """Choose the language; a signed-in person's choice goes with them."""
    locale = request.form.get("locale", "")
    if locale in LOCALES:
        session["locale"] = locale
        if current_user.is_authenticated:
            db.session.execute(update(User).where(User.id == current_user.id).values(locale=locale))
            db.session.commit()
    return redirect(own_page(request.form.get("to", "/")), 303)
