"""The pass of an outbox: what lets the office bring in a phone's unsent scans for the person who made them.

A phone that finds no network any more hands its scans over as a file. The file carries this pass, which the
server signed when that person was signed in at the station; it opens nothing by itself, and a person who
may not work any more has none that counts.
"""

from datetime import timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, Role
from tracker.refused import Refused
from tracker.words import _

#: As long as an outbox may be old.
LASTS = timedelta(days=60)


class NoPass(Refused):
    """The file's pass does not count."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The pass in this file does not count: it is too old, or its owner may not work here any more."
            ),
            out=_("Ask whoever scanned to sign in on that phone and send the scans from there."),
        )


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="outbox of a station")


def pass_for(actor: Actor) -> str:
    """Return the pass of a person at their station."""
    return str(_signer().dumps([actor.user, actor.org, actor.role]))


def owner(session: Session, given: str) -> Actor:
    """Return whose pass this is, as they are now.

    Raises:
        NoPass: it is not ours, too old, or its owner is gone or has another place now.
    """
    try:
        user, org, role = _signer().loads(given, max_age=int(LASTS.total_seconds()))
    except (BadSignature, ValueError, TypeError):
        raise NoPass from None
    row = session.execute(
        select(User.id)
        .join(Organisation, Organisation.id == User.org_id)
        .where(
            User.id == user,
            User.org_id == org,
            User.role == role,
            User.disabled_at.is_(None),
            Organisation.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        raise NoPass
    return Actor(user, org, Role(role))
