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
import unicodedata
from collections.abc import Callable, Collection
from contextlib import suppress
from enum import Enum
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

from stdnum.iso7064 import mod_37_36

from tracker.custody.keyboards import cleaned, is_host, undone
from tracker.refused import Refused
from tracker.words import _

ALPHABET = "23456789BCFGHJKLMNPQRSTVXZ"
LENGTH = 8
#: Symbols of a text that is looked at; our longest address has half of them.
LONGEST = 200

T = TypeVar("T")

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

    Takes a bare code, one with spaces or hyphens, lower case, our own address around it, and all of these
    as a scanner types them through another keyboard. An address of any other host is refused, whatever
    code stands in it.

    Raises:
        NotACode: there is no code in it.
        Mistyped: there are eight symbols, but the check symbol does not fit.
    """
    return _typed(text, lambda seen: _code(seen, hosts))


def _typed(text: str, meaning: Callable[[str], T]) -> T:
    """Return what a text means, or what it meant before a keyboard altered it, if that is one thing only."""
    seen = cleaned(text[: 4 * LONGEST])
    try:
        return meaning(seen)
    except Mistyped:
        raise
    except NotACode as no:
        found = set()
        for meant in undone(seen) if len(seen) <= LONGEST else ():
            with suppress(NotACode):
                found.add(meaning(meant))
        if len(found) == 1:
            return found.pop()
        raise NotACode(text) from no


def _code(text: str, hosts: Collection[str]) -> str:
    seen = text.upper()
    if len(seen) > LONGEST:
        raise NotACode(text)
    if "://" in seen:
        address = _address(seen, text)
        if not any(is_host(address.netloc, host) for host in hosts):
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
    # What stands between the letters was altered by a keyboard; letters of other alphabets are another name's.
    own = {_letters(host.upper()) for host in hosts}
    if scheme := re.match(r"HTTPS?[^0-9A-Z]+", front):
        name = _letters(front[scheme.end() :])
    else:
        name = _letters(front)
        own |= {scheme + host for host in own for scheme in ("HTTP", "HTTPS")}
    if name not in own:
        raise NotACode(text)
    return code


def _letters(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign)[0] in "LMN")


def understand(text: str, *, hosts: Collection[str]) -> Scan:
    """Return what a scanned text names: a device, a record with its one-time secret, a place, a mode, a badge.

    Raises:
        NotACode, Mistyped: as `parse`.
    """
    return _typed(text, lambda seen: _thing(seen, hosts) or Scan(Kind.DEVICE, _code(seen, hosts)))


_THINGS = (
    (Kind.HANDOVER, re.compile(r"/H/([0-9]{1,12})/?", re.IGNORECASE)),
    (Kind.PAPER, re.compile(r"/B/([1-9][0-9]{0,8})/?", re.IGNORECASE)),
    (Kind.PLACE, re.compile(r"/P/([0-9]{1,9})/?", re.IGNORECASE)),
    (Kind.MODE, re.compile(r"/M/([A-Z-]{1,24})/?", re.IGNORECASE | re.ASCII)),
    (Kind.BADGE, re.compile(r"/U/([1-9][0-9]{0,8})/?", re.IGNORECASE)),
)


def _thing(text: str, hosts: Collection[str]) -> Scan | None:
    address = _address(text[:400], text)
    if address.scheme.lower() not in {"http", "https"}:
        return None
    if not any(is_host(address.netloc, host) for host in hosts):
        return None
    for kind, pattern in _THINGS:
        if match := pattern.fullmatch(address.path):
            name = match[1].lower() if kind is Kind.MODE else match[1]
            return Scan(kind, name, address.fragment if kind is Kind.HANDOVER else "")
    return None
