"""A small S3-speaking server that checks every signature by itself, from Amazon's description alone.

Signature Version 4 as "Authenticating Requests: Using the Authorization Header" describes it: the canonical request, the
string to sign, and the key derived from secret, day, region and service; nothing of the client's library is used.
"""

import hashlib
import hmac
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from tracker.config import S3

BUCKET, KEY, SECRET, REGION = "anh-thiet-bi", "KHOA-THU", "mot-bi-mat/cua+cac-phep-thu", "vn-north-1"
_AUTH = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class Refusal(Exception):
    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code


class Service(ThreadingHTTPServer):
    """The server: what it holds, what it was asked, and how it is to misbehave."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.broken = False  # answers 500
        self.slow = 0.0  # seconds before each answer
        self.full = False  # takes nothing in

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def settings(self, *, key: str = KEY, secret: str = SECRET) -> S3:
        return S3(self.url, BUCKET, key, secret, REGION)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def log_message(self, *_args) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            path = unquote(urlsplit(self.path).path)
            self.server.asked.append((self.command, path))
            time.sleep(self.server.slow)
            if self.server.broken:
                raise Refusal(500, "InternalError")
            check(self.command, self.path, dict(self.headers), body)
            if not path.startswith(f"/{BUCKET}/"):
                raise Refusal(404, "NoSuchBucket")
            self._say(*self._done(path.removeprefix(f"/{BUCKET}/"), body))
        except Refusal as refusal:
            said = f"<?xml version='1.0'?><Error><Code>{refusal.code}</Code></Error>".encode()
            self._say(refusal.status, said)

    def _done(self, name: str, body: bytes) -> tuple[int, bytes]:
        held = self.server.objects
        if self.command == "PUT":
            if self.server.full:
                raise Refusal(507, "InsufficientStorage")
            held[name] = body
            return 200, b""
        if self.command == "DELETE":
            held.pop(name, None)
            return 204, b""
        if self.command not in {"GET", "HEAD"}:
            raise Refusal(405, "MethodNotAllowed")
        if name not in held:
            raise Refusal(404, "NoSuchKey")
        return 200, held[name]

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
        self.send_header("Last-Modified", "Mon, 15 Nov 2021 02:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _answer  # noqa: N815  # the standard library's names


def check(method: str, target: str, headers: dict[str, str], body: bytes) -> None:
    """Refuse a request that is not signed with our key, whose body is another, or that is older than a quarter of an hour."""
    lower = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    said = _AUTH.fullmatch(lower.get("authorization", ""))
    if said is None or said["key"] != KEY or said["region"] != REGION:
        raise Refusal(403, "InvalidAccessKeyId")
    if lower.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        raise Refusal(400, "XAmzContentSHA256Mismatch")
    at = datetime.strptime(lower.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(datetime.now(UTC) - at) > timedelta(minutes=15):
        raise Refusal(403, "RequestTimeTooSkewed")
    names = said["headers"].split(";")
    if not {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names):
        raise Refusal(403, "AccessDenied")
    parts = urlsplit(target)
    asked = sorted(
        (quote(k, safe="-_.~"), quote(v, safe="-_.~"))
        for k, v in parse_qsl(parts.query, keep_blank_values=True)
    )
    canonical = "\n".join(
        [
            method,
            quote(unquote(parts.path), safe="/-_.~"),
            "&".join(f"{k}={v}" for k, v in asked),
            *(f"{name}:{lower[name]}" for name in names),
            "",
            said["headers"],
            lower["x-amz-content-sha256"],
        ]
    )
    scope = f"{said['day']}/{REGION}/s3/aws4_request"
    to_sign = (
        f"AWS4-HMAC-SHA256\n{lower['x-amz-date']}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    )
    key = f"AWS4{SECRET}".encode()
    for part in (said["day"], REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), said["signature"]):
        raise Refusal(403, "SignatureDoesNotMatch")


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        thread.join()
        service.server_close()
