"""The verbs of people: sign in and out, invite, disable."""

import hashlib
import re
import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.lists.fold import fold
from tracker.people import passwords
from tracker.people.models import Invitation, Organisation, SignIn, SignInAttempt, User
from tracker.people.roles import OrgKind, Role
from tracker.people.rules import INVITATION_LASTS, TRIES, TRIES_FROM, WINDOW, TooManyTries, must_fit
from tracker.people.signed_in import digest
from tracker.refused import Missing, Refused
from tracker.words import _

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class WrongPassword(Refused):
    """E-mail and password do not fit together. Says the same for an unknown e-mail."""

    def __init__(self) -> None:
        super().__init__(
            _("The e-mail and the password do not fit together."),
            out=_("Try again, or ask your administrator for a new invitation."),
        )


class InvitationOver(Refused):
    """The link was used, has expired, or was never one."""

    def __init__(self) -> None:
        super().__init__(
            _("This invitation is no longer valid."), out=_("Ask the person who invited you for a new one.")
        )


class Taken(Refused):
    """There is one with this e-mail or code already."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _("“%(what)s” is taken already.", what=what), out=_("Choose another, or use the one there is.")
        )


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:40]}"


class Knock(NamedTuple):
    """A try to sign in, counted before it is known whether it is right."""

    tries: tuple[int, ...]
    user: int | None
    password_hash: str


def knock(session: Session, email: str, *, address: str, at: datetime) -> Knock:
    """Count a try to sign in and return whose password it is to be compared with.

    The caller commits before it compares: tries made at the same moment all count, and nobody waits
    for a lock while a password is hashed.

    Raises:
        TooManyTries: the account or the address has failed too often of late.
    """
    email = email.strip().lower()[:200]
    keys = ((_key("user", email), TRIES), (_key("from", address), TRIES_FROM))
    for key, most in keys:
        recent = select(func.count()).where(SignInAttempt.key == key, SignInAttempt.at > at - WINDOW)
        if (session.scalar(recent) or 0) >= most:
            raise TooManyTries
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < at - 2 * WINDOW))
    tries = session.scalars(
        insert(SignInAttempt).returning(SignInAttempt.id), [{"key": key, "at": at} for key, _most in keys]
    )
    user = session.execute(
        select(User.id, User.password_hash)
        .join(Organisation, Organisation.id == User.org_id)
        .where(User.email == email, User.disabled_at.is_(None), Organisation.disabled_at.is_(None))
    ).first()
    return Knock(tuple(tries), user.id if user else None, user.password_hash if user else "")


def let_in(session: Session, knocked: Knock, password: str, *, at: datetime) -> str:
    """Return the secret for the browser's cookie, and take back the count of this try.

    Raises:
        WrongPassword: it is not theirs, or there is no such person; both take as long.
    """
    if not passwords.fits(knocked.password_hash, password) or knocked.user is None:
        raise WrongPassword
    session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(knocked.tries)))
    return open_sign_in(session, knocked.user, at=at)


def open_sign_in(session: Session, user_id: int, *, at: datetime) -> str:
    """Make a new sign-in for a user and return the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    session.execute(insert(SignIn), {"id": digest(secret), "user_id": user_id, "created_at": at})
    return secret


def sign_out(session: Session, secret: str, *, at: datetime) -> None:
    """End the sign-in of one browser."""
    session.execute(update(SignIn).where(SignIn.id == digest(secret)).values(ended_at=at))


def end_sign_ins(session: Session, user_id: int, *, at: datetime) -> None:
    """Sign a user out everywhere, at once."""
    session.execute(
        update(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None)).values(ended_at=at)
    )


def add_organisation(
    session: Session, *, code: str, kind: OrgKind, name: str, at: datetime, **more: object
) -> int:
    """Add an organisation and return its id.

    Raises:
        Taken: there is one with this code.
    """
    try:
        return session.execute(
            insert(Organisation)
            .values(code=code, kind=kind, name=name, search=fold(f"{code} {name}"), created_at=at, **more)
            .returning(Organisation.id)
        ).scalar_one()
    except IntegrityError as error:
        raise Taken(code) from error


def add_user(session: Session, *, email: str, name: str, org_id: int, role: Role, at: datetime) -> int:
    """Add a person without a password and return their id; an invitation lets them choose one.

    Raises:
        Missing: no such organisation.
        RoleDoesNotFit: the role does not exist in that kind of organisation.
        Taken: the e-mail is in use.
    """
    email = email.strip().lower()
    if not EMAIL.fullmatch(email) or len(email) > 200 or not name.strip():
        raise Refused(_("A person needs a name and an e-mail address."), out=_("Fill in both fields."))
    kind = session.scalar(select(Organisation.kind).where(Organisation.id == org_id))
    if kind is None:
        raise Missing
    must_fit(role, OrgKind(kind))
    try:
        return session.execute(
            insert(User)
            .values(email=email, name=name.strip()[:120], org_id=org_id, role=role, created_at=at)
            .returning(User.id)
        ).scalar_one()
    except IntegrityError as error:
        raise Taken(email) from error


def invite(session: Session, user_id: int, *, at: datetime) -> str:
    """Return the secret of a fresh invitation; older ones of this person stop working."""
    _void_invitations(session, user_id, at=at)
    secret = secrets.token_urlsafe(24)
    session.execute(
        insert(Invitation),
        {"id": digest(secret), "user_id": user_id, "created_at": at, "expires_at": at + INVITATION_LASTS},
    )
    return secret


def _void_invitations(session: Session, user_id: int, *, at: datetime) -> None:
    session.execute(
        update(Invitation)
        .where(Invitation.user_id == user_id, Invitation.used_at.is_(None))
        .values(used_at=at)
    )


def invited(session: Session, secret: str, *, at: datetime) -> User:
    """Return whom an invitation is for.

    Raises:
        InvitationOver: used, expired, or for somebody disabled.
    """
    user = session.scalar(
        select(User)
        .join(Invitation, Invitation.user_id == User.id)
        .join(Organisation, Organisation.id == User.org_id)
        .where(
            Invitation.id == digest(secret),
            Invitation.used_at.is_(None),
            Invitation.expires_at > at,
            User.disabled_at.is_(None),
            Organisation.disabled_at.is_(None),
        )
    )
    if user is None:
        raise InvitationOver
    return user


def accept(session: Session, secret: str, password: str, *, at: datetime) -> str:
    """Use an invitation: set the password and return the secret of the new sign-in.

    Raises:
        InvitationOver: used, expired, or for somebody disabled.
        WeakPassword: the password would be guessed.
    """
    user = invited(session, secret, at=at)
    user.password_hash = passwords.hashed(password, email=user.email)
    used = session.execute(
        update(Invitation)
        .where(Invitation.id == digest(secret), Invitation.used_at.is_(None))
        .values(used_at=at)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise InvitationOver
    end_sign_ins(session, user.id, at=at)
    session.flush()
    return open_sign_in(session, user.id, at=at)


def disable(session: Session, user_id: int, *, at: datetime) -> None:
    """Disable a person: every browser of theirs is signed out at once, and no invitation waits for them."""
    session.execute(update(User).where(User.id == user_id).values(disabled_at=at))
    end_sign_ins(session, user_id, at=at)
    _void_invitations(session, user_id, at=at)


def enable(session: Session, user_id: int) -> None:
    """Let a disabled person in again; they sign in anew."""
    session.execute(update(User).where(User.id == user_id).values(disabled_at=None))


def describe(session: Session, org: Organisation, fields: dict[str, str]) -> None:
    """Write what papers say about an organisation: name, body above it, address, who signs.

    Raises:
        Refused: the name is empty.
    """
    if not fields["name"]:
        raise Refused(_("An organisation needs a name."), out=_("Go back and write it."))
    for name, value in fields.items():
        setattr(org, name, value)
    org.search = fold(f"{org.code} {org.name}")
    session.flush()
