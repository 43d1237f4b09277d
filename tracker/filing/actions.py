"""What is done with scans: kept page by page, filed by their codes or by hand, put back, discarded."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, update
from sqlalchemy.orm import Session

from labels.scanned import NotAScan, Page
from tracker.db import driver
from tracker.filing import queries, records
from tracker.filing.models import ScanFile, Sheet, SheetStep
from tracker.filing.rules import Address, CannotFile, State, Why, addresses, must_say_why
from tracker.hot import Write, given
from tracker.people.roles import Actor
from tracker.refused import Missing
from tracker.store import Files
from tracker.words import _

_FIELDS = ("org_id", "at", "by", "name", "sha256", "size", "pages", "refused", "numbers")
_NEW_FILE = Write(insert(ScanFile).values({name: given(name) for name in _FIELDS}), if_new=True)
NOWHERE = {"kind": None, "record_id": None, "page": None}


class Sent(NamedTuple):
    """A file that was read outside of any transaction: its pages with the digests of their pictures, or why none."""

    name: str
    sha256: str
    size: int
    pages: Sequence[tuple[Page, str]]
    refused: NotAScan | None = None


def read(store: Files, data: bytes, *, name: str, sha256: str, reader: Any) -> Sent:
    """Read a file and keep it with its pictures; nothing of one that is refused is kept but its name."""
    try:
        pages = reader(data)
    except NotAScan as refused:
        return Sent(name, sha256, len(data), (), refused)
    store.put(data)
    return Sent(name, sha256, len(data), [(page, store.put(page.picture)) for page in pages])


def keep(
    session: Session, sent: Sent, *, hosts: Collection[str], by: Actor, at: datetime
) -> tuple[int, bool]:
    """File the pages of a file, or lay them into the tray; return its id, and whether it was new.

    One that was refused may be read when it is sent again: a busy machine has taken too long.
    """
    refused = sent.refused
    new = _NEW_FILE.rows(
        driver(session),
        org_id=by.org,
        at=at,
        by=by.user,
        name=sent.name,
        sha256=sent.sha256,
        size=sent.size,
        pages=len(sent.pages),
        refused=refused.key if refused else "",
        numbers=json.dumps(refused.values if refused else {}),
    )
    kept = queries.file_of(session, sent.sha256, org=by.org)
    assert kept is not None
    if new or _read_at_last(session, kept, sent, by=by, at=at):
        for n, (page, picture) in enumerate(sent.pages, start=1):
            _lay(session, kept, n, page, picture, hosts=hosts, by=by, at=at)
        return kept, True
    return kept, False


def _read_at_last(session: Session, file_id: int, sent: Sent, *, by: Actor, at: datetime) -> bool:
    if not sent.pages:
        return False
    now = {
        "at": at,
        "by": by.user,
        "name": sent.name,
        "pages": len(sent.pages),
        "refused": "",
        "numbers": "{}",
    }
    done = update(ScanFile).where(ScanFile.id == file_id, ScanFile.pages == 0).values(now)
    return bool(session.execute(done).rowcount)  # type: ignore[attr-defined]


def _lay(
    session: Session,
    file_id: int,
    n: int,
    page: Page,
    picture: str,
    *,
    hosts: Collection[str],
    by: Actor,
    at: datetime,
) -> None:
    place = _place(session, page, hosts=hosts, by=by)
    made = session.execute(
        insert(Sheet)
        .values(file_id=file_id, org_id=by.org, n=n, picture=picture, **place)
        .returning(Sheet.id)
    ).scalar_one()
    _note(session, made, place, by=by, at=at, by_hand=False)


def _place(session: Session, page: Page, *, hosts: Collection[str], by: Actor) -> dict[str, Any]:
    named = addresses(page.codes, hosts=hosts)
    if len(named) != 1:
        why = Why.SEVERAL if named else Why.OTHER_CODE if page.codes else Why.NO_CODE
        return _in_tray(why)
    try:
        records.record(session, named[0].kind, named[0].record, to=by)
    except Missing:
        return _in_tray(Why.UNKNOWN)
    return _filed(named[0], pages=named[0].pages)


def _in_tray(why: Why) -> dict[str, Any]:
    return {"state": State.TRAY, **NOWHERE, "pages": None, "reason": why}


def _filed(to: Address, *, pages: int | None) -> dict[str, Any]:
    where = {"kind": to.kind, "record_id": to.record, "page": to.page}
    return {"state": State.FILED, **where, "pages": pages, "reason": ""}


def _note(
    session: Session, sheet_id: int, place: dict[str, Any], *, by: Actor, at: datetime, by_hand: bool
) -> None:
    said = {name: place[name] for name in ("state", "kind", "record_id", "page", "reason")}
    step = {"sheet_id": sheet_id, "at": at, "by": by.user, "by_hand": by_hand, **said}
    session.execute(insert(SheetStep).values(step))


def file_by_hand(session: Session, sheet_id: int, to: Address, *, by: Actor, at: datetime) -> None:
    """File a page from the tray to a page of a record that its organisation may see.

    Raises:
        Missing: there is no such page or record, or not for this person.
        CannotFile: it is not in the tray any more, or the page has no such number.
    """
    sheet = queries.locked(session, sheet_id, to=by)
    _must_be(sheet, State.TRAY)
    records.record(session, to.kind, to.record, to=by)
    if not 1 <= to.page <= 999:
        raise CannotFile(_("A page has a number from 1 to 999."), out=_("It stands in its top margin."))
    known = queries.pages_of(session, to.kind, to.record)
    if known and to.page > known:
        raise CannotFile(
            _("This record has %(pages)s pages.", pages=known), out=_("It stands in its top margin.")
        )
    _move(session, sheet, _filed(to, pages=to.pages if to.pages > 1 else None), by=by, at=at)


def put_back(session: Session, sheet_id: int, *, by: Actor, at: datetime) -> None:
    """Put a page that was filed or discarded back into the tray.

    Raises:
        Missing: there is no such page, or not for this person.
        CannotFile: it is there already.
    """
    sheet = queries.locked(session, sheet_id, to=by)
    _must_be(sheet, State.FILED, State.DISCARDED)
    _move(session, sheet, _in_tray(Why.BACK), by=by, at=at)


def discard(session: Session, sheet_id: int, reason: str, *, by: Actor, at: datetime) -> None:
    """Take a page out of the tray that belongs to no record. It stays in its file, and can be put back.

    Raises:
        Missing: there is no such page, or not for this person.
        CannotFile: it is not in the tray, or no reason is given.
    """
    sheet = queries.locked(session, sheet_id, to=by)
    _must_be(sheet, State.TRAY)
    place = {"state": State.DISCARDED, **NOWHERE, "pages": None, "reason": must_say_why(reason)}
    _move(session, sheet, place, by=by, at=at)


def _must_be(sheet: Row[Any], *states: State) -> None:
    if sheet.state not in states:
        raise CannotFile(
            _("Somebody has dealt with this page already."), out=_("Look at its file: it says where it is.")
        )


def _move(session: Session, sheet: Row[Any], place: dict[str, Any], *, by: Actor, at: datetime) -> None:
    session.execute(update(Sheet).where(Sheet.id == sheet.id).values(place))
    _note(session, sheet.id, place, by=by, at=at, by_hand=True)
