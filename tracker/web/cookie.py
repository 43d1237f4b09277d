"""The signed cookie, taken apart once for each value a browser sends, not for each request."""

import time
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

#: How long a cookie that was found good is believed without another look at its signature and age.
BELIEVED = 600.0  # seconds

#: Cookies remembered, before all are forgotten, and the longest header that is.
MOST_KEPT, LONGEST = 2000, 2000

#: What a kept cookie may hold. Lists are left out: Flask appends to its flashed messages in place.
PLAIN = (str, int, bool)


class Cookies(SecureCookieSessionInterface):
    """Flask's own sessions, with a memory of the cookies whose signature was good."""

    def __init__(self) -> None:
        self._good: dict[str, tuple[float, dict[str, Any]]] = {}

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
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed:
            if "Vary" in response.headers:
                response.vary.add("Cookie")
            else:
                response.headers["Vary"] = "Cookie"
