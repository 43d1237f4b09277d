"""Commands for people: the first administrator cannot be invited from a page."""

import sys
from datetime import UTC, datetime

import click
from flask import current_app
from sqlalchemy import select

from tracker.db import db
from tracker.people import actions, installation, passwords
from tracker.people.models import Organisation, User
from tracker.people.roles import Role
from tracker.refused import Missing


@click.group()
def user() -> None:
    """Add people."""


@user.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option(
    "--org", "org_code", default="", help="Code of the organisation; the programme office when left out."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from the input instead of inviting.")
def add(email: str, name: str, role: str, org_code: str, password_stdin: bool) -> None:
    """Add a person and print the link by which they choose a password."""
    session, now = db.session(), datetime.now(UTC)
    user_id = actions.add_user(
        session, email=email, name=name, org_id=_organisation(org_code, now), role=Role(role), at=now
    )
    if password_stdin:
        person = session.get_one(User, user_id)
        person.password_hash = passwords.hashed(sys.stdin.readline().rstrip("\n"), email=email)
        session.commit()
        click.echo(f"{email} may sign in.")
        return
    secret = actions.invite(session, user_id, at=now)
    session.commit()
    click.echo(f"{current_app.config['TRACKER'].public_url}/invitation/{secret}")


def _organisation(code: str, now: datetime) -> int:
    session = db.session()
    if code:
        found = session.scalar(select(Organisation.id).where(Organisation.code == code))
        if found is None:
            raise click.ClickException(f"There is no organisation with the code {code}.") from Missing()
        return found
    return installation.office(session, at=now)


COMMANDS = [user]
