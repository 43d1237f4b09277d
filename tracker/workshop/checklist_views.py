"""The checklists: what is valid, every version there was, and the page where the next is made."""

from datetime import UTC, datetime

from flask import abort, flash, g, request, url_for
from flask.typing import ResponseReturnValue

from tracker.custody.facts import Category
from tracker.db import db
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.web import done, show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.workshop import kinds, rules, versions
from tracker.workshop.checklists import BY_NAME, NEWEST
from tracker.workshop.suggestions import LOCKS
from tracker.workshop.views import READERS, bp


@bp.get("/workshop/checklists")
@allowed(*READERS)
def checklists() -> ResponseReturnValue:
    """Show the valid checklist of each category."""
    session = db.session()
    lists = [(category, versions.current(session, category)) for category in Category]
    grades = (kinds.ALL_FUNCTION_GRADES.items(), kinds.ALL_COSMETIC_GRADES.items())
    return show("workshop/checklists.html", lists=lists, grades=grades, may_change=_may_change())


@bp.get("/workshop/checklists/<category>")
@allowed(*READERS)
def checklist(category: str) -> ResponseReturnValue:
    """Show a checklist, valid or older, and what was changed in each version."""
    session, kind = db.session(), _category(category)
    valid = versions.current(session, kind)
    name = f"{kind}/{request.args.get('version', valid.version, type=int)}"
    return show(
        "workshop/checklist.html",
        category=kind,
        checklist=versions.named(session, name),
        valid=valid,
        history=versions.history(session, kind),
        came=[each.version for each in reversed(BY_NAME.values()) if each.name.startswith(f"{kind}/")],
        locks=LOCKS,
        with_unit=rules.with_unit,
        may_change=_may_change(),
    )


def _may_change() -> bool:
    return me().role is Role.COORDINATOR


def _category(text: str) -> Category:
    if text not in frozenset(Category):
        abort(404)
    return Category(text)


@bp.get("/workshop/checklists/<category>/edit")
@allowed(Role.COORDINATOR)
def edit_checklist(category: str) -> ResponseReturnValue:
    """Show the form that makes the next version."""
    return _form(_category(category), {})


def _form(category: Category, wrong: dict[str, str]) -> str:
    valid = versions.current(db.session(), category)
    return show(
        "workshop/checklist_edit.html",
        category=category,
        valid=valid,
        offered=versions.offered(valid),
        have={check.key for check in valid.checks},
        fixed={check.key for check in NEWEST[category].checks if check.key in LOCKS},
        own=versions.OWN,
        with_unit=rules.with_unit,
        wrong=wrong,
        form=request.form,
    )


@bp.post("/workshop/checklists/<category>/edit", endpoint="change_checklist")
@allowed(Role.COORDINATOR)
@once
def changed(category: str) -> ResponseReturnValue:
    """Make the next version."""
    session, kind, form = db.session(), _category(category), request.form
    new, wrong = versions.edited(versions.current(session, kind), form, category=kind)
    said = {field: str(words) for field, words in wrong.items()}
    if not form.get("why", "").strip():
        said["why"] = translate("Write why it is changed.")
    if said:
        g.pop("once", None)
        session.rollback()
        return _form(kind, said), 422
    name = versions.change(
        session, form.get("base", ""), new, category=kind, why=form["why"], by=me(), at=datetime.now(UTC)
    )
    flash(translate("The checklist %(name)s is valid from now on.") % {"name": name}, "ok")
    return done(url_for(".checklist", category=kind))
