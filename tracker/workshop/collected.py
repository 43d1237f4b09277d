"""What the collecting script sends: taken at once, and read by a process of its own, so that no page waits for it.

A hundred machines that send at the same moment would keep the server's processes busy with reading for seconds.
So a request only lays the file down in the installation's `inbox`; one process that gives way to all others
(niceness 19) takes file after file from there, and ends when there has been none for a while. The script asks for
the answer, which is in the database, until it is there.
"""

import fcntl
import json
import logging
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from tracker.custody import queries as devices
from tracker.custody.codes import NotACode, grouped, parse
from tracker.custody.ledger import Ask
from tracker.evidence import actions as evidence
from tracker.evidence import queries as kept
from tracker.people.models import Organisation, User
from tracker.people.roles import Actor, Role
from tracker.refused import Missing, Refused
from tracker.store import Files
from tracker.web.pages import new_event_id
from tracker.words import _
from tracker.workshop import evidence as bench
from tracker.workshop.models import CollectedAnswer

log = logging.getLogger(__name__)

#: Files that may wait; more at once are asked to come again.
MOST_WAITING = 500
#: How long the reading process stays when nothing waits, and how often it looks, in seconds.
IDLE, LOOK = 20.0, 0.2
#: How what waits is called: as it was sent, while it is being read, and once a reader has died over it.
SENT, READING, SECOND = LIES = (".sent", ".reading", ".second")
#: How long answers are kept for whoever asks, and parts of what never came whole.
KEPT, PARTS = timedelta(days=7), timedelta(hours=1)
#: A name under which an answer can be asked for.
NAME = re.compile(r"\d{20}-[0-9a-f]{16}")


class Full(Refused):
    """So much waits to be read that more would never come to its turn."""

    def __init__(self) -> None:
        super().__init__(_("Too much waits to be read."), out=_("Send it again in a minute."))


class Answer(NamedTuple):
    """What the script is told: a status of HTTP and lines of plain text."""

    status: int
    text: str


# The inbox


def take(inbox: Path, *, user: int, device: str, name: str, data: bytes) -> str:
    """Lay down what was sent, and return the name under which its answer can be asked for.

    Raises:
        Full: too much waits, or the disk has no room.
    """
    inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sum(1 for _file in _waiting(inbox)) >= MOST_WAITING:
        raise Full
    name_of_it = f"{time.time_ns():020d}-{secrets.token_hex(8)}"
    head = json.dumps({"user": user, "device": device[:100], "name": name[:200]}).encode()
    try:
        _lay_down(inbox / f"{name_of_it}{SENT}", head + b"\n" + data)
    except OSError as error:
        log.exception("nothing can be taken into %s", inbox)
        raise Full from error
    return name_of_it


def _lay_down(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def waits(inbox: Path, sent: str) -> bool:
    """Return whether what was sent under this name still lies in the inbox."""
    return NAME.fullmatch(sent) is not None and any((inbox / f"{sent}{ending}").exists() for ending in LIES)


def read_inbox(inbox: Path, session: Session, files: Files, *, hosts: set[str], idle: float = IDLE) -> int:
    """Read what waits in the inbox, file after file, until nothing came for `idle` seconds; return how many.

    Does nothing while another process does it.
    """
    inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    read, last = 0, time.monotonic()
    with _alone(inbox) as alone:
        if alone:
            _tidy_up(inbox, session)
        while alone:
            waiting = sorted(_waiting(inbox))
            for path in waiting:
                _read_one(path, session, files, hosts=hosts)
                read, last = read + 1, time.monotonic()
            if not waiting and time.monotonic() - last >= idle:
                break
            if not waiting:
                time.sleep(LOOK)
    return read


def _waiting(inbox: Path) -> Iterator[Path]:
    return (path for path in inbox.iterdir() if path.suffix in {SENT, SECOND})


def _tidy_up(inbox: Path, session: Session) -> None:
    """Take up what a reader has died over once more, but not a third time; forget what is old."""
    for path in sorted(inbox.glob(f"*{SECOND}")):
        log.error("%s was not read: two readers have died over it", path.name)
        _answered(path, session, json.loads(path.read_bytes().partition(b"\n")[0])["user"], _broken())
        path.replace(path.with_suffix(".failed"))
    for path in inbox.glob(f"*{READING}"):
        path.replace(path.with_suffix(SECOND))
    old = time.time() - PARTS.total_seconds()
    for path in inbox.glob(".part-*"):
        if path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
    session.execute(delete(CollectedAnswer).where(CollectedAnswer.at < datetime.now(UTC) - KEPT))
    session.commit()


def _answered(path: Path, session: Session, user: int, answer: Answer) -> None:
    session.execute(delete(CollectedAnswer).where(CollectedAnswer.id == path.stem))
    session.execute(
        insert(CollectedAnswer),
        {
            "id": path.stem,
            "user_id": user,
            "status": answer.status,
            "text": answer.text,
            "at": datetime.now(UTC),
        },
    )
    session.commit()


def _broken() -> Answer:
    return Answer(500, str(_("It could not be read. It is kept; tell the administrator.")))


@contextmanager
def _alone(inbox: Path) -> Iterator[bool]:
    with (inbox / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _read_one(path: Path, session: Session, files: Files, *, hosts: set[str]) -> None:
    if path.suffix == SENT:
        path = path.replace(path.with_suffix(READING))  # a reader that dies over it leaves it so
    head, _line, data = path.read_bytes().partition(b"\n")
    said = json.loads(head)
    by = technician(session, said["user"])
    name, device, failed = said["name"], said["device"], False
    if by is None:
        answer = Answer(401, str(_("This code of the station is wrong or too old. Ask for a new one.")))
    else:
        try:
            answer = receive(session, data, name=name, device=device, files=files, hosts=hosts, by=by)
        except Exception:  # a fault of ours must not keep all that wait behind it
            log.exception("%s was not read", path.name)
            session.rollback()
            failed, answer = True, _broken()
    _answered(path, session, said["user"], answer)
    if failed:
        path.replace(path.with_suffix(".failed"))
    else:
        path.unlink()


_reader: list[subprocess.Popen[bytes]] = []


def start_reader() -> None:
    """Start the process that reads the inbox, unless one that this process started still runs."""
    if _reader and _reader[0].poll() is None:
        return
    _reader[:] = [
        subprocess.Popen(
            [sys.executable, "-m", "tracker", "evidence-inbox"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    ]


# What is done with one


def technician(session: Session, user: int | None) -> Actor | None:
    """Return a technician by id, or None: another role, disabled, or of a disabled organisation."""
    row = session.execute(
        select(User.id, User.org_id, User.role)
        .join(Organisation, Organisation.id == User.org_id)
        .where(User.id == user, User.disabled_at.is_(None), Organisation.disabled_at.is_(None))
    ).first()
    if row is None or row.role != Role.TECHNICIAN:
        return None
    return Actor(row.id, row.org_id, Role(row.role))


def receive(
    session: Session, data: bytes, *, name: str, device: str, files: Files, hosts: set[str], by: Actor
) -> Answer:
    """Read what was collected, keep it with its device, and say what became of it. Commits what was kept.

    Without a `device` (what was typed of its label) the machine is known by its serial.
    """
    reads = evidence.read_all([(name, data)])
    try:
        row = _meant(session, device, reads, hosts=hosts, by=by)
        session.rollback()  # nobody waits while a file is stored
        evidence.store(files, reads)
        ask = Ask(new_event_id(), datetime.now(UTC))
        outcomes = bench.take_in(session, row, reads, files=files, via="collector", by=by, ask=ask)
    except Missing:
        session.rollback()
        return Answer(404, str(_("No device of your workshop has this label.")))
    except Refused as no:
        session.rollback()
        return Answer(422, f"{no}\n{no.out}")
    session.commit()
    lines = [f"{grouped(row.code)}: {line(each)}" for each in outcomes]
    return Answer(200 if all(each.kept for each in outcomes) else 422, "\n".join(lines))


def line(outcome: evidence.Outcome) -> str:
    """Return what became of a file, on one line."""
    return " ".join(str(part) for part in (f"{outcome.name}:", outcome.words, outcome.out) if str(part))


class WhichDevice(Refused):
    """The script did not say which device it ran on, and its serial does not either."""

    def __init__(self) -> None:
        super().__init__(
            _("It is not known which device this is."),
            out=_("Run the script again with the code of its label."),
        )


def _meant(
    session: Session, text: str, reads: Sequence[evidence.Read], *, hosts: set[str], by: Actor
) -> Row[Any]:
    if text.strip():
        try:
            return devices.device(session, parse(text, hosts=hosts), to=by)
        except NotACode as no:
            raise Missing from no
    serials = {
        serial.normal
        for each in reads
        if each.facts
        for facts in (each.facts, *(part.facts for part in each.facts.parts if part.facts))
        for serial in facts.serials
        if serial.normal
    }
    found = kept.with_serial(session, serials, org=by.org)
    if len(found) != 1:
        raise WhichDevice
    return devices.device(session, found[0], to=by)
