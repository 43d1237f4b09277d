"""Lists of devices and organisations, codes and labels from the command line."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.db import db
from tracker.intake import files, lists, organisations
from tracker.intake.forms import day_of
from tracker.intake.list_rules import DeviceRow
from tracker.lists.commands import import_
from tracker.lists.organisations import OrganisationRow
from tracker.lists.outcomes import counts, outcomes_csv
from tracker.people import actions as people
from tracker.people import installation
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.web.filters import VIETNAM, show_moment

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
COLUMNS = ("code", "url")


@import_.command("organisations")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--outcomes", type=OUT, help="Write every row's outcome to a CSV.")
@click.option("--as", "email", default="", help="E-mail of the coordinator or administrator acting.")
def organisations_command(*, file: Path, dry_run: bool, outcomes: Path | None, email: str) -> None:
    """Take in a list of donors, warehouses and workshops: code, name, kind, district.

    District offices are listed as left to a person: they have no role of their own.
    """
    session = db.session()
    if email:
        _person(session, email, {Role.COORDINATOR, Role.ADMIN})
    rows = organisations.judged(session, file.read_bytes(), name=file.name)
    if dry_run:
        session.rollback()
    else:
        organisations.take_in(session, rows, at=datetime.now(UTC))
    _say(file, rows, outcomes, OrganisationRow.columns)
    session.commit()
    left = sum(organisations.NO_ROLE in row.why for row in rows)
    if left:
        click.echo(f"{left} district offices were left to a person: they have no role of their own.")
    if dry_run:
        click.echo("A dry run: nothing was written.")
    elif not counts(rows).added:
        click.echo("There was nothing new. Nothing was written.")


@import_.command("devices")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--outcomes", type=OUT, help="Write every row's outcome to a CSV.")
@click.option("--as", "email", default="", help="E-mail of the storekeeper or technician who receives.")
@click.option(
    "--org",
    "org_code",
    default="",
    help="Code of the warehouse or workshop that receives; the first warehouse when left out.",
)
@click.option(
    "--date", "day", default="", help="Day on which they were received, as 2021-11-05; today when left out."
)
@click.option("--donor", default="", help="Who gave the devices whose row names no donor.")
def devices_command(
    *, file: Path, dry_run: bool, outcomes: Path | None, email: str, org_code: str, day: str, donor: str
) -> None:
    """Receive the devices of a list, one donation for each donor."""
    session, data, now = db.session(), file.read_bytes(), datetime.now(UTC)
    received_on = day_of(day) if day else now.astimezone(VIETNAM).date()
    if received_on is None:
        raise click.BadParameter("write the day as 2021-11-05", param_hint="--date")
    if email and org_code:
        raise click.UsageError("Say who receives, --as E-MAIL, or where, --org CODE; not both.")
    rows = lists.understood(data, name=file.name)
    if dry_run:
        settled = lists.judged(session, rows)
        session.rollback()
        _say(file, settled, outcomes, DeviceRow.columns)
        click.echo("A dry run: nothing was written.")
        return
    home = current_app.config["TRACKER"].home
    if earlier := lists.applied(session, lists.digest(data)):
        then = files.outcomes(home, earlier.id) or lists.judged(session, rows)
        session.rollback()
        _say(file, then, outcomes, DeviceRow.columns)
        click.echo(
            f"This very file was taken in already, at {show_moment(earlier.applied_at)}. Nothing was written."
        )
        return
    by = _receiver(session, email, org_code, at=now)
    list_id, _again = lists.upload(session, data, name=file.name, by=by, at=now)
    settled = lists.take_in(session, list_id, rows, received_on=received_on, donor=donor, by=by, at=now)
    files.keep_outcomes(home, list_id, settled)
    _say(file, settled, outcomes, DeviceRow.columns)
    store = session.get_one(Organisation, by.org)
    click.echo(f"Received at {store.code} {store.name}.")
    session.commit()


def _person(session: Session, email: str, roles: set[Role]) -> Actor:
    row = session.execute(
        select(User.id, User.org_id, User.role).where(
            User.email == email.strip().lower(), User.disabled_at.is_(None)
        )
    ).first()
    if row is None or row.role not in roles:
        names = " or ".join(sorted(roles))
        raise click.ClickException(f"{email} is not a {names} here.")
    return Actor(row.id, row.org_id, Role(row.role))


def _receiver(session: Session, email: str, org_code: str, *, at: datetime) -> Actor:
    """Return who receives: the person named, else the installation itself in one of the stores."""
    if email:
        return _person(session, email, {Role.STOREKEEPER, Role.TECHNICIAN})
    return installation.acting(session, org=_store(session, org_code, at=at), at=at)


def _store(session: Session, code: str, *, at: datetime) -> int:
    """Return the store of this code; without one the first warehouse, made when there is none."""
    query = select(Organisation.id).where(Organisation.disabled_at.is_(None)).order_by(Organisation.id)
    if code:
        stores = Organisation.kind.in_([OrgKind.WAREHOUSE, OrgKind.WORKSHOP])
        found = session.scalar(query.where(Organisation.code == code.strip(), stores))
        if found is None:
            raise click.ClickException(
                f"There is no warehouse or workshop with the code {code}. "
                "Import the organisations first, or leave out --org."
            )
        return found
    first = session.scalar(query.where(Organisation.kind == OrgKind.WAREHOUSE).limit(1))
    return first or people.add_organisation(
        session, code="KHO", kind=OrgKind.WAREHOUSE, name="Kho của chương trình", at=at
    )


def _say(
    file: Path,
    rows: Sequence[DeviceRow] | Sequence[OrganisationRow],
    outcomes: Path | None,
    columns: Sequence[str],
) -> None:
    if outcomes:
        outcomes.write_bytes(outcomes_csv(rows, columns=columns))
    found = counts(rows)
    said = ", ".join(f"{outcome} {number}" for outcome, number in found.outcomes.items())
    click.echo(f"{file.name}: {found.rows} rows, {found.added} added ({said})")
    if found.reasons:
        click.echo("  " + ", ".join(f"{code} {number}" for code, number in found.reasons.items()))


#: These hang below `tracker import`.
COMMANDS: list[click.Command] = []
