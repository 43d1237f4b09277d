"""A file from the machine, as facts: what wrote it is found from what stands in it, never from its name.

A bundle is several files in one, as a collecting script writes them: each begins with a line
`=== tracker-evidence 1 NAME ===`, such as `=== tracker-evidence 1 lshw.json ===`; 1 is the version of this form.
"""

import re
from collections.abc import Callable

from tracker.evidence.facts import Facts, Kind, Part, says_nothing
from tracker.evidence.parsers import (
    battery,
    dmidecode,
    getprop,
    lsblk,
    lscpu,
    lshw,
    lspci,
    nwipe,
    small,
    smartctl,
    smartctl_text,
)
from tracker.evidence.refusals import (
    MAX_THINGS,
    EmptyList,
    NoPart,
    NotRoot,
    SaysNothing,
    TooDeep,
    ToolMissing,
    Unknown,
)
from tracker.evidence.structured import json_values
from tracker.evidence.text import text_of
from tracker.refused import Refused

MARK = re.compile(r"^=== tracker-evidence 1 ([^\n=]{1,100}?) ===[ \t]*$", re.MULTILINE)
MOST_PARTS = 100
#: What a file may list, but not without end.
THINGS = (
    "serials",
    "memory",
    "drives",
    "batteries",
    "nics",
    "graphics",
    "cameras",
    "locks",
    "wipes",
    "notes",
)
_MISSING = re.compile(
    r"\b(lshw|dmidecode|lscpu|lspci|smartctl|lsblk|upower|nwipe|getprop|dumpsys|decode-dimms)\b[^\n]{0,40}?"
    r"(?:command not found|: not found|inaccessible or not found|không tìm thấy lệnh|lệnh không tìm thấy"
    r"|is not recognized)"
    r"|Command '(\w{2,20})' not found"
)
_DENIED = re.compile(
    r"^/(?:sys/firmware/dmi|dev/mem)\b.{0,60}Permission denied|Can't read memory from", re.MULTILINE
)
_XML = re.compile(r"^[ \t]*<(?:\?xml|list\b|node\b|!DOCTYPE(?! html))", re.MULTILINE)
_JSON = re.compile(r"^[ \t]*[\[{]", re.MULTILINE)
#: A word of its JSON by which each tool is known.
JSONS: tuple[tuple[str, Callable[[str], Facts]], ...] = (
    ('"json_format_version"', smartctl.facts),
    ('"blockdevices"', lsblk.facts),
    ('"lscpu"', lscpu.from_json),
    ('"class"', lshw.from_json),
)

#: Looked for in this order in the text: a bundle of one tool's pieces must not be taken for another's.
TEXTS: tuple[tuple[re.Pattern[str], Callable[[str], Facts]], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), parser)
    for pattern, parser in (
        (r"^\[\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\] +(?:nwipe: )?(?:debug|info|notice|warning|error|fatal|sanity): ",
         nwipe.facts),
        (r"^\*{20,} (?:Error Summary|Drive Status) \*{20,}", nwipe.facts),
        (r"^# dmidecode \d|^Handle 0x[0-9A-Fa-f]{4,8}, DMI type \d+", dmidecode.facts),
        (r"^smartctl \d+\.\d+ |^=== START OF (?:INFORMATION|READ SMART DATA) SECTION ===", smartctl_text.facts),
        (r"^# ?decode-dimms version|^No EEPROM found, the kernel", small.dimms),
        (r"^\[(?:ro|persist|sys|gsm|init|dalvik)\.[\w.-]+\]: \[", getprop.facts),
        (r"^Current Battery Service state:", battery.dumpsys),
        (r"^POWER_SUPPLY_[A-Z_]+=", battery.power_supply),
        (r"^Device: /org/freedesktop/UPower/|^  native-path: ", battery.upower),
        (r"^(?:Architecture|Kiến trúc): +\S", lscpu.facts),
        (r"^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] [A-Z0-9]", lspci.facts),
    )
)  # fmt: skip


def read(name: str, data: bytes) -> Facts:
    """Return what a file says.

    Args:
        name: of the file, for people; what wrote the file is found from its content.
        data: the file as it came.

    Raises:
        Refused: with the reason: empty, too large, not text, of no known tool, cut off, nested too deep,
            with definitions of its own, or without one fact.
    """
    text = text_of(data)
    marks = list(MARK.finditer(text))
    if marks:
        return _bundle(text, marks)
    return _one(text)


def _bundle(text: str, marks: list[re.Match[str]]) -> Facts:
    if len(marks) > MOST_PARTS:
        raise TooDeep
    parts = []
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        content = text[mark.end() : after.start() if after else len(text)].lstrip("\n")
        try:
            parts.append(Part(mark[1].strip(), _one(content)))
        except Refused as refused:
            parts.append(Part(mark[1].strip(), None, refused.sentence))
    if not any(part.facts for part in parts):
        raise NoPart(parts[0].refusal)
    return Facts(
        Kind.BUNDLE, parts=tuple(parts), whole=all(part.facts and part.facts.whole for part in parts)
    )


def _one(text: str) -> Facts:
    facts = _parsed(text)
    if max(len(getattr(facts, name)) for name in THINGS) > MAX_THINGS:
        raise TooDeep
    if says_nothing(facts):
        raise SaysNothing(str(facts.kind))
    return facts


def _parsed(text: str) -> Facts:
    for pattern, parser in TEXTS:
        if pattern.search(text):
            return parser(text)
    if _XML.search(text):
        return lshw.from_xml(text)
    if _JSON.search(text):
        return _json(text)
    if all(small.LINK.fullmatch(line.strip()) for line in text.split("\n") if line.strip()):
        return small.links(text)
    if missing := _MISSING.search(text):
        raise ToolMissing(missing[1] or missing[2])
    if _DENIED.search(text):
        raise NotRoot("dmidecode")
    raise Unknown


def _json(text: str) -> Facts:
    for sign, parser in JSONS:
        if sign in text:
            return parser(text)
    if not any(json_values(text)):
        raise EmptyList
    raise Unknown
