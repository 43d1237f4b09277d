"""The verbs of evidence: read files, keep them with their device, settle what looked like another machine's."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from labels.text import tidy
from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.codes import ALPHABET
from tracker.custody.ledger import Ask
from tracker.custody.rules import must_be_at_rest, must_hold
from tracker.db import driver
from tracker.evidence import queries
from tracker.evidence.answers import inside
from tracker.evidence.drives import Gone
from tracker.evidence.facts import Facts
from tracker.evidence.machines import IDENTITY, Same, marks, same_machine
from tracker.evidence.merge import Picture, merge
from tracker.evidence.models import CollectorPass, EvidenceFile, EvidenceMark, KnownDrive
from tracker.evidence.read import read
from tracker.hot import Write, given
from tracker.lists.fold import fold
from tracker.lists.serials import normal_serial
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.store import Files
from tracker.words import Words, _

#: Files of one upload; the collector sends one.
MOST_FILES = 40
#: How long a collector's code is good, and how long it is.
PASS_FOR = timedelta(hours=1)
PASS_LENGTH = 10

_KEEP = Write(
    insert(EvidenceFile).values(
        {
            name: given(name)
            for name in "device_id org_id digest name tool size state like_id via at by".split()
        }
    ),
    if_new=True,
)
_MARK = Write(
    insert(EvidenceMark).values({name: given(name) for name in ("device_id", "of", "value")}), if_new=True
)


class Read(NamedTuple):
    """A file that was read: its facts, or why it was refused."""

    name: str
    data: bytes
    facts: Facts | None
    refused: Refused | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the content, as hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


class Outcome(NamedTuple):
    """What became of one file."""

    name: str
    kept: bool
    words: Words | str
    out: Words | str = ""
    file: int | None = None


def read_all(files: Iterable[tuple[str, bytes]]) -> list[Read]:
    """Read files, each for itself; to be called outside of a transaction, since it takes its time."""
    found = []
    for name, data in files:
        said = tidy(name)[:120] or "?"
        try:
            found.append(Read(said, data, read(said, data)))
        except Refused as no:
            found.append(Read(said, data, None, no))
    return found


def store(files: Files, reads: Iterable[Read]) -> None:
    """Put what was understood into the store: outside of a transaction, before any row speaks of it."""
    for each in reads:
        if each.facts is not None:
            files.put(each.data)


def keep(
    session: Session, device: Row[Any], reads: Sequence[Read], *, files: Files, via: str, by: Actor, ask: Ask
) -> list[Outcome]:
    """Keep files that are in the store with a device; return what became of each, in their order.

    One that looks like another machine's is asked about, and counts for nothing until `settle`.

    Raises:
        NotHere, InTransit: the device is elsewhere.
    """
    now = devices.locked(session, device.id)
    must_hold(now, by)
    must_be_at_rest(now, by)
    return [_keep(session, now, each, files=files, via=via, by=by, ask=ask) for each in reads]


def _keep(
    session: Session, device: Row[Any], this: Read, *, files: Files, via: str, by: Actor, ask: Ask
) -> Outcome:
    if this.facts is None:
        no = this.refused
        return Outcome(this.name, False, str(no) if no else "", no.out if no else "")
    known = queries.picture(session, device.id, files)
    facts = merge([(this.name, this.facts)]).facts
    like = _like(session, device.id, facts, known)
    new = _KEEP.rows(
        driver(session),
        device_id=device.id,
        org_id=by.org,
        digest=this.digest,
        name=this.name,
        tool=str(this.facts.kind)[:24],
        size=len(this.data),
        state="kept" if like is None else "asked",
        like_id=like or None,
        via=via,
        at=ask.at,
        by=by.user,
    )
    file = queries.by_digest(session, device.id, this.digest)
    if not new:
        return Outcome(this.name, True, _("Was there already."), file=file)
    if like is not None:
        return Outcome(
            this.name,
            False,
            _("This looks like another machine."),
            _("Say on the device’s page whether it is this one."),
            file,
        )
    own = merge([(this.name, queries.of_its_own(this.facts))]).facts
    _counts(session, device, this.digest, own, str(this.facts.kind), by=by, ask=ask.of(this.digest))
    return Outcome(this.name, True, _("Read and kept."), file=file)


def _like(session: Session, device: int, facts: Facts, known: Picture) -> int | None:
    """Return None when it may be this machine; else the other device that it looks like, 0 for no known one."""
    inside_now = queries.known_drives(session, device)
    wiped = {normal_serial(wipe.serial).serial for wipe in facts.wipes} - {""}
    if inside_now and wiped:
        return None if wiped & set(inside_now) else 0  # in whatever machine they were wiped
    other = queries.with_marks(
        session, [mark for mark in marks(facts) if mark.of in {*IDENTITY, "mac"}], but=device
    )
    if other is not None:
        return other
    likeness = same_machine(known.facts, facts)
    if likeness.verdict is Same.NO or (likeness.verdict is Same.UNSURE and likeness.differ):
        return 0
    return None


def _counts(
    session: Session, device: Row[Any], digest: str, facts: Facts, tool: str, *, by: Actor, ask: Ask
) -> None:
    custody.note_fact(session, device.id, "evidence", {"digest": digest, "tool": tool}, by=by, ask=ask)
    for mark in marks(facts):
        _MARK.rows(driver(session), device_id=device.id, of=mark.of, value=mark.value[:120])
    for drive in inside(facts):
        if serial := normal_serial(drive.serial).serial[:80]:
            name = f"{drive.make} {drive.model}".strip()[:120] or serial
            _know(session, device.id, serial, name, by=by, ask=ask.of(serial))


def _know(session: Session, device: int, serial: str, name: str, *, by: Actor, ask: Ask) -> None:
    known = session.get(KnownDrive, (device, serial))
    if known is None:
        session.add(KnownDrive(device_id=device, serial=serial, name=name, seen_at=ask.at))
    elif known.gone_at is None:
        known.seen_at = ask.at
    else:  # nobody knows what was written to it meanwhile
        known.seen_at, known.gone_at, known.gone_by, known.gone_to = ask.at, None, None, ""
        custody.note_fact(session, device, "fit-drive", {"part": "drive", "serial": serial}, by=by, ask=ask)
    session.flush()


def take_drive_out(session: Session, device: Row[Any], serial: str, to: Gone, *, by: Actor, ask: Ask) -> None:
    """Say that a drive is not in a device any more and where it went, so that nobody has to erase it there.

    Raises:
        NotHere, InTransit: the device is elsewhere.
        Missing: evidence has not seen it there.
    """
    now = devices.locked(session, device.id)
    must_hold(now, by)
    must_be_at_rest(now, by)
    known = session.get(KnownDrive, (device.id, serial))
    if known is None or known.gone_at is not None:
        raise Missing
    known.gone_at, known.gone_by, known.gone_to = ask.at, by.user, to
    session.flush()
    data = {"part": "drive", "serial": serial, "to": str(to)}
    custody.note_fact(session, device.id, "take-out", data, by=by, ask=ask)


def settle(
    session: Session, device: Row[Any], file: int, *, this: bool, files: Files, by: Actor, ask: Ask
) -> bool:
    """Say of a file that was asked about whether it is of `this` machine; return whether it counts now.

    Raises:
        Missing: no file of this device is asked about under this id.
    """
    row = session.scalar(
        select(EvidenceFile)
        .where(EvidenceFile.id == file, EvidenceFile.device_id == device.id, EvidenceFile.state == "asked")
        .with_for_update()
    )
    now = devices.locked(session, device.id)
    must_hold(now, by)
    must_be_at_rest(now, by)
    if row is None:
        raise Missing
    row.state, row.settled_at, row.settled_by = "kept" if this else "away", ask.at, by.user
    session.flush()
    if this:
        facts = queries.facts(row.digest, row.name, files)
        own = merge([(row.name, queries.of_its_own(facts))]).facts
        _counts(session, now, row.digest, own, str(facts.kind), by=by, ask=ask.of(row.digest))
    return this


#: What evidence fills in where intake wrote nothing, with the longest that fits.
FILLS = {"make": 80, "model": 120, "serial": 120}


def fill(session: Session, device: int, picture: Picture, *, by: Actor, ask: Ask) -> list[str]:
    """Fill in make, model and serial where intake wrote nothing; return what was filled.

    What is written stays: where it contradicts the evidence, the page shows both.
    """
    row, facts = devices.locked(session, device), picture.facts
    serial = next((each.text for each in facts.serials if each.normal and each.where != "board"), "")
    model = facts.version if facts.make.casefold() == "lenovo" and facts.version else facts.model
    said = {"make": facts.make, "model": model, "serial": serial}
    new = {
        name: tidy(said[name])[:most]
        for name, most in FILLS.items()
        if tidy(said[name]) and not getattr(row, name)
    }
    if not new:
        return []
    also: dict[str, Any] = dict(new)
    if "serial" in new:
        also["serial_norm"] = normal_serial(new["serial"]).serial or None
    also["search"] = f"{row.search} {fold(' '.join(new.values()))}".strip()
    custody.note_fact(session, device, "amend", {"fields": sorted(new)}, by=by, ask=ask, **also)
    return sorted(new)


def make_pass(session: Session, *, by: Actor, at: datetime) -> str:
    """Make a short-lived code for the collecting script; it is shown once, only its digest is kept."""
    session.execute(delete(CollectorPass).where(CollectorPass.expires_at < at))
    code = "".join(secrets.choice(ALPHABET) for _n in range(PASS_LENGTH))
    session.add(CollectorPass(digest=_digest(code), user_id=by.user, made_at=at, expires_at=at + PASS_FOR))
    session.flush()
    return code


def who_passes(session: Session, code: str, *, at: datetime) -> int | None:
    """Return who a code was made for, or None: unknown, or too old."""
    plain = "".join(code.split()).replace("-", "").upper()
    return session.scalar(
        select(CollectorPass.user_id).where(
            CollectorPass.digest == _digest(plain), CollectorPass.expires_at >= at
        )
    )


def _digest(code: str) -> str:
    return hashlib.sha256(f"collector {code}".encode()).hexdigest()
