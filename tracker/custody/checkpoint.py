"""A signed statement of how long the ledger is and what its root is.

The text is C2SP's `tlog-checkpoint` inside its `signed-note`, signed with Ed25519, so that tools made for
other transparency logs read ours::

    so-cai.example.vn/thiet-bi/1
    8
    XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

    — so-cai.example.vn/thiet-bi/1 base64(key id, signature)

The strength lies in the copies outside: printed on handover records, kept by witnesses. A checkpoint that
only the ledger's own machine knows proves nothing against whoever runs that machine.
"""

import base64
import binascii
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = b"\x01"  # signature type of C2SP signed-note
SEPARATOR: Final = "\n---\n"  # between the notes of a file; each note ends with its own newline
MAX_SIGNATURES: Final = 64  # C2SP: at least 16 must be accepted

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadNote(ValueError):
    """This text is not a checkpoint, or not a key."""


class BadSignature(BadNote):
    """A key we know did not sign this, or nobody we know did."""


@dataclass(frozen=True)
class PublicKey:
    """Who may sign: a name and 32 bytes of Ed25519."""

    name: str
    raw: bytes

    def __post_init__(self) -> None:
        _refuse_name(self.name)
        if len(self.raw) != 32:
            raise BadNote("an Ed25519 public key has 32 bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+keyid+base64`, as C2SP and Go's `note` package write a verifier's key.

        Raises:
            BadNote: it is malformed, of another kind than Ed25519, or its id is not that of its bytes.
        """
        name, key_id, data = _plus_separated(text.strip(), parts=3)
        if len(data) != 33 or data[:1] != ED25519:
            raise BadNote("this is not an Ed25519 key")
        key = cls(name, data[1:])
        if key.key_id.hex() != key_id:
            raise BadNote("the key id does not belong to this name and key")
        return key

    @property
    def key_id(self) -> bytes:
        """Four bytes which say whose signature a line holds. They find a key; they do not prove it."""
        return self._digest()[:4]

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits for the printed page; the first eight are the key id."""
        return self._digest().hex()

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_b64(ED25519 + self.raw)}"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made this signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _digest(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()


class Key:
    """What signs: a public key and its secret."""

    def __init__(self, name: str, secret: Ed25519PrivateKey) -> None:
        self._secret = secret
        self.public = PublicKey(name, secret.public_key().public_bytes_raw())

    @classmethod
    def make(cls, name: str) -> Self:
        """Make a new key. The name should be the origin of the ledger it will sign."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key that `save` wrote.

        Raises:
            BadNote: it is no key file, or others may read it.
        """
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise BadNote(f"{path} can be read by others; set its mode to 600")
            text = file.read(10_000).strip()
        prefix, _, rest = text.partition("PRIVATE+KEY+")
        if prefix or not rest:
            raise BadNote(f"{path} is not a key file")
        name, key_id, data = _plus_separated(rest, parts=3)
        if len(data) != 33 or data[:1] != ED25519:
            raise BadNote(f"{path} is not an Ed25519 key")
        key = cls(name, Ed25519PrivateKey.from_private_bytes(data[1:]))
        if key.key_id.hex() != key_id:
            raise BadNote(f"{path} is damaged: the key id does not belong to the key")
        return key

    def save(self, path: Path) -> None:
        """Write the key for its owner alone (mode 600), on disk before this returns; never over an old one.

        Raises:
            FileExistsError: there is a file already; a lost key would end the ledger's epoch.
        """
        data = _b64(ED25519 + self._secret.private_bytes_raw())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"PRIVATE+KEY+{self.name}+{self.key_id.hex()}+{data}\n")
            file.flush()
            os.fsync(file.fileno())

    @property
    def name(self) -> str:
        """The name beside each signature."""
        return self.public.name

    @property
    def key_id(self) -> bytes:
        """The id beside each signature."""
        return self.public.key_id

    @property
    def fingerprint(self) -> str:
        """The public key's fingerprint."""
        return self.public.fingerprint

    def signature_line(self, text: str) -> str:
        """Sign a note's text, which ends in a newline."""
        return f"— {self.name} {_b64(self.key_id + self._secret.sign(text.encode()))}\n"

    def __repr__(self) -> str:
        return f"<Key {self.public}>"


class Signature(NamedTuple):
    """One signature line, not yet believed."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says. `text` is what was signed; `signatures` are believed only after `verify`."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[Signature, ...]


def sign(origin: str, size: int, root: bytes, key: Key, *more_keys: Key) -> str:
    """Write a checkpoint and sign it. Two keys sign the one at which the first hands over to the second.

    Raises:
        BadNote: the origin, the size or the root cannot stand in a checkpoint.
    """
    if not origin or origin.strip() != origin or _CONTROL.search(origin) or "\n" in origin:
        raise BadNote("an origin is one line without surrounding spaces")
    if not _SIZE.fullmatch(str(size)) or len(root) != 32:
        raise BadNote("a checkpoint has a size from 0 and a root of 32 bytes")
    text = f"{origin}\n{size}\n{_b64(root)}\n"
    return text + "\n" + "".join(each.signature_line(text) for each in (key, *more_keys))


def parse(note: str) -> Checkpoint:
    """Read a checkpoint without believing it; see `verify`.

    Raises:
        BadNote: it is not a signed note, or its text is not a checkpoint.
    """
    if _CONTROL.search(note):
        raise BadNote("a note holds no control characters")
    text, blank, signed = note.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise BadNote("a note is a text, an empty line and signature lines, each ended by a newline")
    lines = text.split("\n")
    if len(lines) < 3 or not all(lines):
        raise BadNote("a checkpoint has an origin, a size and a root, and no empty line")
    origin, size, root = lines[0], lines[1], _from_b64(lines[2])
    if not _SIZE.fullmatch(size) or len(root) != 32:
        raise BadNote("a checkpoint has a size from 0 and a root of 32 bytes")
    signature_lines = signed[:-1].split("\n")
    if len(signature_lines) > MAX_SIGNATURES:
        raise BadNote(f"more than {MAX_SIGNATURES} signatures")
    signatures = tuple(_signature(line) for line in signature_lines)
    return Checkpoint(origin, int(size), root, text + "\n", signatures)


def verify(note: str, public_keys: Iterable[PublicKey]) -> Checkpoint:
    """Read a checkpoint and believe it only if a key we know signed it.

    Signatures of unknown keys are passed over, so that witnesses may add theirs and keys may change.

    Raises:
        BadNote: as `parse`.
        BadSignature: no known key signed it, or a line that claims a known key is false.
    """
    checkpoint = parse(note)
    known = {(key.name, key.key_id): key for key in public_keys}
    believed = 0
    for signature in checkpoint.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.signed(checkpoint.text.encode(), signature.value):
            raise BadSignature(f"the signature of {key.name} is false")
        believed += 1
    if not believed:
        raise BadSignature("no known key has signed this checkpoint")
    return checkpoint


def join(notes: Iterable[str]) -> str:
    """Write checkpoints into one file: between two notes stand an empty line and a line of three hyphens."""
    return SEPARATOR.join(notes)


def split(text: str) -> list[str]:
    """Take a file that `join` wrote apart. An empty file holds none."""
    return text.replace("\n" + SEPARATOR, "\n\0").split("\0") if text else []


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, value = rest.partition(" ")
    if dash != "—":
        raise BadNote("a signature line begins with a long dash and a space")
    _refuse_name(name)
    data = _from_b64(value)
    if len(data) < 5:
        raise BadNote("a signature line holds a key id and a signature")
    return Signature(name, data[:4], data[4:])


def _plus_separated(text: str, *, parts: int) -> tuple[str, str, bytes]:
    pieces = text.split("+", parts - 1)  # the base64 at the end may hold plus signs of its own
    if len(pieces) != parts:
        raise BadNote("a key is written name+keyid+base64")
    name, key_id, data = pieces
    return name, key_id, _from_b64(data)


def _refuse_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise BadNote("a key's name is not empty and holds neither spaces nor plus signs")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_b64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadNote("this is not base64") from error
    if _b64(data) != text:  # spare bits at the end would let one root be written in several ways
        raise BadNote("this is not base64 in its only form")
    return data
