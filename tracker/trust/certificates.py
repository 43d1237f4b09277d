"""The two certificates: an authority that can vouch for nothing but its names, and the server's own.

Names are limited by a critical extension (RFC 5280, 4.2.1.10). A kind of name that is not limited is
free, so that all addresses are excluded where none is given. The authority serves TLS only: in the
store of Windows it could otherwise sign programmes.
"""

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tracker.trust.rules import AUTHORITY_LASTS, BACKDATED, SERVER_LASTS, Address, Names

Key = ec.EllipticCurvePrivateKey

_NOTHING = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)
_SERVES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
_EVERYWHERE = tuple(x509.IPAddress(ipaddress.ip_network(each)) for each in ("0.0.0.0/0", "::/0"))


def new_key() -> Key:
    """Return a fresh key on P-256, which every phone in use can check."""
    return ec.generate_private_key(ec.SECP256R1())


def authority(key: Key, limits: Names, *, at: datetime) -> x509.Certificate:
    """Return a self-signed authority for these names, valid for ten years."""
    name = _named(f"{limits.hosts[0]} {at:%Y-%m-%d}", of="Tracker, own authority")
    permitted: list[x509.GeneralName] = [x509.DNSName(each) for each in limits.hosts]
    permitted += [x509.IPAddress(ipaddress.ip_network(each)) for each in limits.addresses]
    constraints = x509.NameConstraints(permitted, None if limits.addresses else _EVERYWHERE)
    return (
        _begun(name, name, key, at)
        .not_valid_after(at + AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**{**_NOTHING, "key_cert_sign": True, "crl_sign": True}), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(_SERVES, critical=False)
        .sign(key, hashes.SHA256())
    )


def server(key: Key, names: Names, *, by: x509.Certificate, by_key: Key, at: datetime) -> x509.Certificate:
    """Return the server's certificate, signed by the authority and no longer valid than it."""
    begins = at - BACKDATED
    alternatives: list[x509.GeneralName] = [x509.DNSName(each) for each in names.hosts]
    alternatives += [x509.IPAddress(each) for each in names.addresses]
    return (
        _begun(_named(names.hosts[0][:64]), by.subject, key, at)
        .not_valid_after(min(begins + SERVER_LASTS - timedelta(seconds=1), by.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{**_NOTHING, "digital_signature": True}), critical=True)
        .add_extension(_SERVES, critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(_identifier_of(by), critical=False)
        .sign(by_key, hashes.SHA256())
    )


def _begun(subject: x509.Name, issuer: x509.Name, key: Key, at: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(common: str, *, of: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, of)] if of else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _identifier_of(by: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = by.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def names_of(certificate: x509.Certificate) -> Names:
    """Return the names a server's certificate is for."""
    return _read(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def limits_of(certificate: x509.Certificate) -> Names:
    """Return the names an authority may vouch for."""
    limits = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    return _read(limits.permitted_subtrees or ())


def _read(found: Iterable[x509.GeneralName]) -> Names:
    hosts: list[str] = []
    addresses: list[Address] = []
    for each in found:
        if isinstance(each, x509.DNSName):
            hosts.append(each.value)
        elif isinstance(each, x509.IPAddress):
            found_at = each.value
            if isinstance(found_at, ipaddress.IPv4Network | ipaddress.IPv6Network):
                found_at = found_at.network_address
            addresses.append(found_at)
    return Names(tuple(hosts), tuple(addresses))
