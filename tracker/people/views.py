"""Signing in and out, accepting an invitation, choosing the language."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from sqlalchemy import update

from tracker.db import db
from tracker.people import actions
from tracker.people.models import User
from tracker.people.permissions import public
from tracker.people.rules import TooManyTries, WeakPassword
from tracker.people.signed_in import load
from tracker.web import show
from tracker.web.gate import page_before
from tracker.web.language import LOCALES, translate

bp = Blueprint("people", __name__)


def own_page(to: str) -> str:
    """Return `to` when it is a plain path of ours, else the start page."""
    plain = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if plain else url_for("home.start")


def _let_in(secret: str) -> None:
    """Give this browser a new session: nothing of the one before it stays."""
    locale = cookie.get("locale")
    cookie.clear()
    if locale:
        cookie["locale"] = locale
    cookie["seen"] = int(datetime.now(UTC).timestamp())
    if person := load(secret):
        login_user(person)
        cookie.pop("_id", None)  # of the browser's address and name; our sign-ins are ended on the server


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
    session = db.session()
    try:
        knocked = actions.knock(session, email, address=request.remote_addr or "", at=now)
        session.commit()
        secret = actions.let_in(session, knocked, request.form.get("password", ""), at=now)
    except (TooManyTries, actions.WrongPassword) as error:
        session.rollback()
        code = 429 if isinstance(error, TooManyTries) else 422
        return show("people/sign_in.html", to=to, email=email, error=error), code
    session.commit()
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
    cookie.clear()
    return redirect(url_for("people.sign_in"), 303)


@bp.get("/invitation/<secret>")
@public
def invitation(secret: str) -> ResponseReturnValue:
    """Show whom the invitation is for, and ask for a password."""
    user = actions.invited(db.session(), secret, at=datetime.now(UTC))
    return show("people/invitation.html", user=user, secret=secret, weak=None)


@bp.post("/invitation/<secret>")
@public
def accept(secret: str) -> ResponseReturnValue:
    """Set the password and sign in."""
    now = datetime.now(UTC)
    try:
        opened = actions.accept(db.session(), secret, request.form.get("password", ""), at=now)
    except WeakPassword as weak:
        db.session.rollback()
        user = actions.invited(db.session(), secret, at=now)
        return show("people/invitation.html", user=user, secret=secret, weak=weak), 422
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
        cookie["locale"] = locale
        if current_user.is_authenticated:
            db.session.execute(update(User).where(User.id == current_user.id).values(locale=locale))
            db.session.commit()
    return redirect(own_page(page_before()), 303)
