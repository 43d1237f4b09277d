"""Words in addresses are types: an unknown one is a 404 before any code runs."""

from functools import cache

from flask import url_for
from werkzeug.routing import BaseConverter, ValidationError

from tracker.custody.codes import check_symbol, is_code
from tracker.custody.road import Move


class CodeConverter(BaseConverter):
    """A canonical device code; lower case is taken too."""

    regex = "[0-9A-Za-z]{8}"

    def to_python(self, value: str) -> str:
        code = value.upper()
        if not is_code(code):
            raise ValidationError
        return code


class MoveConverter(BaseConverter):
    """A move of the road."""

    def to_python(self, value: str) -> Move:
        try:
            return Move(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: Move) -> str:
        return str(value)


#: Any code that an address takes.
_SAMPLE = "2222222" + check_symbol("2222222")


@cache
def _pattern(endpoint: str) -> str:
    return url_for(endpoint, code=_SAMPLE)


def address(endpoint: str, code: str) -> str:
    """Return where an endpoint with one code lies; its address is built once, and the code put in."""
    return _pattern(endpoint).replace(_SAMPLE, code)
