"""The versions of the checklists: which one is valid, and how a coordinator makes the next."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from labels.text import tidy
from tracker.custody.facts import Category
from tracker.db import driver
from tracker.hot import Hot, Write, given
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.words import Words, _
from tracker.workshop.checklists import BY_NAME, KNOWN, NEWEST, Check, Checklist
from tracker.workshop.models import ChecklistVersion
from tracker.workshop.suggestions import LOCKS

TABLE = ChecklistVersion.__table__

#: A list that nobody reads to its end protects nobody.
MOST_CHECKS = 60
LONGEST = 120
#: What is measured is less than this, in whatever unit.
LARGEST = 100_000
#: How the keys of checks begin that a coordinator has added.
OWN = "own-"

_NEWEST = Hot(
    select(TABLE.c.name, TABLE.c.body)
    .where(TABLE.c.category == given("category"))
    .order_by(TABLE.c.version.desc())
    .limit(1)
)
_NAMED = Hot(select(TABLE.c.name, TABLE.c.body).where(TABLE.c.name == given("name")))
_MAKE = Write(
    insert(ChecklistVersion).values(
        {name: given(name) for name in "name category version body why made_at made_by".split()}
    ),
    if_new=True,  # two coordinators at once: the second is told
)


def current(session: Session, category: Category) -> Checklist:
    """Return the checklist that is valid for a category now."""
    rows = _NEWEST.all(driver(session), category=str(category))
    return _checklist(rows[0]) if rows else NEWEST[category]


def named(session: Session, name: str) -> Checklist:
    """Return a version by its name, such as laptop/1.

    Raises:
        Missing: there is none.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    rows = _NAMED.all(driver(session), name=name)
    if not rows:
        raise Missing
    return _checklist(rows[0])


def _checklist(row: Any) -> Checklist:
    body = json.loads(row.body)
    return Checklist(row.name, tuple(map(_check, body["checks"])), body["other_person"])


def _check(said: dict[str, Any]) -> Check:
    known = KNOWN.get(said["key"])
    label = known.label if known else Words(said["label"])
    return Check(
        said["key"],
        label,
        said["mandatory"],
        said["always"],
        said["photo"],
        said["least"],
        known.unit if known else "",
    )


def _said(check: Check) -> dict[str, Any]:
    said = check._asdict()
    del said["unit"]
    if check.key in KNOWN:
        del said["label"]
    else:
        said["label"] = check.label.message
    return said


class Made(NamedTuple):
    """A version that a coordinator made."""

    name: str
    at: datetime
    by: str
    why: str


def history(session: Session, category: Category) -> list[Made]:
    """Return the versions that were made of a category, the newest first."""
    rows: Sequence[Row[Any]] = session.execute(
        select(TABLE.c.name, TABLE.c.made_at, User.name.label("by"), TABLE.c.why)
        .join(User, User.id == TABLE.c.made_by)
        .where(TABLE.c.category == category)
        .order_by(TABLE.c.version.desc())
    ).all()
    return [Made(row.name, row.made_at, row.by, row.why) for row in rows]


class ChangedMeanwhile(Refused):
    """Another coordinator made a version from the same one."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else changed this checklist a moment ago."),
            out=_("Open it again: it shows what is valid now."),
        )


def change(
    session: Session, base: str, new: Checklist, *, category: Category, why: str, by: Actor, at: datetime
) -> str:
    """Make the next version of a checklist; return its name. Open inspections keep theirs.

    `base` is the name of the version that was changed; the name of `new` is not looked at.

    Raises:
        ChangedMeanwhile: `base` is not the newest any more.
        Refused: nothing was changed, or nobody said why.
    """
    now = current(session, category)
    if now.name != base:
        raise ChangedMeanwhile
    if (now.checks, now.other_person) == (new.checks, new.other_person):
        raise Refused(_("Nothing has been changed."), out=_("Change something, or leave the page."))
    if not why.strip():
        raise Refused(_("A changed checklist needs a reason."), out=_("Write why it is changed."))
    version = now.version + 1
    body = {"other_person": new.other_person, "checks": [_said(check) for check in new.checks]}
    name = f"{category}/{version}"
    made = _MAKE.rows(
        driver(session),
        name=name,
        category=str(category),
        version=version,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        why=why.strip()[:500],
        made_at=at,
        made_by=by.user,
    )
    if not made:
        raise ChangedMeanwhile
    return name


def edited(
    base: Checklist, form: Mapping[str, str], *, category: Category
) -> tuple[Checklist, dict[str, Words]]:
    """Return what a form makes of a checklist, and what is wrong with it, by field.

    Fields of each check are `use-KEY`, `mandatory-KEY`, `always-KEY`, `photo-KEY`, `least-KEY`, `place-KEY`
    (its place in the list) and, of one's own, `label-KEY`; `new-1` to `new-3` are labels of new ones.
    """
    wrong: dict[str, Words] = {}
    found: list[tuple[float, Check]] = []
    locks = {check.key for check in NEWEST[category].checks if check.key in LOCKS}
    for at, check in enumerate(offered(base)):
        key = check.key
        if key not in locks and not form.get(f"use-{key}"):
            continue
        label, least = check.label, check.least
        if key.startswith(OWN):
            label = Words(_label(form.get(f"label-{key}", ""), f"label-{key}", wrong))
        if check.measured:
            least = _number(form.get(f"least-{key}", ""), f"least-{key}", wrong)
        found.append(
            (
                _place(form.get(f"place-{key}", ""), at, f"place-{key}", wrong),
                check._replace(
                    label=label,
                    least=least,
                    mandatory=key in locks or bool(form.get(f"mandatory-{key}")),
                    always=bool(form.get(f"always-{key}")),
                    photo=bool(form.get(f"photo-{key}")),
                ),
            )
        )
    checks = [check for _at, check in sorted(found, key=lambda each: each[0])] + _new(base, form, wrong)
    if len(checks) > MOST_CHECKS:
        wrong[""] = _("At most %(most)s checks.", most=MOST_CHECKS)
    elif not any(check.mandatory for check in checks):
        wrong[""] = _("At least one check must be mandatory.")
    labels = [str(check.label).casefold() for check in checks]
    if len(set(labels)) < len(labels):
        wrong[""] = _("Two checks have the same words.")
    return Checklist(base.name, tuple(checks), bool(form.get("other_person"))), wrong


def offered(base: Checklist) -> list[Check]:
    """Return the checks of a list and then those that it could have."""
    have = {check.key for check in base.checks}
    retired = {"account-lock"} - have  # the locks of the second versions say it more clearly
    return [*base.checks, *(check for key, check in KNOWN.items() if key not in have | retired)]


def _new(base: Checklist, form: Mapping[str, str], wrong: dict[str, Words]) -> list[Check]:
    used = [int(check.key.removeprefix(OWN)) for check in base.checks if check.key.startswith(OWN)]
    number, added = base.version * 10 + max(used, default=0), []
    for field in ("new-1", "new-2", "new-3"):
        if form.get(field, "").strip():
            number += 1
            label = Words(_label(form[field], field, wrong))
            added.append(Check(f"{OWN}{number}", label, mandatory=bool(form.get(f"mandatory-{field}"))))
    return added


def _label(text: str, field: str, wrong: dict[str, Words]) -> str:
    said = tidy(text)
    if not said:
        wrong[field] = _("Write what is to be checked.")
    elif len(said) > LONGEST:
        wrong[field] = _("At most %(most)s characters.", most=LONGEST)
    return said


def _number(text: str, field: str, wrong: dict[str, Words]) -> float:
    number = number_of(text)
    if number is None:
        wrong[field] = _("Write a number.")
        return 0
    return number


def _place(text: str, otherwise: int, field: str, wrong: dict[str, Words]) -> float:
    if not text.strip():
        return otherwise + 1
    number = number_of(text)
    if number is None:
        wrong[field] = _("Write a number.")
    return number or 0


def number_of(text: str) -> float | None:
    """Return the number that a person wrote, with a comma or a point for decimals, or None."""
    said = text.strip().replace(",", ".")
    if not said.replace(".", "", 1).isdecimal() or not said.isascii():
        return None
    number = float(said)
    return number if number < LARGEST else None
