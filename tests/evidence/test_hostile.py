"""What always holds, whatever comes: facts or a refusal, soon; and a cut file never says a wrong thing."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence.samples import ALL, GOOD, REAL, capture, facts_of, real_captures
from tracker.evidence.facts import Facts, Outcome
from tracker.evidence.merge import merge
from tracker.evidence.read import read
from tracker.evidence.refusals import MAX_BYTES
from tracker.refused import Refused

CAPTURES = {name: capture(name) for name in ALL}
GARBLED = st.sampled_from(
    [b"{", b"}", b"[", b'"', b"\\", b"<", b">", b"\n", b"\t", b":", b"\xff", b"-1", b"9" * 30, b"null", b"/dev/sda",
     b"\xf0\x9f\x92\xa9", b"\\ud800", b"=== tracker-evidence 1 x ===\n", b"smartctl 7.2 \n", b"| 1 | 2 |", b"1e999"]
)  # fmt: skip


def attempt(data: bytes) -> Facts | None:
    try:
        facts = read("a", data)
    except Refused:
        return None
    merge([("a", facts)])
    return facts


@given(st.binary(max_size=2_000))
def test_any_bytes_are_facts_or_a_refusal(data: bytes):
    attempt(data)


@given(st.text(max_size=2_000))
def test_any_text_is_facts_or_a_refusal(text: str):
    attempt(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=300)
@given(st.sampled_from(ALL), st.data())
def test_a_garbled_capture_is_facts_or_a_refusal(name: str, data: Any):
    whole = CAPTURES[name]
    for _times in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(whole)))
        end = min(len(whole), begin + data.draw(st.integers(0, 40)))
        whole = whole[:begin] + data.draw(GARBLED) + whole[end:]

    facts = attempt(whole)

    assert facts is None or str(facts).encode()  # no lone surrogate: it can be shown and kept


@settings(max_examples=400)
@given(st.sampled_from(GOOD), st.floats(0, 1))
def test_a_cut_capture_never_says_a_wrong_thing(name: str, share: float):
    """JSON and XML are refused; of lines, only facts that the whole file has too."""
    data = CAPTURES[name]
    cut = data[: int(len(data) * share)]
    facts = attempt(cut)
    if facts is None:
        return
    if name.endswith((".json", ".xml")):
        assert facts == facts_of(name)
    else:
        assert_no_wrong_fact(facts, facts_of(name))


def assert_no_wrong_fact(part: Facts, full: Facts) -> None:
    for field in Facts._fields:
        mine, theirs = getattr(part, field), getattr(full, field)
        if field in ("whole", "notes", "parts") or mine in (None, "", ()):
            continue
        if field == "wipes":
            assert all(wipe.outcome is not Outcome.OK or wipe in theirs for wipe in mine)
        elif isinstance(mine, tuple) and not hasattr(mine, "_fields"):
            for one in mine:
                assert any(within(one, other) for other in theirs), (field, one, theirs)
        else:
            assert within(mine, theirs), (field, mine, theirs)


def within(one: Any, other: Any) -> bool:
    """Say whether everything `one` says is said by `other`: less is no lie."""
    if not hasattr(one, "_fields"):
        return bool(one == other)
    return all(mine in (None, "", False) or mine == theirs for mine, theirs in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "begin",
    [
        b"# dmidecode 3.3\n", b"smartctl 7.2 x\n", b"Architecture: x\n", b"[ro.a.b]: [c]\n", b"[2026/01/01 00:00:00] info: x\n",
        b"Current Battery Service state:\n", b"# decode-dimms version 1\n", b"Device: /org/freedesktop/UPower/\n",
        b"00:00.0 Host bridge: x\n", b"POWER_SUPPLY_NAME=x\n", b'{"json_format_version": 1, "class": "', b'{"class": ', b"<list>",
        b"enp0s1 54:e1:ad:9b:0c:11\n", b"",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "again",
    [
        b"a", b" ", b"\n", b"[", b"{", b'\\"', b'"', b"<node>", b"<", b"\n\t", b"open device: failed ", b" (prog-if 00",
        b"/dev/sda ", b"enp0s1 54:e1:ad:9b:0c:11\n", b"enp0s1 54:e1:ad:9b:0c:11 ", b"smartctl 7.2 \n", b"{}\n", b"[0],",
        b"Handle 0x0001, DMI type 17, 4 bytes\n\tSize: 1 GB\n", b"lshw ", b"sda | 0 | 0 |\n",
        b"[2026/01/01 00:00:00] error: /dev/sda /dev/sdb\n", b"=== tracker-evidence 1 a ===\n", b" \x1b[0",
    ],
)  # fmt: skip
def test_no_repetition_takes_long(begin: bytes, again: bytes):
    """What grows as the square of the file would take minutes at this size already."""
    size = MAX_BYTES // 50
    data = begin + again * ((size - len(begin)) // len(again))

    start = time.process_time()
    attempt(data)

    assert time.process_time() - start < 2


def test_every_real_capture_cut_anywhere_says_no_wrong_thing():
    for path in real_captures():
        data = path.read_bytes()
        full = attempt(data)
        for part in range(1, 8):
            facts = attempt(data[: len(data) * part // 8])
            if facts is None:
                continue
            assert full is not None, path.relative_to(REAL)
            assert_no_wrong_fact(facts, full)
