"""Pages of schools and pupils. Every page with a pupil on it writes who read it (`people.access`)."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from tracker.allocation import bindings, pupils, queries
from tracker.allocation.form import Understood, understood
from tracker.allocation.imports import DAY
from tracker.allocation.queries import PAGE, Filters, PupilFilters
from tracker.allocation.rules import Policy, PupilState, policies, road_of
from tracker.custody.facts import Category
from tracker.custody.road import Move, Status
from tracker.db import db
from tracker.lists.schools import LEVELS, SchoolFacts
from tracker.lists.verdicts import REASONS
from tracker.people import access, places
from tracker.people.permissions import allowed
from tracker.people.roles import Role
from tracker.people.signed_in import me
from tracker.web import done, show
from tracker.web.filters import show_date
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import Words, _

bp = Blueprint("allocation", __name__)

READERS = (Role.SCHOOL, Role.COORDINATOR, Role.AUDITOR)
WRITERS = (Role.SCHOOL, Role.COORDINATOR)

SEXES: tuple[tuple[str, Words], ...] = (("M", _("Boy")), ("F", _("Girl")))
LEVEL_LABELS = {
    "TH": _("Primary"),
    "THCS": _("Lower secondary"),
    "THPT": _("Upper secondary"),
    "TH&THCS": _("Primary and lower secondary"),
    "THCS&THPT": _("Lower and upper secondary"),
}


def level_choices() -> list[tuple[str, Words]]:
    """Return the levels of schools as choices."""
    return [(level, LEVEL_LABELS[level]) for level in LEVELS]


@bp.get("/schools")
@allowed(Role.COORDINATOR, Role.AUDITOR, Role.ADMIN)
def schools() -> ResponseReturnValue:
    args = request.args
    filters = Filters(args.get("q", "")[:100].strip(), args.get("level", ""), args.get("district", ""))
    after = args.get("after", type=int)
    rows = queries.schools(db.session(), filters, after=after)
    kept = {name: value for name, value in filters._asdict().items() if value}
    return show(
        "allocation/schools.html",
        rows=rows[:PAGE],
        counts=queries.counts(db.session(), [row.id for row in rows[:PAGE]]),
        nobody=queries.Counts(),
        filters=filters,
        levels=level_choices(),
        level_of=LEVEL_LABELS,
        districts=[(one.code, one.full_name) for one in places.districts(on=DAY)],
        next_url=url_for("allocation.schools", **kept, after=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for("allocation.schools", **kept) if after else None,
    )


@bp.get("/schools/<int:school_id>")
@allowed(Role.COORDINATOR, Role.AUDITOR, Role.ADMIN, Role.SCHOOL)
def school(school_id: int) -> ResponseReturnValue:
    found = queries.school(db.session(), school_id, to=me())
    commune = places.commune(found.commune, on=found.units_of)
    district = places.district(found.district, on=found.units_of)
    return show(
        "allocation/school.html",
        school=found,
        level=LEVEL_LABELS.get(found.level, found.level),
        commune=commune.full_name if commune else "",
        district=district.full_name if district else "",
        counts=queries.counts(db.session(), [school_id]).get(school_id, queries.Counts()),
    )


@bp.get("/pupils", endpoint="pupils")
@allowed(*READERS)
def pupil_list() -> ResponseReturnValue:
    actor, args = me(), request.args
    state = args.get("state", "")
    filters = PupilFilters(
        args.get("school", type=int),
        args.get("class", "")[:16],
        state if state in frozenset(PupilState) else "",
    )
    if not actor.role.sees_everything:
        filters = filters._replace(school=actor.org)
    after = args.get("after", type=int)
    rows = queries.pupils(db.session(), filters, to=actor, after=after)
    kept: dict[str, Any] = {
        "school": filters.school,
        "class": filters.cls or None,
        "state": filters.state or None,
    }
    values = {
        **_choices(filters),
        "next_url": url_for("allocation.pupils", **kept, after=rows[PAGE - 1].id)
        if len(rows) > PAGE
        else None,
        "first_url": url_for("allocation.pupils", **kept) if after else None,
    }
    access.note(actor, "allocation.pupils", [row.id for row in rows[:PAGE]])
    return show("allocation/pupils.html", rows=rows[:PAGE], filters=filters, q="", more=False, **values)


@bp.post("/pupils/search")
@allowed(*READERS)
def find_pupils() -> ResponseReturnValue:
    """Find pupils by name or number: asked for by POST, since no name may stand in an address."""
    q = request.form.get("q", "")[:100].strip()
    if not q:
        return done(url_for("allocation.pupils"))
    rows = queries.found_pupils(db.session(), q, to=me())
    values = _choices(PupilFilters())
    access.note(me(), "allocation.find_pupils", [row.id for row in rows[:PAGE]])
    return show(
        "allocation/pupils.html",
        rows=rows[:PAGE],
        filters=PupilFilters(),
        q=q,
        more=len(rows) > PAGE,
        **values,
    )


def _choices(filters: PupilFilters) -> dict[str, Any]:
    session, actor = db.session(), me()
    return {
        "schools": queries.school_choices(session, to=actor) if actor.role.sees_everything else [],
        "classes": [(cls, cls) for cls in queries.classes(session, filters.school, to=actor)]
        if filters.school
        else [],
        "states": [(state, state.label) for state in PupilState],
    }


@bp.get("/pupils/<int:pupil_id>")
@allowed(*READERS)
def pupil(pupil_id: int) -> ResponseReturnValue:
    session, actor = db.session(), me()
    row = queries.pupil(session, pupil_id, to=actor)
    line = queries.line(session, pupil_id, to=actor)
    bound = queries.bindings_of(session, pupil_id)
    access.note(actor, "allocation.pupil", [pupil_id])
    return show(
        "allocation/pupil.html",
        pupil=row,
        line=line,
        sex=dict(SEXES).get(row.sex, ""),
        born=show_date(row.dob) or row.dob_year or "",
        commune=_commune(row.commune),
        policies=", ".join(str(policy.label) for policy in policies(row.policy)),
        remarks=[REASONS[code].sentence for code in row.remarks.split() if code in REASONS],
        bindings=bound,
        category_of=Category,
        ended=_ended,
        road=road_of(line.state),
        states=PupilState,
        bound=Status.BOUND,
    )


def _ended(kind: str | None) -> Words | str:
    return Move(kind).label if kind in frozenset(Move) else ""


def _commune(code: str) -> str:
    found = places.commune(code, on=DAY)
    return found.full_name if found else ""


@bp.get("/pupils/new")
@allowed(*WRITERS)
def new_pupil() -> ResponseReturnValue:
    school = request.args.get("school", type=int)
    said = {"school": school or "", "need": ["device"], "policy": []}
    return _form(said, url=url_for("allocation.add_pupil"))


@bp.post("/pupils/new")
@allowed(*WRITERS)
@once
def add_pupil() -> ResponseReturnValue:
    session, actor, now = db.session(), me(), datetime.now(UTC)
    school_id = request.form.get("school", type=int) if actor.role.sees_everything else actor.org
    url = url_for("allocation.add_pupil")
    if school_id is None:
        return _form(_said(), url=url, wrong={"school": _("Choose the pupil's school.")}), 422
    understood = _understood(school_id)
    if understood.wrong:
        return _form(_said(), url=url, wrong=understood.wrong), 422
    try:
        added = pupils.add_pupil(
            session, understood.row, school_id, sure="sure" in request.form, by=actor, at=now
        )
    except pupils.PerhapsThere as perhaps:
        return _form(_said(), url=url, perhaps=perhaps), 409
    flash(translate("The pupil is on the list."), "ok")
    return done(url_for("allocation.pupil", pupil_id=added))


@bp.get("/pupils/<int:pupil_id>/edit")
@allowed(*WRITERS)
def edit_pupil(pupil_id: int) -> ResponseReturnValue:
    row = queries.pupil(db.session(), pupil_id, to=me())
    said = {
        "school": row.school_id,
        **{name: getattr(row, name) for name in ("name", "cls", "sex", "parent", "phone")},
        "dob": show_date(row.dob) or row.dob_year or "",
        "number": row.citizen_id or "",
        "commune": _commune(row.commune),
        "policy": row.policy.split(),
        "need": [need for need, has in (("device", row.no_device), ("net", row.no_net)) if has],
    }
    access.note(me(), "allocation.edit_pupil", [pupil_id])
    return _form(said, url=url_for("allocation.change_pupil", pupil_id=pupil_id), pupil_id=pupil_id)


@bp.post("/pupils/<int:pupil_id>/edit")
@allowed(*WRITERS)
@once
def change_pupil(pupil_id: int) -> ResponseReturnValue:
    session, actor = db.session(), me()
    school_id = queries.pupil(session, pupil_id, to=actor).school_id
    url = url_for("allocation.change_pupil", pupil_id=pupil_id)
    understood = _understood(school_id)
    if understood.wrong:
        return _form(_said(), url=url, wrong=understood.wrong, pupil_id=pupil_id), 422
    try:
        pupils.change_pupil(
            session, pupil_id, understood.row, school_id, sure="sure" in request.form, by=actor
        )
    except pupils.PerhapsThere as perhaps:
        return _form(_said(), url=url, perhaps=perhaps, pupil_id=pupil_id), 409
    flash(translate("The pupil's details are corrected."), "ok")
    return done(url_for("allocation.pupil", pupil_id=pupil_id))


def _understood(school_id: int) -> Understood:
    row = queries.school(db.session(), school_id, to=me())
    facts = SchoolFacts(row.code, row.name, row.level, row.commune, row.district)
    form = request.form
    return understood(form, form.getlist("policy"), form.getlist("need"), facts)


def _said() -> dict[str, Any]:
    form = request.form
    return {**form.to_dict(), "policy": form.getlist("policy"), "need": form.getlist("need")}


def _form(
    said: dict[str, Any],
    *,
    url: str,
    wrong: dict[str, Words] | None = None,
    perhaps: pupils.PerhapsThere | None = None,
    pupil_id: int | None = None,
) -> str:
    """Show the form of a pupil, with what was entered and what to correct. Writes nothing."""
    session, actor = db.session(), me()
    session.rollback()
    twin = None
    if perhaps and perhaps.twin:
        twin = _line_if_visible(perhaps.twin)
    schools = queries.school_choices(session, to=actor)
    if twin:
        access.note(actor, "allocation.edit_pupil", [twin.id])
    return show(
        "allocation/pupil_form.html",
        said=said,
        url=url,
        wrong=wrong or {},
        perhaps=perhaps,
        twin=twin,
        pupil_id=pupil_id,
        schools=schools,
        choose_school=actor.role.sees_everything and pupil_id is None,
        sexes=SEXES,
        policies=[(policy, policy.label) for policy in Policy],
        back=url_for("allocation.pupil", pupil_id=pupil_id) if pupil_id else url_for("allocation.pupils"),
    )


def _line_if_visible(pupil_id: int) -> queries.PupilLine | None:
    row = db.session().execute(queries.listed(me()).where(bindings.PUPIL.c.id == pupil_id)).first()
    return queries.line_of(row) if row else None
