"""Vietnamese first, English second; the reader's choice, else the installation's."""

from pathlib import Path

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_request_context, session
from flask_babel import Babel
from flask_login import current_user

from tracker.words import Words

LOCALES = ("vi", "en")
FOLDER = Path(__file__).parent.parent / "translations"

babel = Babel()


def catalogue(locale: str) -> NullTranslations:
    """Return the messages of a language; English is what the messages are written in."""
    if locale == "en":
        return NullTranslations()
    return Translations.load(str(FOLDER), [locale])


def init_app(app: Flask) -> None:
    """Load the catalogues and let words translate themselves into the reader's language."""
    app.extensions["catalogues"] = {locale: catalogue(locale) for locale in LOCALES}
    babel.init_app(app, locale_selector=locale_now, default_timezone="Asia/Ho_Chi_Minh")
    Words.translate = staticmethod(translate)


def locale_now() -> str:
    """Return the language of this request; outside of one, that of the installation."""
    if not has_request_context():
        return current_app.config["TRACKER"].locale if current_app else "vi"
    if "locale" not in g:
        mine = getattr(current_user, "locale", None)
        chosen = mine or session.get("locale") or current_app.config["TRACKER"].locale
        g.locale = chosen if chosen in LOCALES else "vi"
    return str(g.locale)


def translate(message: str) -> str:
    """Return `message` in the language of this request."""
    if not current_app:
        return message
    return str(current_app.extensions["catalogues"][locale_now()].gettext(message))


def translate_count(one: str, many: str, count: int) -> str:
    """Return the form of a message that fits `count`; Vietnamese has one for all."""
    return str(current_app.extensions["catalogues"][locale_now()].ngettext(one, many, count))
