"""The command `tracker`: what an installation is set up, served, fed and checked with."""

from typing import Any

import click

from tracker import commands as installation
from tracker import config, create_app
from tracker.allocation import commands as allocation
from tracker.custody import commands as custody
from tracker.demo import commands as demo
from tracker.intake import commands as intake
from tracker.lists import commands as lists
from tracker.people import commands as people
from tracker.refused import Refused

#: These run without an installation, or make one; `ledger` decides for each of its own.
BARE = frozenset({"init", "demo", "serve", "road", "labels", "ledger"})


class Tracker(click.Group):
    """Shows a refusal as one sentence and what can be done."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            raise click.ClickException(f"{refused} {refused.out}".strip()) from refused
        except config.NotConfigured as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Tracker, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """From a donated computer to a computer in a pupil's hands."""
    ctx.obj = lambda: create_app().app_context()
    if ctx.invoked_subcommand not in BARE:
        ctx.with_resource(ctx.obj())


for room in (installation, demo, people, custody, lists, intake, allocation):
    for command in room.COMMANDS:
        main.add_command(command)

if __name__ == "__main__":
    main()
