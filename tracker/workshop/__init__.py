from flask import Flask

MOVE_PAGES: dict = {}


def init_app(app: Flask) -> None:
    """Open the room."""
