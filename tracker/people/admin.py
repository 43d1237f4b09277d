"""Pages of the administrator: organisations and the people in them."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from tracker.db import db
from tracker.people import actions, queries
from tracker.people.permissions import allowed
from tracker.people.queries import PAGE
from tracker.people.roles import ROLES_IN, OrgKind, Role
from tracker.people.signed_in import me
from tracker.refused import Refused
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import commit, once
from tracker.words import _

bp = Blueprint("admin", __name__)

#: What an administrator may write of an organisation, and how long it may be.
FIELDS = {
    "name": 200,
    "superior": 200,
    "address": 300,
    "phone": 40,
    "representative": 120,
    "position": 120,
}


def _fields() -> dict[str, str]:
    return {name: " ".join(request.form.get(name, "").split())[:length] for name, length in FIELDS.items()}


def _kind(text: str) -> str:
    return text if text in frozenset(OrgKind) else ""


@bp.get("/organisations")
@allowed(Role.ADMIN, Role.COORDINATOR)
def organisations() -> ResponseReturnValue:
    """Show the organisations, narrowed by words and kind."""
    q, kind = request.args.get("q", "")[:100], _kind(request.args.get("kind", ""))
    rows = queries.organisations(db.session(), q=q, kind=kind, after=request.args.get("after", 0, int))
    kept: dict[str, Any] = {name: value for name, value in (("q", q), ("kind", kind)) if value}
    more = url_for("admin.organisations", **kept, after=str(rows[PAGE - 1].id)) if len(rows) > PAGE else None
    return show(
        "people/organisations.html",
        rows=rows[:PAGE],
        q=q,
        kind=kind,
        kinds=list(OrgKind),
        kind_of=OrgKind,
        more=more,
    )


@bp.get("/organisations/new")
@allowed(Role.ADMIN)
def new_organisation() -> ResponseReturnValue:
    """Show the form for one more organisation."""
    return show("people/organisation.html", org=None, kinds=list(OrgKind), people=[], roles=[])


@bp.post("/organisations/new")
@allowed(Role.ADMIN)
@once
def add_organisation() -> ResponseReturnValue:
    """Add an organisation."""
    code, kind = request.form.get("code", "").strip()[:32], _kind(request.form.get("kind", ""))
    fields = _fields()
    if not (code and kind and fields["name"]):
        raise Refused(
            _("An organisation needs a code, a kind and a name."), out=_("Go back and fill them in.")
        )
    name = fields.pop("name")
    org = actions.add_organisation(
        db.session(), code=code, kind=OrgKind(kind), name=name, at=datetime.now(UTC), **fields
    )
    flash(translate("The organisation is added."), "ok")
    return done(url_for("admin.organisation", org_id=org))


@bp.get("/organisations/<int:org_id>")
@allowed(Role.ADMIN, Role.COORDINATOR)
def organisation(org_id: int) -> ResponseReturnValue:
    """Show one organisation, its people, and the forms to change them."""
    org = queries.organisation(db.session(), org_id, to=me())
    return show(
        "people/organisation.html",
        org=org,
        kinds=list(OrgKind),
        kind=OrgKind(org.kind),
        people=queries.users(db.session(), org=org_id),
        roles=[role for role in Role if role in ROLES_IN[OrgKind(org.kind)]],
        role_of=Role,
        now=datetime.now(UTC),
        is_open=queries.is_open,
    )


@bp.post("/organisations/<int:org_id>")
@allowed(Role.ADMIN, Role.COORDINATOR)
@once
def change_organisation(org_id: int) -> ResponseReturnValue:
    """Write what papers say about an organisation."""
    org = queries.organisation(db.session(), org_id, to=me())
    actions.describe(db.session(), org, _fields())
    flash(translate("Saved."), "ok")
    return done(url_for("admin.organisation", org_id=org_id))


@bp.get("/people")
@allowed(Role.ADMIN)
def users() -> ResponseReturnValue:
    """Show everybody who may sign in."""
    rows = queries.users(db.session(), after=request.args.get("after", 0, int))
    more = url_for("admin.users", after=rows[PAGE - 1].id) if len(rows) > PAGE else None
    return show(
        "people/users.html",
        rows=rows[:PAGE],
        more=more,
        role_of=Role,
        now=datetime.now(UTC),
        is_open=queries.is_open,
    )


@bp.post("/organisations/<int:org_id>/people")
@allowed(Role.ADMIN)
@once
def add_user(org_id: int) -> ResponseReturnValue:
    """Add a person to an organisation and show the link of their invitation, once."""
    session, now = db.session(), datetime.now(UTC)
    queries.organisation(session, org_id, to=me())
    role = request.form.get("role", "")
    if role not in frozenset(Role):
        raise Refused(_("A person needs a role."), out=_("Go back and choose one."))
    user = actions.add_user(
        session,
        email=request.form.get("email", ""),
        name=request.form.get("name", ""),
        org_id=org_id,
        role=Role(role),
        at=now,
    )
    return _invitation(user)


@bp.post("/people/<int:user_id>/invite")
@allowed(Role.ADMIN)
@once
def invite(user_id: int) -> ResponseReturnValue:
    """Make a fresh invitation for a person; the older ones stop working."""
    return _invitation(queries.user(db.session(), user_id, to=me()).id)


def _invitation(user_id: int) -> ResponseReturnValue:
    session = db.session()
    secret = actions.invite(session, user_id, at=datetime.now(UTC))
    user = queries.user(session, user_id, to=me())
    base = current_app.config["TRACKER"].public_url
    shown = show("people/invited.html", user=user, link=f"{base}/invitation/{secret}")
    commit(url_for("admin.organisation", org_id=user.org_id))
    return shown


@bp.post("/people/<int:user_id>/disable")
@allowed(Role.ADMIN)
@once
def disable(user_id: int) -> ResponseReturnValue:
    """Disable a person: every browser of theirs is signed out at once."""
    user = queries.user(db.session(), user_id, to=me())
    if user.id == me().user:
        raise Refused(_("Nobody disables themselves."), out=_("Another administrator can do it."))
    actions.disable(db.session(), user.id, at=datetime.now(UTC))
    flash(translate("The account is disabled and signed out everywhere."), "ok")
    return done(url_for("admin.organisation", org_id=user.org_id))


@bp.post("/people/<int:user_id>/enable")
@allowed(Role.ADMIN)
@once
def enable(user_id: int) -> ResponseReturnValue:
    """Let a disabled person in again."""
    user = queries.user(db.session(), user_id, to=me())
    actions.enable(db.session(), user.id)
    flash(translate("The account is enabled."), "ok")
    return done(url_for("admin.organisation", org_id=user.org_id))
