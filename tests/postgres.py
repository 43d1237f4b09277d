"""A PostgreSQL of the tests' own: one cluster a test process, gone when the process is.

It listens on a socket in a folder of its own, never on the network, and does not promise to survive a
power cut. The tests' role is no superuser, so that privileges mean what they mean in an office.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

HOW_TO_GET_IT = (
    "PostgreSQL's initdb was not found. The tests start a PostgreSQL of their own and need its binaries: "
    "run `sh .ci/system-packages test`, or `apt-get install postgresql`."
)
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "jit": "off",
}
ROLE = "tracker"
#: What is left open in them counts against `max_connections` until then.
DROPPED_TOGETHER = 8


class Cluster:
    """A running server whose databases are copies of ones made before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._done: list[str] = []

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{ROLE}@/{database}?host={self.folder}"

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.folder), user=ROLE, dbname="postgres", autocommit=True)

    def run(self, statement: str) -> None:
        with self._connection() as connection:
            connection.execute(statement)

    def create(self, template: str = "template1") -> str:
        """Make a database that is a copy of `template` and return its name."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Take a database away, now or with a few others: each alone would wait for a checkpoint of its own."""
        self._done.append(name)
        if len(self._done) >= DROPPED_TOGETHER:
            with self._connection() as connection:
                for each in self._done:
                    connection.execute(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)")
            self._done.clear()


def binaries(debian: Path = Path("/usr/lib/postgresql")) -> Path:
    """Return the folder of initdb, the newest version where Debian has several.

    Raises:
        FileNotFoundError: PostgreSQL is not installed; the message says how to get it.
    """
    versions = sorted(debian.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    if found is None:
        raise FileNotFoundError(HOW_TO_GET_IT)
    return Path(found).resolve().parent


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a cluster for as long as the block runs."""
    programmes = binaries()
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-"))  # a socket's path may not be long
    as_whom: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_whom = {"user": "postgres", "group": "postgres", "extra_groups": []}
        whom = pwd.getpwnam("postgres")
        os.chown(folder, whom.pw_uid, whom.pw_gid)
    try:
        make = ["initdb", "--pgdata", "data", "--username", "postgres", "--auth", "trust"]
        make += ["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"]
        subprocess.run(
            [programmes / make[0], *make[1:]], cwd=folder, check=True, capture_output=True, **as_whom
        )
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            # Should the tests be killed, the kernel stops the server too.
            server = subprocess.Popen(
                [
                    "setpriv",
                    "--pdeathsig",
                    "QUIT",
                    programmes / "postgres",
                    "-D",
                    "data",
                    "-k",
                    folder,
                    *settings,
                ],
                cwd=folder,
                stdout=log,
                stderr=log,
                **as_whom,
            )
        try:
            wait_for(server, folder)
            yield Cluster(folder)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth keeping
            server.wait(timeout=20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(server: subprocess.Popen[bytes], folder: Path, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(
                host=str(folder), user="postgres", dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > until:
                said = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{said}") from error
            time.sleep(0.05)
