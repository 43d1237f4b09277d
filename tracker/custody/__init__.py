"""The heart: the device, the road it travels, its codes, and the ledger."""

from flask import Flask

from tracker.custody import converters
from tracker.custody.codes import grouped


def init_app(app: Flask) -> None:
    """Let addresses hold codes and moves, and pages show codes in groups."""
    app.url_map.converters.update(code=converters.CodeConverter, move=converters.MoveConverter)
    app.jinja_env.filters["code"] = grouped
