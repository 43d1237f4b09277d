"""From a donated computer to a computer in a pupil's hands, and the proof of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker import (
    allocation,
    config,
    custody,
    db,
    filing,
    handover,
    intake,
    papers,
    people,
    photographs,
    printers,
    prints,
    reports,
    scan,
    spares,
    stations,
    stock,
    trust,
    web,
    workshop,
)


class Tracker(Flask):
    """Flask without asking of every function whether it is asynchronous: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: config.Config | None = None, *, testing: bool = False) -> Flask:
    """Make the application: its configuration, its database, what pages share, and its rooms."""
    settings = settings or config.read()
    app = Tracker(__name__, template_folder=None)
    app.config.update(
        TRACKER=settings,
        TESTING=testing,
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="__Host-tracker" if settings.secure else "tracker",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # no referrer is sent by our own policy; Sec-Fetch-Site is checked instead
    )
    if settings.secure:  # behind its proxy it has one name; on a desk it may be reached by several
        app.config["TRUSTED_HOSTS"] = [settings.name]
    if settings.secure and not settings.tls:  # without a proxy anybody could say who they are
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    db.init_app(app)
    web.init_app(app)
    custody.init_app(app)
    people.init_app(app)
    trust.init_app(app)
    for room in (
        printers,
        prints,
        intake,
        spares,
        photographs,
        workshop,
        stock,
        allocation,
        handover,
        papers,
        filing,
        scan,
        stations,
        reports,
    ):
        room.init_app(app)
    return app
