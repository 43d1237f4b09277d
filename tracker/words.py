"""Sentences that are translated when they are shown, not when they are made.

Rules know no request and no language. They say `_("Device %(code)s is retired.", code=code)` and
get `Words`; `str()` of them asks the translator, which `tracker.web` sets to that of the reader.
Without one (a rule's own test, a command without a language) the English message itself is shown.
"""

from collections.abc import Callable
from typing import Any


def _as_written(message: str) -> str:
    return message


class Words:
    """One message and the values that go into it."""

    __slots__ = ("message", "values")

    translate: Callable[[str], str] = staticmethod(_as_written)

    def __init__(self, message: str, **values: Any) -> None:
        self.message = message
        self.values = values

    def __str__(self) -> str:
        sentence = type(self).translate(self.message)
        return sentence % self.values if self.values else sentence

    def __repr__(self) -> str:
        return f"Words({self.message!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and (self.message, self.values) == (other.message, other.values)

    def __hash__(self) -> int:
        return hash(self.message)


def _(message: str, **values: Any) -> Words:
    """Return `message` as words to be translated when shown; `%(name)s` takes `name=`."""
    return Words(message, **values)
