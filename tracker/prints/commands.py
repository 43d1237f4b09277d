"""Codes and labels from the command line."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app

from labels.job import Label
from labels.plan import DPIS
from labels.sheets import MOST_LABELS
from labels.stock import Stock
from tracker.custody import codes as code_rules
from tracker.custody import labels as code_rows
from tracker.db import db
from tracker.printers import own
from tracker.printers import rules as printer_rules
from tracker.prints import actions, rules, sender, sending
from tracker.refused import Missing

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
COLUMNS = ("code", "url")
DEVICE_DESIGNS = (*rules.KINDS, "blank")


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
    "--demo", type=click.IntRange(1, MOST_LABELS), help="Print this many codes that are known nowhere."
)
@click.option(
    "--stock", default=rules.SHEET, show_default=True, help="Label paper, such as L7160, 50x30, or own-12."
)
@click.option("--skip", default=0, show_default=True, help="Places of the first sheet to leave empty.")
@click.option("--by-column", is_flag=True, help="Fill the sheet down the columns.")
@click.option(
    "--design", type=click.Choice(DEVICE_DESIGNS), default="device", show_default=True, help="What to print."
)
@click.option("--dpi", type=click.Choice([str(dpi) for dpi in DPIS]), default="203", show_default=True)
@click.option(
    "--url", envvar="TRACKER_URL", default="http://127.0.0.1:5000", show_default=True, help="Our address."
)
@click.option("-o", "--out", type=OUT, required=True, help="PDF to write.")
def labels(*, file: Path | None, demo: int | None, dpi: str, url: str, out: Path, **asked: Any) -> None:
    """Print labels as PDF, each read back first. Only paper of one's own is looked up in the database."""
    if (file is None) == (demo is None):
        raise click.UsageError("Say which codes: --codes FILE or --demo NUMBER.")
    found = _demo(demo or 0) if file is None else _codes_of(file)
    stickers = [
        Label(code=code, url=address or code_rules.url(url.rstrip("/"), code)) for code, address in found
    ]
    paper = rules.Paper(dpi=int(dpi), own=_own(asked["stock"]), **asked)
    pdf, proof = actions.proved_paper(stickers, paper)
    out.write_bytes(pdf)
    click.echo(f"{out}: {len(stickers)} labels on {asked['stock']}, {proof.read} read back")


def _own(name: str) -> Stock | None:
    """Return the paper of one's own that is meant, of whichever organisation."""
    if not own.is_key(name):
        return None
    with click.get_current_context().obj():
        row = own.known(db.session(), name)
        if row is None:
            raise click.ClickException(f"There is no label paper {name}.")
        return own.geometry(row)


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
    if len(found) > MOST_LABELS:
        raise click.ClickException(
            f"{file} holds {len(found)} codes, and one PDF takes {MOST_LABELS} labels. "
            "Divide the file and print each part."
        )
    return list(found.items())


@click.group()
def prints() -> None:
    """Send print jobs to label printers."""


@prints.command("send")
@click.argument("job", type=click.IntRange(1, 2**31 - 1))
@click.argument("printer", type=click.IntRange(1, 2**31 - 1))
@click.option("--first", default=1, show_default=True, type=click.IntRange(1), help="First label to send.")
@click.option("--last", type=click.IntRange(1), help="Last label to send; all when left out.")
def send_job(job: int, printer: int, first: int, last: int | None) -> None:
    """Send the labels of a print JOB to a PRINTER, both by their numbers, and say what became of them."""
    session = db.session()
    try:
        number = sending.ask_by_command(session, job, printer, first=first, last=last, at=datetime.now(UTC))
    except Missing:
        raise click.ClickException(
            f"There is no print job {job}, or no open printer {printer} of the same organisation."
        ) from None
    session.commit()
    sender.run(number)
    row = sending.one(session, job, number, at=datetime.now(UTC))
    count = row.last - row.first + 1
    if row.state != "sent":
        told = printer_rules.told(row.error)
        raise click.ClickException(
            f"{told.sentence} {told.out} The printer took {row.labels_sent} of {count} labels."
        )
    click.echo(f"{row.printer}: {count} labels sent")


COMMANDS = [codes, labels, prints]
