"""The command that makes the demonstration and serves it."""

import os
import random
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import func, select

from tracker import create_app
from tracker.commands import PORT, must_be_free, prepare, run
from tracker.custody import seal
from tracker.custody.models import Device
from tracker.db import db
from tracker.demo import papers, story, world
from tracker.handover.record import stands
from tracker.people.models import Organisation

#: The same people and devices each time.
SEED = 2021
WORDS = "song may tinh cho em sach but truong lop ban ghe den hoa la cay nang gio mua".split()


@click.command()
@click.option("--no-serve", is_flag=True, help="Only make the database.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True, type=PORT)
def demo(*, no_serve: bool, host: str, port: int) -> None:
    """Make the demonstration database, print a sign-in for each role, and serve."""
    address = host if no_serve else must_be_free(host, port)
    home = Path(os.environ.setdefault("TRACKER_HOME", "var/demo")).resolve()
    os.environ.setdefault("TRACKER_URL", f"http://{host}:{port}")
    os.environ["TRACKER_DEMO"] = "1"
    os.environ.setdefault("TRACKER_HOTLINE", "0300 000 000")
    settings = prepare()
    with create_app(settings).app_context():
        sign_ins = home / "demo-sign-ins.txt"
        if not db.session.scalar(select(func.count()).select_from(Organisation)):
            _fill(sign_ins)
        elif not sign_ins.is_file():
            raise click.ClickException(
                f"{home} holds an installation that is no demonstration. Choose another TRACKER_HOME."
            )
        db.session.remove()
        db.engine.dispose()
    click.echo(f"\n  {settings.public_url}\n\n{sign_ins.read_text(encoding='utf-8')}")
    if not no_serve:
        run(address, port, 0)


def _fill(sign_ins: Path) -> None:
    """Make the demonstration in one transaction."""
    click.echo("Making the demonstration database …")
    chance = random.Random(SEED)  # noqa: S311  # for invented people, not for secrets
    password = " ".join(secrets.choice(WORDS) for _word in range(5))
    start = datetime.now(UTC).replace(hour=1, minute=30, second=0, microsecond=0) - timedelta(weeks=7, days=4)
    session = db.session()
    everybody = world.make(session, chance, at=start - timedelta(days=1), password=password)
    story.Story(session, chance, everybody, start).tell()
    back = papers.taken_back(session, everybody, at=datetime.now(UTC))
    config = current_app.config["TRACKER"]
    home, key = config.home, seal.key_of(config.home)
    note = seal.seal(session, key, at=datetime.now(UTC), home=home)
    issuing = papers.Issuing(session, stands(note, key.fingerprint), config.public_url, datetime.now(UTC))
    papers.issue_some(issuing, everybody, back)
    session.commit()
    seal.remember(home, note)
    lines = [f"  {role:<12} {email}" for role, email in everybody.sign_ins]
    sign_ins.write_text("\n".join([*lines, "", f"  password     {password}", ""]), encoding="utf-8")
    sign_ins.chmod(0o600)
    click.echo(f"{session.scalar(select(func.count()).select_from(Device))} devices.")


COMMANDS = [demo]
