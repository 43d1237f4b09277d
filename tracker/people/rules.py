"""What is allowed of people: passwords, roles in organisations, limits on guessing."""

from datetime import timedelta

from tracker.people.roles import ROLES_IN, OrgKind, Role
from tracker.refused import Refused
from tracker.words import Words, _

SHORTEST = 12
LONGEST = 200

#: Failed sign-ins of one account or from one address within the window, before a pause.
TRIES = 10
TRIES_FROM = 50
WINDOW = timedelta(minutes=5)

INVITATION_LASTS = timedelta(days=7)

COMMON = frozenset(
    "123456789012 1234567890123 password1234 passwordpassword qwertyuiop12 qwerty123456 111111111111 "
    "000000000000 123123123123 abc123abc123 iloveyou1234 matkhau12345 matkhaumatkhau anhyeuem1234 "
    "admin1234567 administrator 112233445566 123456123456 aaaaaaaaaaaa vietnam12345 songvamaytinh "
    "maytinhchoem songvamaytinhchoem".split()
)


class WeakPassword(Refused):
    """The password would be guessed."""

    def __init__(self, why: Words) -> None:
        super().__init__(why, out=_("Take a sentence of four or more words that only you know."))


class TooManyTries(Refused):
    """Guessing is slowed down."""

    def __init__(self) -> None:
        super().__init__(
            _("Too many wrong passwords."),
            out=_("Wait five minutes, or ask your administrator for a new invitation."),
        )


class RoleDoesNotFit(Refused):
    """The role makes no sense in that kind of organisation."""

    def __init__(self, role: Role, kind: OrgKind) -> None:
        roles = ", ".join(str(r.label) for r in Role if r in ROLES_IN[kind])
        super().__init__(
            _("%(role)s is not a role in: %(kind)s.", role=role.label, kind=kind.label),
            out=_("Roles there: %(roles)s.", roles=roles),
        )


def too_weak(password: str, email: str) -> Words | None:
    """Return why a password is too weak, or None."""
    if len(password) < SHORTEST:
        return _("The password needs at least %(n)s characters.", n=SHORTEST)
    if len(password) > LONGEST:
        return _("The password may have at most %(n)s characters.", n=LONGEST)
    plain = password.casefold()
    if plain in COMMON or len(set(plain)) < 5 or email.split("@", maxsplit=1)[0].casefold() == plain:
        return _("This password is one of the first that is guessed.")
    return None


def must_fit(role: Role, kind: OrgKind) -> None:
    """Check that the role exists in that kind of organisation.

    Raises:
        RoleDoesNotFit: it does not.
    """
    if role not in ROLES_IN[kind]:
        raise RoleDoesNotFit(role, kind)
