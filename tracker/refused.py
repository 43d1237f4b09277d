"""What a rule raises when it says no. One place, `tracker.web.errors`, shows it."""

from tracker.words import Words


class Refused(Exception):
    """A rule said no. Nothing has been written.

    `sentence` says why, in the reader's language; `out` says what can be done instead.
    """

    def __init__(self, sentence: Words | str, *, out: Words | str = "") -> None:
        self.sentence = sentence
        self.out = out
        super().__init__(sentence)

    def __str__(self) -> str:
        return str(self.sentence)


class Missing(Exception):
    """What was asked for is not there, or not for this person to see: the page is a 404."""
