#!/usr/bin/env python3
"""Verify a copy of the device ledger, with nothing but this file and Python 3.8 or later.

    python verify.py DIR [--trust CHECKPOINT ...] [--key KEY ...]

DIR is a bundle as the programme hands it out:

    events.jsonl.b64   one event a line, each the base64 of its bytes, in the order of the ledger: first the
                       sealed ones (as many as the largest checkpoint says), then those not yet sealed
    checkpoints.txt    the ledger's signed checkpoints, growing in size; between two of them stand an empty
                       line and a line of three hyphens
    keys.txt           the public keys that sign them (C2SP: name+keyid+base64), one a line; # begins a comment
    road.json          the table of moves; it must be the one written in this file

--trust names what you hold OUTSIDE the bundle: the text of the QR on a signed handover record, a file with
such texts, or what you type from paper: SIZE:ROOT or "SIZE ROOT", where the first 20 characters of the root
are enough. Give as many as you have. --key is the public key, or at least the first 30 digits of its
fingerprint, from a printed page; without it the bundle's own keys are believed.

Checked in this order: every event is in canonical form; the leaves; the root and signature of every checkpoint;
every trusted checkpoint is a prefix; each device's events follow one another (dseq, prev); every event is a
move the road allows, by a role that may make it, with what it must come with; one support is bound to one
device at a time; who confirms is the school the device was sent to and not who sent it; nothing happens to a
device in transit but its arrival or loss.

The answer is the exit code: 0 it holds, 1 it does not, 2 nobody can tell (files missing, or older than the paper).

What this detects, in events covered by a checkpoint held outside: any changed byte; an event changed, inserted,
removed, moved or dated back, even when everything after it was hashed and signed again by whoever runs the
database; a shortened ledger; two histories signed for two readers.

What it does not detect: any of these in events after the largest trusted checkpoint (without one: anywhere), if
everything was hashed again; something false that an entitled person recorded, or sender and receiver recorded
together; a label on the wrong device; events that were never recorded. And personal data was never in here.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import datetime as dt
import functools
import hashlib
import json
import os
import re
import stat
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Point = tuple[int, int, int, int]  # in no line that runs: Python 3.8 cannot subscript a tuple

# ruff: noqa: B905, PTH110, PTH114, PTH118, PTH123, T201, UP017
# One file on purpose: it must run where nothing else of the programme is. What it shares with the programme is
# written here a second time, so that one mistake cannot hide in both.

MAX_BODY = 16_384
MAX_LINE = (MAX_BODY + 2) // 3 * 4
MAX_TEXT = 256 * 1024 * 1024  # of checkpoints.txt: a checkpoint an hour for a hundred years
MAX_SMALL_TEXT = 1024 * 1024
MAX_DEPTH = 16
MAX_INT = 2**53 - 1
MAX_SIGNATURES = 64
TYPED_ROOT = 20  # characters of base64: 120 bits


class Sentence(NamedTuple):
    """One thing to say, in both languages."""

    vi: str
    en: str


class Failed(Exception):
    """The bundle is false."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.sentence = Sentence(vi, en)


class Unknown(Failed):
    """Nobody can tell from what is given."""


class Broken(Exception):
    """This text does not have the form it should. Whoever reads it knows which file it was."""


class Report(NamedTuple):
    """The exit code, and why."""

    code: int
    sentences: list[Sentence]


# How an event must be written.


def load_canonical(body: bytes) -> Any:
    """Read bytes that must be in their only form; raise Broken if they are not."""
    if len(body) > MAX_BODY:
        raise Broken(f"more than {MAX_BODY} bytes")
    try:
        text = body.decode("utf-8")
        value = json.loads(text)
    except UnicodeDecodeError:
        raise Broken("not UTF-8") from None
    except (ValueError, RecursionError):
        raise Broken("not JSON") from None
    _refuse_odd_values(value, MAX_DEPTH)
    again = _encode(value)
    if again != text:
        raise Broken("not in canonical form")
    if "\\" in text and "\\" in text.replace("\\\\", "").replace('\\"', ""):
        raise Broken("control characters")
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        raise Broken("text that is not NFC")
    return value


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def _refuse_odd_values(value: Any, depth: int) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if not -MAX_INT <= value <= MAX_INT:
            raise Broken("an integer of 2**53 or more")
        return
    if isinstance(value, float):
        raise Broken("a fraction")
    if depth == 0:
        raise Broken(f"more than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        if not "".join(value).isascii():
            raise Broken("a key that is not ASCII")
        value = value.values()
    for inner in value:
        if type(inner) is not str:
            _refuse_odd_values(inner, depth - 1)


# The tree over all events (RFC 6962).


def leaf_hash(body: bytes) -> bytes:
    """Hash an event's bytes to its leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours to the node above them."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree that remembers its right edge only."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        carry = self.size
        while carry & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            carry >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return hashlib.sha256().digest()
        top = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            top = node_hash(peak, top)
        return top


# Signatures: Ed25519 (RFC 8032).
# Nothing here is secret, so nothing has to take the same time. Points are (X, Y, Z, T); in tables they stand as
# (Y-X, Y+X, 2Z, 2dT). A table of 64 × 15 multiples makes each later signature of the same key 20 times cheaper.


P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL: Point = (0, 1, 1, 0)


def _add(p: Point, cached: Point) -> Point:
    x, y, z, t = p
    minus, plus, z2, td2 = cached
    a, b, c, d = (y - x) * minus % P, (y + x) * plus % P, t * td2 % P, z * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _cached(p: Point) -> Point:
    x, y, z, t = p
    return (y - x) % P, (y + x) % P, 2 * z % P, 2 * D * t % P


@functools.lru_cache(maxsize=16)
def _table(p: Point) -> list[list[Point]]:
    table = []
    for _ in range(64):
        step, row, multiple = _cached(p), [], NEUTRAL
        for _ in range(15):
            multiple = _add(multiple, step)
            row.append(_cached(multiple))
        table.append(row)
        p = _add(multiple, step)
    return table


def _add_multiple(total: Point, scalar: int, table: list[list[Point]]) -> Point:
    for row in table:
        digit = scalar & 15
        if digit:
            total = _add(total, row[digit - 1])
        scalar >>= 4
    return total


def _point(data: bytes) -> Point:
    number = int.from_bytes(data, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if y >= P:
        raise Broken("not a point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and odd):
        raise Broken("not a point of the curve")
    if x & 1 != odd:
        x = P - x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


class VerifyKey:
    """A public key of 32 bytes."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != 32:
            raise Broken("a key has 32 bytes")
        self.raw = raw
        x, y, z, t = _point(raw)
        self._minus: Point = ((P - x) % P, y, z, (P - t) % P)
        eight = self._minus
        for _ in range(3):
            eight = _add(eight, _cached(eight))
        if eight[0] == 0:
            raise Broken("a key under which anything could be signed")

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made this signature."""
        if len(signature) != 64:
            return False
        scalar = int.from_bytes(signature[32:], "little")
        if scalar >= ORDER:
            return False
        digest = hashlib.sha512(signature[:32] + self.raw + message).digest()
        challenge = int.from_bytes(digest, "little") % ORDER
        total = _add_multiple(_add_multiple(NEUTRAL, scalar, _table(BASE)), challenge, _table(self._minus))
        inverse = pow(total[2], P - 2, P)
        x, y = total[0] * inverse % P, total[1] * inverse % P
        return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# Keys and checkpoints, as C2SP writes them.


class Key(NamedTuple):
    """A public key of keys.txt or of --key."""

    name: str
    key_id: bytes
    fingerprint: str
    verify: VerifyKey


class Checkpoint(NamedTuple):
    """A signed note whose text is a checkpoint."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: list[tuple[str, bytes, bytes]]


SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\Z", re.ASCII)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
SEPARATOR = "\n---\n"
ED25519 = b"\x01"


def base64_of(data: bytes) -> str:
    """Write base64."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read base64 that is written in its only form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Broken("not base64") from None
    if base64_of(data) != text:
        raise Broken("not base64 in its only form")
    return data


def parse_key(text: str) -> Key | None:
    """Read one key; None if it is of a kind that this file does not know."""
    pieces = text.split("+", 2)
    if len(pieces) != 3 or not pieces[0] or any(letter.isspace() for letter in pieces[0]):
        raise Broken("not name+keyid+base64")
    name, key_id, data = pieces[0], pieces[1], from_base64(pieces[2])
    if data[:1] != ED25519:
        return None
    fingerprint = hashlib.sha256(name.encode("utf-8") + b"\n" + data).hexdigest()
    if fingerprint[:8] != key_id:
        raise Broken("the key id does not belong to the key")
    return Key(name, bytes.fromhex(key_id), fingerprint, VerifyKey(data[1:]))


def parse_note(note: str) -> Checkpoint:
    """Read one checkpoint without believing it."""
    text, blank, signed = note.rpartition("\n\n")
    lines = text.split("\n")
    if CONTROL.search(note) or not blank or not signed.endswith("\n") or len(lines) < 3 or not all(lines):
        raise Broken("not a signed note")
    root = from_base64(lines[2])
    if not SIZE.match(lines[1]) or len(root) != 32:
        raise Broken("not a checkpoint")
    signatures = []
    for line in signed[:-1].split("\n")[: MAX_SIGNATURES + 1]:
        pieces = line.split(" ")
        if len(pieces) != 3 or pieces[0] != "—" or not pieces[1] or "+" in pieces[1]:
            raise Broken("not a signature line")
        data = from_base64(pieces[2])
        if len(data) < 5:
            raise Broken("not a signature")
        signatures.append((pieces[1], data[:4], data[4:]))
    if len(signatures) > MAX_SIGNATURES:
        raise Broken(f"more than {MAX_SIGNATURES} signatures")
    return Checkpoint(lines[0], int(lines[1]), root, text + "\n", signatures)


def split_notes(text: str) -> list[str]:
    """Take checkpoints.txt apart."""
    return text.replace("\n" + SEPARATOR, "\n\0").split("\0") if text else []


def signers(checkpoint: Checkpoint, keys: Sequence[Key]) -> list[Key]:
    """Name the known keys that signed; raise Broken if a signature in the name of one is false."""
    found = []
    for name, key_id, signature in checkpoint.signatures:
        for key in keys:
            if (key.name, key.key_id) == (name, key_id):
                if not key.verify.signed(checkpoint.text.encode("utf-8"), signature):
                    raise Broken("a false signature of " + shown(name))
                found.append(key)
    return found


# What the reader holds outside the bundle.


class Trusted(NamedTuple):
    """One checkpoint from outside: a whole note, or a size and the beginning of a root."""

    size: int
    root: str
    note: Checkpoint | None


TYPED = re.compile(r"([0-9]{1,16})[\s:]+([A-Za-z0-9+/=\s]+)\Z", re.ASCII)


def parse_trusted(text: str) -> list[Trusted]:
    """Read what a person holds: notes as scanned or saved, or lines typed from paper."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").strip() + "\n"
    found = []
    if "—" in text:
        for piece in split_notes(text):
            note = parse_note(piece)
            found.append(Trusted(note.size, base64_of(note.root), note))
        return found
    for line in map(str.strip, text.split("\n")):
        if not line or line.startswith("#"):
            continue
        match = TYPED.match(line)
        root = "".join(match.group(2).split()) if match else ""
        if not match or not TYPED_ROOT <= len(root) <= 44:
            raise Broken("neither a checkpoint nor SIZE:ROOT")
        found.append(Trusted(int(match.group(1)), root, None))
    return found


def read_trusted(arguments: Sequence[str]) -> list[Trusted]:
    """Read every --trust, each a file or the text itself."""
    found, waiting = [], list(arguments)
    while waiting:
        text = waiting.pop(0)
        if text.isdigit() and waiting:
            text += " " + waiting.pop(0)  # SIZE and ROOT without quotes around them
        try:
            if os.path.exists(text):
                with open(text, "rb") as file:
                    text = file.read(MAX_SMALL_TEXT + 1).decode("utf-8")
            trusted = parse_trusted(text) if len(text) <= MAX_SMALL_TEXT else []
        except (OSError, UnicodeDecodeError, Broken):
            trusted = []
        if not trusted:
            raise Unknown(
                f"Không đọc được điểm chốt đã cho: {shown(text)}.",
                f"The trusted checkpoint given cannot be read: {shown(text)}.",
            )
        found.extend(trusted)
    return found


# The road, and the replay of every event along it.


def _move(start: str, end: str, by: str, facts: str = "") -> dict[str, Any]:
    return {
        "from": sorted(start.split()),
        "to": end,
        "by": sorted(by.split()),
        "facts": sorted(facts.split()),
    }


_ANYWHERE = "received inspecting repairing ready bound on-the-way at-school given returned"
_ANYONE = "technician storekeeper school coordinator"

#: What may follow what, who may do it, and what `data` must hold. No `from` means: the device's first event.
MOVES: dict[str, dict[str, Any]] = {
    "receive": _move("", "received", "storekeeper technician", "donation category code"),
    "inspect": _move("received ready returned", "inspecting", "technician"),
    "send-to-repair": _move("inspecting", "repairing", "technician", "faults"),
    "finish-repair": _move("repairing", "inspecting", "technician", "outcomes"),
    "pass": _move("inspecting", "ready", "technician", "inspection checklist grade erasure"),
    "bind": _move("ready", "bound", "coordinator", "support"),
    "release": _move("bound", "ready", "coordinator", "reason"),
    "send": _move("bound", "on-the-way", "storekeeper", "handover toward"),
    "confirm": _move("on-the-way", "at-school", "school", "handover condition"),
    "give": _move("at-school", "given", "school", "support taken_by commitment"),
    "take-back": _move("at-school given", "returned", "school coordinator", "reason"),
    "lose": _move(_ANYWHERE, "missing", _ANYONE, "reason"),
    "find": _move("missing", "returned", _ANYONE, "reason"),
    "retire": _move(
        "received inspecting repairing returned missing", "retired", "coordinator", "reason data_fate erasure"
    ),
}

#: What is recorded about a device without moving it on the road.
STILL = [
    "amend", "arrive", "block", "dispatch", "erase", "evidence", "fit", "fit-drive", "harvest", "label",
    "photograph", "place", "take-out", "unblock",
]  # fmt: skip

#: What road.json must say.
ROAD: dict[str, Any] = {"v": 1, "moves": MOVES, "still": STILL}

MAY_BE_EMPTY = {"erasure"}  # a device that stores nothing is not erased
WRITERS = set(_ANYONE.split()) | {"admin"}
IN_TRANSIT = {"confirm", "arrive", "lose"}
ENDS_SUPPORT = {"release", "take-back", "lose", "retire"}
SAME_CUSTODY = {
    "amend", "block", "erase", "evidence", "fit", "fit-drive", "harvest", "label", "photograph", "take-out", "unblock"
}  # fmt: skip
SAME_HOLDER = SAME_CUSTODY | {
    "inspect", "send-to-repair", "finish-repair", "pass", "bind", "release", "send", "give", "place", "dispatch"
}  # fmt: skip

FIELDS = {
    "v", "id", "dev", "dseq", "prev", "kind", "batch", "actor", "role", "org", "at", "client_at", "salt", "data",
    "state", "cust",
}  # fmt: skip
CUSTODY = {"org", "support", "place", "transit", "toward"}
EVENT_ID = re.compile(r"[!-~]{1,64}\Z")
HASH = re.compile(r"([0-9a-f]{64})?\Z")  # empty before the first
SALT = re.compile(r"[0-9a-f]{32}\Z")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z\Z", re.ASCII)


class Standing(NamedTuple):
    """Where a device is on the road, and what the next event must agree with."""

    state: str | None
    cust: dict[str, Any]
    support: str | None
    sent: tuple[int, int, int] | None  # handover, toward, by whom


class Device(NamedTuple):
    """The end of one device's history."""

    dseq: int
    leaf: bytes
    event_id: str
    now: Standing
    before: Standing


NOWHERE = Standing(None, {}, None, None)


class Replay:
    """All devices, as the events so far leave them."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.devices: dict[int, Device] = {}
        self.bound: dict[str, int] = {}

    def follow(self, event: Any, leaf: bytes) -> None:
        """Take the next event; raise Failed with the reason if it cannot be."""
        check_shape(event)
        if event["id"] in self.ids:
            raise Failed("mã sự kiện đã có ở một sự kiện trước", "an earlier event has the same id")
        self.ids.add(event["id"])
        device = self.devices.get(event["dev"])
        check_chain(event, device)
        now = device.now if device else NOWHERE
        if now.cust.get("transit") is not None and event["kind"] not in IN_TRANSIT:
            raise Failed(
                "thiết bị đang trên đường, không thể có “{}”".format(shown(event["kind"])),
                "the device is in transit, where “{}” cannot happen".format(shown(event["kind"])),
            )
        after = restored(event, device) if event["kind"] == "undo" else moved(event, now)
        self._rebind(event["dev"], now.support, after.support)
        self.devices[event["dev"]] = Device(event["dseq"], leaf, event["id"], after, now)

    def _rebind(self, device: int, old: str | None, new: str | None) -> None:
        if old == new:
            return
        if old is not None:
            del self.bound[old]
        if new is not None:
            if new in self.bound:
                raise Failed(
                    f"suất hỗ trợ này đang gán cho thiết bị {self.bound[new]}",
                    f"this support is bound to device {self.bound[new]} already",
                )
            self.bound[new] = device


def check_shape(event: Any) -> None:
    """Raise Failed unless every field is there and is what it should be: an actor, a role, an organisation…"""
    if type(event) is not dict or set(event) != FIELDS:
        raise Failed("các trường của sự kiện không đúng", "the event's fields are not those of an event")
    wrong = [name for name, right in FORM if not right(event[name])]
    if wrong:
        raise Failed(f"trường “{wrong[0]}” không hợp lệ", f"the field “{wrong[0]}” is not valid")


def _positive(value: Any) -> bool:
    return type(value) is int and value > 0


def _text_like(pattern: Any) -> Callable[[Any], bool]:
    return lambda value: type(value) is str and pattern.match(value) is not None


def _or_none(right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or right(value)


def _text(value: Any) -> bool:
    return type(value) is str and value != ""


def _instant(value: Any) -> bool:
    match = TIME.match(value) if type(value) is str else None
    if not match:
        return False
    try:
        year, month, day, hour, minute, second = [int(group) for group in match.groups()[:6]]
        dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.timezone.utc)
    except ValueError:
        return False
    return True


def _custody(value: Any) -> bool:
    return (
        type(value) is dict
        and set(value) == CUSTODY
        and _positive(value["org"])
        and (value["support"] is None or _text(value["support"]))
        and all(value[name] is None or _positive(value[name]) for name in ("place", "transit", "toward"))
        and (value["transit"] is None) == (value["toward"] is None)
    )


FORM: list[tuple[str, Callable[[Any], bool]]] = [
    ("v", lambda value: type(value) is int and value == 1),
    ("id", _text_like(EVENT_ID)),
    ("dev", _positive),
    ("dseq", _positive),
    ("prev", _text_like(HASH)),
    ("kind", _text),
    ("batch", _or_none(_text)),
    ("actor", _positive),
    ("role", lambda value: type(value) is str and value in WRITERS),
    ("org", _positive),
    ("at", _instant),
    ("client_at", _or_none(_instant)),
    ("salt", _text_like(SALT)),
    ("data", lambda value: type(value) is dict),
    ("state", _text),
    ("cust", _custody),
]


def check_chain(event: dict[str, Any], device: Device | None) -> None:
    """Raise Failed unless the event follows the device's last one."""
    dseq, prev = (device.dseq + 1, device.leaf.hex()) if device else (1, "")
    number, said = event["dev"], event["dseq"]
    if said != dseq:
        raise Failed(
            f"thiết bị {number}: đây phải là sự kiện thứ {dseq}, lại ghi {said}",
            f"device {number}: this must be its event {dseq}, but it says {said}",
        )
    if event["prev"] != prev:
        raise Failed(
            f"thiết bị {number}: không nối với sự kiện trước của nó",
            f"device {number}: it does not follow from the device's event before it",
        )


def restored(event: dict[str, Any], device: Device | None) -> Standing:
    """Give the standing an undo brings back; raise Failed if it undoes anything but the device's last event."""
    if device is None or event["data"].get("of") != device.event_id:
        raise Failed(
            "hoàn tác một sự kiện không phải sự kiện cuối", "it undoes what is not the device's last event"
        )
    back = device.before
    if back.state is None:
        raise Failed("không có gì trước đó để trở lại", "there is nothing before it to go back to")
    if event["state"] != back.state or event["cust"] != back.cust:
        raise Failed(
            "hoàn tác không trả lại tình trạng trước đó", "the undo does not bring back what was before"
        )
    return back


def moved(event: dict[str, Any], now: Standing) -> Standing:
    """Give the standing after a move or a fact; raise Failed if the road does not allow it."""
    kind, data = event["kind"], event["data"]
    if kind in MOVES:
        check_move(event, MOVES[kind], now.state)
    else:
        check_still(event, now.state)
    check_custody(event, now)
    after = Standing(event["state"], event["cust"], now.support, now.sent)
    if kind == "bind":
        return after._replace(support=data["support"])
    if kind == "send":
        return after._replace(sent=(data["handover"], data["toward"], event["actor"]))
    if kind == "confirm":
        check_confirm(event, now)
        return after._replace(sent=None)
    if kind == "give" and not data["support"] == event["cust"]["support"] == now.support:
        raise Failed(
            "trao cho suất hỗ trợ khác suất đã gán", "it is given for another support than it is bound to"
        )
    if kind in ENDS_SUPPORT:
        return after._replace(support=None, sent=None)
    return after


def check_still(event: dict[str, Any], state: str | None) -> None:
    """Raise Failed unless this is a fact about a device that is on the road, and leaves it where it is."""
    kind = event["kind"]
    if kind not in STILL:
        raise Failed(f"không có loại sự kiện “{shown(kind)}”", f"there is no kind “{shown(kind)}”")
    if state is None:
        raise Failed("thiết bị chưa được tiếp nhận", "the device has not been received")
    if event["state"] != state:
        raise Failed(f"“{kind}” không được đổi trạng thái", f"“{kind}” must not change the status")


def check_move(event: dict[str, Any], move: dict[str, Any], state: str | None) -> None:
    """Raise Failed unless the move starts here, leads where it says, is allowed to the role and comes complete."""
    kind, data = event["kind"], event["data"]
    if state not in move["from"] if state else move["from"]:
        raise Failed(
            "“{}” không thể bắt đầu từ trạng thái “{}”".format(kind, state or "–"),
            "“{}” cannot start from the status “{}”".format(kind, state or "–"),
        )
    if event["state"] != move["to"]:
        raise Failed(
            "“{}” phải dẫn đến “{}”".format(kind, move["to"]),
            "“{}” must lead to “{}”".format(kind, move["to"]),
        )
    if event["role"] not in move["by"]:
        raise Failed(
            "vai trò “{}” không được làm “{}”".format(event["role"], kind),
            "the role “{}” may not do “{}”".format(event["role"], kind),
        )
    for fact in move["facts"]:
        if fact not in data or (data[fact] in (None, "") and fact not in MAY_BE_EMPTY):
            raise Failed(f"“{kind}” thiếu “{fact}”", f"“{kind}” comes without “{fact}”")
    odd = [fact for fact in ("handover", "toward") if fact in move["facts"] and not _positive(data[fact])]
    odd += [fact for fact in ("support",) if fact in move["facts"] and not _text(data[fact])]
    if odd or (kind == "send-to-repair" and not data["faults"]):
        name = odd[0] if odd else "faults"
        raise Failed(f"“{name}” không hợp lệ", f"“{name}” is not valid")


def check_custody(event: dict[str, Any], now: Standing) -> None:
    """Raise Failed if the event changes who holds the device in a way its kind does not allow."""
    kind, cust = event["kind"], event["cust"]
    if (cust["transit"] is not None) != (kind in ("send", "dispatch")):
        raise Failed(
            f"“{kind}”: tình trạng vận chuyển không đúng", f"“{kind}”: it is wrongly in or out of transit"
        )
    if (kind in SAME_CUSTODY and cust != now.cust) or (
        kind in SAME_HOLDER and cust["org"] != now.cust["org"]
    ):
        raise Failed(f"“{kind}” không được đổi nơi giữ", f"“{kind}” must not change who holds it")
    if kind == "place" and dict(cust, place=0) != dict(now.cust, place=0):
        raise Failed("“place” chỉ được đổi vị trí", "“place” may change the place only")
    if kind == "send" and (cust["transit"], cust["toward"]) != (
        event["data"]["handover"],
        event["data"]["toward"],
    ):
        raise Failed("xuất kho không khớp biên bản bàn giao", "the sending does not agree with its handover")


def check_confirm(event: dict[str, Any], now: Standing) -> None:
    """Raise Failed unless the school that was sent the device confirms it, by somebody else than the sender."""
    handover, toward, sender = now.sent or (0, 0, 0)
    if event["data"]["handover"] != handover:
        raise Failed(
            "xác nhận theo biên bản khác với biên bản đã gửi", "it is confirmed by another handover than sent"
        )
    if event["org"] != toward or event["cust"]["org"] != toward:
        raise Failed(
            "bên xác nhận không phải trường được gửi", "who confirms is not the school it was sent to"
        )
    if event["actor"] == sender:
        raise Failed("người gửi tự xác nhận đã nhận", "who sent it has confirmed it")


# The files of the bundle.


def open_plain(folder: str, name: str) -> BinaryIO:
    """Open a plain file of the bundle; a link could lead anywhere."""
    path = os.path.join(folder, name)
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
        flags |= getattr(os, flag, 0)
    try:
        if os.path.islink(path):
            raise OSError("a link")
        descriptor = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError("not a plain file")
        return os.fdopen(descriptor, "rb")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Unknown(f"Không đọc được {name} ({why}).", f"{name} cannot be read ({why}).") from None


def read_text(folder: str, name: str, most: int) -> str:
    """Read a small file of the bundle."""
    with open_plain(folder, name) as file:
        data = file.read(most + 1)
    try:
        if len(data) > most:
            raise Broken("too large")
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise broken_file(name, "not UTF-8") from None
    except Broken as error:
        raise broken_file(name, str(error)) from None


def broken_file(name: str, why: str) -> Failed:
    """Say that a file of the bundle does not have its form."""
    return Failed(f"{name} sai định dạng ({why}).", f"{name} is malformed ({why}).")


def read_keys(folder: str) -> list[Key]:
    """Read keys.txt; keys of kinds unknown here are passed over."""
    found: list[Key] = []
    for number, line in enumerate(read_text(folder, "keys.txt", MAX_SMALL_TEXT).split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            try:
                key = parse_key(line)
            except Broken as error:
                raise broken_file("keys.txt", f"line {number}: {error}") from None
            if key is not None:
                found.append(key)
    return found


def choose_keys(bundled: list[Key], given: Sequence[str]) -> list[Key]:
    """Keep the keys that the reader knows from outside; all of the bundle's if none is given."""
    if not given:
        return bundled
    chosen: list[Key] = []
    for text in given:
        digits = re.sub(r"[\s:.-]", "", text).lower()
        if re.match(r"[0-9a-f]{30,64}\Z", digits):
            chosen.extend(key for key in bundled if key.fingerprint.startswith(digits))
            continue
        try:
            key = parse_key(text.strip())
        except Broken:
            key = None
        if key is None:
            raise Unknown(
                f"Không đọc được khóa đã cho: {shown(text)}.",
                f"The key given cannot be read: {shown(text)}.",
            )
        chosen.append(key)
    if not chosen:
        raise Failed(
            "Không khóa nào trong gói là khóa bạn đã cho.", "No key of the bundle is the one you gave."
        )
    return chosen


def read_checkpoints(folder: str, keys: Sequence[Key]) -> list[Checkpoint]:
    """Read all checkpoints: signed by known keys, of one ledger, growing."""
    found: list[Checkpoint] = []
    for number, note in enumerate(split_notes(read_text(folder, "checkpoints.txt", MAX_TEXT)), 1):
        try:
            checkpoint = parse_note(note)
            signed = signers(checkpoint, keys)
        except Broken as error:
            raise broken_file("checkpoints.txt", f"checkpoint {number}: {error}") from None
        if not signed:
            raise Failed(
                f"Điểm chốt thứ {number} không do khóa nào đã biết ký.",
                f"Checkpoint {number} is not signed by any known key.",
            )
        if found and (checkpoint.origin != found[0].origin or checkpoint.size <= found[-1].size):
            raise Failed(
                f"Điểm chốt thứ {number} không nối tiếp điểm chốt trước.",
                f"Checkpoint {number} does not continue the one before it.",
            )
        found.append(checkpoint)
    return found


def check_road(folder: str) -> None:
    """Raise Failed unless the bundle's table of moves is the one written here."""
    text = read_text(folder, "road.json", MAX_SMALL_TEXT)
    try:
        same = _encode(json.loads(text)) == _encode(ROAD)
    except (ValueError, RecursionError):
        raise broken_file("road.json", "not JSON") from None
    if not same:
        raise Failed(
            "road.json khác với bảng các bước trong tệp kiểm tra này.",
            "road.json is not the table of moves in this verifier.",
        )


def bodies(file: BinaryIO) -> Iterator[bytes]:
    """Give the bytes of every event; raise Broken at the first line that is not base64 of an event."""
    while True:
        line = file.readline(MAX_LINE + 2)
        if not line:
            return
        if not line.endswith(b"\n"):
            raise Broken("the line is too long" if len(line) > MAX_LINE else "the last line is cut off")
        try:
            yield from_base64(line[:-1].decode("ascii"))
        except UnicodeDecodeError:
            raise Broken("not base64") from None


class Events(NamedTuple):
    """What one reading of the events leaves: their leaves, and the roots at the sizes asked for."""

    leaves: bytearray
    roots: dict[int, bytes]

    @property
    def size(self) -> int:
        return len(self.leaves) // 32


def read_events(file: BinaryIO, sizes: set[int]) -> Events:
    """Read all events once: canonical bytes, leaves, roots."""
    tree, leaves = Tree(), bytearray()
    roots = {0: tree.root()}
    try:
        for body in bodies(file):
            load_canonical(body)
            leaf = leaf_hash(body)
            leaves += leaf
            tree.append(leaf)
            if tree.size in sizes:
                roots[tree.size] = tree.root()
    except Broken as error:
        raise at_event(tree.size, Sentence(f"không đúng dạng chuẩn ({error})", f"{error}")) from None
    return Events(leaves, roots)


def replay(file: BinaryIO, events: Events, covered: int) -> str:
    """Read all events again and follow the road; give the time of the last covered one."""
    file.seek(0)
    devices, last = Replay(), ""
    try:
        for index, body in enumerate(bodies(file)):
            leaf = leaf_hash(body)
            if leaf != events.leaves[32 * index : 32 * index + 32]:
                raise Broken("changed while it was read")
            event = json.loads(body.decode("utf-8"))
            try:
                devices.follow(event, leaf)
            except Failed as failed:
                raise at_event(index, failed.sentence) from None
            if index + 1 == covered:
                last = event["at"]
    except Broken as error:
        raise Unknown("Tệp sự kiện thay đổi khi đang đọc.", f"The events: {error}.") from None
    return last


def at_event(index: int, why: Sentence) -> Failed:
    """Say which event is false, counted from 0, and in which line it stands."""
    return Failed(
        f"Sự kiện số {index} (dòng {index + 1}): {why.vi}.",
        f"Event index {index} (line {index + 1}): {why.en}.",
    )


def shown(text: str) -> str:
    """Make text from outside harmless on a terminal."""
    text = text if len(text) <= 60 else text[:57] + "…"
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def short(root: bytes) -> str:
    """Write as much of a root as one compares by eye."""
    return base64_of(root)[:TYPED_ROOT] + "…"


# The judgement.


def check_own(checkpoints: Sequence[Checkpoint], events: Events) -> None:
    """Raise Failed unless every checkpoint of the bundle has the root of its events."""
    good = 0
    for size, root in ((each.size, each.root) for each in checkpoints):
        here = events.size
        if size > here:
            raise Failed(
                f"Điểm chốt ghi {size} sự kiện nhưng gói chỉ có {here}: từ sự kiện số {here} trở đi đã bị bỏ.",
                f"A checkpoint says {size} events, the bundle has {here}: from index {here} on they were removed.",
            )
        if events.roots[size] != root:
            raise Failed(
                f"Gốc tại {size} sự kiện không khớp điểm chốt: có sai lệch từ sự kiện số {good} đến {size - 1}.",
                f"The root at size {size} is not the checkpoint's:"
                f" the first false event is between index {good} and {size - 1}.",
            )
        good = size


def check_contradictions(trusted: Sequence[Trusted]) -> None:
    """Raise Failed if two checkpoints from outside cannot both be true, whatever the bundle says."""
    longest: dict[int, str] = {}
    for size, root, _ in trusted:
        other = longest.get(size, "")
        if not root.startswith(other) and not other.startswith(root):
            raise Failed(
                f"Hai điểm chốt bạn đưa ra mâu thuẫn nhau tại {size} sự kiện: sổ đã được ký thành hai bản,"
                " hoặc có chỗ chép sai.",
                f"Two of your checkpoints contradict each other at size {size}: two histories were signed,"
                " or one is miscopied.",
            )
        longest[size] = max(root, other, key=len)


class Judgement:
    """What the trusted checkpoints say about the bundle."""

    def __init__(self, keys: Sequence[Key], checkpoints: Sequence[Checkpoint], events: Events) -> None:
        self._keys, self._events = keys, events
        self._origin = checkpoints[0].origin if checkpoints else None
        self.sealed = checkpoints[-1].size if checkpoints else 0
        self.matching: set[Trusted] = set()
        self.doubts: list[Sentence] = []

    @property
    def covered(self) -> int:
        """Say how many events are vouched for from outside."""
        return max((each.size for each in self.matching), default=0)

    def weigh(self, trusted: Trusted) -> None:
        """Count it if it agrees, keep a doubt if it cannot be used, raise Failed if it disagrees."""
        size, signed = trusted.size, False
        if trusted.note is not None:
            if self._origin is not None and trusted.note.origin != self._origin:
                there, here = shown(trusted.note.origin), shown(self._origin)
                self._doubt(
                    f"Điểm chốt bạn đưa ra là của sổ khác: {there}; gói này là {here}.",
                    f"Your checkpoint is of another ledger: {there}; this bundle is {here}.",
                )
                return
            try:
                signed = bool(signers(trusted.note, self._keys))
            except Broken:
                self._doubt(
                    f"Điểm chốt {size} bạn đưa ra có chữ ký sai, không dùng được.",
                    f"Your checkpoint of size {size} has a false signature and is of no use.",
                )
                return
        if size in self._events.roots and base64_of(self._events.roots[size]).startswith(trusted.root):
            self.matching.add(Trusted(size, base64_of(self._events.roots[size]), None))
        elif size > self.sealed:
            self._doubt(
                f"Gói này cũ hơn giấy: giấy ghi {size} sự kiện, gói mới chốt {self.sealed}. Hãy xin gói mới.",
                f"The bundle is older than the paper: the paper says {size} events,"
                f" the bundle has sealed {self.sealed}. Ask for a newer one.",
            )
        else:
            raise self._disagreement(trusted, signed)

    def _disagreement(self, trusted: Trusted, signed: bool) -> Failed:
        first, size = self.covered, trusted.size  # they are weighed from the smallest up
        vi = f"Điểm chốt đáng tin tại {size} sự kiện có gốc khác: sổ đã bị đổi trong khoảng sự kiện số {first}–{size - 1}."
        en = (
            f"A trusted checkpoint of size {size} has another root:"
            f" the first false event is between index {first} and {size - 1}."
        )
        if trusted.note is None:
            vi, en = vi + " Hãy xem lại chỗ gõ từ giấy.", en + " Check what you typed from the paper."
        elif signed:
            vi, en = (
                vi + " Khóa của sổ đã ký hai bản khác nhau.",
                en + " The ledger's key signed two histories.",
            )
        else:
            vi += " Điểm chốt ấy do khóa khác ký: hoặc khóa trong gói đã bị thay, hoặc giấy không thật."
            en += (
                " It is signed by another key: the bundle's keys were exchanged, or the paper is not genuine."
            )
        return Failed(vi, en)

    def _doubt(self, vi: str, en: str) -> None:
        self.doubts.append(Sentence(vi, en))


def verify_bundle(folder: str, trust: Sequence[str] = (), known_keys: Sequence[str] = ()) -> Report:
    """Verify one bundle against what is held outside it. Each of `trust` is a file name or the text itself."""
    try:
        trusted = sorted(read_trusted(trust), key=lambda each: each.size)
        check_road(folder)
        keys = choose_keys(read_keys(folder), known_keys)
        with open_plain(folder, "events.jsonl.b64") as file:
            sentences = _judge(file, trusted, keys, *_checkpoints(folder, keys))
    except Unknown as unknown:
        return Report(2, [cannot_tell(unknown.sentence)])
    except Failed as failed:
        return Report(1, [Sentence("KHÔNG ĐẠT. " + failed.sentence.vi, "FAIL. " + failed.sentence.en)])
    except OSError as error:
        return Report(
            2, [cannot_tell(Sentence(f"Lỗi đọc tệp: {error.strerror}.", f"Read error: {error.strerror}."))]
        )
    if not known_keys:
        sentences += [
            Sentence(
                f"Khóa: {key.fingerprint} (hãy so với bản in).",
                f"Key: {key.fingerprint} (compare it with print).",
            )
            for key in keys
        ]
    return Report(0, sentences)


def cannot_tell(why: Sentence) -> Sentence:
    """Say that this is neither a pass nor a failure."""
    return Sentence("KHÔNG THỂ KẾT LUẬN. " + why.vi, "CANNOT TELL. " + why.en)


def _checkpoints(folder: str, keys: Sequence[Key]) -> tuple[list[Checkpoint], Failed | None]:
    # Read before the events, which are then read once for the roots at all sizes; judged after them.
    try:
        return read_checkpoints(folder, keys), None
    except Unknown:
        raise
    except Failed as failed:
        return [], failed


def _judge(
    file: BinaryIO,
    trusted: Sequence[Trusted],
    keys: Sequence[Key],
    checkpoints: Sequence[Checkpoint],
    late: Failed | None,
) -> list[Sentence]:
    events = read_events(file, {each.size for each in checkpoints} | {each.size for each in trusted})
    judgement = Judgement(keys, checkpoints, events)
    try:
        if late:
            raise late
        check_own(checkpoints, events)
        check_contradictions(trusted)
        for each in trusted:
            judgement.weigh(each)
    except Failed as failed:
        _add_first_break(file, events, failed)
        raise
    upto = judgement.covered if judgement.matching else judgement.sealed
    last = replay(file, events, upto)
    if judgement.doubts:
        raise Unknown(*map(" ".join, zip(*judgement.doubts)))
    return _passed(judgement, events, upto, last)


def _add_first_break(file: BinaryIO, events: Events, failed: Failed) -> None:
    # A root says only that something is false; a broken chain often says where.
    try:
        replay(file, events, 0)
    except Failed as first:
        vi, en = failed.sentence
        failed.sentence = Sentence(f"{vi} {first.sentence.vi}", f"{en} {first.sentence.en}")


def _passed(judgement: Judgement, events: Events, upto: int, last: str) -> list[Sentence]:
    covered, vouching = judgement.covered, len(judgement.matching)
    tail, root = events.size - covered, short(events.roots[upto])
    said = [
        Sentence(
            f"ĐẠT đến {upto} sự kiện (gốc {root}), {vouching} điểm chốt đáng tin bảo đảm,"
            f" phần cuối chưa bảo đảm: {tail} sự kiện.",
            f"PASS up to size {upto} (root {root}), covered by {vouching} trusted checkpoint(s),"
            f" uncovered tail {tail} events.",
        )
    ]
    if last:
        said.append(Sentence(f"Sự kiện cuối trong số đó: {last}.", f"The last of them is of {last}."))
    if not vouching:
        said.append(
            Sentence(
                "Không có gì bên ngoài làm chứng: người quản trị dữ liệu vẫn có thể đã viết lại toàn bộ."
                " Hãy kiểm tra lại với điểm chốt trên một biên bản giấy.",
                "Nothing outside vouches for it: whoever runs the database could have rewritten all of it."
                " Verify again with the checkpoint on a paper record.",
            )
        )
    elif tail:
        said.append(
            Sentence(
                f"Từ sự kiện số {covered} trở đi chỉ do chính hệ thống bảo đảm.",
                f"From index {covered} on, only the system itself vouches for the events.",
            )
        )
    return said


def say(report: Report) -> None:
    """Print the report; a console that cannot show Vietnamese gets question marks, not an error."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    for language in (0, 1):
        for sentence in report.sentences:
            print(sentence[language].encode(encoding, "replace").decode(encoding))


def main(argv: Sequence[str] | None = None) -> int:
    """Verify from the command line and give the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DIR", help="the bundle")
    parser.add_argument("--trust", metavar="CHECKPOINT", nargs="+", action="extend", default=[],
                        help="a file, a QR's text, SIZE:ROOT or SIZE ROOT")  # fmt: skip
    parser.add_argument("--key", metavar="KEY", nargs="+", action="extend", default=[],
                        help="a public key, or 30 digits or more of its fingerprint")  # fmt: skip
    try:
        chosen = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    report = verify_bundle(chosen.folder, chosen.trust, chosen.key)
    say(report)
    return report.code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as mistake:  # noqa: BLE001  an auditor must not read a mistake of this file (exit 1) as a false ledger
        print(f"CANNOT TELL. This verifier has a mistake: {mistake!r}")
        sys.exit(2)
