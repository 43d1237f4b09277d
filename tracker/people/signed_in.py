"""The person behind a request: one select by the secret of their browser, and nothing kept in the cookie."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, g, session
from flask_login import LoginManager, UserMixin
from sqlalchemy import select

from tracker.db import hot_connection
from tracker.hot import Hot, given
from tracker.people.models import Organisation, SignIn, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.web.language import choose
from tracker.web.pages import on_every_page

ABSOLUTE = timedelta(hours=12)
IDLE = timedelta(minutes=60)
#: How stale the time of last use in the cookie may get before it is written again.
SEEN_EVERY = timedelta(minutes=1)

manager = LoginManager()
manager.session_protection = None  # sign-ins are ended on the server, not by the browser's address

_BY_SECRET = Hot(
    select(
        User.id,
        User.name,
        User.role,
        User.locale,
        User.org_id,
        Organisation.name.label("org_name"),
        Organisation.kind.label("org_kind"),
        SignIn.created_at,
    )
    .join(User, User.id == SignIn.user_id)
    .join(Organisation, Organisation.id == User.org_id)
    .where(
        SignIn.id == given("id"),
        SignIn.ended_at.is_(None),
        User.disabled_at.is_(None),
        Organisation.disabled_at.is_(None),
    )
)


def digest(secret: str) -> str:
    """Return how a browser's secret is kept in the database."""
    return hashlib.sha256(secret.encode()).hexdigest()


class SignedIn(UserMixin):
    """The signed-in person. `actor` is what rules and the ledger see."""

    def __init__(self, secret: str, row: Any) -> None:
        self.secret = secret
        self.id: int = row.id
        self.name: str = row.name
        self.role = Role(row.role)
        self.locale: str = row.locale
        self.org_id: int = row.org_id
        self.org_name: str = row.org_name
        self.org_kind = OrgKind(row.org_kind)
        self.actor = Actor(row.id, row.org_id, self.role)

    def get_id(self) -> str:
        return self.secret

    def can(self, *roles: str) -> bool:
        """Return whether the person has one of these roles."""
        return self.role in roles


@manager.user_loader
def load(secret: str) -> SignedIn | None:
    """Return the person whose browser has this secret, unless signed out, disabled or too old."""
    row = _BY_SECRET.first(hot_connection(), id=digest(secret))
    now = datetime.now(UTC)
    if row is None or now - row.created_at > ABSOLUTE or not _recently_seen(now):
        return None
    return SignedIn(secret, row)


def _recently_seen(now: datetime) -> bool:
    seen = datetime.fromtimestamp(session.get("seen", 0), UTC)
    if now - seen > IDLE:
        return False
    if now - seen > SEEN_EVERY:
        session["seen"] = int(now.timestamp())
    return True


def me() -> Actor:
    """Return the person acting in this request."""
    found = person()
    if found is None:
        raise RuntimeError("nobody is signed in here")
    return found.actor


def init_app(app: Flask) -> None:
    """Connect Flask-Login."""
    app.login_manager = manager  # type: ignore[attr-defined]  # without its hook for remember-me cookies
    on_every_page(app, lambda: {"me": person()})


def person() -> SignedIn | None:
    """Return who is signed in, or None for a stranger."""
    here = g._get_current_object()
    found = here.get("_login_user")  # where Flask-Login keeps whom it has loaded
    if found is None:
        # As Flask-Login does it, without asking for the other ways of signing in, which we do not have.
        secret = session.get("_user_id")
        found = here._login_user = (secret and load(secret)) or manager.anonymous_user()
        if isinstance(found, SignedIn):
            choose(found.locale)
    return found if isinstance(found, SignedIn) else None
