"""Evidence from the command line: read files, and keep them with a device."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import select

from tracker.custody import queries as devices
from tracker.custody.codes import parse
from tracker.custody.ledger import Ask
from tracker.db import db
from tracker.evidence import actions as evidence
from tracker.evidence.merge import merge
from tracker.evidence.refusals import MAX_BYTES
from tracker.people.models import User
from tracker.people.roles import Actor, Role
from tracker.refused import Missing, Refused
from tracker.web.pages import new_event_id
from tracker.workshop import collected
from tracker.workshop import evidence as bench
from tracker.workshop.evidence_page import files, lines, serials
from tracker.workshop.evidence_views import INBOX

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("evidence")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--device", default="", help="Code of the device’s label; without it nothing is kept.")
@click.option("--as", "email", default="", help="E-mail of the technician acting.")
def evidence_command(*, paths: tuple[Path, ...], device: str, email: str) -> None:
    """Read what tools wrote on a machine, show the facts, and keep the files with its device."""
    reads = evidence.read_all((path.name, _content(path)) for path in paths)
    picture = merge((each.name, each.facts) for each in reads if each.facts)
    for label, text in lines(picture.facts):
        click.echo(f"{label}: {text}")
    for name, good, text in serials(picture.facts):
        click.echo(f"{name}: {text or '-'}{'' if good else ' (no serial)'}")
    refused = [each for each in reads if each.facts is None]
    for each in refused:
        click.echo(f"{each.name}: {each.refused}", err=True)
    if device:
        _keep(reads, device, email)
    if refused:
        raise SystemExit(1)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _keep(reads: list[evidence.Read], code: str, email: str) -> None:
    session = db.session()
    person = session.execute(
        select(User.id, User.org_id, User.role).where(User.email == email, User.disabled_at.is_(None))
    ).first()
    if person is None or person.role != Role.TECHNICIAN:
        raise click.ClickException("--as must name a technician by e-mail.")
    by = Actor(person.id, person.org_id, Role(person.role))
    evidence.store(files(), reads)
    try:
        row = devices.device(session, parse(code, hosts={current_app.config["TRACKER"].host}), to=by)
        outcomes = bench.take_in(
            session,
            row,
            reads,
            files=files(),
            via="command",
            by=by,
            ask=Ask(new_event_id(), datetime.now(UTC)),
        )
    except Missing:
        raise click.ClickException("No device of that workshop has this label.") from None
    except Refused as no:
        raise click.ClickException(str(no)) from None
    session.commit()
    for each in outcomes:
        click.echo(f"{each.name}: {each.words} {each.out}".rstrip())


@click.command("evidence-inbox")
def inbox_command() -> None:
    """Read what collecting scripts have sent; the server starts this by itself and it ends by itself."""
    os.nice(19)
    settings = current_app.config["TRACKER"]
    with current_app.test_request_context():  # the words of outcomes are in the house's language
        collected.read_inbox(settings.home / INBOX, db.session(), files(), hosts={settings.host})


COMMANDS = (evidence_command, inbox_command)
