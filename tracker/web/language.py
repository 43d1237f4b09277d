"""Vietnamese first, English second; the reader's choice, else the installation's."""

from contextvars import ContextVar
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, session
from flask_babel import Babel
from flask_login import current_user

from tracker.words import Words

LOCALES = ("vi", "en")
FOLDER = Path(__file__).parent.parent / "translations"

babel = Babel()

#: The language of this request, once somebody has asked for it.
_chosen: ContextVar[str | None] = ContextVar("locale", default=None)


def catalogue(locale: str) -> NullTranslations:
    """Return the messages of a language; English is what the messages are written in."""
    if locale == "en":
        return NullTranslations()
    return Translations.load(str(FOLDER), [locale])


CATALOGUES: dict[str, NullTranslations] = {locale: NullTranslations() for locale in LOCALES}


def init_app(app: Flask) -> None:
    """Load the catalogues and let words translate themselves into the reader's language."""
    CATALOGUES.update({locale: catalogue(locale) for locale in LOCALES})
    app.extensions["catalogues"] = CATALOGUES
    babel.init_app(app, locale_selector=locale_now, default_timezone="Asia/Ho_Chi_Minh")
    Words.translate = staticmethod(translate)
    app.teardown_request(lambda _error: forget())


def forget() -> None:
    """Let the next question for the language ask the reader again."""
    _chosen.set(None)


def choose(locale: str) -> None:
    """Use this language for the rest of the request, if it is one of ours."""
    if locale in LOCALES:
        _chosen.set(locale)


def locale_now() -> str:
    """Return the language of this request; outside of one, that of the installation."""
    chosen = _chosen.get()
    if chosen is None:
        chosen = _ask()
        if has_request_context():
            _chosen.set(chosen)
    return chosen


def _ask() -> str:
    if not has_request_context():
        wanted = current_app.config["TRACKER"].locale if current_app else "en"  # as written
    else:
        mine = getattr(current_user, "locale", None)
        wanted = mine or session.get("locale") or current_app.config["TRACKER"].locale
    return wanted if wanted in LOCALES else "vi"


def translate(message: str) -> str:
    """Return `message` in the language of this request."""
    return str(CATALOGUES[_chosen.get() or locale_now()].gettext(message))


def translate_count(one: str, many: str, count: int) -> str:
    """Return the form of a message that fits `count`; Vietnamese has one for all."""
    return str(CATALOGUES[locale_now()].ngettext(one, many, count))
