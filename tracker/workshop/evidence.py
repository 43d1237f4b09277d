"""What the machine's own evidence means at the bench: answers to checks, drives to erase, wipes by their logs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.custody.ledger import Ask
from tracker.evidence import actions as evidence
from tracker.evidence import queries as kept
from tracker.evidence.answers import pre_answers, spec
from tracker.evidence.facts import Outcome, Wipe
from tracker.evidence.merge import Picture
from tracker.lists.serials import normal_serial
from tracker.people.models import User
from tracker.people.roles import Actor
from tracker.store import Files
from tracker.words import Words, _
from tracker.workshop import actions, queries
from tracker.workshop.blocking import worked_on
from tracker.workshop.checklists import Check
from tracker.workshop.erasing import EARLIEST, VIETNAM, Details
from tracker.workshop.erasures import record_erasure
from tracker.workshop.kinds import BENCH, Method, Result
from tracker.workshop.models import Erasure

GB, GIB = 10**9, 2**30
#: The position of who sends a log, on the certificate.
TECHNICIAN = "Kỹ thuật viên"
#: On the certificate, of what the log does not say.
UNKNOWN = "Không ghi"


class Said(NamedTuple):
    """What the evidence says to a check: an answer, or a number, and the words for it."""

    result: Result | None
    value: float | None
    words: Words


def said(picture: Picture) -> dict[str, Said]:
    """Return what the evidence says to checks, by their keys."""
    found = {
        key: Said(Result(answer.result), None, answer.reason)
        for key, answer in pre_answers(picture.facts).items()
    }
    has = spec(picture.facts)
    # Makers sell memory by 2³⁰ bytes and drives by 10⁹.
    if has.memory:
        found["memory"] = _measured(round(has.memory / GIB, 1))
    if has.storage:
        found["capacity"] = _measured(round(has.storage / GB))
    if has.cores:
        found["cores"] = _measured(has.cores)
    lefts = [battery.left for battery in picture.facts.batteries if battery.left is not None]
    if lefts and min(lefts) <= 1.5:
        found["battery-health"] = _measured(round(min(lefts) * 100))
    release = picture.facts.system.removeprefix("Android ").partition(".")[0]
    if picture.facts.system.startswith("Android") and release.isdecimal():
        found["android"] = _measured(int(release))
    return found


def _measured(value: float) -> Said:
    return Said(None, value, _("As the machine says."))


def take_in(
    session: Session,
    device: Row[Any],
    reads: list[evidence.Read],
    *,
    files: Files,
    via: str,
    by: Actor,
    ask: Ask,
) -> list[evidence.Outcome]:
    """Keep files with a device, fill in what intake left out, answer checks, and record the wipes of logs.

    What a machine says after it has passed could undo what its pass says, so it must be inspected again first.

    Raises:
        NotHere, InTransit: the device is elsewhere.
        NotOnBench: nobody works on it.
    """
    worked_on(session, device, by)
    before = kept.counted(session, device.id)
    outcomes = evidence.keep(session, device, reads, files=files, via=via, by=by, ask=ask)
    if kept.counted(session, device.id) > before:
        logs = [
            each for each, came in zip(reads, outcomes, strict=True) if came.kept and came.words != _THERE
        ]
        for each in logs:
            _wipes(session, device, each, by=by, ask=ask.of(f"wipes {each.digest}"))
        follow(session, device, files=files, by=by, ask=ask)
    return outcomes


_THERE = _("Was there already.")


def follow(session: Session, device: Row[Any], *, files: Files, by: Actor, ask: Ask) -> None:
    """Fill in and answer what the kept evidence says now, where nobody has written or answered it."""
    picture = kept.picture(session, device.id, files)
    evidence.fill(session, device.id, picture, by=by, ask=ask.of("fill"))
    pre_answer(session, device, files=files, by=by, ask=ask.of("answers"))


def pre_answer(session: Session, device: Row[Any], *, files: Files, by: Actor, ask: Ask) -> int:
    """Answer the checks that nobody has answered and the evidence does; return how many.

    What came before the device was last out of the house, or was given other parts, answers nothing.
    """
    work = queries.work(session, device)
    if not work.going_on or work.checklist is None:
        return 0
    since = queries.last_of(session, device.id, queries.CHANGES)
    heard = said(kept.picture(session, device.id, files, since=since))
    answers = {
        check.key: _answer(check, heard[check.key])
        for check in work.checklist.checks
        if check.key in heard and check.key not in work.answers
    }
    if not answers:
        return 0
    return actions.answer(session, device, answers, by=by, ask=ask, by_evidence=True)


def _answer(check: Check, heard: Said) -> actions.Answered:
    if check.measured:
        return actions.Answered(None, value=heard.value)
    return actions.Answered(heard.result, str(heard.words))


def settled(
    session: Session, device: Row[Any], file: int, *, this: bool, files: Files, by: Actor, ask: Ask
) -> None:
    """Settle whose a file is that was asked about, and follow it when it is this device's.

    A log proves no wipe where data may have come onto the device after it was sent.

    Raises:
        Missing: nobody asked.
        NotOnBench: nobody works on the device.
    """
    worked_on(session, device, by)
    if evidence.settle(session, device, file, this=this, files=files, by=by, ask=ask):
        row = kept.file(session, device.id, file)
        read = evidence.Read(row.name, b"", kept.facts(row.digest, row.name, files))
        brought = queries.last_of(session, device.id, queries.BRINGS_DATA)
        if brought is None or row.at >= brought:
            _wipes(session, device, read, by=by, ask=ask.of(f"wipes {row.digest}"), file=file)
        follow(session, device, files=files, by=by, ask=ask)


def _wipes(
    session: Session, device: Row[Any], log: evidence.Read, *, by: Actor, ask: Ask, file: int | None = None
) -> None:
    """Record each drive's erasure as its log proves it, whatever its headline says.

    Drives of several machines are often wiped at once: where it is known which are in this one, the others of a
    log are passed over, unless somebody said that the `file` is of this machine. nwipe appends to its log: what
    an earlier upload has told is not told again, or a wipe of last year would prove what was wiped today.
    """
    if log.facts is None or device.status not in BENCH:
        return
    inside = {} if file else kept.known_drives(session, device.id)
    found = [log.facts.wipes, *(part.facts.wipes for part in log.facts.parts if part.facts)]
    log_id = file or kept.by_digest(session, device.id, log.digest)
    name = session.get_one(User, by.user).name
    told = {_told(each, each.result) for each in queries.erasures(session, device.id) if each.log_id}
    for at, wipe in enumerate(wipe for each in found for wipe in each):
        serial = normal_serial(wipe.serial).serial
        details, ok = _details(wipe, name, now=ask.at), wipe.outcome is Outcome.OK
        again = bool(details.ended_at) and _told(details, "ok" if ok else "failed") in told
        if again or (inside and serial and serial not in inside):
            continue
        record_erasure(
            session,
            device,
            method=Method.CLEAR,
            tool=f"nwipe {wipe.tool}".strip(),
            ok=ok,
            drive="" if wipe.serial else wipe.path,
            details=details,
            note=_why(wipe),
            log=log_id,
            by=by,
            ask=ask.of(at),
        )


def _told(said: Details | Erasure, result: str) -> tuple[object, ...]:
    """Return what tells one wipe of a drive from another."""
    return said.drive_serial, said.started_at, said.ended_at, result


def _details(wipe: Wipe, name: str, *, now: datetime) -> Details:
    make, _space, model = wipe.model.partition(" ")
    if not model:  # the log says the model alone
        make, model = UNKNOWN, make or UNKNOWN
    read_back = f"{wipe.method}; verify {wipe.verify}; {wipe.verify_errors or 0} lỗi"
    return Details(
        drive_make=make[:80],
        drive_model=model[:80],
        drive_serial=(wipe.serial or wipe.path)[:80],
        capacity=f"{round(wipe.size / GB)} GB" if wipe.size else "",
        started_at=_moment(wipe.started, now),
        ended_at=_moment(wipe.ended, now),
        readback=read_back[:160],
        verified_by=name[:120],
        verified_position=TECHNICIAN,
    )


def _moment(text: str, now: datetime) -> datetime | None:
    # A log's clock has no zone; the workshop's machines go by Vietnam's. One without a battery says anything.
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=VIETNAM)
    except ValueError:
        return None
    return at if at.year >= EARLIEST and at < now + timedelta(days=1) else None


def _why(wipe: Wipe) -> str:
    reasons: Iterable[str] = (str(words) for words in wipe.why)
    return "; ".join([*([wipe.said] if wipe.said else []), *reasons])
