"""The one-time secret on a printed record: whoever holds the paper can prove it, once.

The QR on each page carries it after the `#` of the address, so it reaches no server, log or link
preview; the page's own script moves it into the form. Only its SHA-256 is kept: of 28 symbols drawn
from the 26 of the device codes (131 bits) nobody finds the text again, and no Vietnamese typing method
alters them when a school without a camera types the groups under the QR. It is a business token, never
a password: it opens nothing without the receiving school's own session.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Protocol

from tracker.custody.codes import ALPHABET
from tracker.refused import Refused
from tracker.words import _

LENGTH = 28
GROUP = 4
LASTS = timedelta(days=14)
#: Wrong secrets before the record must be printed anew.
TRIES = 5

_BETWEEN = re.compile(r"[\s\-‐‑‒–—._·]+")


class Locked(Refused):
    """Too many wrong secrets: the paper opens nothing any more."""

    def __init__(self) -> None:
        super().__init__(
            _("Five wrong codes were entered for this record; it is locked."),
            out=_("Ask the sender to print the record again. The new print carries a new code."),
        )


class NoSecret(Refused):
    """The record was never printed."""

    def __init__(self) -> None:
        super().__init__(
            _("This record has not been printed yet, so it cannot be confirmed."),
            out=_("Ask the sender to print the record. The paper comes with the devices."),
        )


class Expired(Refused):
    """The secret was not used in time."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            _("The code on this record was valid for %(n)s days and has run out.", n=LASTS.days),
            out=_("Ask the sender to print the record again. The new print carries a new code."),
        )
        self.until = until


class WrongSecret(Refused):
    """The code does not fit. This try counts, although nothing else was written."""

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(
            _("This is not the code of the newest print of this record."),
            out=_(
                "Scan the QR code of the paper again, or type the groups under it. Tries left: %(left)s.",
                left=left,
            ),
        )


class Guarded(Protocol):
    """What these rules look at of a handover."""

    secret_hash: str | None
    secret_until: datetime | None
    wrong_tries: int


def draw() -> str:
    """Return a new secret."""
    return "".join(secrets.choice(ALPHABET) for _symbol in range(LENGTH))


def normal(text: str) -> str:
    """Return a typed or scanned secret as it was drawn: without gaps, in capitals."""
    return _BETWEEN.sub("", text[:200]).upper()


def grouped(secret: str) -> str:
    """Return a secret as people read and type it: seven groups of four."""
    return " ".join(secret[i : i + GROUP] for i in range(0, len(secret), GROUP))


def digest(secret: str) -> str:
    """Return how a secret is kept."""
    return hashlib.sha256(normal(secret).encode()).hexdigest()


def must_open(handover: Guarded, secret: str, *, at: datetime) -> str:
    """Check a secret against a record and return its digest.

    Raises:
        NoSecret, Expired, Locked: no secret opens this record now.
        WrongSecret: this one does not; the caller counts the try.
    """
    if handover.secret_hash is None or handover.secret_until is None:
        raise NoSecret
    if handover.wrong_tries >= TRIES:
        raise Locked
    if at >= handover.secret_until:
        raise Expired(handover.secret_until)
    hashed = digest(secret)
    if not hmac.compare_digest(hashed, handover.secret_hash):
        raise WrongSecret(TRIES - handover.wrong_tries - 1)
    return hashed
