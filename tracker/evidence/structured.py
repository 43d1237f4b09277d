"""JSON and XML within bounds, whole or not at all.

XML goes through expat with every declaration refused, so there is nothing to expand and nothing to fetch
(billion laughs, external entities). Depth and number are bounded.
"""

import json
import re
from typing import Any, NoReturn
from xml.parsers import expat

from tracker.evidence.refusals import MAX_DEPTH, MAX_ELEMENTS, MAX_VALUES, Cut, Entities, TooDeep

# A prompt such as [root@pc ~]# begins no list.
_BEGIN_JSON = re.compile(r"""^[ \t]*(?=\{\s*["}]|\[\s*[\[{"\]\d-])""", re.MULTILINE)
_HERE = re.compile(r"(?=[\[{])")
_BETWEEN = re.compile(r"[\s,]*")
_BEGIN_XML = re.compile(r"<(?:\?xml|!DOCTYPE|!--|[A-Za-z])")


def json_values(text: str) -> list[Any]:
    """Return the JSON objects and lists of a text, one after the other, without the lines around them.

    Raises:
        Cut: one of them has no proper end.
        TooDeep: one is nested too deep, or they are too many.
    """
    if text.count("{") + text.count("[") > MAX_ELEMENTS:
        raise TooDeep
    decoder = json.JSONDecoder(parse_constant=_no_number)
    found: list[Any] = []
    begin = _BEGIN_JSON.search(text)
    while begin is not None:
        try:
            value, at = decoder.raw_decode(text, begin.end())
        except RecursionError as error:
            raise TooDeep from error
        except ValueError as error:
            raise Cut from error
        _bound(value)
        found.append(value)
        if len(found) > MAX_VALUES:
            raise TooDeep
        # Old lshw writes “},{” without the brackets around; smartctl several times is “}” and “{” on a new line.
        gap = _BETWEEN.match(text, at)
        at = gap.end() if gap else at
        begin = _HERE.match(text, at) or _BEGIN_JSON.search(text, at)
    if not found:
        raise Cut
    return found


def _bound(value: Any) -> None:
    """Go through the value level by level, so that no depth is too much for this check itself."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise TooDeep
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


class Element:
    """An element with its attributes, its own text and its children."""

    __slots__ = ("attributes", "children", "name", "words")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.words: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.words).strip()


def xml_root(text: str, closing: tuple[str, ...]) -> Element:
    """Return the root of an XML text, without lines before it and after the last of the `closing` tags.

    Raises:
        Cut: it has no proper end.
        Entities: it has a DOCTYPE.
        TooDeep: it is nested too deep or has too many elements.
    """
    begin = _BEGIN_XML.search(text)
    end = max((text.rfind(tag) + len(tag) for tag in closing if tag in text), default=0)
    if begin is None or not end:
        raise Cut
    tree = _Tree()
    try:
        tree.parser.Parse(text[begin.start() : end].encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError) as error:
        raise Cut from error
    if tree.root is None:
        raise Cut
    return tree.root


class _Tree:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0
        # The text is UTF-8 by now, whatever its declaration says.
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words

    def _refuse(self, *_: object) -> NoReturn:
        raise Entities

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
            raise TooDeep
        element = Element(name, attributes)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, _: str) -> None:
        self.open.pop()

    def _words(self, words: str) -> None:
        self.open[-1].words.append(words)
