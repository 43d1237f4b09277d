"""Lists of devices and organisations, codes and labels from the command line."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.job import Label
from tracker.custody import codes as code_rules
from tracker.custody import labels as code_rows
from tracker.db import db
from tracker.intake import files, lists, organisations, papers
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


@click.group()
def codes() -> None:
    """Make codes for labels."""


@codes.command("mint")
@click.argument("number", type=click.IntRange(1, code_rows.MOST))
@click.option("--out", type=OUT, required=True, help="CSV to write: code and address of each.")
def mint(number: int, out: Path) -> None:
    """Mint NUMBER codes that any organisation may put on a device, and write them to a CSV."""
    session = db.session()
    minted = code_rows.mint(session, number, by=None, at=datetime.now(UTC))
    base = current_app.config["TRACKER"].public_url
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((code, code_rules.url(base, code)) for code in minted)
    out.write_text(text.getvalue(), encoding="utf-8", newline="")
    session.commit()  # after the file: codes that nobody was told of would be lost
    click.echo(f"{out}: {number} codes")


@click.command()
@click.option("--codes", "file", type=FILE, help="CSV of `tracker codes mint`.")
@click.option(
    "--demo", type=click.IntRange(1, papers.PART), help="Print this many codes that are known nowhere."
)
@click.option(
    "--stock", default=papers.STOCKS[0], show_default=True, help="Label paper, such as L7160 or 50x30."
)
@click.option("--skip", default=0, show_default=True, help="Places of the first sheet to leave empty.")
@click.option("--dpi", type=click.Choice([str(dpi) for dpi in papers.DPIS]), default="203", show_default=True)
@click.option(
    "--url", envvar="TRACKER_URL", default="http://127.0.0.1:5000", show_default=True, help="Our address."
)
@click.option("-o", "--out", type=OUT, required=True, help="PDF to write.")
def labels(
    *, file: Path | None, demo: int | None, stock: str, skip: int, dpi: str, url: str, out: Path
) -> None:
    """Print labels as PDF, without a database."""
    if (file is None) == (demo is None):
        raise click.UsageError("Say which codes: --codes FILE or --demo NUMBER.")
    found = _demo(demo or 0) if file is None else _codes_of(file)
    stickers = [
        Label(code=code, url=address or code_rules.url(url.rstrip("/"), code))
        for code, address in found
    ]
    out.write_bytes(papers.printed(stickers, stock=stock, skip=skip, dpi=int(dpi)))
    click.echo(f"{out}: {len(stickers)} labels on {stock}")


def _demo(number: int) -> list[tuple[str, str]]:
    drawn: set[str] = set()
    while len(drawn) < number:
        drawn.add(code_rules.mint(drawn))
    return [(code, "") for code in sorted(drawn)]


def _codes_of(file: Path) -> list[tuple[str, str]]:
    """Return codes and addresses of a CSV; the code alone is enough."""
    found: dict[str, str] = {}
    try:
        text = file.read_text(encoding="utf-8-sig")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","  # Excel in Vietnamese saves semicolons
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{file} is not a CSV in UTF-8.") from error
    for line, row in enumerate(rows, start=1):
        code = row[0].strip().upper().replace(" ", "") if row else ""
        if not code or (line == 1 and code == "CODE"):
            continue
        if not code_rules.is_code(code):
            raise click.ClickException(f"{file}, line {line}: “{row[0][:40]}” is not a code.")
        if code in found:
            raise click.ClickException(f"{file}, line {line}: {code} stands twice.")
        found[code] = row[1].strip() if len(row) > 1 else ""
    if not found:
        raise click.ClickException(f"{file} holds no codes. Make some: tracker codes mint 24 --out codes.csv")
    if len(found) > papers.PART:
        raise click.ClickException(
            f"{file} holds {len(found)} codes, and one PDF takes {papers.PART} labels. "
            "Divide the file and print each part."
        )
    return list(found.items())


COMMANDS = [codes, labels]
