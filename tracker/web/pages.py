"""Rendering: one template environment for each language, with its fixed messages folded in."""

import hashlib
import secrets
import time
from collections.abc import Callable, MutableMapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from flask import Flask, current_app, get_flashed_messages, session, url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, FileSystemLoader
from jinja2.defaults import DEFAULT_NAMESPACE
from werkzeug.routing import BuildError

from tracker.web.jinja_fold import Folding
from tracker.web.jinja_lean import Lean
from tracker.web.language import CATALOGUES, LOCALES, locale_now, translate_count
from tracker.web.tables import table_cells, td

PACKAGE = Path(__file__).parent.parent
#: In a wheel the templates lie inside the package, in a checkout beside it.
TEMPLATES = PACKAGE / "templates" if (PACKAGE / "templates").is_dir() else PACKAGE.parent / "templates"
STATIC = PACKAGE / "static"

#: How long a form's token is shown before it is signed anew; it is valid for twelve hours.
RENEWED = 600.0  # seconds


@cache
def static(path: str) -> str:
    """Return the address of a static file with its content's digest, so that it may be kept for long."""
    file = STATIC / path
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "0"
    return f"/static/{path}?v={version}"


def fixed_address(app: Flask, endpoint: str, **values: Any) -> str | None:
    """Return the address that `url_for` gives wherever it is asked, or None where it depends on the request."""
    if endpoint.startswith(".") or any(name.startswith("_") for name in values):
        return None
    try:
        return app.url_map.bind("").build(endpoint, values)
    except BuildError:
        return None


def page_at(endpoint: str) -> str:
    """Return the address of a page that is not in every house, or nothing."""
    return fixed_address(current_app, endpoint) or ""


def new_event_id() -> str:
    """Return a fresh id for a form."""
    return secrets.token_hex(16)


def say_in(words: NullTranslations, message: str, **values: Any) -> str:
    """Return a message in the language of these words, with its values."""
    sentence = str(words.gettext(str(message)))
    return sentence % values if values else sentence


def say_count(one: str, many: str, num: int, **values: Any) -> str:
    """Return the form of a message that fits the count `num`."""
    return translate_count(one, many, num) % {"num": num, **values}


def init_app(app: Flask) -> None:
    """Make one environment for each language from the application's own."""
    app.jinja_loader = FileSystemLoader(TEMPLATES)
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.do")
    # Nothing else: no request, no session; a page shows what it is given.
    app.extensions["page_functions"] = {
        "ngettext": say_count,
        "static": static,
        "new_event_id": new_event_id,
        "csrf_token": csrf_token,
        "kept": kept,
        "table_cells": table_cells,
        "table_cell": td,
        "url_for": url_for,
        "page_at": page_at,
        "get_flashed_messages": get_flashed_messages,
    }
    app.extensions["csrf_tokens"] = {}
    app.extensions.setdefault("page_values", [])
    app.extensions["pages"] = {locale: _for(app, locale) for locale in LOCALES}


#: Renderings kept of one part, and tokens kept in all, before all are forgotten.
MOST_KEPT = 2000


def kept(part: Callable[..., Any]) -> Callable[..., Any]:
    """Return a part of a page that keeps its renderings by their arguments: a part takes values only.

    Each language has its own parts, so a rendering never shows in another. What cannot be compared (a
    list among the arguments) is rendered each time.
    """
    renderings: dict[Any, Any] = {}

    def render(*args: Any, **named: Any) -> Any:
        # With their types: Markup("<b>") equals "<b>", and 1 equals true.
        key = (args, *map(type, args), *named.items(), *map(type, named.values()))
        try:
            found = renderings.get(key)
        except TypeError:
            return part(*args, **named)
        if found is None:
            found = part(*args, **named)
            if len(renderings) >= MOST_KEPT:
                renderings.clear()
            renderings[key] = found
        return found

    return render


def csrf_token() -> str:
    """Return the token of this session's forms; signed anew every ten minutes, not for every page."""
    shown = token_shown()
    if shown is None:
        tokens: dict[str, tuple[float, str]] = current_app.extensions["csrf_tokens"]
        if len(tokens) >= MOST_KEPT:
            tokens.clear()
        shown = generate_csrf()
        if mine := session.get("csrf_token"):
            tokens[mine] = (time.monotonic(), shown)
    return shown


def token_shown() -> str | None:
    """Return the token that this process signed for this session within the last ten minutes."""
    tokens: dict[str, tuple[float, str]] = current_app.extensions["csrf_tokens"]
    signed = tokens.get(session.get("csrf_token", ""))
    return signed[1] if signed and time.monotonic() - signed[0] <= RENEWED else None


class Pages(Folding, Lean):
    """An environment whose templates see its globals as one plain dictionary.

    Jinja would chain two for every template, and pay for it at each lookup and each import.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


def _for(app: Flask, locale: str) -> Environment:
    base, words = app.jinja_env, CATALOGUES[locale]
    env = Pages(
        words.gettext,
        ngettext=words.ngettext if locale == "vi" else None,
        pure={"static": static, "url_for": partial(fixed_address, app)},
        macros={"icon": "parts/icon.html"},
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        extensions=["jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=app.debug,
        cache_size=-1,
    )
    env.filters = base.filters
    env.tests = base.tests
    env.globals = {
        **DEFAULT_NAMESPACE,
        **app.extensions["page_functions"],
        "locale": locale,
        "_": partial(say_in, words),
    }
    return env


def on_every_page(app: Flask, values: Callable[[], dict[str, Any]]) -> None:
    """Give every page these values. Flask's own context is left out: a page does not read the request."""
    app.extensions["page_values"].append(values)


def show(template: str, **values: Any) -> str:
    """Render a page in the reader's language."""
    app = current_app
    env: Environment = app.extensions["pages"][locale_now()]
    for more in app.extensions["page_values"]:
        values.update(more())
    return env.get_template(template).render(values)
