"""Printers on loopback: each has an address of its own in 127.0.0.0/8, so that many tests can listen on port 9100."""

import random
import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from tests.makers import AT, sign_in_as
from tracker.db import db
from tracker.printers import actions
from tracker.printers.actions import Described
from tracker.printers.rules import Kind

LOOPBACK = ("127.0.0.0/8",)

#: For what a form is refused for before anything is written: the databases have no part in it.
SQLITE_ALONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Listening:
    """A printer that does `work(self, connection)` with every connection; takes all where none is given."""

    def __init__(self, work=None):
        self.jobs, self.go = [], threading.Event()
        self._work = work or take_all
        self.host = f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
        self._socket = socket.create_server((self.host, 9100))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        with suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                with connection, suppress(OSError):
                    self._work(self, connection)

    def close(self):
        self.go.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


def take_all(printer, connection):
    got = b""
    while data := connection.recv(65536):
        got += data
    printer.jobs.append(got)


@contextmanager
def listening(work=None):
    printer = Listening(work)
    try:
        yield printer
    finally:
        printer.close()


def a_printer(session, by, *, name="Máy in tem", kind=Kind.TSPL, dpi=203, host="192.168.10.20"):
    """Return the id of a new printer of the actor's organisation."""
    return actions.add(session, Described(name, kind, dpi, host), by=by, at=AT)


def signed_in(app, actor):
    """Return a browser in which somebody has signed in; for tests that hold no context of the application."""
    client = app.test_client()
    with app.app_context():
        sign_in_as(client, actor, db.session())
    return client
