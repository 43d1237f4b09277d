"""Whoever sends labels outside of a request: a thread of the server that was asked, or the command.

The thread goes down with its server and is not waited for; its row then tells so (`sending`).
"""

import logging
import secrets
import threading
from datetime import UTC, datetime
from time import monotonic

from flask import Flask, current_app
from sqlalchemy.orm import Session

from tracker.db import db
from tracker.printers.rules import Told
from tracker.printers.sender import send
from tracker.printers.views import networks
from tracker.prints import sending
from tracker.refused import Refused
from tracker.words import Words

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two notes of how far it is
PATIENCE = 15.0  # seconds that a printer may do nothing: it may heat, or feed
LONGEST, EACH = 60.0, 3.0  # seconds of a job, and more for each label


def begin(sending_id: int) -> threading.Thread:
    """Send in a thread of this server; its row must be committed."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=_in_app, args=(app, sending_id), name=f"sending-{sending_id}", daemon=True
    )
    thread.start()
    return thread


def _in_app(app: Flask, sending_id: int) -> None:
    with app.app_context():
        run(sending_id)


def run(sending_id: int) -> None:
    """Send labels that wait, once: whoever comes second does nothing. Commits as it goes."""
    session = db.session()
    if not sending.take(session, sending_id, at=datetime.now(UTC)):
        session.rollback()
        return
    session.commit()
    run = _Run(session, sending_id)
    try:
        run.send()
        state, told = "sent", None
    except Refused as refused:
        state, told = "failed", Told(False, _words(refused.sentence), _words(refused.out))
    except Exception:
        session.rollback()
        reference = secrets.token_hex(4)
        log.exception("reference %s", reference)
        state, told = "failed", sending.broken(reference)
    session.rollback()
    sending.end(session, sending_id, state, run.labels, told=told, at=datetime.now(UTC))
    session.commit()


def _words(words: Words | str) -> Words:
    return words if isinstance(words, Words) else Words(words)


class _Run:
    """One sending, and how many labels of it the printer has taken."""

    def __init__(self, session: Session, sending_id: int) -> None:
        self._session, self._id = session, sending_id
        self._ends: list[int] = []
        self._noted = monotonic()
        self.labels = 0

    def send(self) -> None:
        job, printer, labels = sending.whole(self._session, self._id)
        program, self._ends = sending.program(job, labels, printer, self._session)
        self._session.rollback()
        self._note()  # making and reading them took its time
        longest = LONGEST + EACH * len(labels)
        send(
            printer.host,
            printer.port,
            program,
            timeout=PATIENCE,
            longest=longest,
            allowed=networks(),
            progress=self._progress,
        )
        self.labels = len(labels)

    def _progress(self, taken: int) -> None:
        while self.labels < len(self._ends) and self._ends[self.labels] <= taken:
            self.labels += 1
        if monotonic() - self._noted >= EVERY:
            self._note()

    def _note(self) -> None:
        self._noted = monotonic()
        sending.alive(self._session, self._id, self.labels, at=datetime.now(UTC))
        self._session.commit()  # nothing is held while the printer works
