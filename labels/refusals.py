"""What paper says no to, each in a sentence that names the thing and the number.

This package knows no languages. A refusal keeps its English sentence and the values apart
(`sentence`, `values`), so that the caller can translate the sentence and fill it again.
"""

#: Marks a sentence for whoever collects what there is to translate.
N_ = str


class PaperRefused(ValueError):
    """Nothing was drawn; `str()` is the English sentence, filled."""

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(sentence % values)


class UnknownStock(PaperRefused):
    """No label stock has this name."""


class UnreadableStock(PaperRefused):
    """A label of this stock is too small for a code that a phone reads."""


class UnreadableCode(PaperRefused):
    """A text cannot be drawn as the code that was asked for."""


class NotReadable(PaperRefused):
    """A finished PDF of labels does not read back, so it is not offered."""


class TooMany(PaperRefused):
    """More was asked for than one paper carries."""


class MissingField(PaperRefused):
    """A record lacks something it may not be signed without."""


class TooLong(PaperRefused):
    """A text is too long for its place on a record, where nothing may be cut off."""
