"""Headers of every answer. By hand: the extension for this is no longer kept."""

from flask import Flask, Response, abort, request

from tracker.web.reading import SAFE

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
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


def init_app(app: Flask) -> None:
    """Send the headers with every answer and refuse forms that another site submits."""
    app.before_request(_own_site_only)
    app.after_request(_add)


def _own_site_only() -> None:
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def _add(response: Response) -> Response:
    headers = response.headers
    headers.extend(HEADERS)
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
