"""The signed cookie: small values of one browser, taken apart once for each value it sends."""

import hmac
import json
import time
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode, int_to_bytes
from itsdangerous.signer import SigningAlgorithm

#: How long a cookie that was found good is believed without another look at its signature and age.
BELIEVED = 600.0  # seconds

#: Cookies remembered, before all are forgotten, and the longest header that is.
MOST_KEPT, LONGEST = 2000, 2000

#: Messages for the next page, of those who send forms and look at none: a cookie has 4 kB.
MOST_SAID = 5

#: What a kept cookie may hold. Lists are left out: Flask appends to its flashed messages in place.
PLAIN = (str, int, bool)

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


class Cookies(SecureCookieSessionInterface):
    """Flask's own sessions, with a memory of the cookies whose signature was good."""

    def __init__(self) -> None:
        self._good: dict[str, tuple[float, dict[str, Any]]] = {}
        self._sealed: tuple[str, Sealed] | None = None
        self._shape: tuple[str, str] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and checks: one for as long as the secret stays the same."""
        secret = app.secret_key
        assert isinstance(secret, str)
        if self._sealed is None or self._sealed[0] != secret:
            self._sealed = secret, Sealed(secret)
        return self._sealed[1]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds; an empty session if there is none or it is not ours."""
        header = request.environ.get("HTTP_COOKIE")
        if not header:
            return self.session_class()
        now = time.monotonic()
        kept = self._good.get(header)
        if kept and now < kept[0]:
            return self.session_class(kept[1])
        session = super().open_session(app, request)
        if session and len(header) <= LONGEST and all(type(value) in PLAIN for value in session.values()):
            if len(self._good) >= MOST_KEPT:
                self._good.clear()
            self._good[header] = (now + BELIEVED, dict(session))
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie if it changed, and say that the page depends on it if it was read."""
        if session.modified and len(session.get("_flashes", ())) > MOST_SAID:
            session["_flashes"] = session["_flashes"][-MOST_SAID:]
        if session.modified and session and not session.permanent:
            serializer = self.get_signing_serializer(app)
            assert serializer is not None
            name, rest = self._shape or self._shaped(app)
            response.headers.add("Set-Cookie", f"{name}={serializer.dumps(dict(session))}{rest}")
        elif session.modified or session.permanent:
            super().save_session(app, session, response)
            return
        if session.accessed:
            if "Vary" in response.headers:
                response.vary.add("Cookie")
            else:
                response.headers["Vary"] = "Cookie"

    def _shaped(self, app: Flask) -> tuple[str, str]:
        rest = "; Secure" * self.get_cookie_secure(app) + "; HttpOnly" * self.get_cookie_httponly(app)
        same_site = self.get_cookie_samesite(app)
        rest += f"; Path={self.get_cookie_path(app)}" + (f"; SameSite={same_site}" if same_site else "")
        self._shape = self.get_cookie_name(app), rest
        return self._shape
