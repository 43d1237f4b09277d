"""What each action of a station does with one device. Every room keeps its own rules; here they are only asked."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from tracker.allocation import bindings
from tracker.custody import actions as custody
from tracker.custody.converters import address
from tracker.custody.ledger import Ask
from tracker.custody.road import Move, Status, WrongMoment
from tracker.custody.rules import NotHere, must_be_at_rest, must_hold
from tracker.handover import actions as handovers
from tracker.handover import giving, receipt
from tracker.handover import queries as records
from tracker.handover.rules import Line, Stage
from tracker.handover.signing import sign
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.stations import queries
from tracker.stations.found import Found, Said, not_yours, page_of, refusal
from tracker.stations.rules import Sent, Verdict
from tracker.stock import queries as stock
from tracker.stock.rules import must_stand
from tracker.words import _
from tracker.workshop import actions as workshop
from tracker.workshop import queries as bench
from tracker.workshop.kinds import FaultKind
from tracker.workshop.refusals import NoFault, NotReady

HERE, ELSEWHERE, TICKED, UNEXPECTED = "here", "elsewhere", "ticked", "unexpected"

#: A refusal that leads to the bench, where what is missing can be done.
_TO_BENCH = (NoFault, NotReady)


class Incomplete(Refused):
    """The station was not told what its action needs before the first scan."""

    def __init__(self) -> None:
        super().__init__(
            _("The station does not know where or for which record."),
            out=_("Scan the label of the place or the record’s code first, or choose it above."),
        )


def work(session: Session, found: Found, scan: Sent, *, by: Actor, ask: Ask) -> Said:
    """Do what the station does with what was found.

    Raises:
        Refused: a rule of its room said no.
        Missing: the place or the record of the station is not theirs.
    """
    if scan.action == "confirm":
        return _confirm(session, found, scan, by=by, ask=ask)
    if found.row is None:
        return not_yours()
    return _MODES[scan.action](session, found.row, scan, by, ask)


def refused(no: Refused, found: Found) -> Said:
    """Return what a room's no says at a station, with the page where it can be mended."""
    if found.row is None:
        return refusal(no)
    if isinstance(no, NotHere):
        return refusal(no, Verdict.NOT_YOURS)
    if isinstance(no, _TO_BENCH):
        return refusal(no, url=address("workshop.device", found.row.code), label=_("To the bench"))
    return refusal(no, url=page_of(found.row.code), label=_("Open the device"))


def _inspect(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    if device.status == Status.INSPECTING and device.holder_org_id == by.org:
        return Said(
            Verdict.ALREADY, _("Its inspection is going on."), url=_bench(device), label=_("To the bench")
        )
    done = workshop.start(session, device, by=by, ask=ask)
    return Said(
        Verdict.DONE,
        _("The inspection has begun."),
        url=_bench(device),
        label=_("To the bench"),
        event=done.event_id,
        undo=True,
    )


def _bench(device: Any) -> str:
    return address("workshop.device", device.code)


def _send_to_repair(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    if device.status == Status.REPAIRING and device.holder_org_id == by.org:
        return Said(Verdict.ALREADY, _("It is being repaired."), url=_bench(device), label=_("To the bench"))
    if device.status != Status.INSPECTING:
        raise WrongMoment(Move.SEND_TO_REPAIR, Status(device.status))
    if not bench.open_faults(session, device.id) and scan.fault in frozenset(FaultKind):
        workshop.report_fault(session, device, FaultKind(scan.fault), "", by=by, at=ask.at)
    done = workshop.send_to_repair(session, device, by=by, ask=ask)
    return Said(Verdict.DONE, _("Sent to repair."), event=done.event_id, undo=True)


def _ready(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    if device.status == Status.READY and device.holder_org_id == by.org:
        return Said(Verdict.ALREADY, _("It is ready, with grade %(grade)s.", grade=device.grade))
    done = workshop.pass_device(session, device, scan.grade, by=by, ask=ask)
    return Said(
        Verdict.DONE, _("Ready, with grade %(grade)s.", grade=scan.grade), event=done.event_id, undo=True
    )


def _move(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    place = stock.open_place(session, scan.place or _missing(), to=by)
    must_hold(device, by)
    must_be_at_rest(device, by)
    must_stand(Status(device.status))
    if device.place_id == place.id:
        return Said(Verdict.ALREADY, _("Was there already."))
    done = custody.note_fact(
        session,
        device.id,
        "place",
        {"place": place.id},
        by=by,
        ask=ask,
        custody=lambda now: now._replace(place=place.id),
    )
    return Said(Verdict.DONE, _("Moved to %(place)s.", place=place.path), event=done.event_id, undo=True)


def _count(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    place = stock.open_place(session, scan.place or _missing(), to=by)
    if queries.marked(session, device.id, run=scan.run):
        return Said(Verdict.ALREADY, _("Counted already."))
    must_hold(device, by)
    if device.place_id == place.id:
        return Said(Verdict.DONE, _("Here, as on the list."), mark=HERE, undo=True)
    listed = stock.place(session, device.place_id, to=by).path if device.place_id else ""
    sentence = (
        _("Counted, but the list has it in %(place)s.", place=listed)
        if listed
        else _("Counted, but the list has it in no place.")
    )
    return Said(
        Verdict.BLOCKED, sentence, _("Move it here in the list, or put it back."), mark=ELSEWHERE, undo=True
    )


def _load(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    handover = scan.handover or _missing()
    line = records.open_line(session, device.id)
    if line is not None and line.handover_id == handover and line.state == Line.LISTED:
        return Said(Verdict.ALREADY, _("Was on the list already."))
    outcome = handovers.add(session, handover, [device.code], by=by, hosts=())[0]
    if outcome.ok:
        return Said(Verdict.DONE, _("On the list."), undo=True)
    return Said(
        Verdict.BLOCKED,
        outcome.sentence,
        outcome.out,
        page_of(device.code),
        _("Open the device"),
    )


def _confirm(session: Session, found: Found, scan: Sent, *, by: Actor, ask: Ask) -> Said:
    row = records.handover(session, scan.handover or _missing(), to=by)
    if row.to_org_id != by.org:
        raise Missing
    if found.device is None:
        return not_yours()
    lines = {line.device_id: line for line in records.lines(session, row.id)}
    line = lines.get(found.device)
    expected = line is not None and line.state not in {Line.UNEXPECTED, Line.REMOVED}
    if row.status == Stage.SENT:
        if not records.may_sign(row, by):
            raise receipt.OwnDispatch
        if queries.marked(session, found.device, handover=row.id, org=by.org):
            return Said(Verdict.ALREADY, _("Ticked already."))
        if expected:
            return Said(
                Verdict.DONE, _("On the record. It counts once you have signed."), mark=TICKED, undo=True
            )
        return _stranger(undo=True)
    if expected and line is not None and line.state != Line.SENT:
        return Said(Verdict.ALREADY, Line(line.state).label)
    if not expected and line is not None and line.state == Line.UNEXPECTED:
        return Said(Verdict.ALREADY, _("Noted already: it is not on the record."))
    got = receipt.settle_one(session, row.id, found.device, by=by, ask=ask)
    if got.settled:
        return Said(Verdict.DONE, _("Receipt confirmed."), event=ask.of(found.device).event_id)
    return _stranger(undo=False)


def _stranger(*, undo: bool) -> Said:
    return Said(
        Verdict.BLOCKED,
        _("It is not on this record."),
        _("Put it aside, and call the sender. It is noted with the receipt."),
        mark=UNEXPECTED,
        undo=undo,
    )


def _give(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    if device.status == Status.GIVEN and device.holder_org_id == by.org:
        return Said(Verdict.ALREADY, _("It has been given."))
    if device.status != Status.AT_SCHOOL:
        raise WrongMoment(Move.GIVE, Status(device.status))
    if bindings.open_binding(session, device.id) is None:
        raise Refused(
            _("This device is not bound to a pupil."),
            out=_("The coordinator binds it before it can be given."),
        )
    if scan.giving is None:
        return Said(
            Verdict.BLOCKED,
            _("Nobody has signed for it."),
            _("Scan it again and take the signature."),
            address("handover.give", device.code),
            _("Take the signature"),
        )
    given = scan.giving
    signature = sign(given.name, given.strokes, declared=given.declared)
    done = giving.give(session, device.id, taken_by=given.taken_by, signature=signature, by=by, ask=ask)
    return Said(Verdict.DONE, _("Given, and signed for."), event=done.event_id)


def _look(session: Session, device: Any, scan: Sent, by: Actor, ask: Ask) -> Said:
    return Said(
        Verdict.DONE, Status(device.status).label, url=page_of(device.code), label=_("Open the device")
    )


def _missing() -> int:
    raise Incomplete


_MODES: dict[str, Callable[[Session, Any, Sent, Actor, Ask], Said]] = {
    "inspect": _inspect,
    "send-to-repair": _send_to_repair,
    "ready": _ready,
    "move": _move,
    "count": _count,
    "load": _load,
    "give": _give,
    "look": _look,
}
