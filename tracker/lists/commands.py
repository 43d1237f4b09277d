"""The command that lists come in by. The rooms that take in a kind of list add it to this group."""

import click


@click.group("import")
def import_() -> None:
    """Take in lists: XLSX or CSV as schools, offices and the reception desk have them."""


COMMANDS = [import_]
