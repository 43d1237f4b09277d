"""What lies in TRACKER_HOME/tls: the authority's certificate, which is for everybody, and two files of keys."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tracker.refused import Refused
from tracker.trust import certificates
from tracker.trust.rules import WARN_BEFORE, Names, grouped
from tracker.words import _


class State(StrEnum):
    """How far trust on this network is."""

    NONE = "none"
    READY = "ready"
    ENDED = "ended"
    """The authority itself ran out: a new one must be made and trusted again."""
    SERVER_ENDED = "server-ended"
    """Only the server's certificate ran out: it is renewed, and phones need nothing."""


@dataclass(frozen=True)
class Standing:
    """The certificates of an installation, as far as there are any."""

    authority: x509.Certificate | None = None
    certificate: x509.Certificate | None = None

    @property
    def server(self) -> Names | None:
        return certificates.names_of(self.certificate) if self.certificate else None

    @property
    def limits(self) -> Names | None:
        return certificates.limits_of(self.authority) if self.authority else None

    @property
    def fingerprint(self) -> str:
        return grouped(self.authority.fingerprint(SHA256())) if self.authority else ""

    @property
    def thumbprint(self) -> str:
        """What Windows shows when it asks whether to trust: SHA-1, to find the certificate, not to prove it."""
        return grouped(self.authority.fingerprint(SHA1())) if self.authority else ""  # noqa: S303

    @property
    def der(self) -> bytes:
        return self.authority.public_bytes(Encoding.DER) if self.authority else b""

    def state(self, at: datetime) -> State:
        """Return how it stands at a time."""
        if self.authority is None or self.certificate is None:
            return State.NONE
        if self.authority.not_valid_after_utc <= at:
            return State.ENDED
        return State.SERVER_ENDED if self.certificate.not_valid_after_utc <= at else State.READY

    def days_left(self, at: datetime) -> int:
        """Return for how many whole days the server's certificate is still valid; negative after its end."""
        return (self.certificate.not_valid_after_utc - at).days if self.certificate else 0

    def ends_soon(self, at: datetime) -> bool:
        """Return whether it is time to renew the server's certificate."""
        return self.certificate is not None and self.certificate.not_valid_after_utc - at <= WARN_BEFORE


def folder(home: Path) -> Path:
    """Return where certificates and keys lie."""
    return home / "tls"


def authority_key(home: Path) -> Path:
    """Return the file of the authority's key; it may be kept elsewhere between two renewals."""
    return folder(home) / "authority.key"


def authority_file(home: Path) -> Path:
    """Return the file of the authority's certificate."""
    return folder(home) / "authority.crt"


def server_file(home: Path) -> Path:
    """Return the file of the server's key and certificate: one file, so that they always belong together."""
    return folder(home) / "server.pem"


def standing(home: Path) -> Standing:
    """Return what is there.

    Raises:
        Refused: a file is damaged, or not for this account to read.
    """
    return Standing(_certificate(authority_file(home)), _certificate(server_file(home)))


def _certificate(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise Refused(
            _("%(file)s is not for this account to read.", file=str(path)),
            out=_("Let it belong to the account that runs `tracker serve`."),
        ) from error
    except ValueError as error:
        raise Refused(
            _("%(file)s is damaged.", file=str(path)),
            out=_("Put back the file from the last copy, or make a new authority: tracker tls init --new-ca"),
        ) from error
