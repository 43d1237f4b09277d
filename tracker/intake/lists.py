"""Lists of devices: uploaded, previewed, taken in once and whole, and the rows left to a person.

What a row means is judged by `tracker.intake.list_rules`; here it meets the database. A list is
judged anew inside the transaction that takes it in, so the preview may be old. Each row's event has
an id made of the file's content and the row's place, and a file is taken in once for the whole
installation: sending it again changes nothing.
"""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import labels
from tracker.custody.ledger import Ask
from tracker.intake import actions, known
from tracker.intake.forms import DonationForm, DonorForm, values_of_row
from tracker.intake.list_headings import HEADINGS
from tracker.intake.list_rules import DeviceRow, settle_devices, understand_devices, wanted
from tracker.intake.models import Donor
from tracker.intake.rules import (
    DonationKind,
    FormWrong,
    kind_of_donor,
    must_receive,
    search_text,
)
from tracker.lists.fold import fold
from tracker.lists.headings import unread
from tracker.lists.models import ImportedList, ListQuestion
from tracker.lists.outcomes import counts
from tracker.lists.reading import read
from tracker.lists.verdicts import Outcome
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.words import _

LIST = ImportedList.__table__
KIND = "devices"


class Earlier(NamedTuple):
    """A list of the same content that was taken in."""

    id: str
    org_id: int
    applied_at: datetime


class TakenIn(Refused):
    """A file of this content was taken in before."""

    def __init__(self, day: date) -> None:
        super().__init__(
            _("This very file was taken in already, on %(day)s.", day=f"{day:%d/%m/%Y}"),
            out=_("Nothing was done again. If something is missing, send a new file with only those rows."),
        )


def understood(data: bytes, *, name: str) -> list[DeviceRow]:
    """Read a file and each of its rows by itself. Raises: Refused, see `tracker.lists`."""
    return understand_devices(read(data, name=name))


def unread_sheets(data: bytes, *, name: str) -> list[str]:
    """Name the filled sheets of a file in which no list of devices was found."""
    return unread(read(data, name=name), HEADINGS, needs=("kind",))


def judged(session: Session, rows: Sequence[DeviceRow]) -> list[DeviceRow]:
    """Compare understood rows with each other and with what is there already."""
    return settle_devices(rows, known.known_devices(session, wanted(rows)))


def digest(data: bytes) -> str:
    """Return by what a file is known again."""
    return hashlib.sha256(data).hexdigest()


def event_id(sha256: str, row: DeviceRow) -> str:
    """Return the id of the event that a row of a file becomes: always the same."""
    return hashlib.sha256(f"{sha256}:{row.sheet}:{row.line}".encode()).hexdigest()[:32]


def applied(session: Session, sha256: str) -> Earlier | None:
    """Return the list of this content that was taken in, if one was."""
    row = session.execute(
        select(LIST.c.id, LIST.c.org_id, LIST.c.applied_at).where(
            LIST.c.kind == KIND, LIST.c.sha256 == sha256, LIST.c.applied_at.is_not(None)
        )
    ).first()
    return Earlier(*row) if row else None


def upload(session: Session, data: bytes, *, name: str, by: Actor, at: datetime) -> tuple[str, bool]:
    """Write down that a list came in; return its id, and whether it was taken in before.

    Raises:
        MustReceive: not a person at the door.
        TakenIn: it was taken in by another organisation.
    """
    must_receive(by)
    if earlier := applied(session, digest(data)):
        if earlier.org_id != by.org:
            raise TakenIn(earlier.applied_at)
        return earlier.id, True
    list_id = secrets.token_hex(16)
    values = {
        "id": list_id,
        "kind": KIND,
        "filename": name.replace("\\", "/").rpartition("/")[2][:200],
        "sha256": digest(data),
        "org_id": by.org,
        "user_id": by.user,
        "uploaded_at": at,
    }
    session.execute(insert(ImportedList), values)
    return list_id, False


def found(session: Session, list_id: str, *, to: Actor, own: bool = False) -> Row[Any]:
    """Return a list of devices with who sent it; `own`: only of the organisation, to write.

    Raises:
        Missing: there is none there.
    """
    query = (
        select(LIST, User.name.label("who"))
        .join(User, User.id == LIST.c.user_id)
        .where(LIST.c.id == list_id, LIST.c.kind == KIND)
    )
    row = session.execute(query).first()
    if row is None or not (row.org_id == to.org or (to.role.sees_everything and not own)):
        raise Missing
    return row


def lists(session: Session, *, to: Actor, most: int = 30) -> list[Row[Any]]:
    """Return the newest lists of devices that a person may see."""
    query = (
        select(LIST, User.name.label("who"))
        .join(User, User.id == LIST.c.user_id)
        .where(LIST.c.kind == KIND)
        .order_by(LIST.c.uploaded_at.desc(), LIST.c.id)
        .limit(most)
    )
    return list(session.execute(query if to.role.sees_everything else query.where(LIST.c.org_id == to.org)))


def lacks_donor(rows: Iterable[DeviceRow]) -> bool:
    """Return whether a row that may be received names no donor."""
    return any(not row.donor for row in rows if row.outcome.added or row.outcome is Outcome.ASK)


def take_in(
    session: Session,
    list_id: str,
    rows: Sequence[DeviceRow],
    *,
    received_on: date,
    donor: str,
    by: Actor,
    at: datetime,
) -> list[DeviceRow]:
    """Receive the devices of a list, one donation for each donor; return the rows as they were settled.

    `rows` are as `understood` gives them; `donor` stands for the rows that name none. All or nothing.

    Raises:
        MustReceive, Missing: not a person at the door, or another organisation's list.
        TakenIn: a file of this content was taken in before.
        FormWrong: a row names no donor and neither does the form.
    """
    must_receive(by)
    kept = found(session, list_id, to=by, own=True)
    _mark(session, list_id, kept.sha256, by=by, at=at)
    settled = [row if row.donor else replace(row, donor=donor) for row in judged(session, rows)]
    if lacks_donor(settled):
        raise FormWrong({"donor": _("Some rows name no donor: write who gave them.")})
    gifts = _donations(session, list_id, settled, received_on, by=by, at=at)
    _receive(session, kept, settled, gifts, by=by, at=at)
    _ask(session, list_id, settled, gifts)
    outcomes = {str(outcome): n for outcome, n in counts(settled).outcomes.items()}
    session.execute(update(ImportedList).where(LIST.c.id == list_id).values(counts=json.dumps(outcomes)))
    return settled


def _mark(session: Session, list_id: str, sha256: str, *, by: Actor, at: datetime) -> None:
    """Mark a list as taken in, once; on PostgreSQL one list at a time, so that none misses another's rows."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE imported_list IN SHARE ROW EXCLUSIVE MODE"))
    if earlier := applied(session, sha256):
        raise TakenIn(earlier.applied_at)
    try:
        session.execute(
            update(ImportedList).where(LIST.c.id == list_id).values(applied_at=at, user_id=by.user)
        )
    except IntegrityError as error:  # the index says so too
        raise TakenIn(at) from error


def _donations(
    session: Session, list_id: str, rows: Sequence[DeviceRow], received_on: date, *, by: Actor, at: datetime
) -> dict[str, int]:
    """Enter one donation for each donor of the list; return its id by the donor's folded name."""
    names: dict[str, str] = {}
    expected: Counter[str] = Counter()
    for row in rows:
        if row.outcome.added or row.outcome is Outcome.ASK:
            names.setdefault(fold(row.donor), row.donor)
            expected[fold(row.donor)] += 1
    donors = _donors(session, names, at=at)
    return {
        key: actions.add_donation(
            session,
            DonationForm(donors[key], DonationKind.IN_KIND, None, received_on, expected[key], ""),
            by=by,
            at=at,
            list_id=list_id,
        )
        for key in names
    }


def _donors(session: Session, names: dict[str, str], *, at: datetime) -> dict[str, int]:
    """Return the donors of these names, entering those who are not there yet."""
    query = select(Donor.search, Donor.id).where(Donor.search.in_(list(names))).order_by(Donor.id.desc())
    known = {row.search: row.id for row in session.execute(query)}
    for key, name in names.items():
        if key not in known:
            form = DonorForm(kind_of_donor(name), name[:200], *[""] * 5)
            known[key] = actions.write_donor(session, form, at=at)
    return known


def _receive(
    session: Session,
    kept: Row[Any],
    rows: Sequence[DeviceRow],
    gifts: dict[str, int],
    *,
    by: Actor,
    at: datetime,
) -> None:
    added = [row for row in rows if row.outcome.added]
    codes: list[str] = []
    while len(codes) < len(added):
        codes += labels.mint(session, min(len(added) - len(codes), labels.MOST), by=by, at=at)
    for row, code in zip(added, codes, strict=True):
        receive_row(session, kept, row, donation=gifts[fold(row.donor)], code=code, by=by, at=at)


def receive_row(
    session: Session, kept: Row[Any], row: DeviceRow, *, donation: int, code: str, by: Actor, at: datetime
) -> None:
    """Receive the device of one row into a donation, under the event id of the row."""
    values = values_of_row(row)
    values["search"] = search_text(code=code, donor=row.donor, values=values)
    ask = Ask(event_id(kept.sha256, row), at, batch=kept.id)
    custody.receive(session, values, donation=donation, category=row.kind, code=code, by=by, ask=ask)


def _ask(session: Session, list_id: str, rows: Iterable[DeviceRow], gifts: dict[str, int]) -> None:
    questions = [
        {
            "list_id": list_id,
            "sheet": row.sheet[:80],
            "line": row.line,
            "why": " ".join(row.why)[:200],
            "row": json.dumps({**asdict(row), "donation": gifts[fold(row.donor)]}, ensure_ascii=False),
        }
        for row in rows
        if row.outcome is Outcome.ASK
    ]
    if questions:
        session.execute(insert(ListQuestion), questions)
