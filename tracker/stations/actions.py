"""The verbs of a station: settle one scan, take one back, finish a sitting."""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.codes import NotACode, grouped, parse
from tracker.custody.ledger import Ask
from tracker.db import driver
from tracker.handover import actions as handovers
from tracker.handover import queries as records
from tracker.handover.rules import Line, Stage
from tracker.hot import Write, given
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.stations import modes, queries
from tracker.stations.found import Found, Said, find, not_yours, operator, without_secret
from tracker.stations.models import Scan, StationRun
from tracker.stations.rules import STATIONS, Sent, Verdict, Via, one_line, overtaken
from tracker.stock import queries as stock
from tracker.words import Words, _
from tracker.workshop.undoing import undone

RUN = StationRun.__table__

_BEGIN = Write(
    insert(StationRun).values(
        {name: given(name) for name in "id user_id org_id action place_id handover_id started_at".split()}
    ),
    if_new=True,
)
_COLUMNS = (
    "id asked run_id user_id org_id operator_id imported_by action text via place_id handover_id device_id "
    "undoes verdict mark event_id told at client_at behind queued"
).split()
_KEEP = Write(insert(Scan).values({name: given(name) for name in _COLUMNS}), if_new=True)


#: What forms say of a line that changed nothing, as their rooms have it.
ALREADY = frozenset({"Was there already.", "Was on the list already.", "Scanned twice; counted once."})


class Context(NamedTuple):
    """Who sends scans, when, and from where."""

    by: Actor
    at: datetime
    hosts: Collection[str]
    imported_by: int | None = None


class Twin(Exception):  # no error: the first answer is given
    """The same scan was settled by another request meanwhile; all of this one is to be undone."""


class OtherContent(Refused):
    """The id of a scan was used for another."""

    def __init__(self) -> None:
        super().__init__(_("Another scan was sent under this number before."), out=_("Scan it again."))


def settle(session: Session, scan: Sent, context: Context) -> dict[str, Any]:
    """Settle one scan and keep it; return what the person is told. The same scan again gets its first answer.

    Everything a rule says no to is an outcome and is kept like any other. To be called once in a transaction.

    Raises:
        Twin: see there.
        OtherContent: the id stands for something else.
    """
    asked = _asked(scan, context.by)
    if (first := queries.kept(session, scan.id)) is not None:
        return _again(first, asked)
    scan = scan._replace(text=without_secret(scan.text, hosts=context.hosts))
    problem = _begin(session, scan, context)
    found, said = Found(text=scan.text), problem
    if said is None:
        found, said = _done(session, scan, context)
    told = _told(scan, found, said)
    new = _KEEP.rows(
        driver(session),
        id=scan.id,
        asked=asked,
        run_id=scan.run,
        user_id=context.by.user,
        org_id=context.by.org,
        operator_id=_operator(session, scan, context.by),
        imported_by=context.imported_by,
        action=scan.action,
        text=found.text[:200],
        via=scan.via,
        place_id=_known_place(session, scan, context.by),
        handover_id=_known_record(session, scan, context.by),
        device_id=found.device,
        undoes=scan.undoes or None,
        verdict=said.verdict,
        mark=said.mark,
        event_id=said.event or None,
        told=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        at=context.at,
        client_at=scan.client_at,
        behind=None if scan.offset is None else round(scan.offset.total_seconds() * 1000),
        queued=scan.queued,
    )
    if not new:
        raise Twin
    return told


def _asked(scan: Sent, by: Actor) -> bytes:
    # Not how it was sent: the same scan may first have been sent at once, and come again from the outbox.
    same = scan._replace(offset=None, queued=False)
    return hashlib.sha256(f"{by.user} {same!r}".encode()).digest()


def _again(first: Row[Any], asked: bytes) -> dict[str, Any]:
    if bytes(first.asked) != asked:
        raise OtherContent
    told: dict[str, Any] = json.loads(first.told)
    return told | {"again": True}


def _begin(session: Session, scan: Sent, context: Context) -> Said | None:
    """Open the sitting if this is its first scan; return what keeps the scan from being worked on, if anything."""
    by = context.by
    _BEGIN.rows(
        driver(session),
        id=scan.run,
        user_id=by.user,
        org_id=by.org,
        action=scan.action,
        place_id=_known_place(session, scan, by),
        handover_id=_known_record(session, scan, by),
        started_at=context.at,
    )
    run = session.execute(select(RUN).where(RUN.c.id == scan.run).with_for_update(read=True)).one()
    if run.user_id != by.user:
        return Said(Verdict.BLOCKED, _("This sitting is somebody else’s."), _("Open the station again."))
    if run.ended_at is not None:
        return Said(
            Verdict.BLOCKED, _("This sitting was finished."), _("Begin a new one, and scan it again.")
        )
    if scan.action == "count" and not scan.undoes and not _is_of(run, scan, session, by):
        return Said(Verdict.BLOCKED, _("This sitting counts another place."), _("Open the station again."))
    if by.role not in STATIONS[scan.action].by:
        return Said(Verdict.BLOCKED, _("This action is not for your role."), _("Scan another mode card."))
    return None


def _is_of(run: Row[Any], scan: Sent, session: Session, by: Actor) -> bool:
    # Two tabs may share a sitting; what is missing in the end is asked of one place.
    return (run.action, run.place_id) == ("count", _known_place(session, scan, by))


def _done(session: Session, scan: Sent, context: Context) -> tuple[Found, Said]:
    """Do what the scan asks for; whatever a rule refuses is undone and said."""
    found = Found(text=scan.text)
    try:
        with session.begin_nested():
            if scan.undoes:
                return found, _undo(session, scan, context)
            found = find(session, scan.text, by=context.by, hosts=context.hosts)
            if found.said is not None and (found.device is None or scan.action != "confirm"):
                return found, found.said
            if found.row is not None and _overtakes(scan):
                _must_be_first(session, found.row, scan, context)
            return found, modes.work(session, found, scan, by=context.by, ask=_ask(scan, context))
    except Refused as no:
        return found, modes.refused(no, found)
    except Missing:
        return found, not_yours()


def _overtakes(scan: Sent) -> bool:
    # To count and to tick off changes nothing: what was seen was seen.
    return scan.queued and scan.action not in {"count", "confirm"}


class Overtaken(Refused):
    """Somebody did something with the device between the scan and its arrival."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else did something with it after you had scanned it."),
            out=_("Look at the device, and scan it again if it is still right."),
        )


def _must_be_first(session: Session, row: Row[Any], scan: Sent, context: Context) -> None:
    if overtaken(scan, queries.last(session, row), by=context.by.user, now=context.at):
        raise Overtaken


def _ask(scan: Sent, context: Context) -> Ask:
    return Ask(scan.id, context.at, client_at=scan.client_at if scan.queued else None, batch=scan.run)


def _undo(session: Session, scan: Sent, context: Context) -> Said:
    by, first = context.by, queries.kept(session, scan.undoes)
    if first is None or first.user_id != by.user or first.undoes is not None:
        raise Missing
    told = json.loads(first.told)
    if not told.get("undo"):
        raise custody.NotUndone(_("This cannot be undone here."))
    if first.event_id is not None:
        devices.locked(session, first.device_id)  # before the look: another tab may be undoing it now
    if _undone(session, first.id):
        return Said(Verdict.ALREADY, _("Undone already."))
    event = _take_back(session, first, scan, context)
    return Said(Verdict.DONE, _("Undone: %(code)s", code=told["code"]), event=event)


def _take_back(session: Session, first: Row[Any], scan: Sent, context: Context) -> str:
    """Undo what a scan did; return the event that did it, or ""."""
    by = context.by
    if first.event_id is not None:
        done = custody.undo(session, first.device_id, first.event_id, by=by, ask=_ask(scan, context))
        undone(session, first.device_id, done.kind, by=by, at=context.at)
        return done.done.event_id
    if first.action == "load":
        line = records.open_line(session, first.device_id)
        if line is None or line.handover_id != first.handover_id or line.state != Line.LISTED:
            raise custody.NotUndone(_("Something else has happened to this device since."))
        handovers.remove(session, first.handover_id, line.id, by=by, at=context.at)
    elif first.action == "count":
        _must_be_open(session, first.run_id, by)
    elif first.action == "confirm":
        row = records.locked(session, first.handover_id, to=by)
        if row.status != Stage.SENT:
            raise custody.NotUndone(_("The receipt has been signed."))
    return ""


def _must_be_open(session: Session, run_id: str, by: Actor) -> None:
    run = session.execute(select(RUN).where(RUN.c.id == run_id).with_for_update(read=True)).one()
    if run.org_id != by.org:
        raise Missing
    if run.ended_at is not None:
        raise custody.NotUndone(_("This sitting was finished."))


def _undone(session: Session, scan_id: str) -> bool:
    undo = queries.SCAN.c
    return (
        session.scalar(select(undo.n).where(undo.undoes == scan_id, undo.verdict == Verdict.DONE)) is not None
    )


def _told(scan: Sent, found: Found, said: Said) -> dict[str, Any]:
    """Return what the person is told, in their language: what is shown at the station, and shown again later."""
    code = grouped(found.row.code) if found.row is not None else ""
    name = f"{found.row.make} {found.row.model}".strip() if found.row is not None else ""
    return {
        "id": scan.id,
        "verdict": str(said.verdict),
        "sentence": str(said.sentence),
        "out": str(said.out),
        "url": said.url,
        "label": str(said.label),
        "code": code or found.text[:40],
        "name": name,
        "mark": said.mark,
        "undo": said.undo,
    }


def _operator(session: Session, scan: Sent, by: Actor) -> int | None:
    if scan.operator is None:
        return None
    try:
        operator(session, scan.operator, by=by)
    except Missing:
        return None
    return scan.operator


def _known_place(session: Session, scan: Sent, by: Actor) -> int | None:
    try:
        return stock.place(session, scan.place, to=by).id if scan.place else None
    except Missing:
        return None


def _known_record(session: Session, scan: Sent, by: Actor) -> int | None:
    try:
        return int(records.handover(session, scan.handover, to=by).id) if scan.handover else None
    except Missing:
        return None


class NotAllHere(Refused):
    """Scans of the sitting have not reached the server."""

    def __init__(self, count: int) -> None:
        super().__init__(
            _("Scans that have not arrived yet: %(n)s", n=count), out=_("Send them first, then finish.")
        )


def finish(session: Session, run_id: str, *, scans: int, by: Actor, at: datetime) -> None:
    """Close a sitting of `scans` scans; a count keeps what was missing then. Again it changes nothing.

    Raises:
        Missing: there is no such sitting of this person.
        NotAllHere: fewer scans have arrived than were made.
    """
    row = session.execute(select(RUN).where(RUN.c.id == run_id).with_for_update()).first()
    if row is None or row.user_id != by.user:
        raise Missing
    if row.ended_at is not None:
        return
    here = queries.scans_of(session, run_id)
    if here < scans:
        raise NotAllHere(scans - here)
    values: dict[str, Any] = {"ended_at": at}
    if row.action == "count" and row.place_id is not None:
        listed = queries.standing(session, row.place_id, org=by.org)
        missing = sorted(listed - queries.counted(session, run_id).keys())
        values |= {"expected": len(listed), "missing": json.dumps(missing)}
    session.execute(update(StationRun).where(RUN.c.id == run_id).values(**values))


def keep_lines(
    session: Session,
    action: str,
    lines: Iterable[tuple[str, bool, Words | str, Words | str]],
    *,
    sitting: str,
    by: Actor,
    at: datetime,
    hosts: Collection[str],
    place: int | None = None,
    handover: int | None = None,
) -> None:
    """Keep what was scanned into the list of another room's form: text, whether it was done, sentence, way out.

    To be called in the transaction in which the form is answered.
    """
    on = driver(session)
    begun = {"id": sitting, "user_id": by.user, "org_id": by.org, "action": action, "started_at": at}
    _BEGIN.rows(on, **begun, place_id=place, handover_id=handover)
    for n, (text, done, sentence, out) in enumerate(lines):
        already = getattr(sentence, "message", sentence) in ALREADY
        verdict = Verdict.ALREADY if already else Verdict.DONE if done else Verdict.BLOCKED
        scan_id = hashlib.sha256(f"{sitting}:{n}".encode()).hexdigest()[:32]
        told = {
            "id": scan_id,
            "verdict": verdict,
            "sentence": str(sentence),
            "out": str(out),
            "code": text[:40],
        }
        _KEEP.rows(
            on,
            **(
                dict.fromkeys(_COLUMNS)
                | {"id": scan_id, "asked": b"", "run_id": sitting, "user_id": by.user, "org_id": by.org}
                | {"action": action, "text": one_line(text), "via": Via.TYPED, "verdict": verdict, "mark": ""}
                | {"place_id": place, "handover_id": handover, "device_id": _named(session, text, hosts)}
                | {"told": json.dumps(told, ensure_ascii=False), "at": at, "queued": False}
            ),
        )


def _named(session: Session, text: str, hosts: Collection[str]) -> int | None:
    try:
        label = devices.label(session, parse(text, hosts=hosts))
    except NotACode:
        return None
    return label.device if label else None
