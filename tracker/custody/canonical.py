"""The one way to write an event as bytes.

The hash of an event is over its bytes, so the same event must always give the same bytes: UTF-8 JSON with
sorted ASCII keys and no spaces. It is the part of RFC 8785 (JCS) in which `json.dumps` of every Python
version agrees with every other implementation, and so it holds no floats, no keys beyond ASCII (JCS sorts
those by UTF-16), no text that two keyboards write differently (NFC only) and no control characters.
`verify.py` has its own copy of these rules, on purpose: it runs without this package.
"""

import json
from typing import Final
from unicodedata import is_normalized

MAX_BYTES: Final = 16_384
MAX_DEPTH: Final = 16  # far above what an event needs, far below any interpreter's recursion limit
MAX_INT: Final = 2**53 - 1  # beyond it a JavaScript reader loses digits

_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


class NotCanonical(ValueError):
    """This value has no canonical form."""


def canonical(value: object) -> bytes:
    """Write a value in its only form.

    Takes None, bool, int, str, list, tuple and dict (`StrEnum` counts as str). The bytes are the truth: keep
    them, and never hash a value written again.

    Raises:
        NotCanonical: for a float, an integer of 2**53 or more, a key that is not ASCII text, text that is not
            NFC or holds U+0000–001F or half a surrogate pair, more than 16 levels or 16,384 bytes.
    """
    _refuse_odd_values(value, MAX_DEPTH)
    text = _encode(value)
    if "\\" in text and "\\" in text.replace("\\\\", "").replace('\\"', ""):
        raise NotCanonical("text holds a control character")
    if text.isascii():
        body = text.encode()
    else:
        # Quotes separate the strings, and nothing composes with a quote: the whole is NFC when each string is.
        if not is_normalized("NFC", text):
            raise NotCanonical("text is not NFC")
        try:
            body = text.encode()
        except UnicodeEncodeError as error:
            raise NotCanonical("text holds half a surrogate pair") from error
    if len(body) > MAX_BYTES:
        raise NotCanonical(f"{len(body)} bytes are more than {MAX_BYTES}")
    return body


def is_canonical(body: bytes) -> bool:
    """Tell whether these bytes are what `canonical` would have written."""
    if len(body) > MAX_BYTES:
        return False
    try:
        return canonical(json.loads(body.decode())) == body
    except (ValueError, RecursionError):
        return False


def _refuse_odd_values(value: object, depth: int) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if not -MAX_INT <= value <= MAX_INT:
            raise NotCanonical("an integer of 2**53 or more")
        return
    if isinstance(value, dict):
        _refuse_odd_keys(value)
        value = value.values()
    elif not isinstance(value, list | tuple):
        raise NotCanonical(f"a value of type {type(value).__name__}")
    if depth == 0:
        raise NotCanonical(f"more than {MAX_DEPTH} levels")
    for inner in value:
        if inner is not None and type(inner) is not str:
            _refuse_odd_values(inner, depth - 1)


def _refuse_odd_keys(value: dict[object, object]) -> None:
    try:
        if all(map(str.isascii, value)):  # type: ignore[arg-type]  # what is no text raises
            return
    except TypeError:
        pass
    raise NotCanonical("a key that is not ASCII text")
