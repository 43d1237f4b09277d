"""Headers of every answer. By hand: the extension for this is no longer kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Nothing inline, nothing from elsewhere. The camera's decoder is WebAssembly.
POLICY = (
    "default-src 'none'; "
    "script-src 'self' 'wasm-unsafe-eval'; "
    "style-src 'self'; "
    "img-src 'self' blob: data:; "
    "font-src 'self'; "
    "media-src 'self' blob:; "
    "connect-src 'self'; "
    "manifest-src 'self'; "
    "worker-src 'self'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


ALWAYS = list(HEADERS.items())


class Armoured:
    """The application with its fixed headers; added to the finished answer, where they cost least."""

    def __init__(self, wsgi_app: WSGIApplication, *, strict_transport: bool) -> None:
        self.wsgi_app = wsgi_app
        self.headers = ALWAYS + [("Strict-Transport-Security", "max-age=31536000")] * strict_transport

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            if not any(name == "Cache-Control" for name, _value in headers):
                headers.append(("Cache-Control", "no-store"))
            if any(
                name == "Cross-Origin-Resource-Policy" for name, _value in headers
            ):  # its own, for one picture
                headers = [
                    *headers,
                    *(each for each in self.headers if each[0] != "Cross-Origin-Resource-Policy"),
                ]
                return start_response(status, headers, error)
            return start_response(status, headers + self.headers, error)

        return self.wsgi_app(environ, start)


def init_app(app: Flask) -> None:
    """Send the headers with every answer."""
    # With an own authority a browser that insists on TLS could not come back to the page without TLS that
    # hands out the next authority, nor past the warning about the old one.
    strict = app.config["TRACKER"].secure and not app.config["TRACKER"].tls
    app.wsgi_app = Armoured(app.wsgi_app, strict_transport=strict)  # type: ignore[method-assign]
