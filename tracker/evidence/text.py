"""Bytes as text, with what terminals and Windows do to it undone."""

import re

from tracker.evidence.refusals import MAX_BYTES, MAX_LINES, Empty, NotText, TooDeep, TooLarge

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_STRANGE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffd]")
#: Signs that are none, in a hundred: a few come from a board's own table, more mean that it is no text.
MOST_STRANGE = 2
LONGEST_LINE = 4_096  # signs; the flags of a processor are some 2,000


def text_of(data: bytes) -> str:
    """Return a file as text with plain line ends: UTF-8, or UTF-16 with its mark as PowerShell writes it.

    Raises: Empty, TooLarge, TooDeep (too many lines) or NotText.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge
    if not data.strip():
        raise Empty
    text = _decode(data)
    if "\0" in text:
        raise NotText
    text = _COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Empty
    if text.count("\n") > MAX_LINES:
        raise TooDeep
    if len(_STRANGE.findall(text)) * 100 > MOST_STRANGE * len(text):
        raise NotText
    return text


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def lines_of(text: str) -> tuple[list[str], bool]:
    """Return the whole lines, and whether the last one was whole too: a line without its end may be cut.

    Lines longer than any tool writes are left out.
    """
    lines = text.split("\n")
    last = lines.pop()
    return [line for line in lines if len(line) <= LONGEST_LINE], not last.strip()


def field(line: str) -> tuple[str, str]:
    """Return name and value of a line such as “Serial Number: 5CG…”; two "" for any other line."""
    name, colon, value = line.partition(":")
    return (name.strip(), value.strip()) if colon else ("", "")
