"""How values look on screen: local time, grouped numbers."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask

from tracker.web.language import locale_now

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def show_date(value: date | datetime | None) -> str:
    """Return a day as 05/09/2021, in Vietnam's time."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(VIETNAM)
    return f"{value.day:02d}/{value.month:02d}/{value.year}"


def show_moment(value: datetime | None) -> str:
    """Return an instant as 05/09/2021 14:03, in Vietnam's time."""
    if value is None:
        return ""
    local = value.astimezone(VIETNAM)
    return f"{local.day:02d}/{local.month:02d}/{local.year} {local.hour:02d}:{local.minute:02d}"


def show_number(value: int | None) -> str:
    """Return a count with its thousands set apart as the language does."""
    if value is None:
        return ""
    return f"{value:,}".replace(",", "." if locale_now() == "vi" else ",")


def init_app(app: Flask) -> None:
    """Give the templates these filters."""
    app.jinja_env.filters.update(date=show_date, datetime=show_moment, number=show_number)
