"""The environment, read once. Nothing else reads it."""

import os
import re
import secrets
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

SHORTEST_SECRET = 32
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # as Amazon's rules for general purpose buckets say


class NotConfigured(Exception):
    """The installation lacks something it cannot run without; the message says what to do."""


@dataclass(frozen=True)
class S3:
    """A bucket of an S3-compatible store, where files are kept instead of in the home."""

    url: str
    """Of the service, such as `https://s3.example.vn`; no slash at the end."""
    bucket: str
    key: str
    secret: str = field(repr=False)
    region: str = "us-east-1"


@dataclass(frozen=True)
class Config:
    """Where an installation keeps its things and how it is reached."""

    home: Path
    database_url: str
    public_url: str
    """What labels and papers carry, such as `https://smt.lan`; no slash at the end."""
    secret: str
    demo: bool = False
    hotline: str = ""
    locale: str = "vi"
    tls: bool = False
    """Whether this server speaks TLS itself, with a certificate of its own authority, and no proxy does."""
    printer_networks: tuple[str, ...] = ()
    """Where label printers may be besides private networks: networks, addresses, names of hosts."""
    s3: S3 | None = None
    """Where files are kept; without it in the home."""

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).netloc

    @property
    def name(self) -> str:
        """The host without its port; an IPv6 address in brackets."""
        return re.sub(r":\d*$", "", self.host)

    @property
    def origin(self) -> str:
        """The name of the ledger in its checkpoints; the last part is the epoch."""
        return f"so-cai.{self.host}/thiet-bi/1"

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")


def home_of(environ: dict[str, str]) -> Path:
    """Return the folder of database, keys and photographs: TRACKER_HOME, else `./var`."""
    return Path(environ.get("TRACKER_HOME") or "var").resolve()


def write_secret(home: Path) -> Path:
    """Make the secret that signs cookies, readable by the owner only; keep one that is there."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / "secret.key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path


def _secret_in(path: Path) -> str:
    try:
        secret = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise NotConfigured(f"There is no secret in {path}. Run `tracker init` first.") from None
    except UnicodeDecodeError:
        secret = ""
    if len(secret) < SHORTEST_SECRET:
        raise NotConfigured(
            f"The secret in {path} is damaged. Put back the old file, or delete it and run "
            "`tracker init`: everybody will have to sign in again."
        )
    return secret


def _networks(written: str) -> tuple[str, ...]:
    found = tuple(written.replace(",", " ").split())
    for network in found:
        try:
            if "/" in network:
                ip_network(network)
        except ValueError as error:
            raise NotConfigured(
                f"TRACKER_PRINTERS names “{network[:80]}”, which is no network. Write it as 192.0.2.0/24."
            ) from error
    return found


def _s3(environ: dict[str, str]) -> S3 | None:
    names = [f"TRACKER_S3_{name}" for name in ("URL", "BUCKET", "KEY", "SECRET")]
    given = {name: environ.get(name, "").strip() for name in names}
    region = environ.get("TRACKER_S3_REGION", "").strip()
    if not any(given.values()) and not region:
        return None
    if missing := [name for name, value in given.items() if not value]:
        raise NotConfigured(
            f"A store of files is named by halves: {', '.join(missing)} missing. "
            "Set TRACKER_S3_URL, TRACKER_S3_BUCKET, TRACKER_S3_KEY and TRACKER_S3_SECRET, or none of them."
        )
    url, bucket, key, secret = given.values()
    if not _URL.fullmatch(url):
        raise NotConfigured(
            f"TRACKER_S3_URL is “{url[:80]}”, which is no address. Write it as https://s3.example.vn."
        )
    if not _BUCKET.fullmatch(bucket):
        raise NotConfigured(f"TRACKER_S3_BUCKET is “{bucket[:80]}”, which is no name of a bucket.")
    if find_spec("obstore") is None:
        raise NotConfigured(
            "TRACKER_S3_URL needs the library obstore, which is not installed. Run `make install`, or leave it out."
        )
    return S3(url.rstrip("/"), bucket, key, secret, region or S3.region)


def read(environ: dict[str, str] | None = None) -> Config:
    """Read the environment.

    Raises:
        NotConfigured: there is no secret yet, which `tracker init` makes, or a value makes no sense.
    """
    environ = dict(os.environ) if environ is None else environ
    home = home_of(environ)
    secret = environ.get("TRACKER_SECRET", "")
    path = home / "secret.key"
    if not secret:
        secret = _secret_in(path)
    if len(secret) < SHORTEST_SECRET:
        raise NotConfigured(f"TRACKER_SECRET is shorter than {SHORTEST_SECRET} characters.")
    public_url = (environ.get("TRACKER_URL") or "http://127.0.0.1:5000").rstrip("/")
    if not _URL.fullmatch(public_url):
        raise NotConfigured(
            f"TRACKER_URL is “{public_url[:80]}”, which is no address. Write it as https://smt.lan."
        )
    return Config(
        home=home,
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{home / 'tracker.db'}",
        public_url=public_url,
        secret=secret,
        demo=environ.get("TRACKER_DEMO", "") == "1",
        tls=environ.get("TRACKER_TLS", "") == "1",
        hotline=environ.get("TRACKER_HOTLINE", ""),
        locale=environ.get("TRACKER_LOCALE", "vi"),
        printer_networks=_networks(environ.get("TRACKER_PRINTERS", "")),
        s3=_s3(environ),
    )
