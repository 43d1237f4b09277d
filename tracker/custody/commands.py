"""Commands of the heart: the road, the ledger."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from tracker.custody import bundle, replay, seal, verify
from tracker.custody.diagram import diagram
from tracker.db import db, reading


@click.command()
def road() -> None:
    """Print the road of a device, as drawn in the README."""
    click.echo(diagram())


@click.group()
@click.pass_context
def ledger(ctx: click.Context) -> None:
    """Seal, export, verify and replay the ledger."""
    if ctx.invoked_subcommand != "verify":  # a bundle is verified where no installation is
        ctx.with_resource(ctx.obj())


@ledger.command("seal")
def seal_now() -> None:
    """Seal what is pending and print the checkpoint."""
    home = current_app.config["TRACKER"].home
    note = seal.seal(db.session(), seal.key_of(home), at=datetime.now(UTC), home=home)
    db.session.commit()
    seal.remember(home, note)
    click.echo(note, nl=False)


@ledger.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(folder: Path) -> None:
    """Write a bundle that anyone can verify with Python alone."""
    key = seal.key_of(current_app.config["TRACKER"].home)
    with reading():
        count = bundle.export(db.session(), folder, keys=[key.public])
    click.echo(f"{count} events in {folder}")


@ledger.command("verify", context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify_bundle(arguments: tuple[str, ...]) -> None:
    """Verify a bundle: DIR [--trust CHECKPOINT]…; 0 it holds, 1 it does not, 2 cannot tell."""
    sys.exit(verify.main(list(arguments)))


@ledger.command("replay")
def replay_all() -> None:
    """Make every copy of the ledger again and compare; exits 1 if anything differs."""
    found = 0
    with reading():
        for difference in replay.differences(db.session()):
            found += 1
            click.echo(str(difference))
    click.echo("no differences" if not found else f"{found} differences")
    sys.exit(1 if found else 0)


COMMANDS = [road, ledger]
