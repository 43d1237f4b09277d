"""The signed cookie: small values of one browser, taken apart once for each value it sends.

Beside it goes `said`: the messages for the next page, which Flask's `flash` keeps in the session.
"""

import hmac
import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode, int_to_bytes
from itsdangerous.signer import SigningAlgorithm

from tracker.web import said

#: How long a cookie that was found good is believed without another look at its signature and age.
BELIEVED = 600.0  # seconds

#: Cookies remembered, before all are forgotten, and the longest header that is.
MOST_KEPT, LONGEST = 2000, 2000

#: What a kept cookie may hold, and what need not be sent again if it is the same. Of a list one cannot tell.
PLAIN = (str, int, bool)

#: Where Flask keeps the messages for the next page.
FLASHES = "_flashes"

#: Sets this key apart from what else is signed with the installation's secret.
PURPOSE = b"cookies of the tracker"


class Sha256(SigningAlgorithm):
    """HMAC-SHA256 in one call."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")


class Json:
    """JSON without spaces. Nothing we keep in a cookie needs more than JSON."""

    dumps = staticmethod(json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode)
    loads = staticmethod(json.loads)


class Sealed(URLSafeTimedSerializer):
    """Signs without compressing: what is in our cookies is too short to get shorter."""

    def __init__(self, secret: str) -> None:
        super().__init__(hmac.digest(secret.encode(), PURPOSE, "sha256"), serializer=Json)
        self._signer = TimestampSigner(self.secret_keys[-1], key_derivation="none", algorithm=Sha256())

    def make_signer(self, salt: str | bytes | None = None) -> TimestampSigner:
        return self._signer

    def dumps(self, obj: Any, salt: str | bytes | None = None) -> str:
        # As the base would, in one step: payload, moment and signature.
        moment = int_to_bytes(self._signer.get_timestamp())
        value = b".".join((base64_encode(Json.dumps(obj)), base64_encode(moment)))
        signature = hmac.digest(self.secret_keys[-1], value, "sha256")
        return b".".join((value, base64_encode(signature))).decode()


class Cookie(SecureCookieSession):
    """A session that remembers as what it came: its plain values, and the messages beside them."""

    came: Mapping[str, Any] | None = MappingProxyType({})
    told: list[tuple[str, str]] | None = None


class Cookies(SecureCookieSessionInterface):
    """Flask's own sessions, with a memory of the cookies whose signature was good."""

    session_class = Cookie

    def __init__(self) -> None:
        self._good: dict[str, tuple[float, dict[str, Any]]] = {}
        self._sealed: tuple[str, Sealed] | None = None
        self._shape: tuple[str, str, str] | None = None

    def get_signing_serializer(self, app: Flask) -> "Sealed":
        """Return what signs and checks: one for as long as the secret stays the same."""
        secret = app.secret_key
        assert isinstance(secret, str)
        if self._sealed is None or self._sealed[0] != secret:
            self._sealed = secret, Sealed(secret)
        return self._sealed[1]

    def open_session(self, app: Flask, request: Request) -> Cookie:
        """Return what the cookie holds; an empty session if there is none or it is not ours."""
        header = request.environ.get("HTTP_COOKIE")
        if not header:
            return Cookie()
        now = time.monotonic()
        kept = self._good.get(header)
        if kept and now < kept[0]:
            session = Cookie(kept[1])
            session.came = kept[1]
            return session
        name, _rest, beside = self._shape or self._shaped(app)
        value = request.cookies.get(name, "")
        values = self._values(app, f"{name}={value}", value, now) if value else {}
        session = Cookie(values)
        session.came = values if all(type(value) in PLAIN for value in values.values()) else None
        if told := request.cookies.get(beside):
            session.told = said.opened(told, self.get_signing_serializer(app).secret_keys[-1])
            dict.__setitem__(session, FLASHES, list(session.told))
        return session

    def _values(self, app: Flask, header: str, value: str, now: float) -> dict[str, Any]:
        """Return what the signed cookie holds; remembered by the header that has it alone."""
        kept = self._good.get(header)
        if kept and now < kept[0]:
            return kept[1]
        age = int(app.permanent_session_lifetime.total_seconds())
        try:
            values: dict[str, Any] = self.get_signing_serializer(app).loads(value, max_age=age)
        except BadSignature:
            return {}
        if values and len(header) <= LONGEST and all(type(value) in PLAIN for value in values.values()):
            if len(self._good) >= MOST_KEPT:
                self._good.clear()
            self._good[header] = (now + BELIEVED, values)
        return values

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send each cookie if it changed, and say that the page depends on them if they were read."""
        assert isinstance(session, Cookie)
        if session.modified:
            self._send(app, session, response)
        if session.accessed:
            vary = response.headers.get("Vary", "")
            if not vary:
                response.headers["Vary"] = "Cookie"
            elif vary != "Cookie":
                response.vary.add("Cookie")

    def _send(self, app: Flask, session: Cookie, response: Response) -> None:
        name, rest, beside = self._shape or self._shaped(app)
        sealer, values = self.get_signing_serializer(app), dict(session)
        messages = values.pop(FLASHES, None)
        if values != session.came:
            value = sealer.dumps(values) + rest if values else f"{rest}; Max-Age=0"
            response.headers.add("Set-Cookie", f"{name}={value}")
        if messages:
            value = said.sealed(messages, sealer.secret_keys[-1])
            response.headers.add("Set-Cookie", f"{beside}={value}{rest}; Max-Age={said.MAX_AGE}")
        elif session.told is not None:
            response.headers.add("Set-Cookie", f"{beside}={rest}; Max-Age=0")

    def _shaped(self, app: Flask) -> tuple[str, str, str]:
        rest = "; Secure" * self.get_cookie_secure(app) + "; HttpOnly" * self.get_cookie_httponly(app)
        same_site = self.get_cookie_samesite(app)
        rest += f"; Path={self.get_cookie_path(app)}" + (f"; SameSite={same_site}" if same_site else "")
        name = self.get_cookie_name(app)
        self._shape = name, rest, f"{name}-said"
        return self._shape
