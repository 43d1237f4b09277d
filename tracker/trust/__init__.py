"""An own authority for a network without a public name, and the page that hands it to phones."""

from flask import Flask

from tracker.trust import queries, views


def init_app(app: Flask) -> None:
    """Open the page; where this server speaks TLS itself, answer to every name in its certificate."""
    app.register_blueprint(views.bp)
    settings = app.config["TRACKER"]
    if settings.tls and (served := queries.standing(settings.home).server):
        app.config["TRUSTED_HOSTS"] = [*app.config.get("TRUSTED_HOSTS", []), *served.written_in_urls]
