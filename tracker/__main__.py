"""The command `tracker`: what an installation is set up, served, fed and checked with."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from tracker import commands as installation
from tracker import config, create_app
from tracker.allocation import commands as allocation
from tracker.custody import commands as custody
from tracker.custody.checkpoint import BadNote
from tracker.db import db
from tracker.demo import commands as demo
from tracker.intake import commands as intake
from tracker.lists import commands as lists
from tracker.people import commands as people
from tracker.prints import commands as prints
from tracker.refused import Refused
from tracker.trust import commands as trust
from tracker.words import Words
from tracker.workshop import commands as workshop

#: These run without an installation, or make one; `ledger` decides for each of its own.
BARE = frozenset({"init", "demo", "serve", "road", "labels", "ledger", "tls"})


class Tracker(click.Group):
    """Shows a refusal as one sentence and what can be done."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            raise click.ClickException(_in_english(refused)) from refused
        except (config.NotConfigured, BadNote) as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            if not _is_of_the_place(error):
                raise
            why = " ".join(str(error.orig).split())
            raise click.ClickException(
                f"The database said no: {why}. Check DATABASE_URL and TRACKER_HOME, and that it is running."
            ) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read us has stopped
                raise
            raise click.ClickException(
                f"{error.filename or 'A file'}: {error.strerror or error}. "
                "Choose another place, or let this account read and write there."
            ) from error
        except UnicodeEncodeError as error:
            if "surrogates" not in error.reason:
                raise
            raise click.ClickException(
                "What was typed is not text in UTF-8. Set the terminal to UTF-8 and type it again."
            ) from error


def _in_english(refused: Refused) -> str:
    """Return the refusal in the language of all commands, whatever that of the pages is."""
    shown = Words.translate
    Words.translate = staticmethod(str)
    try:
        return f"{refused} {refused.out}".strip()
    finally:
        Words.translate = staticmethod(shown)


def _is_of_the_place(error: DBAPIError) -> bool:
    """Return whether the database itself is at fault: out of reach, damaged, full, not ours to write."""
    no_right = getattr(error.orig, "sqlstate", None) == "42501"  # insufficient_privilege
    return isinstance(error, OperationalError) or type(error) is DatabaseError or no_right


@contextmanager
def opened() -> Iterator[None]:
    """Open the installation for a command."""
    with create_app().app_context():
        try:
            installation.must_be_ready()
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


@click.group(cls=Tracker, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """From a donated computer to a computer in a pupil's hands."""
    ctx.obj = opened
    if ctx.invoked_subcommand not in BARE:
        ctx.with_resource(opened())


for room in (installation, demo, people, custody, lists, prints, intake, allocation, trust, workshop):
    for command in room.COMMANDS:
        main.add_command(command)

if __name__ == "__main__":
    main()
