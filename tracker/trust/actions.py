"""Making the authority and renewing the server's certificate."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tracker.refused import Refused
from tracker.trust import certificates, queries
from tracker.trust.certificates import Key
from tracker.trust.queries import Standing, State
from tracker.trust.rules import Names
from tracker.words import _


@dataclass(frozen=True)
class Made:
    """What `make` has done."""

    standing: Standing
    new_authority: bool
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def make(home: Path, wanted: Names | None, *, new_authority: bool, at: datetime) -> Made:
    """Make or renew the server's certificate, and its authority if there is none or a new one is asked for.

    `wanted` is what the server is called; None keeps the names it has.

    Raises:
        Refused: there are no names; the authority may not vouch for one; it has run out; its key is not here.
    """
    with _alone(queries.folder(home)):
        before = Standing() if new_authority else queries.standing(home)
        known = queries.standing(home).server if wanted is None else None
        names = wanted or known
        if names is None:
            raise Refused(
                _("A certificate needs the name of a host."),
                out=_("Name the one that labels carry, such as: tracker tls init --host smt.lan"),
            )
        if before.authority is None:
            key = _begin(home, names, at)
        else:
            key = _authority_may(home, before, names, at)
        _renew(home, key, names, at)
    had = before.server.written if before.server else names.written
    return Made(
        queries.standing(home),
        new_authority=before.authority is None,
        added=tuple(each for each in names.written if each not in had),
        dropped=tuple(each for each in had if each not in names.written),
    )


def _begin(home: Path, limits: Names, at: datetime) -> Key:
    key = certificates.new_key()
    made = certificates.authority(key, limits, at=at)
    _write(queries.authority_key(home), _private(key), mode=0o600)
    _write(queries.authority_file(home), made.public_bytes(Encoding.PEM), mode=0o644)
    return key


def _authority_may(home: Path, before: Standing, names: Names, at: datetime) -> Key:
    """Return the authority's key, if it may still vouch for these names."""
    again = _("Make a new authority with --new-ca; every phone must then trust it anew.")
    if before.state(at) is State.ENDED:
        raise Refused(_("The authority has run out."), out=again)
    outside = names.outside(before.limits) if before.limits else ()
    if outside:
        raise Refused(
            _(
                "The authority was made for other names and cannot vouch for %(names)s.",
                names=", ".join(outside),
            ),
            out=again,
        )
    try:
        key = load_pem_private_key(queries.authority_key(home).read_bytes(), password=None)
    except (FileNotFoundError, ValueError, TypeError) as error:
        raise _no_key(home) from error
    belongs = before.authority is not None and key.public_key() == before.authority.public_key()
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not belongs:
        raise _no_key(home)
    return key


def _no_key(home: Path) -> Refused:
    return Refused(
        _("The authority's key is not in %(file)s.", file=str(queries.authority_key(home))),
        out=_("Put it back from where it is kept, or make a new authority with --new-ca."),
    )


def _renew(home: Path, by_key: Key, names: Names, at: datetime) -> None:
    by = x509.load_pem_x509_certificate(queries.authority_file(home).read_bytes())
    key = certificates.new_key()
    made = certificates.server(key, names, by=by, by_key=by_key, at=at)
    _write(queries.server_file(home), _private(key) + made.public_bytes(Encoding.PEM), mode=0o600)


def _private(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Put a file in its place whole, never readable by more people than it is for."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else make certificates meanwhile."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
