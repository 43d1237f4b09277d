"""Passwords: argon2id, at least 12 characters, none of the most common ones.

They are compared in one form of Unicode: Vietnamese keyboards send ế as one sign or as three.
"""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracker.people.rules import WeakPassword, too_weak

#: OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

#: Compared when there is no such user, so that the answer takes as long.
NOBODY = hasher.hash("nobody has this password")


def hashed(password: str, *, email: str) -> str:
    """Return the hash to keep.

    Raises:
        WeakPassword: too short, too long, or too easy to guess.
    """
    if why := too_weak(password, email):
        raise WeakPassword(why)
    return hasher.hash(_one_form(password))


def fits(kept: str, password: str) -> bool:
    """Return whether the password is the kept one; takes the same time for nobody's."""
    try:
        hasher.verify(kept or NOBODY, _one_form(password[:1000]))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def _one_form(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
