"""The command `tracker`: what an installation is set up, served, fed and checked with."""

import sys
from typing import Any

import click

from tracker import config, create_app
from tracker.allocation import commands as allocation
from tracker.custody import commands as custody
from tracker.intake import commands as intake
from tracker.lists import commands as lists
from tracker.people import commands as people
from tracker.refused import Refused
from tracker.reports import commands as reports
from tracker.words import Words

#: These run without an installation: on paper, on a bundle, or to make one.
BARE = frozenset({"init", "demo", "serve", "road", "labels"})


class Tracker(click.Group):
    """Runs a command inside the application, and shows a refusal as one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        name = next(iter([*ctx._protected_args, *ctx.args]), "")
        bare = name in BARE or "--help" in sys.argv or ("verify" in sys.argv and name == "ledger")
        try:
            if bare:
                return super().invoke(ctx)
            with create_app().app_context():
                return super().invoke(ctx)
        except Refused as refused:
            out = f" {refused.out}" if isinstance(refused.out, Words) or refused.out else ""
            raise click.ClickException(f"{refused}{out}") from refused
        except config.NotConfigured as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Tracker, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """From a donated computer to a computer in a pupil's hands."""


for room in (reports, people, custody, lists, intake, allocation):
    for command in room.COMMANDS:
        main.add_command(command)

if __name__ == "__main__":
    main()
