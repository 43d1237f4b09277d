"""The code on every sticker, such as 7K3M 9QX2.

Eight symbols from an alphabet of 26: the digits 2 to 9 and the consonants without D and W. There are
no vowels and no D or W because Vietnamese typing methods change them (Telex: aa → â, dd → đ, w → ư;
VNI: a1 → á, d9 → đ), and a USB scanner types through such a method; no 0, 1, O, I because they are
misread. Seven symbols are drawn at random and the eighth is a check symbol (ISO 7064, hybrid
system, by python-stdnum over this alphabet): every single wrong symbol is noticed, and all but about
0.3 % of swapped neighbours. 26**7 = 8.0e9 codes: with 1,000,000 devices a stranger's guess hits one
in 8,000, and guesses are limited.

A code is a name, not a key: it never confirms anything.
"""

import re
import secrets
from collections.abc import Collection
from enum import Enum
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from stdnum.iso7064 import mod_37_36

from tracker.refused import Refused
from tracker.words import _

ALPHABET = "23456789BCFGHJKLMNPQRSTVXZ"
LENGTH = 8

#: A scanner's layout, a phone's keyboard or a person puts these between the symbols.
_BETWEEN = re.compile(r"[\s\-‐‑‒–—._·]+")
#: The path in front of a code; a wrong keyboard layout turns the slashes and the colon into other signs.
_PATH = re.compile(r"[^0-9A-Z]T[^0-9A-Z]([0-9A-Z\s\-]+)/?$")


class NotACode(Refused):
    """The text is not one of our codes."""

    def __init__(self, text: str) -> None:
        super().__init__(
            _("“%(text)s” is not a device code.", text=text[:40]),
            out=_("A code has 8 symbols, such as 7K3M 9QX2. Type the one printed under the QR code."),
        )


class Mistyped(NotACode):
    """Eight symbols of ours, but the check symbol does not fit."""

    def __init__(self, text: str) -> None:
        Refused.__init__(
            self,
            _("The code %(text)s has a mistake in it.", text=grouped(text)),
            out=_("Compare it with the label, symbol by symbol, or scan the label again."),
        )


class Kind(Enum):
    """What a scanned text names."""

    DEVICE = "T"
    HANDOVER = "H"
    PAPER = "B"
    PLACE = "P"
    MODE = "M"
    BADGE = "U"


class Scan(NamedTuple):
    """What a scanned text means: a device's code, a handover's number and its secret, a place's number, a mode."""

    kind: Kind
    name: str
    secret: str = ""


def check_symbol(body: str) -> str:
    """Return the eighth symbol of a code for its first seven."""
    return str(mod_37_36.calc_check_digit(body, alphabet=ALPHABET))


def mint(taken: Collection[str] = ()) -> str:
    """Draw a new code that is not among `taken`."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _symbol in range(LENGTH - 1))
        code = body + check_symbol(body)
        if code not in taken:
            return code


def is_code(text: str) -> bool:
    """Return whether `text` is a canonical code: eight symbols of ours whose check symbol fits."""
    return (
        len(text) == LENGTH
        and all(symbol in ALPHABET for symbol in text)
        and check_symbol(text[:-1]) == text[-1]
    )


def grouped(code: str) -> str:
    """Return the code as people read it: 7K3M 9QX2."""
    return f"{code[:4]} {code[4:]}" if len(code) == LENGTH else code


def url(base: str, code: str) -> str:
    """Return what the QR holds: upper case throughout, so that it needs the alphanumeric mode only."""
    return f"{base}/T/{code}".upper()


def parse(text: str, *, hosts: Collection[str]) -> str:
    """Return the device code that a typed, scanned or pasted text names.

    Takes a bare code, one with spaces or hyphens, lower case, our own address around it, and that
    address as a scanner with a wrong keyboard layout types it. An address of any other host is
    refused, whatever code stands in it.

    Raises:
        NotACode: there is no code in it.
        Mistyped: there are eight symbols, but the check symbol does not fit.
    """
    seen = text.strip().upper()
    if len(seen) > 200:
        raise NotACode(text)
    if "://" in seen:
        address = _address(seen, text)
        if address.netloc not in {host.upper() for host in hosts}:
            raise NotACode(text)
        match = re.fullmatch(r"/T/([0-9A-Z \-]+)/?", address.path)
        if not match:
            raise NotACode(text)
        seen = match[1]
    elif match := _PATH.search(seen):
        seen = _own(seen[: match.start()], match[1], hosts, text)
    bare = _BETWEEN.sub("", seen)
    if len(bare) != LENGTH or any(symbol not in ALPHABET for symbol in bare):
        raise NotACode(text)
    if check_symbol(bare[:-1]) != bare[-1]:
        raise Mistyped(bare)
    return bare


def _address(seen: str, text: str) -> SplitResult:
    try:
        return urlsplit(seen)
    except ValueError as error:  # such as http://[
        raise NotACode(text) from error


def _own(front: str, code: str, hosts: Collection[str], text: str) -> str:
    letters = re.sub(r"[^0-9A-Z]", "", front)
    own = {re.sub(r"[^0-9A-Z]", "", host.upper()) for host in hosts}
    if not any(letters in {name, "HTTP" + name, "HTTPS" + name} for name in own):
        raise NotACode(text)
    return code


def understand(text: str, *, hosts: Collection[str]) -> Scan:
    """Return what a scanned text names: a device, a handover with its one-time secret, another paper, a place, a mode.

    Raises:
        NotACode, Mistyped: as `parse`.
    """
    address = _address(text.strip()[:400], text)
    if address.scheme.lower() in {"http", "https"} and address.netloc.upper() in {h.upper() for h in hosts}:
        if match := re.fullmatch(r"/[hH]/([0-9]{1,12})/?", address.path):
            return Scan(Kind.HANDOVER, match[1], address.fragment)
        if match := re.fullmatch(r"/[bB]/([1-9][0-9]{0,8})/?", address.path):
            return Scan(Kind.PAPER, match[1])
        if match := re.fullmatch(r"/[pP]/([0-9]{1,9})/?", address.path):
            return Scan(Kind.PLACE, match[1])
        if match := re.fullmatch(r"/[mM]/([a-zA-Z-]{1,24})/?", address.path):
            return Scan(Kind.MODE, match[1].lower())
        if match := re.fullmatch(r"/[uU]/([1-9][0-9]{0,8})/?", address.path):
            return Scan(Kind.BADGE, match[1])
    return Scan(Kind.DEVICE, parse(text, hosts=hosts))
