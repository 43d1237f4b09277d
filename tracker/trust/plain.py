"""The listener without TLS: one page, the certificate, and the way to https. Nothing else is there.

A phone that does not trust yet sees only a warning over https, so this page has to come without. What
comes without TLS could be changed on the way: hence the fingerprint that people compare, and hence no
cookie is read or set here, and no form is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from tracker import config
from tracker.trust import views

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: What is served: the page and its files. /trust itself is drawn without a menu.
PATHS = frozenset({"/trust", "/trust/authority.crt", "/trust/authority.mobileconfig"})
STYLES = frozenset(
    {"/static/vendor/bootstrap.min.css", "/static/theme.css", "/static/logo.svg", "/static/vendor/icons.svg"}
)
#: The mark on the page is loaded over TLS; it is the proof that it can be.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' {https}; frame-ancestors 'none'; base-uri 'none'"
)
_UNWANTED = ("set-cookie", "content-security-policy", "strict-transport-security")


class Plain:
    """An application of which only the page of trust can be reached."""

    def __init__(self, app: Flask, settings: config.Config) -> None:
        self.inner: WSGIApplication = app.wsgi_app
        self.https = settings.public_url
        self.policy = POLICY.format(https=settings.public_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or path not in PATHS | STYLES:
            # Not for ever: a browser keeps a permanent one, also after the address has changed.
            away = Response("", 302, {"Location": self.https + "/", "Cache-Control": "no-store"})
            return away(environ, start_response)
        for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED")]:
            del environ[name]
        environ.pop("HTTP_COOKIE", None)
        environ.update(QUERY_STRING="", HTTP_HOST=self.https.partition("://")[2])

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            kept = Headers([each for each in headers if each[0].lower() not in _UNWANTED])
            kept["Content-Security-Policy"] = self.policy
            return start_response(status, list(kept), error)

        return self.inner(environ, start)


def create(settings: config.Config, app: Flask) -> Plain:
    """Return the listener over an application of its own, in which the page has no menu."""
    app.view_functions["trust.page"] = _public_plain
    return Plain(app, settings)


def _public_plain() -> str:
    return views.plain_page()


_public_plain.allowed = views.page.allowed  # type: ignore[attr-defined]
