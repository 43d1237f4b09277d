"""Organisations, users, roles, sign-in, and who may see what."""

from flask import Flask

from tracker.people import admin, permissions, signed_in, views


def init_app(app: Flask) -> None:
    """Let people sign in and check every request against what its route declares."""
    signed_in.init_app(app)
    permissions.init_app(app)
    app.register_blueprint(views.bp)
    app.register_blueprint(admin.bp)
