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
import datetime
import hashlib
import json
import os
import re
import stat
import sys
import unicodedata
from typing import Any, BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

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
TYPED_FINGERPRINT = 30  # hexadecimal digits: 120 bits


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
    sentences: List[Sentence]


# --- Canonical bytes ------------------------------------------------------------------------------------------


def load_canonical(body: bytes) -> Any:
    """Read bytes that must be in their only form; raise Broken if they are not."""
    if len(body) > MAX_BODY:
        raise Broken("more than %d bytes" % MAX_BODY)
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
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is int:
        if not -MAX_INT <= value <= MAX_INT:
            raise Broken("an integer of 2**53 or more")
        return
    if kind is float:
        raise Broken("a fraction")
    if depth == 0:
        raise Broken("more than %d levels" % MAX_DEPTH)
    if kind is dict:
        for key in value:
            if not key.isascii():
                raise Broken("a key that is not ASCII")
        value = value.values()
    for inner in value:
        if type(inner) is not str:
            _refuse_odd_values(inner, depth - 1)


# --- The tree (RFC 6962) --------------------------------------------------------------------------------------


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree that remembers its right edge only."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: List[bytes] = []

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


# --- Ed25519 (RFC 8032) ---------------------------------------------------------------------------------------
# Nothing here is secret, so nothing has to take the same time. Points are (X, Y, Z, T); in tables they stand as
# (Y-X, Y+X, 2Z, 2dT). A table of 64 × 15 multiples makes each later signature of the same key 20 times cheaper.

Point = Tuple[int, int, int, int]

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


def _table(p: Point) -> List[List[Point]]:
    table = []
    for _ in range(64):
        step, row, multiple = _cached(p), [], NEUTRAL
        for _ in range(15):
            multiple = _add(multiple, step)
            row.append(_cached(multiple))
        table.append(row)
        p = _add(multiple, step)
    return table


def _add_multiple(total: Point, scalar: int, table: List[List[Point]]) -> Point:
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


_base_table: List[List[Point]] = []


class VerifyKey:
    """A public key: its 32 bytes, and its table once it is used."""

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
        self._minus_table: List[List[Point]] = []

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made this signature."""
        if len(signature) != 64:
            return False
        scalar = int.from_bytes(signature[32:], "little")
        if scalar >= ORDER:
            return False
        if not _base_table:
            _base_table.extend(_table(_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))))
        if not self._minus_table:
            self._minus_table = _table(self._minus)
        digest = hashlib.sha512(signature[:32] + self.raw + message).digest()
        challenge = int.from_bytes(digest, "little") % ORDER
        total = _add_multiple(_add_multiple(NEUTRAL, scalar, _base_table), challenge, self._minus_table)
        inverse = pow(total[2], P - 2, P)
        x, y = total[0] * inverse % P, total[1] * inverse % P
        return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- Keys and checkpoints (C2SP) ------------------------------------------------------------------------------


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
    signatures: List[Tuple[str, bytes, bytes]]


SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\Z", re.ASCII)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
SEPARATOR = "\n---\n"
ED25519 = b"\x01"


def from_base64(text: str) -> bytes:
    """Read base64 that is written in its only form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Broken("not base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise Broken("not base64 in its only form")
    return data


def parse_key(text: str) -> Optional[Key]:
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
        raise Broken("more than %d signatures" % MAX_SIGNATURES)
    return Checkpoint(lines[0], int(lines[1]), root, text + "\n", signatures)


def split_notes(text: str) -> List[str]:
    """Take checkpoints.txt apart."""
    return text.replace("\n" + SEPARATOR, "\n\0").split("\0") if text else []


def signers(checkpoint: Checkpoint, keys: Sequence[Key]) -> List[Key]:
    """Name the known keys that signed; raise Broken if a signature in the name of one is false."""
    found = []
    for name, key_id, signature in checkpoint.signatures:
        for key in keys:
            if (key.name, key.key_id) == (name, key_id):
                if not key.verify.signed(checkpoint.text.encode("utf-8"), signature):
                    raise Broken("a false signature of " + shown(name))
                found.append(key)
    return found


# --- What the reader holds outside ----------------------------------------------------------------------------


class Trusted(NamedTuple):
    """One checkpoint from outside: a whole note, or a size and the beginning of a root."""

    size: int
    root: str
    note: Optional[Checkpoint]


TYPED = re.compile(r"([0-9]{1,16})[\s:]+([A-Za-z0-9+/=\s]+)\Z", re.ASCII)


def parse_trusted(text: str) -> List[Trusted]:
    """Read what a person holds: notes as scanned or saved, or lines typed from paper."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").strip() + "\n"
    found = []
    if "—" in text:
        for piece in split_notes(text):
            note = parse_note(piece)
            found.append(Trusted(note.size, base64.b64encode(note.root).decode("ascii"), note))
        return found
    for line in text.split("\n"):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = TYPED.match(line)
        root = "".join(match.group(2).split()) if match else ""
        if not match or not TYPED_ROOT <= len(root) <= 44:
            raise Broken("neither a checkpoint nor SIZE:ROOT")
        found.append(Trusted(int(match.group(1)), root, None))
    return found


def read_trusted(arguments: Sequence[str]) -> List[Trusted]:
    """Read every --trust, each a file or the text itself."""
    found, waiting = [], list(arguments)
    while waiting:
        text = waiting.pop(0)
        if text.isdigit() and waiting:
            text += " " + waiting.pop(0)  # SIZE and ROOT without quotes around them
        try:
            if os.path.exists(text):
                with open(text, "rb") as file:
                    text = file.read(MAX_SMALL_TEXT).decode("utf-8")
            trusted = parse_trusted(text)
        except (OSError, UnicodeDecodeError, Broken):
            trusted = []
        if not trusted:
            raise Unknown(
                "Không đọc được điểm chốt đã cho: %s." % shown(text),
                "The trusted checkpoint given cannot be read: %s." % shown(text),
            )
        found.extend(trusted)
    return found


# --- The road -------------------------------------------------------------------------------------------------


def _move(start: str, end: str, by: str, facts: str = "") -> Dict[str, Any]:
    return {"from": sorted(start.split()), "to": end, "by": sorted(by.split()), "facts": sorted(facts.split())}


_ANYWHERE = "received inspecting repairing ready bound on-the-way at-school given returned"
_ANYONE = "technician storekeeper school coordinator"

#: What may follow what, who may do it, and what `data` must hold. No `from` means: the device's first event.
MOVES: Dict[str, Dict[str, Any]] = {
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
STILL = ["amend", "arrive", "block", "dispatch", "erase", "label", "place", "unblock"]

#: What road.json must say.
ROAD: Dict[str, Any] = {"v": 1, "moves": MOVES, "still": STILL}

MAY_BE_EMPTY = {"erasure"}  # a device that stores nothing is not erased
WRITERS = set(_ANYONE.split()) | {"admin"}
IN_TRANSIT = {"confirm", "arrive", "lose"}
ENDS_SUPPORT = {"release", "take-back", "lose", "retire"}
SAME_CUSTODY = {"label", "erase", "block", "unblock", "amend"}
SAME_HOLDER = SAME_CUSTODY | {
    "inspect", "send-to-repair", "finish-repair", "pass", "bind", "release", "send", "give", "place", "dispatch"
}  # fmt: skip

FIELDS = {
    "v", "id", "dev", "dseq", "prev", "kind", "batch", "actor", "role", "org", "at", "client_at", "salt", "data",
    "state", "cust",
}  # fmt: skip
CUSTODY = {"org", "support", "place", "transit", "toward"}
EVENT_ID = re.compile(r"[!-~]{1,64}\Z")
HASH = re.compile(r"[0-9a-f]{64}\Z")
SALT = re.compile(r"[0-9a-f]{32}\Z")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z\Z", re.ASCII)


class Standing(NamedTuple):
    """Where a device is on the road, and what the next event must agree with."""

    state: Optional[str]
    cust: Dict[str, Any]
    support: Optional[str]
    sent: Optional[Tuple[int, int, int]]  # handover, toward, by whom


class Device(NamedTuple):
    """The end of one device's history."""

    dseq: int
    leaf: bytes
    event_id: str
    now: Standing
    before: Optional[Standing]


NOWHERE = Standing(None, {}, None, None)


class Replay:
    """All devices, as the events so far leave them."""

    def __init__(self) -> None:
        self.ids: Set[str] = set()
        self.devices: Dict[int, Device] = {}
        self.bound: Dict[str, int] = {}

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
                "thiết bị đang trên đường, không thể có “%s”" % shown(event["kind"]),
                "the device is in transit, where “%s” cannot happen" % shown(event["kind"]),
            )
        after = restored(event, device) if event["kind"] == "undo" else moved(event, now)
        self._rebind(event["dev"], now.support, after.support)
        self.devices[event["dev"]] = Device(event["dseq"], leaf, event["id"], after, now)

    def _rebind(self, device: int, old: Optional[str], new: Optional[str]) -> None:
        if old == new:
            return
        if old is not None:
            del self.bound[old]
        if new is not None:
            if new in self.bound:
                raise Failed(
                    "suất hỗ trợ này đang gán cho thiết bị %d" % self.bound[new],
                    "this support is bound to device %d already" % self.bound[new],
                )
            self.bound[new] = device


def check_shape(event: Any) -> None:
    """Raise Failed unless every field is there and is what it should be: an actor, a role, an organisation…"""
    if type(event) is not dict or set(event) != FIELDS:
        raise Failed("các trường của sự kiện không đúng", "the event's fields are not those of an event")
    wrong = [name for name, right in FORM if not right(event[name])]
    if wrong:
        raise Failed("trường “%s” không hợp lệ" % wrong[0], "the field “%s” is not valid" % wrong[0])


def _positive(value: Any) -> bool:
    return type(value) is int and value > 0


def _text_like(pattern: Any) -> Any:
    return lambda value: type(value) is str and pattern.match(value) is not None


def _or_none(right: Any) -> Any:
    return lambda value: value is None or right(value)


def _text(value: Any) -> bool:
    return type(value) is str and value != ""


def _instant(value: Any) -> bool:
    match = TIME.match(value) if type(value) is str else None
    if not match:
        return False
    try:
        datetime.datetime(*[int(group) for group in match.groups()[:6]])
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


FORM = [
    ("v", lambda value: type(value) is int and value == 1),
    ("id", _text_like(EVENT_ID)),
    ("dev", _positive),
    ("dseq", _positive),
    ("prev", lambda value: value == "" or _text_like(HASH)(value)),
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


def check_chain(event: Dict[str, Any], device: Optional[Device]) -> None:
    """Raise Failed unless the event follows the device's last one."""
    dseq, prev = (device.dseq + 1, device.leaf.hex()) if device else (1, "")
    if event["dseq"] != dseq:
        raise Failed(
            "thiết bị %d: đây phải là sự kiện thứ %d, lại ghi %d" % (event["dev"], dseq, event["dseq"]),
            "device %d: this must be its event %d, but it says %d" % (event["dev"], dseq, event["dseq"]),
        )
    if event["prev"] != prev:
        raise Failed(
            "thiết bị %d: không nối với sự kiện trước của nó" % event["dev"],
            "device %d: it does not follow from the device's event before it" % event["dev"],
        )


def restored(event: Dict[str, Any], device: Optional[Device]) -> Standing:
    """Give the standing an undo brings back; raise Failed if it undoes anything but the device's last event."""
    if device is None or event["data"].get("of") != device.event_id:
        raise Failed("hoàn tác một sự kiện không phải sự kiện cuối", "it undoes what is not the device's last event")
    back = device.before
    if back is None or back.state is None:
        raise Failed("không có gì trước đó để trở lại", "there is nothing before it to go back to")
    if event["state"] != back.state or event["cust"] != back.cust:
        raise Failed("hoàn tác không trả lại tình trạng trước đó", "the undo does not bring back what was before")
    return back


def moved(event: Dict[str, Any], now: Standing) -> Standing:
    """Give the standing after a move or a fact; raise Failed if the road does not allow it."""
    kind, cust, data = event["kind"], event["cust"], event["data"]
    move = MOVES.get(kind)
    if move:
        check_move(event, move, now.state)
    elif kind not in STILL:
        raise Failed("không có loại sự kiện “%s”" % shown(kind), "there is no kind “%s”" % shown(kind))
    elif now.state is None:
        raise Failed("thiết bị chưa được tiếp nhận", "the device has not been received")
    elif event["state"] != now.state:
        raise Failed("“%s” không được đổi trạng thái" % kind, "“%s” must not change the status" % kind)
    check_custody(event, now)
    support, sent = now.support, now.sent
    if kind == "bind":
        support = data["support"]
    elif kind in ENDS_SUPPORT:
        support = None
    elif kind == "give" and (data["support"] != support or cust["support"] != support):
        raise Failed("trao cho suất hỗ trợ khác suất đã gán", "it is given for another support than it is bound to")
    if kind == "send":
        sent = (data["handover"], data["toward"], event["actor"])
    elif kind == "confirm":
        check_confirm(event, now)
    if kind in ("confirm", "lose"):
        sent = None
    return Standing(event["state"], cust, support, sent)


def check_move(event: Dict[str, Any], move: Dict[str, Any], state: Optional[str]) -> None:
    kind, data = event["kind"], event["data"]
    if state not in move["from"] if state else move["from"]:
        raise Failed(
            "“%s” không thể bắt đầu từ trạng thái “%s”" % (kind, state or "–"),
            "“%s” cannot start from the status “%s”" % (kind, state or "–"),
        )
    if event["state"] != move["to"]:
        raise Failed("“%s” phải dẫn đến “%s”" % (kind, move["to"]), "“%s” must lead to “%s”" % (kind, move["to"]))
    if event["role"] not in move["by"]:
        raise Failed(
            "vai trò “%s” không được làm “%s”" % (event["role"], kind),
            "the role “%s” may not do “%s”" % (event["role"], kind),
        )
    for fact in move["facts"]:
        if fact not in data or (data[fact] in (None, "") and fact not in MAY_BE_EMPTY):
            raise Failed("“%s” thiếu “%s”" % (kind, fact), "“%s” comes without “%s”" % (kind, fact))
    odd = [fact for fact in ("handover", "toward") if fact in move["facts"] and not _positive(data[fact])]
    odd += [fact for fact in ("support",) if fact in move["facts"] and not _text(data[fact])]
    if odd or (kind == "send-to-repair" and not data["faults"]):
        name = odd[0] if odd else "faults"
        raise Failed("“%s” không hợp lệ" % name, "“%s” is not valid" % name)


def check_custody(event: Dict[str, Any], now: Standing) -> None:
    """Raise Failed if the event changes who holds the device in a way its kind does not allow."""
    kind, cust = event["kind"], event["cust"]
    if (cust["transit"] is not None) != (kind in ("send", "dispatch")):
        raise Failed("“%s”: tình trạng vận chuyển không đúng" % kind, "“%s”: it is wrongly in or out of transit" % kind)
    if (kind in SAME_CUSTODY and cust != now.cust) or (kind in SAME_HOLDER and cust["org"] != now.cust["org"]):
        raise Failed("“%s” không được đổi nơi giữ" % kind, "“%s” must not change who holds it" % kind)
    if kind == "place" and dict(cust, place=0) != dict(now.cust, place=0):
        raise Failed("“place” chỉ được đổi vị trí", "“place” may change the place only")
    if kind == "send" and (cust["transit"], cust["toward"]) != (event["data"]["handover"], event["data"]["toward"]):
        raise Failed("xuất kho không khớp biên bản bàn giao", "the sending does not agree with its handover")


def check_confirm(event: Dict[str, Any], now: Standing) -> None:
    """Raise Failed unless the school that was sent the device confirms it, by somebody else than the sender."""
    handover, toward, sender = now.sent or (0, 0, 0)
    if event["data"]["handover"] != handover:
        raise Failed("xác nhận theo biên bản khác với biên bản đã gửi", "it is confirmed by another handover than sent")
    if event["org"] != toward or event["cust"]["org"] != toward:
        raise Failed("bên xác nhận không phải trường được gửi", "who confirms is not the school it was sent to")
    if event["actor"] == sender:
        raise Failed("người gửi tự xác nhận đã nhận", "who sent it has confirmed it")


# --- The bundle -----------------------------------------------------------------------------------------------


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
        raise Unknown("Không đọc được %s (%s)." % (name, why), "%s cannot be read (%s)." % (name, why)) from None


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
    return Failed("%s sai định dạng (%s)." % (name, why), "%s is malformed (%s)." % (name, why))


def read_keys(folder: str) -> List[Key]:
    found: List[Key] = []
    for number, line in enumerate(read_text(folder, "keys.txt", MAX_SMALL_TEXT).split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            try:
                key = parse_key(line)
            except Broken as error:
                raise broken_file("keys.txt", "line %d: %s" % (number, error)) from None
            if key is not None:
                found.append(key)
    return found


def choose_keys(bundled: List[Key], given: Sequence[str]) -> List[Key]:
    """Keep the keys that the reader knows from outside; all of the bundle's if none is given."""
    if not given:
        return bundled
    chosen = []
    for text in given:
        digits = re.sub(r"[\s:.-]", "", text).lower()
        if re.match(r"[0-9a-f]{%d,64}\Z" % TYPED_FINGERPRINT, digits):
            chosen.extend(key for key in bundled if key.fingerprint.startswith(digits))
            continue
        try:
            key = parse_key(text.strip())
        except Broken:
            key = None
        if key is None:
            raise Unknown(
                "Không đọc được khóa đã cho: %s." % shown(text), "The key given cannot be read: %s." % shown(text)
            )
        chosen.append(key)
    if not chosen:
        raise Failed(
            "Không khóa nào trong gói là khóa bạn đã cho.", "No key of the bundle is the one you gave."
        )
    return chosen


def read_checkpoints(folder: str, keys: Sequence[Key]) -> List[Checkpoint]:
    """Read all checkpoints: signed by known keys, of one ledger, growing."""
    found: List[Checkpoint] = []
    for number, note in enumerate(split_notes(read_text(folder, "checkpoints.txt", MAX_TEXT)), 1):
        try:
            checkpoint = parse_note(note)
            signed = signers(checkpoint, keys)
        except Broken as error:
            raise broken_file("checkpoints.txt", "checkpoint %d: %s" % (number, error)) from None
        if not signed:
            raise Failed(
                "Điểm chốt thứ %d không do khóa nào đã biết ký." % number,
                "Checkpoint %d is not signed by any known key." % number,
            )
        if found and (checkpoint.origin != found[0].origin or checkpoint.size <= found[-1].size):
            raise Failed(
                "Điểm chốt thứ %d không nối tiếp điểm chốt trước." % number,
                "Checkpoint %d does not continue the one before it." % number,
            )
        found.append(checkpoint)
    return found


def check_road(folder: str) -> None:
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
    roots: Dict[int, bytes]

    @property
    def count(self) -> int:
        return len(self.leaves) // 32


def read_events(file: BinaryIO, sizes: Set[int]) -> Events:
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
        raise at_event(tree.size, Sentence("không đúng dạng chuẩn (%s)" % error, "%s" % error)) from None
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
        raise Unknown("Tệp sự kiện thay đổi khi đang đọc.", "The events: %s." % error) from None
    return last


def at_event(index: int, why: Sentence) -> Failed:
    return Failed(
        "Sự kiện số %d (dòng %d): %s." % (index, index + 1, why.vi),
        "Event index %d (line %d): %s." % (index, index + 1, why.en),
    )


def shown(text: str) -> str:
    """Make text from outside harmless on a terminal."""
    text = text if len(text) <= 60 else text[:57] + "…"
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def short(root: bytes) -> str:
    return base64.b64encode(root).decode("ascii")[:TYPED_ROOT] + "…"


# --- The judgement --------------------------------------------------------------------------------------------


def check_own(checkpoints: Sequence[Checkpoint], events: Events) -> None:
    """Raise Failed unless every checkpoint of the bundle has the root of its events."""
    good = 0
    for checkpoint in checkpoints:
        size = checkpoint.size
        if size > events.count:
            raise Failed(
                "Điểm chốt ghi %d sự kiện nhưng gói chỉ có %d: sự kiện số %d trở đi đã bị bỏ."
                % (size, events.count, events.count),
                "A checkpoint says %d events, the bundle has %d: from index %d on they were removed."
                % (size, events.count, events.count),
            )
        if events.roots[size] != checkpoint.root:
            raise Failed(
                "Gốc tại %d sự kiện không khớp điểm chốt: có sai lệch từ sự kiện số %d đến %d."
                % (size, good, size - 1),
                "The root at size %d is not the checkpoint's: the first false event is between index %d and %d."
                % (size, good, size - 1),
            )
        good = size


def check_contradictions(trusted: Sequence[Trusted]) -> None:
    """Raise Failed if two checkpoints from outside cannot both be true, whatever the bundle says."""
    for number, one in enumerate(trusted):
        for other in trusted[number + 1 :]:
            length = min(len(one.root), len(other.root))
            if one.size == other.size and one.root[:length] != other.root[:length]:
                raise Failed(
                    "Hai điểm chốt bạn đưa ra mâu thuẫn nhau tại %d sự kiện: sổ đã được ký thành hai bản,"
                    " hoặc có chỗ chép sai." % one.size,
                    "Two of your checkpoints contradict each other at size %d: two histories were signed,"
                    " or one is miscopied." % one.size,
                )


class Judgement:
    """What the trusted checkpoints say about the bundle."""

    def __init__(self, keys: Sequence[Key], checkpoints: Sequence[Checkpoint], events: Events) -> None:
        self._keys, self._events = keys, events
        self._origin = checkpoints[0].origin if checkpoints else None
        self.sealed = checkpoints[-1].size if checkpoints else 0
        self.matching: Set[Tuple[int, str]] = set()
        self.doubts: List[Sentence] = []

    @property
    def covered(self) -> int:
        return max((size for size, _ in self.matching), default=0)

    def weigh(self, trusted: Trusted) -> None:
        """Count it if it agrees, keep a doubt if it cannot be used, raise Failed if it disagrees."""
        size, unsigned = trusted.size, trusted.note is not None
        if trusted.note is not None:
            if self._origin is not None and trusted.note.origin != self._origin:
                there, here = shown(trusted.note.origin), shown(self._origin)
                self._doubt("Điểm chốt bạn đưa ra là của sổ khác: %s, gói này là %s." % (there, here),
                            "Your checkpoint is of another ledger: %s; this bundle is %s." % (there, here))  # fmt: skip
                return
            try:
                unsigned = not signers(trusted.note, self._keys)
            except Broken:
                self._doubt("Điểm chốt %d bạn đưa ra có chữ ký sai, không dùng được." % size,
                            "Your checkpoint of size %d has a false signature and is of no use." % size)  # fmt: skip
                return
        if size in self._events.roots:
            root = base64.b64encode(self._events.roots[size]).decode("ascii")
            if root.startswith(trusted.root):
                self.matching.add((size, root))
                return
        if size > self.sealed:
            self._doubt("Gói này cũ hơn giấy: giấy ghi %d sự kiện, gói mới chốt %d. Hãy xin gói mới." % (size, self.sealed),
                        "The bundle is older than the paper: the paper says %d events, the bundle has sealed %d."
                        " Ask for a newer one." % (size, self.sealed))  # fmt: skip
            return
        raise self._disagreement(trusted, unsigned)

    def _disagreement(self, trusted: Trusted, unsigned: bool) -> Failed:
        good = max((size for size, _ in self.matching if size < trusted.size), default=0)
        vi = "Điểm chốt đáng tin tại %d sự kiện có gốc khác: sổ đã bị thay đổi từ sự kiện số %d đến %d." % (
            trusted.size, good, trusted.size - 1)  # fmt: skip
        en = "A trusted checkpoint of size %d has another root: the first false event is between index %d and %d." % (
            trusted.size, good, trusted.size - 1)  # fmt: skip
        if trusted.note is None:
            vi, en = vi + " Hãy xem lại chỗ gõ từ giấy.", en + " Check what you typed from the paper."
        elif unsigned:
            vi += " Điểm chốt ấy do khóa khác ký: hoặc khóa trong gói đã bị thay, hoặc giấy không thật."
            en += " It is signed by another key: the bundle's keys were exchanged, or the paper is not genuine."
        else:
            vi, en = vi + " Khóa của sổ đã ký hai bản khác nhau.", en + " The ledger's key signed two histories."
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
            # Read before the events, so that one reading knows at which sizes to keep the root.
            checkpoints, late = _checkpoints_or_failure(folder, keys)
            sizes = {each.size for each in checkpoints} | {each.size for each in trusted}
            events = read_events(file, sizes)
            if late:
                raise late
            return _judge(file, events, checkpoints, trusted, keys, bool(known_keys))
    except Unknown as unknown:
        return Report(2, [Sentence("KHÔNG THỂ KẾT LUẬN. " + unknown.sentence.vi, "CANNOT TELL. " + unknown.sentence.en)])
    except Failed as failed:
        return Report(1, [Sentence("KHÔNG ĐẠT. " + failed.sentence.vi, "FAIL. " + failed.sentence.en)])
    except OSError as error:
        why = error.strerror or "?"
        return Report(2, [Sentence("KHÔNG THỂ KẾT LUẬN. Lỗi đọc tệp: %s." % why, "CANNOT TELL. Read error: %s." % why)])


def _checkpoints_or_failure(folder: str, keys: Sequence[Key]) -> Tuple[List[Checkpoint], Optional[Failed]]:
    try:
        return read_checkpoints(folder, keys), None
    except Unknown:
        raise
    except Failed as failed:
        return [], failed


def _judge(
    file: BinaryIO,
    events: Events,
    checkpoints: Sequence[Checkpoint],
    trusted: Sequence[Trusted],
    keys: Sequence[Key],
    keys_known: bool,
) -> Report:
    judgement = Judgement(keys, checkpoints, events)
    try:
        check_own(checkpoints, events)
        check_contradictions(trusted)
        for each in trusted:
            judgement.weigh(each)
    except Failed as failed:
        _add_first_break(file, events, failed)
        raise
    upto = judgement.covered or judgement.sealed
    last = replay(file, events, upto)
    if judgement.doubts:
        return Report(2, [Sentence("KHÔNG THỂ KẾT LUẬN. " + d.vi, "CANNOT TELL. " + d.en) for d in judgement.doubts])
    return Report(0, _passed(judgement, events, upto, last, keys, keys_known))


def _add_first_break(file: BinaryIO, events: Events, failed: Failed) -> None:
    """A root says only that something is false; a broken chain often says where."""
    try:
        replay(file, events, 0)
    except Failed as first:
        failed.sentence = Sentence(
            failed.sentence.vi + " " + first.sentence.vi, failed.sentence.en + " " + first.sentence.en
        )


def _passed(
    judgement: Judgement, events: Events, upto: int, last: str, keys: Sequence[Key], keys_known: bool
) -> List[Sentence]:
    covered, witnesses = judgement.covered, len(judgement.matching)
    tail = events.count - covered
    root = short(events.roots[upto])
    said = [
        Sentence(
            "ĐẠT đến %d sự kiện (gốc %s), %d điểm chốt đáng tin bảo đảm, phần cuối chưa bảo đảm: %d sự kiện."
            % (upto, root, witnesses, tail),
            "PASS up to size %d (root %s), covered by %d trusted checkpoint(s), uncovered tail %d events."
            % (upto, root, witnesses, tail),
        )
    ]
    if last:
        said.append(Sentence("Sự kiện cuối trong số đó: %s." % last, "The last of them is of %s." % last))
    if not witnesses:
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
                "Sự kiện số %d trở đi chỉ do chính hệ thống bảo đảm." % covered,
                "From index %d on, only the system itself vouches for the events." % covered,
            )
        )
    if not keys_known:
        said.extend(
            Sentence(
                "Khóa: %s (hãy so với bản in)." % key.fingerprint, "Key: %s (compare it with print)." % key.fingerprint
            )
            for key in keys
        )
    return said


def say(report: Report) -> None:
    """Print the report; a console that cannot show Vietnamese gets question marks, not an error."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    for language in (0, 1):
        for sentence in report.sentences:
            print(sentence[language].encode(encoding, "replace").decode(encoding))


def main(argv: Optional[Sequence[str]] = None) -> int:
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
    except Exception as mistake:  # an auditor must not read a mistake of this file (exit 1) as a false ledger
        print("CANNOT TELL. This verifier has a mistake: %r" % mistake)
        sys.exit(2)
