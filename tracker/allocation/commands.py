"""Lists of schools and pupils from the command line: the same rules and the same one transaction."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.allocation import imports
from tracker.allocation.list_rows import PupilRow
from tracker.db import db
from tracker.lists.commands import import_
from tracker.lists.outcomes import Counts, counts, outcomes_csv
from tracker.lists.schools import SchoolRow
from tracker.people import installation
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.web.filters import show_moment

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _options(command: F) -> F:
    for option in (
        click.option(
            "--as",
            "email",
            default="",
            help="E-mail of the coordinator or administrator acting; the installation itself when left out.",
        ),
        click.option(
            "--outcomes",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write every row's outcome to a CSV.",
        ),
        click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing."),
        click.argument("file", type=FILE),
    ):
        command = option(command)
    return command


@import_.command("schools")
@_options
def schools(file: Path, dry_run: bool, outcomes: Path | None, email: str) -> None:
    """Take in a list of schools: code, name, level, commune, district."""
    session, data, now = db.session(), file.read_bytes(), datetime.now(UTC)
    by = acting(session, email, at=now)
    rows = imports.judged_schools(session, data, name=file.name)

    def take_in(list_id: str) -> None:
        imports.take_in_schools(session, list_id, rows, by=by, at=now)

    _finish(
        session,
        file,
        "schools",
        rows,
        take_in,
        school_id=None,
        dry_run=dry_run,
        outcomes=outcomes,
        by=by,
        at=now,
    )


@import_.command("pupils")
@click.option(
    "--school", "code", default="", help="Code of the school, where the list does not say it itself."
)
@_options
def pupils(file: Path, code: str, dry_run: bool, outcomes: Path | None, email: str) -> None:
    """Take in a list of pupils."""
    session, data, now = db.session(), file.read_bytes(), datetime.now(UTC)
    by = acting(session, email, at=now)
    school_id = _school(session, code) if code else None
    rows = imports.judged_pupils(session, data, name=file.name, school=code, by=by)

    def take_in(list_id: str) -> None:
        imports.take_in_pupils(session, list_id, rows, by=by, at=now)

    _finish(
        session,
        file,
        "pupils",
        rows,
        take_in,
        school_id=school_id,
        dry_run=dry_run,
        outcomes=outcomes,
        by=by,
        at=now,
    )


def acting(session: Session, email: str, *, at: datetime) -> Actor:
    """Return who the command acts as: the person named, else the installation itself.

    Raises:
        ClickException: there is no such person, or they may not.
    """
    if not email:
        return installation.acting(session, org=installation.office(session, at=at), at=at)
    row = session.execute(
        select(User.id, User.org_id, User.role).where(
            User.email == email.strip().lower(),
            User.role.in_([Role.COORDINATOR, Role.ADMIN]),
            User.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        raise click.ClickException(
            f"There is no coordinator or administrator {email}. "
            "Leave out --as, or add one: tracker user add --role coordinator …"
        )
    return Actor(row.id, row.org_id, Role(row.role))


def _school(session: Session, code: str) -> int:
    found = session.scalar(
        select(Organisation.id).where(Organisation.code == code, Organisation.kind == OrgKind.SCHOOL)
    )
    if found is None:
        raise click.ClickException(f"There is no school with the code {code}. Import the schools first.")
    return found


def _finish(
    session: Session,
    file: Path,
    kind: str,
    rows: Sequence[PupilRow] | Sequence[SchoolRow],
    take_in: Callable[[str], None],
    *,
    school_id: int | None,
    dry_run: bool,
    outcomes: Path | None,
    by: Actor,
    at: datetime,
) -> None:
    """Take a judged list in unless it was before, write the outcomes, and say what happened."""
    data = file.read_bytes()
    earlier = imports.applied(session, kind, imports.digest(data))
    if not dry_run and not earlier:
        list_id, _again = imports.upload(
            session, data, kind=kind, name=file.name, school_id=school_id, by=by, at=at
        )
        take_in(list_id)
    else:
        session.rollback()
    if outcomes:  # before the commit: nothing is taken in whose outcomes cannot be written
        columns = (PupilRow if kind == "pupils" else SchoolRow).columns
        outcomes.write_bytes(outcomes_csv(rows, columns=columns))
    session.commit()
    click.echo(_said(file, counts(rows)))
    if earlier:
        click.echo(
            f"This very file was taken in already, by {earlier.name} at {show_moment(earlier.applied_at)}. "
            "Nothing was written."
        )
    elif dry_run:
        click.echo("A dry run: nothing was written.")


def _said(file: Path, found: Counts) -> str:
    outcomes = ", ".join(f"{outcome} {number}" for outcome, number in found.outcomes.items())
    reasons = ", ".join(f"{code} {number}" for code, number in found.reasons.items())
    return f"{file.name}: {found.rows} rows, {found.added} added ({outcomes})" + (
        f"\n  {reasons}" if reasons else ""
    )


COMMANDS = [import_]
