"""Commands for a network without a public name: make certificates, show them, serve with them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from tracker import config
from tracker.refused import Refused
from tracker.trust import actions, queries, rules
from tracker.trust.queries import Standing, State
from tracker.words import _


@click.group()
def tls() -> None:
    """An own authority for a network without a public name."""


@tls.command()
@click.option(
    "--host", "hosts", multiple=True, help="What phones call this server, such as smt.lan; again for more."
)
@click.option("--address", "addresses", multiple=True, help="Its address inside the network; again for more.")
@click.option("--new-ca", is_flag=True, help="Make a new authority. Every phone must trust it anew.")
def init(*, hosts: tuple[str, ...], addresses: tuple[str, ...], new_ca: bool) -> None:
    """Make the authority and the server's certificate; again renews the certificate and keeps the authority."""
    home = _home()
    wanted = rules.names(hosts, addresses) if hosts or addresses else None
    made = actions.make(home, wanted, new_authority=new_ca, at=datetime.now(UTC))
    if made.new_authority:
        click.echo("Made a new authority. Every phone must trust it once; the page /trust says how.")
    else:
        click.echo("Renewed the server's certificate. Phones that trust the authority need nothing.")
    for what, which in (("Added", made.added), ("Dropped", made.dropped)):
        if which:
            click.echo(f"{what}: {', '.join(which)}")
    _print(made.standing)
    for name in rules.public_hosts(wanted) if wanted else ():
        click.echo(
            f"Note: {name} looks public. If it is yours, a public certificate needs no trusting by hand."
        )
    click.echo("Next: tracker serve --tls (restart it if it runs)")


@tls.command()
def show() -> None:
    """Print fingerprint, dates and names."""
    standing = queries.standing(_home())
    if standing.state(datetime.now(UTC)) is State.NONE:
        raise _none()
    _print(standing)


def _print(standing: Standing) -> None:
    authority, certificate = standing.authority, standing.certificate
    if authority is None or certificate is None or standing.limits is None or standing.server is None:
        return
    at = datetime.now(UTC)
    click.echo(
        f"Authority: {authority.subject.rfc4514_string()}, until {authority.not_valid_after_utc:%Y-%m-%d}"
    )
    click.echo(f"  may vouch for: {', '.join(standing.limits.written)}, and nothing else")
    click.echo(f"  SHA-256 {standing.fingerprint}")
    click.echo(f"  SHA-1   {standing.thumbprint} (what Windows shows)")
    left = standing.days_left(at)
    ends = f"{left} days left" if left >= 0 else "it has run out: run `tracker tls init`"
    click.echo(
        f"Server: {', '.join(standing.server.written)}, until {certificate.not_valid_after_utc:%Y-%m-%d}, {ends}"
    )


def _home() -> Path:
    return config.home_of(dict(os.environ))


def _none() -> Refused:
    return Refused(
        _("This installation has no authority of its own yet."),
        out=_("Make one: tracker tls init --host smt.lan --address 192.168.1.20"),
    )


def certificate_for(settings: config.Config) -> Path:
    """Return the file to serve TLS with: key and certificate.

    Raises:
        Refused: there is none, it has run out, or it is not for the address on labels.
    """
    standing = queries.standing(settings.home)
    at = datetime.now(UTC)
    if standing.certificate is None or standing.authority is None or standing.server is None:
        raise _none()
    if standing.state(at) is not State.READY:
        raise Refused(_("The certificate has run out."), out=_("Renew it: tracker tls init"))
    if not settings.secure or settings.name not in standing.server.written_in_urls:
        raise Refused(
            _("TRACKER_URL is %(url)s, for which the certificate is not.", url=settings.public_url),
            out=_(
                "Set it to one of: %(urls)s",
                urls=", ".join(f"https://{each}" for each in standing.server.written_in_urls),
            ),
        )
    if standing.ends_soon(at):
        left = standing.days_left(at)
        click.echo(f"Warning: the certificate runs out in {left} days. Renew it: tracker tls init", err=True)
    return queries.server_file(settings.home)


@contextmanager
def handing_out(host: str, port: int) -> Iterator[None]:
    """Serve the page of trust without TLS beside the application, as long as that is served."""
    if not port:
        yield
        return
    beside = subprocess.Popen(
        [sys.executable, "-m", "tracker", "tls", "page", "--host", host, "--port", str(port)]
    )
    try:
        yield
    finally:
        beside.terminate()
        beside.wait()


COMMANDS = [tls]
