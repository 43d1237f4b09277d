"""What makes the station installable and keeps it open without a network: the service worker and the manifest."""

import hashlib
import json
from functools import cache

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from tracker.people.permissions import public
from tracker.stations.views import bp
from tracker.web.language import translate
from tracker.web.pages import STATIC, static

#: What the station needs to open; the reader of the camera, 1 MB, comes after these.
FIRST = (
    "vendor/bootstrap.min.css",
    "theme.css",
    "station.css",
    "vendor/icons.svg",
    "vendor/idb.js",
    "js/station.js",
    "js/outbox.js",
    "js/outcomes.js",
    "js/codes.js",
    "js/wedge.js",
    "js/scan.js",
    "icons/192.png",
)
LATER = (
    "vendor/barcode-detector.js",
    "vendor/zxing_reader.wasm",
    "vendor/signature_pad.js",
    "js/signature.js",
)


@cache
def _worker() -> bytes:
    first, later = ([static(path) for path in paths] for paths in (FIRST, LATER))
    stamp = hashlib.sha256("".join(first + later).encode()).hexdigest()[:12]
    head = f"const STAMP = {json.dumps(stamp)};\nconst FIRST = {json.dumps(first)};\nconst LATER = {json.dumps(later)};\n"
    return head.encode() + (STATIC / "js" / "station-worker.js").read_bytes()


@bp.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """Return the service worker, with the addresses of what it keeps."""
    return Response(_worker(), content_type="text/javascript; charset=utf-8")


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Return what a phone shows of the station on its home screen."""
    icons = [
        {
            "src": static(f"icons/{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    values = {
        "id": url_for("stations.station"),
        "name": translate("Scan station"),
        "short_name": translate("Scan station"),
        "start_url": url_for("stations.station"),
        "scope": url_for("stations.station"),
        "display": "standalone",
        "background_color": "#f6f5f0",
        "theme_color": "#0b4a4a",
        "lang": "vi",
        "icons": icons,
    }
    return Response(json.dumps(values, ensure_ascii=False), content_type="application/manifest+json")
