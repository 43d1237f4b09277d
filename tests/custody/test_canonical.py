import json
from enum import StrEnum
from typing import Any
from unicodedata import is_normalized

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tracker.custody import verify
from tracker.custody.canonical import MAX_BYTES, MAX_DEPTH, NotCanonical, canonical, is_canonical

texts = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20), max_size=12)
plain_texts = texts.filter(lambda text: is_normalized("NFC", text))
keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
whole_numbers = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | whole_numbers | plain_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def accepted_by_the_verifier(body: bytes) -> bool:
    try:
        verify.load_canonical(body)
    except verify.Broken:
        return False
    return True


@given(values)
def test_it_writes_what_rfc_8785_writes(value: Any):
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_what_it_writes_is_canonical_and_reads_back(value: Any):
    body = canonical(value)

    assert json.loads(body) == value
    assert is_canonical(body)
    assert accepted_by_the_verifier(body)


@given(anything)
def test_it_writes_in_the_only_form_or_refuses(value: Any):
    try:
        body = canonical(value)
    except NotCanonical:
        return
    assert is_canonical(body)


@given(anything, st.booleans(), st.sampled_from([None, 1]), st.booleans())
def test_both_readers_accept_the_same_bytes(value: Any, ascii_only: bool, indent: int | None, ordered: bool):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, sort_keys=ordered, separators=(",", ":"))
    body = text.encode(errors="surrogatepass")

    assert is_canonical(body) == accepted_by_the_verifier(body)


@given(st.binary(max_size=40))
def test_both_readers_take_any_bytes_without_a_crash(body: bytes):
    assert is_canonical(body) == accepted_by_the_verifier(body)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        {1: "number as key"},
        {"đ": "key beyond ASCII"},
        {None: 1},
        "tie\u0302\u0301ng",
        "line\nbreak",
        "\x00",
        "\\\x1f",
        "\ud800",
        "x" * MAX_BYTES,
        {"deep": [1.5]},
        {1, 2},
    ],
    ids=repr,
)
def test_a_value_without_one_form_is_refused(value: object):
    with pytest.raises(NotCanonical):
        canonical(value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b"\xef\xbb\xbf{}",
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b'"\\u0041"',
        b'"\\u000a"',
        b'"\\n"',
        b'"\\u0000"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"e\xcc\x81"',
        b"9007199254740992",
        b"1" * 6000,
        b"[" * 8000 + b"]" * 8000,
        b"",
        b'"' + b"x" * MAX_BYTES + b'"',
        "[]".encode("utf-16"),
    ],
    ids=lambda body: repr(body[:20]),
)
def test_bytes_in_another_form_are_not_canonical(body: bytes):
    assert not is_canonical(body)
    assert not accepted_by_the_verifier(body)


def test_text_may_hold_quotes_backslashes_and_vietnamese():
    value = {"note": 'Máy tính "Sóng" \\ 1\\n'}

    assert json.loads(canonical(value)) == value


def test_sixteen_levels_are_written_and_seventeen_refused():
    value: list[Any] = []
    for _ in range(MAX_DEPTH - 1):
        value = [value]

    assert is_canonical(canonical(value))
    with pytest.raises(NotCanonical):
        canonical([value])
    assert accepted_by_the_verifier(b"[" * 16 + b"]" * 16)
    assert not accepted_by_the_verifier(b"[" * 17 + b"]" * 17)


def test_a_value_inside_itself_is_refused():
    value: list[Any] = []
    value.append(value)

    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_largest_body_has_16384_bytes():
    assert is_canonical(canonical("x" * (MAX_BYTES - 2)))
    with pytest.raises(NotCanonical):
        canonical("x" * (MAX_BYTES - 1))


def test_a_word_of_an_enumeration_is_its_text():
    class Move(StrEnum):
        SEND = "send"

    assert canonical({"kind": Move.SEND}) == b'{"kind":"send"}'
