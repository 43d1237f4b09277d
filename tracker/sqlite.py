"""SQLite as we use it: its settings, and one lock around whatever writes.

Every writing transaction takes one file lock and says BEGIN IMMEDIATE before its first statement: deferred
BEGIN loses most moves to "database is locked", and SQLite's own busy handler is unfair. Commits and WAL
checkpoints happen under that same lock, which is also what keeps clear of the WAL-reset bug of SQLite before
3.51.3 (a checkpoint that starts while another connection commits).

The journal is folded back into the database after some commits and then written over from its beginning:
a commit that makes no file longer is durable in half the time. How many commits there were stands in the
lock file, which every connection has mapped, so that several processes count together.
"""

import fcntl
import logging
import mmap
import os
import sqlite3
from typing import BinaryIO

#: The journal is folded back into the database after so many commits; a move writes some 50 kB.
FOLD_AFTER = 250

#: A journal grown to this, by a long list say, is also cut.
TOO_LONG = 64 * 1024 * 1024  # bytes

#: How long it is, is looked at once in so many commits, and after one that changed so many rows.
LOOK_AFTER, MANY_ROWS = 16, 100

#: How long anything waits for another connection, and folding the journal for a reader.
PATIENCE, PATIENCE_FOLDING = 20_000, 20  # milliseconds

# Not trusted_schema=OFF: SQLite would refuse the triggers that keep the search table.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "secure_delete=ON",
    f"busy_timeout={PATIENCE}",
    "wal_autocheckpoint=0",
    "mmap_size=268435456",
    "cache_size=-32000",
)

log = logging.getLogger(__name__)


class LockedConnection(sqlite3.Connection):
    """A connection whose writing transactions hold the file lock from BEGIN to the end."""

    lock_file: BinaryIO | None = None
    #: The commits since the journal was folded: eight bytes of the lock file, little end first.
    count: mmap.mmap
    locked = False
    #: In a transaction that SQLAlchemy has not heard of: its own BEGIN joins it.
    ahead = False
    query_only = False
    wal: str = ""
    #: `total_changes` at the last commit.
    changed = 0

    def settle(self) -> None:
        """Give a new connection our settings."""
        self.isolation_level = None  # pysqlite would begin late, and deferred
        path = self.execute("PRAGMA database_list").fetchone()[2]
        if path:
            self.wal = path + "-wal"
            self.lock_file = _opened(path + ".lock")
            self.count = mmap.mmap(self.lock_file.fileno(), COUNT)
        # The first time, this writes; afterwards nobody need wait for who is writing.
        (mode,) = self.execute("PRAGMA journal_mode").fetchone()
        if mode != "wal":
            self.take()
        try:
            for pragma in PRAGMAS:
                self.execute("PRAGMA " + pragma).fetchall()
        finally:
            self.let_go()

    def begin(self, *, only_reads: bool) -> None:
        """Begin a transaction as what it is: one that reads, or one that holds the lock."""
        if self.query_only != only_reads:
            self.execute(f"PRAGMA query_only={'ON' if only_reads else 'OFF'}")
            self.query_only = only_reads
        if only_reads:
            self.execute("BEGIN")
        else:
            self.begin_writing()

    def begin_writing(self) -> None:
        self.take()
        try:
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self.let_go()
            raise

    def take(self) -> None:
        if self.lock_file is not None and not self.locked:
            fcntl.flock(self.lock_file, fcntl.LOCK_EX)
            self.locked = True

    def let_go(self) -> None:
        if self.locked and self.lock_file is not None:
            self.locked = False
            fcntl.flock(self.lock_file, fcntl.LOCK_UN)

    def commit(self) -> None:
        try:
            super().commit()
            self.ahead = False
            if self.locked and not self.in_transaction:
                self._fold_journal()
        finally:
            if not self.in_transaction:
                self.let_go()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.ahead = False
            if not self.in_transaction:
                self.let_go()

    def close(self) -> None:
        # The last connection to close checkpoints by itself, so that too is done under the lock.
        if self.lock_file is None:
            super().close()
            return
        try:
            self.take()
            super().close()
        finally:
            self.count.close()
            self.lock_file.close()
            self.lock_file, self.locked = None, False

    def _fold_journal(self) -> None:
        if self.lock_file is None:
            return
        commits = int.from_bytes(self.count[:COUNT], "little") + 1
        rows, self.changed = self.total_changes - self.changed, self.total_changes
        due = commits >= FOLD_AFTER
        long = (due or rows >= MANY_ROWS or commits % LOOK_AFTER == 0) and self._length() >= TOO_LONG
        if not (due or long) or self._folded("TRUNCATE" if long else "RESTART"):
            self.count[:COUNT] = (0 if due or long else commits).to_bytes(COUNT, "little")

    def _length(self) -> int:
        try:
            return os.stat(self.wal).st_size  # noqa: PTH116  # a Path costs more than the look
        except OSError:
            return 0

    def _folded(self, how: str) -> bool:
        # A long reader would hold up everybody who writes: what it still needs waits for a later commit.
        try:
            self.execute(f"PRAGMA busy_timeout={PATIENCE_FOLDING}")
            try:
                busy, _pages, _folded = self.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
            finally:
                self.execute(f"PRAGMA busy_timeout={PATIENCE}")
        except sqlite3.DatabaseError:  # a full disk, say: the commit stands, and must not seem to fail
            log.exception("The journal could not be folded into the database; the next commit tries again.")
            return False
        return not busy


#: Bytes of the lock file that count commits.
COUNT = 8


def _opened(path: str) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b", buffering=0)
    if os.fstat(file.fileno()).st_size < COUNT:  # several may find it so: it only grows, with zeros
        os.ftruncate(file.fileno(), COUNT)
    return file
