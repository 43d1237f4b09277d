"""The certificates hold with the verifiers at hand: OpenSSL (through ssl) and that of cryptography."""

import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from tracker.refused import Refused
from tracker.trust import actions, certificates, queries, rules
from tracker.trust.queries import State

NOW = datetime.now(UTC)
NAMES = rules.names(["smt.lan"], ["127.0.0.1"])


@pytest.fixture
def home(tmp_path):
    actions.make(tmp_path, NAMES, new_authority=False, at=NOW)
    return tmp_path


def shake_hands(client: ssl.SSLContext, served, name: str) -> None:
    """Let OpenSSL check a server on loopback; raise what it says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    ours, theirs = socket.socketpair()

    def serve():
        try:
            context.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client.wrap_socket(ours, server_hostname=name).close()
    finally:
        ours.close()
        thread.join()


def trusting(home) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=queries.authority_file(home))


@pytest.mark.parametrize("name", ["smt.lan", "127.0.0.1"])
def test_who_trusts_the_authority_trusts_the_server(home, name):
    shake_hands(trusting(home), queries.server_file(home), name)


def test_who_does_not_trust_it_does_not(home):
    with pytest.raises(ssl.SSLCertVerificationError, match=r"local issuer|self"):
        shake_hands(ssl.create_default_context(), queries.server_file(home), "smt.lan")


@pytest.mark.parametrize("name", ["other.lan", "smt.lan.vn", "kho.smt.lan", "127.0.0.2"])
def test_the_server_is_nobody_else(home, name):
    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        shake_hands(trusting(home), queries.server_file(home), name)


def forged(home, hosts, addresses) -> x509.Certificate:
    """Sign what only a stolen key would sign."""
    by = queries.standing(home).authority
    by_key = load_pem_private_key(queries.authority_key(home).read_bytes(), None)
    names = rules.Names(tuple(hosts), tuple(map(ipaddress.ip_address, addresses)))
    key = certificates.new_key()
    made = certificates.server(key, names, by=by, by_key=by_key, at=NOW)
    (home / "forged.pem").write_bytes(actions._private(key) + made.public_bytes(Encoding.PEM))
    return made


@pytest.mark.parametrize("limited", ["with an address", "without"])
@pytest.mark.parametrize(
    ("host", "address"),
    [("other.example", ""), ("smt.lan", "10.9.9.9"), ("smt.lan", "fd00::9"), ("smt.lan", "")],
)
def test_a_stolen_key_vouches_for_no_other_name(tmp_path, limited, host, address):
    limits = NAMES if limited == "with an address" else rules.names(["smt.lan"], [])
    actions.make(tmp_path, limits, new_authority=False, at=NOW)
    leaf = forged(tmp_path, [host], [address] if address else [])
    verifier = PolicyBuilder().store(Store([queries.standing(tmp_path).authority])).time(NOW)
    verifier = verifier.build_server_verifier(x509.DNSName(host))

    if (host, address) == ("smt.lan", ""):  # the control: within its limits it may
        verifier.verify(leaf, [])
        shake_hands(trusting(tmp_path), tmp_path / "forged.pem", host)
        return
    with pytest.raises(VerificationError):
        verifier.verify(leaf, [])
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
        shake_hands(trusting(tmp_path), tmp_path / "forged.pem", host)


def test_keys_are_for_their_owner_only_and_nothing_else_is_left_behind(home):
    folder = queries.folder(home)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "authority.crt": 0o644, "authority.key": 0o600, "server.pem": 0o600,
    }  # fmt: skip


def test_the_server_certificate_is_short_enough_for_phones(home):
    certificate = queries.standing(home).certificate

    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert timedelta(days=390) < lasts <= timedelta(days=397)


def test_again_keeps_the_authority_and_renews_the_server(home):
    before = queries.standing(home)
    made = actions.make(home, None, new_authority=False, at=NOW + timedelta(days=300))

    assert not made.new_authority
    assert made.standing.authority == before.authority
    assert made.standing.certificate.serial_number != before.certificate.serial_number
    assert made.standing.server == NAMES
    assert made.standing.days_left(NOW + timedelta(days=300)) > 390


def test_what_changed_is_said_and_a_foreign_name_needs_a_new_authority(home):
    made = actions.make(home, rules.names(["smt.lan", "kho.smt.lan"], []), new_authority=False, at=NOW)
    assert (made.added, made.dropped) == (("kho.smt.lan",), ("127.0.0.1",))

    before = queries.standing(home)
    with pytest.raises(Refused, match=r"cannot vouch for new\.lan") as refused:
        actions.make(home, rules.names(["new.lan"], []), new_authority=False, at=NOW)
    assert "every phone must then trust it anew" in str(refused.value.out)
    assert queries.standing(home) == before

    made = actions.make(home, rules.names(["new.lan"], []), new_authority=True, at=NOW)
    assert made.new_authority
    assert made.standing.authority != before.authority


def test_a_missing_or_foreign_key_is_refused_and_nothing_is_written(home, tmp_path_factory):
    before = queries.server_file(home).read_bytes()
    path = queries.authority_key(home)
    other = tmp_path_factory.mktemp("other")
    actions.make(other, NAMES, new_authority=False, at=NOW)
    for key in (queries.authority_key(other).read_bytes(), b"", b"\xff\xfe rubbish", None):
        path.unlink() if key is None else path.write_bytes(key)
        with pytest.raises(Refused, match="key is not in"):
            actions.make(home, None, new_authority=False, at=NOW)
    assert queries.server_file(home).read_bytes() == before


def test_states_follow_the_calendar(home):
    standing = queries.standing(home)

    assert queries.standing(home / "nowhere").state(NOW) is State.NONE
    assert standing.state(NOW) is State.READY
    assert not standing.ends_soon(NOW + timedelta(days=360))
    assert standing.ends_soon(NOW + timedelta(days=367))
    assert standing.state(NOW + timedelta(days=400)) is State.SERVER_ENDED
    assert standing.state(NOW + timedelta(days=4000)) is State.ENDED
    with pytest.raises(Refused, match="run out"):
        actions.make(home, None, new_authority=False, at=NOW + timedelta(days=4000))


def test_a_server_never_outlives_its_authority(home):
    made = actions.make(home, None, new_authority=False, at=NOW + timedelta(days=3600))

    assert made.standing.certificate.not_valid_after_utc == made.standing.authority.not_valid_after_utc


def test_a_damaged_certificate_is_said(home):
    queries.authority_file(home).write_bytes(b"-----BEGIN CERTIFICATE-----\n\xff")
    with pytest.raises(Refused, match="damaged"):
        queries.standing(home)
